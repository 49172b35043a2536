"""Try an upgrade on a second group, made of the newest point, and remove it again.

python examples/clone_a_group.py /mnt/off-site ims-core site-a
"""

import sys

import vnfdr

place, group, cloud = sys.argv[1:]
site = vnfdr.connect(cloud)
manifest = vnfdr.load_point(place, "latest", group)

plan = vnfdr.clone(manifest, site)
print(plan)
vnfdr.run(plan, site).raise_for_failure()
print("Here is where the upgrade is tried.")
print(vnfdr.take_back(plan.id, site))
