"""Try a runbook without a cloud: one snapshot fails, and nothing may be left."""

import os

import vnfdr
from vnfdr.sandbox import Effect, Fault, two_sites

with two_sites() as sites:
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(sites.clouds_yaml)
    for name in ("db", "app", "lb"):
        sites.a.add_server(name)
    site = vnfdr.connect("site-a")
    members = [vnfdr.Member(name, backend="sandbox") for name in ("db", "app", "lb")]
    plan = vnfdr.protect(site, vnfdr.Group.of("ims", members))

    sites.a.faults.add(Fault("create snapshot", Effect.ERROR, resource="app"))
    outcome = vnfdr.run(plan, site)

    print(outcome)
    print("guests frozen:", sites.a.frozen or "none")
    print("left behind:", sites.a.made or "nothing")
