"""Rehearse a failover, and keep what it came to: for the scheduler, every night.

python examples/rehearse.py /mnt/off-site ims-core site-b.yaml report.json
"""

import sys
from pathlib import Path

import vnfdr

place, group, mapping_file, report_file = sys.argv[1:]
mapping = vnfdr.load_mapping(mapping_file)
site = vnfdr.connect(mapping.site)
manifest = vnfdr.load_point(place, "latest", group)

plan = vnfdr.rehearse(manifest, site, mapping)
watch = vnfdr.Stopwatch()
outcome = vnfdr.run(plan, site, listeners=(watch,))
report = vnfdr.report_of(outcome, plan, watch)
Path(report_file).write_text(report.to_json())
print(report)
outcome.raise_for_failure()
