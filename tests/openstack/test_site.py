"""What a site knows of itself."""

import math

import pytest
import requests

from vnfdr.cloud import Token
from vnfdr.errors import Forbidden, Retryable
from vnfdr.openstack import connect

BORROWED = """
clouds:
  with-keystone:
    region_name: here
    auth_type: token
    auth:
      auth_url: http://keystone.test/v3
      token: somebody-else-got-it
      project_id: p1
"""


@pytest.fixture
def own_site(keystone):
    """A site that was signed in to with a password, for as long as a test says."""

    def sign_in(**life):
        keystone.lets_in(**life)
        return connect("with-keystone")

    return sign_in


def test_a_token_tells_whose_it_is_and_how_long_it_lives(own_site):
    """A window is not opened with a token that ends in the middle of it."""
    site = own_site(for_seconds=3600)

    token = site.token()

    assert (token.project_id, token.renewable) == ("p1", True)
    assert 3500 < token.seconds_left <= 3600


def test_a_token_that_ends_soon_is_exchanged(own_site, keystone):
    """Renewing it now delays nobody; in the window it would."""
    site = own_site(for_seconds=300)
    keystone.lets_in(for_seconds=3600)

    token = site.token()

    assert token.seconds_left > 3500


def test_a_borrowed_token_cannot_be_renewed(own_site, clouds_yaml):
    """Signed in with nothing but a token, one cannot get a longer one."""
    clouds_yaml.write_text(BORROWED)
    site = own_site(for_seconds=300)

    token = site.token()

    assert not token.renewable
    assert token.seconds_left <= 300


def test_without_keystone_nothing_runs_out(site):
    """A cloud that asks for no token never refuses an old one."""
    assert site.token() == Token("", math.inf, renewable=False)


def test_a_keystone_that_is_briefly_away_is_waited_for(own_site, keystone, clock):
    """Renewing a token is patient like all looking."""
    site = own_site(for_seconds=300)
    keystone.says(status=503)
    keystone.lets_in(for_seconds=3600)

    assert site.token().seconds_left > 3500
    assert clock.slept > 0


@pytest.mark.parametrize(("status", "kind"), [(401, Forbidden), (503, Retryable)])
def test_what_keystone_refuses_was_not_heard_by_cinder(
    own_site, keystone, status, kind
):
    """A creation for which no token could be had created nothing."""
    site = own_site(for_seconds=60)
    keystone.says(status=status, json={"error": {"message": "no"}})

    with pytest.raises(kind, match="Keystone said: no"):
        site.snapshots.request("v1", tag="t", metadata={})


def test_headroom_is_what_the_quotas_leave(own_site, cinder):
    """What is in use or reserved is taken off; -1 is without limit."""
    site = own_site()
    quotas = {
        "id": "p1",
        "snapshots": {"limit": 10, "in_use": 3, "reserved": 2},
        "volumes": {"limit": 3, "in_use": 4, "reserved": 0},
        "gigabytes_ssd": {"limit": -1, "in_use": 3, "reserved": 0},
        "per_volume_gigabytes": {"limit": 5, "in_use": 0, "reserved": 0},
    }
    cinder.get("/os-quota-sets/p1?usage=True", json={"quota_set": quotas})

    headroom = site.headroom()

    assert headroom.by_name == {"snapshots": 5, "volumes": 0, "gigabytes_ssd": None}


@pytest.mark.parametrize(
    ("services", "up"),
    [
        ([], False),
        ([("up", "enabled")], True),
        ([("down", "enabled"), ("up", "disabled")], False),
        ([("down", "enabled"), ("up", "enabled")], True),
    ],
)
def test_the_backup_service_is_up_when_one_can_work(site, cinder, services, up):
    """A backup that is asked of a service which is down may harm the volume."""
    listed = [{"state": state, "status": status} for state, status in services]
    cinder.get("/os-services?binary=cinder-backup", json={"services": listed})

    assert site.backup_service_up() is up


def test_who_may_not_ask_for_services_does_not_know(site, cinder):
    """Only administrators may; for everybody else it stays open."""
    cinder.refuse("GET", "/os-services", 403, "Policy doesn't allow it")

    assert site.backup_service_up() is None


def test_warming_up_is_patient(site, cinder):
    """Before the window there is time."""
    cinder.get("/snapshots?limit=1", body=requests.ConnectTimeout("timed out"))
    cinder.get("/snapshots?limit=1", json={"snapshots": []})

    site.warm(1)

    assert len(cinder.requests("GET")) == 2
