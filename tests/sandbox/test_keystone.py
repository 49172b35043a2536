import pytest
from keystoneauth1 import session
from keystoneauth1.exceptions import Unauthorized
from keystoneauth1.identity import v3

import vnfdr
from vnfdr.errors import CloudError


def test_a_password_opens_the_project(a, connection):
    """Who signs in with clouds.yaml is in the site's project."""
    assert connection.session.get_project_id() == a.project_id


@pytest.mark.parametrize(
    "wrong", [{"password": "x"}, {"username": "x"}, {"project_name": "other"}]
)
def test_who_is_not_known_does_not_come_in(a, wrong):
    """A wrong name, password or project opens nothing."""
    right = {"username": "admin", "password": "sandbox", "project_name": "site-a"}
    stranger = v3.Password(
        f"{a.url}/identity/v3",
        user_domain_id="default",
        project_domain_id="default",
        **right | wrong,
    )

    with pytest.raises(Unauthorized, match="requires authentication"):
        session.Session(auth=stranger).get_token()


def test_a_token_is_as_good_as_a_password(a, connection):
    """A token can be exchanged for another one."""
    old = connection.session.get_token()
    token = v3.Token(f"{a.url}/identity/v3", old, project_id=a.project_id)

    assert session.Session(auth=token).get_token() != old


def test_the_catalog_leads_to_every_service(a, connection):
    """Each service is found by its type."""
    for service in ("identity", "compute", "block-storage"):
        endpoint = connection.session.get_endpoint(service_type=service)
        assert endpoint.startswith(a.url)


def test_a_token_expires(a, site, volume):
    """A token that has expired is refused, and the client gets itself another."""
    a.token_seconds = -1.0
    a.tokens.clear()
    with pytest.raises(CloudError, match="requires authentication"):
        site.volumes.get(volume.id)

    a.token_seconds = 3600.0
    assert site.volumes.get(volume.id).id == volume.id


def test_a_token_can_be_looked_at_and_revoked(a, connection):
    """Keystone tells whose a token is, until it is revoked."""
    session, url = connection.session, f"{a.url}/identity/v3/auth/tokens"
    subject = {"X-Subject-Token": v3_token(a, session)}

    told = session.get(url, headers=subject).json()["token"]
    revoked = session.delete(url, headers=subject)
    gone = session.get(url, headers=subject, raise_exc=False)

    assert (told["user"]["name"], revoked.status_code) == ("admin", 204)
    assert gone.status_code == 404


def v3_token(a, old):
    """Get a token of its own."""
    token = v3.Token(f"{a.url}/identity/v3", old.get_token(), project_id=a.project_id)
    return session.Session(auth=token).get_token()


def test_a_sandbox_is_a_keystone_to_vnfdr(sites):
    """The front door's own connect accepts both sites."""
    for name in ("site-a", "site-b"):
        site = vnfdr.connect(name)
        assert site.name == name
        site.connection.close()
