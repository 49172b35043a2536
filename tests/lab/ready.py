"""Wait until every agent of a site is up, then offer what servers need.

Run in the services' environment: ready.py CLOUD PASSWORD
"""

import sys

import openstack
import tenacity

WANTED = {
    "nova-conductor",
    "nova-scheduler",
    "nova-compute",
    "neutron-openvswitch-agent",
    "neutron-dhcp-agent",
    "cinder-scheduler",
    "cinder-volume",
    "cinder-backup",
}
READY_SECONDS_MAX = 180
MEMORY_MIB = {"lab.tiny": 192, "lab.small": 384}
UNLIMITED = (
    "volumes",
    "snapshots",
    "gigabytes",
    "backups",
    "backup_gigabytes",
    "groups",
    "per_volume_gigabytes",
)


@tenacity.retry(
    wait=tenacity.wait_fixed(0.5),
    stop=tenacity.stop_after_delay(READY_SECONDS_MAX),
    reraise=True,
)
def wait_for_agents(cloud: openstack.connection.Connection) -> None:
    """Return once Nova, Neutron and Cinder count all their agents as up."""
    up = {
        *(s.binary for s in cloud.block_storage.services() if s.state == "up"),
        *(s.binary for s in cloud.compute.services() if s.state == "up"),
        *(a.binary for a in cloud.network.agents() if a.is_alive),
    }
    if missing := WANTED - up:
        raise RuntimeError(f"not up: {', '.join(sorted(missing))}")


def volume_type_and_flavors(cloud: openstack.connection.Connection) -> None:
    """Make the volume type and the flavors of small servers."""
    if "rbd" not in {kind.name for kind in cloud.block_storage.types()}:
        backend = {"volume_backend_name": "rbd"}
        cloud.block_storage.create_type(name="rbd", extra_specs=backend)
    there = {flavor.name for flavor in cloud.compute.flavors()}
    for name, memory_mib in MEMORY_MIB.items():
        if name not in there:
            cloud.compute.create_flavor(name=name, ram=memory_mib, vcpus=1, disk=0)


def no_quotas(cloud: openstack.connection.Connection) -> None:
    """Lift Cinder's default quotas, which are in its database, not its settings."""
    cloud.block_storage.put(
        f"/os-quota-sets/{cloud.current_project_id}",
        json={"quota_set": dict.fromkeys(UNLIMITED, -1)},
    )


def demo_project(cloud: openstack.connection.Connection, password: str) -> None:
    """Make an ordinary project and user, who has no administrator's rights."""
    identity = cloud.identity
    project = identity.find_project("demo") or identity.create_project(
        name="demo", domain_id="default"
    )
    user = identity.find_user("demo") or identity.create_user(
        name="demo", password=password, domain_id="default"
    )
    role = identity.find_role("member")
    identity.assign_project_role_to_user(project.id, user.id, role.id)


if __name__ == "__main__":
    name, secret = sys.argv[1:]
    site = openstack.connect(cloud=name)
    wait_for_agents(site)
    volume_type_and_flavors(site)
    no_quotas(site)
    if name == "site-a":
        demo_project(site, secret)
