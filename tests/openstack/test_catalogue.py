"""What a site offers that has no Neutron and no Keystone, and hides what it can."""

import pytest

from vnfdr.cloud import Offer
from vnfdr.model import Flavor

FLAVOR = {
    "id": "f-1",
    "name": "m1.small",
    "vcpus": 1,
    "ram": 512,
    "disk": 1,
    "OS-FLV-EXT-DATA:ephemeral": 0,
    "swap": "",
}


def zones(**available):
    """How Nova and Cinder tell of zones."""
    told = [
        {"zoneName": name, "zoneState": {"available": is_up}}
        for name, is_up in available.items()
    ]
    return {"availabilityZoneInfo": told}


@pytest.fixture
def offer(site, nova, cinder):
    """What a site offers that has almost nothing."""
    nova.get("/flavors/detail", json={"flavors": [FLAVOR]})
    nova.get("/os-availability-zone", json=zones(az1=True, az2=False))
    nova.get("/os-keypairs", json={"keypairs": []})
    nova.refuse("GET", "/os-server-groups", 403, "Policy doesn't allow it")
    cinder.get("/types", json={"volume_types": []})
    cinder.refuse("GET", "/types/default", 404, "Default volume type can not be found")
    cinder.get("/os-availability-zone", json=zones(nova=False))
    return site.catalogue.offer()


def test_what_is_not_there_is_not_offered(offer):
    """A cloud without Neutron, a default type or server groups is a cloud, too."""
    assert offer == Offer(
        flavors={"f-1": Flavor("m1.small", 1, 512, 1)}, server_zones=("az1",)
    )


def test_who_may_choose_addresses_is_not_known_without_roles(offer):
    """A cloud that asks for no token tells of no roles."""
    assert offer.may_choose_addresses is None
