"""A group of two servers on its way to a site in memory."""

import attrs
import pytest

from tests.fakes import FakeClock, FakeJournal, FakeSite, Wire, world_of
from tests.manifests import manifest, nic, offer, server
from vnfdr.mapping import AgentProbe, BootTier, HttpProbe, TcpProbe
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.mapping.translating import translate
from vnfdr.model import BackupRecord, Disk
from vnfdr.plan import Manner, run
from vnfdr.recipes import Coming

GATE = "Is the standby promoted?"


@pytest.fixture
def group():
    """A database with two volumes, one of them with an increment; an application."""
    disks = (Disk("v-db", "/dev/vda"), Disk("v-data", "/dev/vdb", tag="data"))
    database = server("db", disks=disks, metadata={"role": "db"})
    application = server("app", nics=(nic("10.0.0.6", mac="fa:16:3e:00:00:06"),))
    made = manifest(database, application)
    root, data, app = made.disks
    record = BackupRecord("b-data-2", "v-data", "b-v-data", 1, "2026", "driver", "url")
    longer = attrs.evolve(data, chain=(*data.chain, record))
    return attrs.evolve(made, disks=(root, longer, app))


@pytest.fixture
def mapping(group):
    """A mapping of that to a site which has all it needs: two tiers, and a gate."""
    tiers = (
        BootTier(("db",), (AgentProbe("libvirt"), TcpProbe(5432)), 60.0, GATE),
        BootTier(("app",), (HttpProbe("http://{address}/"),)),
    )
    return attrs.evolve(suggest_mapping(group, offer(), "site-b"), tiers=tiers)


@pytest.fixture
def coming(group, mapping):
    """That group, on its way."""

    def coming(**changed):
        usual = Coming(
            run="r1",
            manifest=group,
            translation=translate(mapping, group, offer()),
            flavors=offer().flavors,
            project_id="p",
            restores_at_once=4,
            restore_seconds=60.0,
        )
        return attrs.evolve(usual, **changed)

    return coming


@pytest.fixture
def asking(group, mapping, coming):
    """The same, where only agents are asked, and nobody is asked at gates."""
    tiers = tuple(BootTier((name,), (AgentProbe("fake"),)) for name in ("db", "app"))

    def asking(**changed):
        whole = coming(**changed)
        ids = {server.name: server.id for server in group.servers}
        known = tuple(
            attrs.evolve(tier, servers=(ids[tier.servers[0]],)) for tier in tiers
        )
        translation = attrs.evolve(whole.translation, tiers=known)
        return attrs.evolve(whole, translation=translation)

    return asking


class Place:
    """A site in memory with nothing at it, room for all, and a journal."""

    def __init__(self, fate):
        self.site = FakeSite(name="site-b", stock=offer(), fate=fate)
        self.journal = FakeJournal(Wire())

    def run(self, plan, wire=None):
        """Run a plan, or go on with it."""
        self.site.wire = self.journal.wire = wire or Wire()
        manner = Manner(clock=FakeClock())
        return run(plan, world_of(self.site), self.journal, manner)

    def calls(self, plan):
        """Run a plan; return how many calls are answered, the journal's included."""
        answered = []
        self.run(plan, Wire(after=answered.append))
        return len(answered)


@pytest.fixture
def fresh():
    """Make a new place; what is named in ``fate`` fares so."""
    return lambda **fate: Place(fate)
