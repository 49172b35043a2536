"""A volume that two members share is cut once, with both of them frozen."""

import attrs
import pytest

import vnfdr
from tests.lab.place import until

TYPE = "rbd-shared"


@pytest.fixture(scope="module")
def shared(site_a, group):
    """A volume that is attached to two servers of the group."""
    storage, compute = site_a.block_storage, site_a.compute
    specs = {"volume_backend_name": "rbd", "multiattach": "<is> True"}
    kind = storage.find_type(TYPE) or storage.create_type(name=TYPE, extra_specs=specs)
    volume = storage.create_volume(name="shared", size=1, volume_type=kind.id)
    until(lambda: storage.get_volume(volume.id).status == "available")
    servers = [member.server_id for member in group[1:]]
    for number, server_id in enumerate(servers, start=1):
        compute.create_volume_attachment(server_id, volume_id=volume.id)
        until(lambda n=number: is_attached_to(storage, volume.id, n))
    yield volume.id
    for left, server_id in enumerate(servers):
        # Cinder lets a volume be detached from one server at a time.
        compute.delete(f"/servers/{server_id}/os-volume_attachments/{volume.id}")
        until(lambda n=1 - left: is_attached_to(storage, volume.id, n))
    storage.delete_volume(volume.id, cascade=True)
    until(lambda: not storage.find_volume(volume.id))
    storage.delete_type(kind.id)


def test_a_shared_volume_is_cut_once(shared, before, site, vnf, tmp_path):
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


def is_attached_to(storage, volume_id, count):
    volume = storage.get_volume(volume_id)
    at_rest = volume.status in {"in-use", "available"}
    return at_rest and len(volume.attachments) == count
