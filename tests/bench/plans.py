"""How long it takes to make a plan for a very large group, and to write it down."""

import time

import attrs
from attrs import frozen

from tests.bench.latencies import VOLUMES_EACH
from vnfdr import BackupPolicy, Group, Member, dump_plan
from vnfdr.model import Guest, Level, Volume
from vnfdr.plan import Plan
from vnfdr.recipes import Inventory, Protected, protect_plan

SERVERS = 1000


@frozen
class PlanFigures:
    """What a plan cost, and how large it is."""

    servers: int
    seconds: float
    json_bytes: int


def measure_plan(servers: int = SERVERS) -> PlanFigures:
    """Build a plan with backups, check it, and write it to JSON."""
    found = inventory(servers, "libvirt")
    began = time.perf_counter()
    text = dump_plan(a_plan(found))
    return PlanFigures(servers, time.perf_counter() - began, len(text))


def a_plan(found: Inventory) -> Plan:
    """Return the plan that protects what was found."""
    return protect_plan(found, point="20260131T020000Z-bench0")


def inventory(servers: int, backend: str) -> Inventory:
    """Return a group as if it had been found."""
    members = [_protected(number, backend) for number in range(servers)]
    group = Group.of("bench", [protected.member for protected in members])
    return Inventory(
        group=attrs.evolve(group, backup=BackupPolicy(), lease_seconds=60.0),
        site="site-a",
        project_id="project",
        tiers=tuple((protected,) for protected in members),
        history={},
    )


def _protected(number: int, backend: str) -> Protected:
    name, server_id = f"member-{number}", f"server-{number}"
    volumes = tuple(
        Volume(
            id=f"volume-{number}-{index}",
            name=f"{name}-{index}",
            size_gib=1,
            type="ceph",
            project_id="project",
            status="in-use",
            server_ids=(server_id,),
        )
        for index in range(VOLUMES_EACH)
    )
    return Protected(
        member=Member(name, backend),
        guest=Guest(server_id, name, f"{backend}://compute-1"),
        reaches=Level.FILESYSTEM,
        holds=backend != "none",
        volumes=volumes,
        attached=tuple(volume.id for volume in volumes),
    )
