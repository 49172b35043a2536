"""What Nova and Cinder say of themselves, and the microversions they speak."""

import pytest
import requests

from tests.contract.cloud import NOBODY, assert_refused, identity

SECONDS_MAX = 30.0
BOTH = pytest.mark.parametrize("name", ["compute", "volume"])


@pytest.fixture
def ask(cloud):
    """Ask a service for what does not exist, with the headers as they are given."""

    def ask(name, path=None, *, by=cloud.admin, **headers):
        adapter = by.nova if name == "compute" else by.cinder
        usual = "/servers/" if name == "compute" else "/volumes/"
        url = adapter.get_endpoint() + (path or usual + NOBODY)
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        named["X-Auth-Token"] = by.session.get_token()
        return requests.get(url, headers=named, timeout=SECONDS_MAX)

    return ask


@pytest.mark.parametrize(
    ("name", "end", "status", "newest"),
    [("compute", "/v2.1", 200, (2, 79)), ("volume", "/v3/", 300, (3, 64))],
)
def test_the_versions_are_told_to_strangers(cloud, name, end, status, newest):
    """One need not sign in to learn that what vnfdr asks for is spoken here."""
    adapter = cloud.nova if name == "compute" else cloud.cinder
    root = adapter.get_endpoint().split(end)[0]

    answer = requests.get(f"{root}/", timeout=SECONDS_MAX)

    (current,) = (v for v in answer.json()["versions"] if v["status"] == "CURRENT")
    oldest, highest = numbers(current["min_version"]), numbers(current["version"])
    assert answer.status_code == status
    assert oldest <= newest <= highest
    assert current["id"] == ("v2.1" if name == "compute" else "v3.0")
    assert {"rel": "self", "href": f"{root}{end.rstrip('/')}/"} in current["links"]


def numbers(version):
    return tuple(int(part) for part in version.split("."))


@BOTH
def test_without_a_word_it_is_the_oldest(ask, name):
    """So that whoever knows no microversions is not surprised."""
    answer = ask(name)

    oldest = "2.1" if name == "compute" else "3.0"
    assert answer.headers["OpenStack-API-Version"] == f"{name} {oldest}"


@pytest.mark.parametrize(("name", "version"), [("compute", "2.79"), ("volume", "3.64")])
def test_the_microversion_asked_for_is_spoken(ask, name, version):
    """The answer says which one it is, and that it depends on that."""
    answer = ask(name, OpenStack_API_Version=f"{name} {version}")

    assert answer.headers["OpenStack-API-Version"] == f"{name} {version}"
    assert "OpenStack-API-Version" in answer.headers["Vary"]


def test_nova_understands_its_old_header(ask):
    """Both headers mean the same, and are in the answer."""
    answer = ask("compute", X_OpenStack_Nova_API_Version="2.79")

    names = "OpenStack-API-Version", "X-OpenStack-Nova-API-Version"
    assert [answer.headers[name] for name in names] == ["compute 2.79", "2.79"]
    assert answer.headers["Vary"] == ", ".join(names)


@BOTH
def test_latest_is_the_newest_there_is(ask, name):
    """It is answered with a number."""
    answer = ask(name, OpenStack_API_Version=f"{name} latest")

    told = answer.headers["OpenStack-API-Version"].removeprefix(f"{name} ")
    assert numbers(told) >= ((2, 79) if name == "compute" else (3, 64))


@pytest.mark.parametrize(
    ("name", "version"), [("compute", "2.999"), ("volume", "3.999")]
)
def test_a_microversion_that_is_too_new_is_not_acceptable(ask, name, version):
    """The range that there is, is told."""
    answer = ask(name, OpenStack_API_Version=f"{name} {version}")

    words = rf"Version {version} is not supported by the API. Minimum is \d.\d+ and"
    assert_refused(answer, 406, "computeFault", words)
    assert answer.headers["OpenStack-API-Version"] == f"{name} {version}"


@BOTH
def test_what_is_no_microversion_is_a_bad_request(ask, name):
    """A typo is not taken for the oldest."""
    answer = ask(name, OpenStack_API_Version=f"{name} 2.x")

    assert_refused(answer, 400, "badRequest", "2.x is of invalid format")


def test_nova_ignores_what_is_said_to_others(ask):
    """The header may name several services."""
    answer = ask("compute", OpenStack_API_Version="volume 3.64, compute 2.79")

    assert answer.headers["OpenStack-API-Version"] == "compute 2.79"


def test_cinder_wants_to_be_named_if_anybody_is(ask):
    """A header that is meant for others only is a bad request to it."""
    answer = ask("volume", OpenStack_API_Version="compute 2.79")

    assert_refused(answer, 400, "badRequest", "malformed or otherwise incorrect")


@BOTH
def test_a_path_that_leads_nowhere_is_a_page(ask, name):
    """It is 404 like what is missing, and told from that by being no JSON."""
    answer = ask(name, "/nonsense")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].lower() == "text/html; charset=utf-8"
    assert "<h1>404 Not Found</h1>" in answer.text


@pytest.mark.parametrize(
    ("name", "status", "kind", "words"),
    [
        ("compute", 403, "forbidden", "Policy doesn't allow os_compute_api"),
        ("volume", 400, "badRequest", "Malformed request url"),
    ],
)
def test_a_token_of_no_project_opens_nothing(cloud, ask, name, status, kind, words):
    """It is valid, and of no use here."""
    body = {"auth": {"identity": identity(cloud.credentials)}}
    url = f"{cloud.keystone}/auth/tokens"
    signed_in = requests.post(url, json=body, timeout=SECONDS_MAX)
    adapter = cloud.nova if name == "compute" else cloud.cinder
    path = "/servers" if name == "compute" else "/volumes"
    headers = {"X-Auth-Token": signed_in.headers["X-Subject-Token"]}

    url = adapter.get_endpoint() + path
    answer = requests.get(url, headers=headers, timeout=SECONDS_MAX)

    assert_refused(answer, status, kind, words)


def test_cinder_serves_a_project_under_its_own_url_only(cloud):
    """A token of one project does not fit the URL of another."""
    mine = cloud.cinder.get_endpoint()
    other = f"{mine.removesuffix(cloud.project_id)}{'f' * 32}/volumes"
    headers = {"X-Auth-Token": cloud.admin.session.get_token()}

    answer = requests.get(other, headers=headers, timeout=SECONDS_MAX)

    assert_refused(answer, 400, "badRequest", "^Malformed request url$")
