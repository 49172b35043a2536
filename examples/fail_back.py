"""Bring a group home: protect it where it is, and recover it where it was.

    python examples/fail_back.py ims-core-at-b.yaml site-b site-a.yaml

Its last point is taken here, so stop what writes to it before.
"""

import sys

import vnfdr

group_file, away, mapping_file = sys.argv[1:]
group = vnfdr.load_group(group_file)
mapping = vnfdr.load_mapping(mapping_file)

there = vnfdr.connect(away)
outcome = vnfdr.run(vnfdr.protect(there, group), there)
outcome.raise_for_failure()

home = vnfdr.connect(mapping.site)
(place, *_) = group.manifests
manifest = vnfdr.load_point(place, outcome.run, group.name)
plan = vnfdr.recover(manifest, home, mapping)
print(plan)
vnfdr.run(plan, home).raise_for_failure()
vnfdr.confirm(plan.id)
