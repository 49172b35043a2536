"""What is judged of things that nothing makes yet, and of those in use."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from vnfdr.model import Marked
from vnfdr.plan import Receipt
from vnfdr.sweeping import Fate
from vnfdr.sweeping.judging import Evidence, judge
from vnfdr.sweeping.owners import Owner, Standing

NOW = datetime(2026, 1, 10, tzinfo=UTC)
SERVER = Marked(
    noun="server",
    id="s1",
    name="db-1",
    key="p1:server:s0",
    point="p1",
    group="vnf",
    status="ACTIVE",
    created_at=NOW - timedelta(days=9),
)
PORT = evolve(SERVER, noun="port", id="p1", key="p1:port:p0", group="", used_by=("s1",))
VOLUME = evolve(
    SERVER,
    noun="volume",
    id="v1",
    key="p1:volume:v0",
    name="p1:volume:v0",
    of="sn1",
    used_by=("s1",),
)
NETWORK = evolve(PORT, noun="network", id="n1", key="p1:network:n0", used_by=())
OWNER = Owner(
    "p1",
    Standing.COMPENSATED,
    "site-b",
    "project",
    frozenset({SERVER.key, PORT.key, NETWORK.key, VOLUME.key}),
)


@pytest.fixture
def fates():
    """Judge some things of one run; tell the fate of each, and why."""

    def tell(*things, owner=OWNER, unknown_older_than=None):
        evidence = Evidence(
            site="site-b",
            project_id="project",
            now=NOW,
            things=things,
            owners={"p1": owner},
            absent=frozenset(),
            unknown_older_than=unknown_older_than,
        )
        return {f.thing.id: (f.fate, f.reason) for f in judge(evidence)}

    return tell


def test_a_server_goes_with_its_port_and_its_volume(fates):
    """What only the server uses is no longer used when it goes; and their network."""
    told = fates(PORT, VOLUME, SERVER, NETWORK)

    assert {fate for fate, _ in told.values()} == {Fate.TO_SWEEP}


@pytest.mark.parametrize("thing", [PORT, VOLUME], ids=["port", "volume"])
def test_what_a_server_uses_that_stays_is_kept(fates, thing):
    """The server is somebody's; the reason names it."""
    told = fates(thing)

    assert told[thing.id] == (Fate.UNTOUCHED, "server s1 uses it")


def test_a_server_that_takes_a_strangers_volume_along_is_kept(fates):
    """Nova would delete what was not ours."""
    told = fates(evolve(SERVER, takes_along=("theirs",)))

    fate, reason = told["s1"]
    assert fate is Fate.UNTOUCHED
    assert "volume theirs would be deleted" in reason


@pytest.mark.parametrize("thing", [SERVER, evolve(PORT, used_by=())])
def test_servers_of_unknown_runs_are_never_swept(fates, thing):
    """A group may have been recovered with them, and be at work."""
    unknown = Owner("p1", Standing.UNKNOWN)

    told = fates(thing, owner=unknown, unknown_older_than=timedelta(days=1))

    assert told[thing.id][0] is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"site": "site-a"}, "run p1 was of 'site-a'"),
        ({"project_id": "other"}, "run p1 was of project other"),
        ({"keys": frozenset()}, "run p1 has no step that makes this"),
    ],
    ids=["site", "project", "plan"],
)
def test_a_run_that_cannot_have_made_it_is_no_leave_to_delete(fates, change, why):
    """A mark that names a run does not prove that the run was here."""
    fate, reason = fates(SERVER, owner=evolve(OWNER, **change))["s1"]

    assert fate is Fate.UNTOUCHED
    assert why in reason


@pytest.mark.parametrize("noun", ["server", "volume", "backup"])
def test_a_key_of_another_kind_is_no_mark(fates, noun):
    """A copied mark says what it was copied from."""
    thing = evolve(SERVER, noun=noun, key="p1:snapshot:s0")

    assert fates(thing)["s1"][0] is Fate.UNTOUCHED


BLANK = evolve(VOLUME, of="", used_by=())


def test_a_blank_volume_that_came_late_goes_with_its_run(fates):
    """The run was taken back before Cinder made it, and nothing is in it."""
    owner = evolve(OWNER, blank=frozenset({BLANK.key}))

    assert fates(BLANK, owner=owner)["v1"][0] is Fate.TO_SWEEP
    assert fates(BLANK)["v1"][0] is Fate.UNTOUCHED


def test_a_network_that_came_late_goes_with_its_run(fates):
    """A rehearsal's networks are nobody's once it is over."""
    network = evolve(PORT, noun="network", id="n1", key="p1:network:0", used_by=())
    owner = evolve(OWNER, keys=frozenset({network.key}))

    assert fates(network, owner=owner)["n1"][0] is Fate.TO_SWEEP


def test_a_recovered_volume_is_wanted_whatever_it_is_called(fates):
    """It has the name of the volume that it stands for, and no snapshot behind it."""
    recovered = evolve(BLANK, name="db-1-root", restored=True)
    committed = evolve(
        OWNER,
        standing=Standing.COMMITTED,
        made={BLANK.key: Receipt("volume", "v1")},
        kept=frozenset({BLANK.key}),
    )

    assert fates(recovered, owner=committed)["v1"][0] is Fate.WANTED


def test_what_a_committed_run_made_is_wanted_and_no_other(fates):
    """The journal has the ids of what is part of the recovery point."""
    committed = evolve(
        OWNER,
        standing=Standing.COMMITTED,
        made={SERVER.key: Receipt("server", "s1")},
        kept=frozenset({SERVER.key}),
    )

    told = fates(SERVER, evolve(SERVER, id="twin"), owner=committed)

    assert {key: fate for key, (fate, _) in told.items()} == {
        "s1": Fate.WANTED,
        "twin": Fate.TO_SWEEP,
    }
