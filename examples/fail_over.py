"""Bring the newest point of a group back at another site: the whole of it in a script.

    python examples/fail_over.py /mnt/off-site ims-core site-b.yaml

What was made is provisional: `vnfdr commit RUN` keeps it.
"""

import sys

import vnfdr

place, group, mapping_file = sys.argv[1:]
mapping = vnfdr.load_mapping(mapping_file)
site = vnfdr.connect(mapping.site)
manifest = vnfdr.load_point(place, "latest", group)
print(manifest)

plan = vnfdr.recover(manifest, site, mapping)
print(plan)
outcome = vnfdr.run(plan, site)
outcome.raise_for_failure()
print(vnfdr.report_of(outcome, plan))
