"""Keystone: its versions, signing in, tokens, and the catalog."""

from datetime import UTC, datetime

import pytest
import requests

from tests.contract.cloud import identity

SECONDS_MAX = 30.0


@pytest.fixture
def sign_in(cloud):
    """Sign in with credentials of which some are changed."""

    def sign_in(**changed):
        wanted = {**cloud.credentials, **changed}
        project = {
            "name": wanted["project_name"],
            "domain": {"name": wanted["project_domain_name"]},
        }
        return post({"identity": identity(wanted), "scope": {"project": project}})

    def post(auth):
        url, body = f"{cloud.keystone}/auth/tokens", {"auth": auth}
        return requests.post(url, json=body, timeout=SECONDS_MAX)

    sign_in.with_auth = post
    return sign_in


@pytest.fixture
def about(cloud):
    """Ask Keystone about a token, as the administrator unless it is said who."""

    def about(method, token, *, by=None):
        headers = {
            "X-Auth-Token": by or cloud.admin.session.get_token(),
            "X-Subject-Token": token,
        }
        url = f"{cloud.keystone}/auth/tokens"
        return requests.request(method, url, headers=headers, timeout=SECONDS_MAX)

    return about


def assert_not_let_in(response):
    """Check that Keystone, or who asks it, says that one must sign in."""
    assert response.status_code == 401, response.text
    told = response.headers["WWW-Authenticate"]
    assert told.startswith('Keystone uri="http')
    assert told.endswith('/v3"')
    assert response.json()["error"] == {
        "code": 401,
        "message": "The request you have made requires authentication.",
        "title": "Unauthorized",
    }


def test_keystone_tells_its_versions(cloud):
    """A stranger who knows only the host learns where version 3 is."""
    root = cloud.keystone.removesuffix("/v3")

    answer = requests.get(root, timeout=SECONDS_MAX)

    (version,) = answer.json()["versions"]["values"]
    assert answer.status_code == 300
    assert answer.headers["Location"] == f"{cloud.keystone}/"
    assert (version["id"][:2], version["status"]) == ("v3", "stable")
    assert version["links"] == [{"rel": "self", "href": f"{cloud.keystone}/"}]


def test_version_3_tells_of_itself(cloud):
    """Whoever has the versioned URL learns the same."""
    answer = requests.get(cloud.keystone, timeout=SECONDS_MAX)

    assert answer.status_code == 200
    assert answer.json()["version"]["id"].startswith("v3")


def test_a_password_gets_a_token(cloud, sign_in):
    """It says who one is, in which project, what one may, and until when."""
    answer = sign_in()

    token = answer.json()["token"]
    assert answer.status_code == 201
    assert answer.headers["Vary"] == "X-Auth-Token"
    assert answer.headers["X-Subject-Token"]
    assert token["methods"] == ["password"]
    assert token["user"]["name"] == cloud.credentials["username"]
    assert token["user"]["domain"] == {"id": "default", "name": "Default"}
    assert token["project"]["id"] == cloud.project_id
    assert {"admin", "member", "reader"} <= {role["name"] for role in token["roles"]}
    assert moment(token["issued_at"]) < moment(token["expires_at"])


def moment(text):
    """Read a time as Keystone writes it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong"},
        {"username": "nobody"},
        {"project_name": "nowhere"},
        {"user_domain_name": "nowhere"},
        {"project_domain_name": "nowhere"},
    ],
    ids="".join,
)
def test_wrong_credentials_open_nothing(sign_in, wrong):
    """What exactly is wrong is not told."""
    assert_not_let_in(sign_in(**wrong))


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        ({}, "identity"),
        ({"identity": {"methods": ["nonsense"]}}, "Expecting to find nonsense"),
    ],
)
def test_what_is_no_sign_in_is_a_bad_request(sign_in, auth, words):
    """A client that is broken learns that it is."""
    answer = sign_in.with_auth(auth)

    assert answer.status_code == 400
    assert answer.json()["error"]["title"] == "Bad Request"
    assert words in answer.json()["error"]["message"]


def test_a_token_gets_another_token(cloud, sign_in):
    """The new one remembers how it all began."""
    old = sign_in().headers["X-Subject-Token"]

    answer = sign_in.with_auth(
        {
            "identity": {"methods": ["token"], "token": {"id": old}},
            "scope": {"project": {"id": cloud.project_id}},
        }
    )

    assert answer.status_code == 201
    assert answer.headers["X-Subject-Token"] != old
    assert sorted(answer.json()["token"]["methods"]) == ["password", "token"]


def test_what_is_no_token_gets_none(sign_in):
    """Keystone does not find it."""
    answer = sign_in.with_auth(
        {"identity": {"methods": ["token"], "token": {"id": "nonsense"}}}
    )

    assert answer.status_code == 404
    assert answer.json()["error"]["title"] == "Not Found"


def test_a_token_is_worth_something_until_it_is_revoked(cloud, sign_in, about):
    """After that no service takes it, and Keystone does not know it."""
    token = sign_in().headers["X-Subject-Token"]

    assert about("GET", token).json()["token"]["project"]["id"] == cloud.project_id
    assert about("DELETE", token).status_code == 204
    assert about("GET", token).status_code == 404
    assert about("DELETE", token).status_code == 404
    assert_not_let_in(about("GET", cloud.admin.session.get_token(), by=token))
    for adapter, path in ((cloud.nova, "/servers"), (cloud.cinder, "/volumes")):
        url, headers = adapter.get_endpoint() + path, {"X-Auth-Token": token}
        assert_not_let_in(requests.get(url, headers=headers, timeout=SECONDS_MAX))


@pytest.mark.parametrize("path", ["/servers", "/volumes"])
def test_without_a_token_no_service_says_anything(cloud, path):
    """It tells where one gets a token."""
    adapter = cloud.nova if path == "/servers" else cloud.cinder

    answer = requests.get(adapter.get_endpoint() + path, timeout=SECONDS_MAX)

    assert_not_let_in(answer)
    assert answer.headers["x-openstack-request-id"].startswith("req-")


def test_the_catalog_leads_to_every_service(cloud):
    """Each has a public endpoint in the region; Cinder's names the project."""
    headers = {"X-Auth-Token": cloud.admin.session.get_token()}
    url = f"{cloud.keystone}/auth/catalog"

    answer = requests.get(url, headers=headers, timeout=SECONDS_MAX).json()

    found = {service["type"]: service for service in answer["catalog"]}
    assert answer["links"]["self"] == url
    assert {"identity", "compute", "block-storage"} <= found.keys()
    for service in found.values():
        assert {"id", "name", "type", "endpoints"} == service.keys()
        places = {(e["interface"], e["region_id"]) for e in service["endpoints"]}
        assert ("public", cloud.region) in places
    for endpoint in found["block-storage"]["endpoints"]:
        assert endpoint["url"].endswith(f"/v3/{cloud.project_id}")
        assert endpoint["region"] == endpoint["region_id"]
