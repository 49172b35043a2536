"""Random faults over real HTTP: the promises hold there too."""

from random import Random

import pytest

import vnfdr
from tests.sandbox.promises import broken
from vnfdr.model import Keep, Policy, Strategy
from vnfdr.sandbox import Effect, Fault, Latency
from vnfdr.sandbox.agents import Agent, AgentFaults

NAMES = ("db", "app")
CALLS = (
    "freeze guest",
    "thaw guest",
    "create *",
    "create snapshot",
    "create volume",
    "create backup",
    "delete *",
    "list *",
    "show *",
)
EFFECTS = (
    Effect.DELAY,
    Effect.DROP,
    Effect.DROP_AFTER,
    Effect.ANSWER,
    Effect.ANSWER_AFTER,
    Effect.EXPIRE,
    Effect.ERROR,
)
"""All but those for which vnfdr rightly waits for minutes of real time."""

STATUSES = (400, 403, 409, 413, 500, 503)
AGENTS = (
    AgentFaults(Agent.DEAD),
    AgentFaults(late_freeze_seconds=3.0),
    AgentFaults(thaw_count_off_by=-1),
)


def some_faults(luck):
    """Draw what goes wrong with the calls of a run."""
    return [
        Fault(
            luck.choice(CALLS),
            luck.choice(EFFECTS),
            status=luck.choice(STATUSES),
            seconds=luck.uniform(0.1, 1.5),
            skip=luck.randint(0, 4),
        )
        for _ in range(luck.randint(1, 3))
    ]


def group_of(luck):
    """Draw how two servers are protected."""
    policies = [luck.choice(list(Policy)) for _ in NAMES]
    return vnfdr.Group(
        "ims",
        tuple(
            (vnfdr.Member(name, "sandbox", policy=policy, freeze_timeout_seconds=1.0),)
            for name, policy in zip(NAMES, policies, strict=True)
        ),
        vnfdr.BackupPolicy(luck.choice(list(Strategy)), keep=Keep.BOTH),
        hold_limit_seconds=4.0,
        lease_seconds=8.0,
    )


@pytest.mark.parametrize("seed", range(20))
def test_whatever_goes_wrong_no_promise_is_broken(a, site, tmp_path, seed):
    """Nothing is frozen, left behind unnamed, or certified without being so."""
    luck = Random(seed)  # noqa: S311 - no secret
    servers = [a.add_server(name, volumes=luck.randint(1, 2)) for name in NAMES]
    a.latency = Latency(snapshot=0.2)
    plan = vnfdr.protect(site, group_of(luck))
    if luck.random() < 0.3:
        servers[1].guest.faults = luck.choice(AGENTS)
    a.faults.add(*some_faults(luck))

    outcome = vnfdr.run(plan, site, journal=tmp_path, preflight=luck.random() < 0.5)

    assert list(broken(a, outcome)) == []
