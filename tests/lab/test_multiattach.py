"""A volume that two members share is cut once, with both of them frozen."""

import attrs
import pytest

import vnfdr
from tests.lab.place import until

TYPE = "rbd-shared"


@pytest.fixture
def shared(site_a, group):
    """A volume that is attached to two servers of the group."""
    storage, compute = site_a.block_storage, site_a.compute
    specs = {"volume_backend_name": "rbd", "multiattach": "<is> True"}
    kind = storage.create_type(name=TYPE, extra_specs=specs)
    volume = storage.create_volume(name="shared", size=1, volume_type=kind.id)
    until(lambda: storage.get_volume(volume.id).status == "available")
    servers = [member.server_id for member in group[1:]]
    for number, server_id in enumerate(servers, start=1):
        compute.create_volume_attachment(server_id, volume_id=volume.id)
        until(lambda n=number: len(storage.get_volume(volume.id).attachments) == n)
    until(lambda: storage.get_volume(volume.id).status == "in-use")
    yield volume.id
    for server_id in servers:
        compute.delete_volume_attachment(server_id, volume.id)
    until(lambda: storage.get_volume(volume.id).status == "available")
    storage.delete_volume(volume.id)
    until(lambda: not storage.find_volume(volume.id))
    storage.delete_type(kind.id)


def test_a_shared_volume_is_cut_once(before, shared, site, vnf, tmp_path):
    """One snapshot of it, and it belongs to both."""
    local = vnfdr.BackupPolicy("none", keep="snapshots")
    plan = vnfdr.protect(site, attrs.evolve(vnf, backup=local))

    outcome = vnfdr.run(plan, site, journal=tmp_path)

    outcome.raise_for_failure()
    (cut,) = (cut for cut in outcome.certificate.cuts if cut.key.endswith(shared))
    holds = [hold.key for hold in plan.window.holds]
    assert cut.held_by == tuple(holds[1:])
    assert len(outcome.certificate.cuts) == 7
    assert outcome.certificate.consistent


def test_a_stranger_that_shares_a_volume_is_told(shared, site):
    """A server outside the group would go on writing to it."""
    with pytest.raises(vnfdr.InputError, match="its writes would not be held"):
        vnfdr.protect(site, vnfdr.Group.of("one", ["lb-1"]))
