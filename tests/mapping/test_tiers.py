"""The order of booting, and the probes: what cannot be is refused before."""

import pytest

from tests.manifests import manifest, server
from vnfdr.mapping import AgentProbe, BootTier, CallProbe, HttpProbe, TcpProbe

ALL = ("db", "app-1", "app-2")


@pytest.mark.parametrize(
    ("tiers", "told"),
    [
        ([ALL[:2]], ["tiers: app-2 is in no tier"]),
        ([ALL, ("db",)], ["tiers: db is in more than one place"]),
        ([ALL, ("s-db",)], ["tiers: db is in more than one place"]),
        ([ALL, ()], ["tiers[1]: it has no servers"]),
        (
            [(*ALL, "app-3")],
            ["tiers[0]: the group has no server 'app-3'; did you mean 'app-2'?"],
        ),
    ],
)
def test_every_server_is_booted_once(problems, tiers, told):
    """None is forgotten, none is booted twice, and none is made up."""
    assert problems(tiers=tuple(BootTier(each) for each in tiers)) == told


@pytest.mark.parametrize(
    "probe",
    [
        AgentProbe("libvirt"),
        TcpProbe(5432),
        TcpProbe(22, address="192.0.2.7", servers=("db",)),
        HttpProbe("http://{address}:8080/health?full=1"),
        HttpProbe("https://[2001:db8::7]/", status=401),
        CallProbe("mine.checks:database"),
    ],
    ids=str,
)
def test_what_can_be_asked_is_fine(problems, probe):
    """Every kind of probe has a form in which nothing is wrong with it."""
    assert problems(tiers=(BootTier(ALL, (probe,)),)) == []


@pytest.mark.parametrize(
    ("probe", "told"),
    [
        (AgentProbe("none"), "the backend 'none' asks no agent"),
        (AgentProbe("libvrit"), "no quiesce backend is named 'libvrit'; did you mean"),
        (AgentProbe(""), "no quiesce backend is named ''"),
        (TcpProbe(0), "0 is no port"),
        (TcpProbe(65536), "65536 is no port"),
        (TcpProbe(1, servers=("web",)), "'web' is not of this tier; known: db, app-1"),
        (HttpProbe("{address}:80"), "'{address}:80' is not like 'http://{address}:80"),
        (HttpProbe("ftp://x/"), "'ftp://x/' is not like"),
        (HttpProbe("http://x:port/"), "'http://x:port/' is not like"),
        (HttpProbe("http://{adress}/"), "'http://{adress}/' is not like"),
        (HttpProbe("http://x/", status=20), "20 is no status of HTTP"),
        (CallProbe("mine.checks"), "'mine.checks' is not like 'package.module:fun"),
        (CallProbe("mine..checks:a b"), "'mine..checks:a b' is not like"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(problems, probe, told):
    """A probe that can never be answered would fail a recovery that went well."""
    (problem,) = problems(tiers=(BootTier(ALL, (probe,)),))

    assert problem.startswith(f"tiers[0].probes[0]: {told}")


@pytest.mark.parametrize("probe", [TcpProbe(80), HttpProbe("http://{address}/")])
def test_a_server_without_an_address_is_not_asked_at_one(problems, probe):
    """Where a server has no port, nothing listens."""
    group = manifest(server("db"), server("app-1"), server("app-2", nics=()))

    told = problems(of=group, tiers=(BootTier(ALL, (probe,)),))

    assert told == ["tiers[0].probes[0]: 'app-2' has no address"]


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_tier_has_a_time_limit(problems, seconds):
    """Every wait has a bound."""
    (told,) = problems(tiers=(BootTier(ALL, within_seconds=seconds),))

    assert told.startswith("tiers[0]: within_seconds must be more than 0, not")


def test_a_gate_says_what_it_is_about(problems):
    """Whoever opens it has to know what to look at."""
    assert problems(tiers=(BootTier(ALL, gate="  "),)) == [
        "tiers[0]: the gate says nothing"
    ]
    assert problems(tiers=(BootTier(ALL, gate="is the database whole?"),)) == []
