"""Take one consistent recovery point of a group: the whole of it in a script."""

import vnfdr

site = vnfdr.connect("site-a")
group = vnfdr.Group.of("ims-core", ["db-1", "app-1", "lb-1"])
plan = vnfdr.protect(site, group)
print(plan)
outcome = vnfdr.run(plan, site)
outcome.raise_for_failure()
print(outcome.recovery_point)
