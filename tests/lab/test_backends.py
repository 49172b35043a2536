"""The quiesce backends keep their promises to a real guest, too."""

import attrs
import pytest

import vnfdr
from tests.lab import guests
from vnfdr.backends import get_backend
from vnfdr.model import Guest, Level
from vnfdr.testing import check_quiesce_backend


@pytest.mark.parametrize("name", ["libvirt", "pause"])
def test_a_backend_keeps_its_promises(site, group, domains, name):
    """The public check passes on a guest that runs and one that does not exist."""
    backend = get_backend(name, site)
    guest = backend.locate(site.servers.get(group[2].server_id))
    nobody = Guest("00000000-0000-4000-8000-000000000000", "nobody", guest.address)

    check_quiesce_backend(backend, guest, nobody)

    assert guests.frozen_status(domains[13]) == "thawed"


def test_a_paused_group_stands_still_together(site, group, vnf, before, tmp_path):
    """The pause backend holds all guests at one instant, at crash level."""
    assert group
    members = [
        vnfdr.Member(m.server, backend="pause", level="crash") for m in vnf.members
    ]
    local = vnfdr.BackupPolicy("none", keep="snapshots")
    paused = attrs.evolve(vnfdr.Group.of("x'\"/<b>\n[red]é😀", members), backup=local)

    outcome = vnfdr.run(vnfdr.protect(site, paused), site, journal=tmp_path)

    outcome.raise_for_failure()
    assert outcome.certificate.consistent, outcome.certificate
    assert outcome.certificate.level is Level.CRASH
