"""From clouds.yaml to a site, or to a sentence that says what to mend."""

import pytest
import requests

from vnfdr.errors import UnknownCloud
from vnfdr.openstack import connect

INCOMPLETE = "clouds: {a: {auth: {auth_url: 'http://keystone.test', username: me}}}"

NO_CERTIFICATE = """
clouds:
  a:
    cacert: /nowhere.pem
    auth: {auth_url: "https://127.0.0.1:9/v3", username: me, password: x}
"""


def test_a_site_has_the_name_and_the_settings_of_its_cloud(site):
    """What clouds.yaml says of vnfdr is there as it was written."""
    assert site.name == "site-a"
    assert site.settings == {
        "libvirt": {
            "uri": "qemu+tls://{host}/system",
            "hosts": [{"host": "a-1", "uri": "test:///"}],
        },
        "some-number": 3,
    }


def test_a_site_shows_no_secret(site):
    """A site can be printed; its settings are the operator's, and may have some."""
    assert repr(site) == "OpenStackSite(name='site-a')"


def test_a_request_has_a_time_limit_even_where_none_is_set(site):
    """A hung API is an error after a minute."""
    assert site.connection.session.timeout == 60


def test_the_operator_can_tell_who_is_asking(site, cinder):
    """The access log of the cloud names vnfdr and its version."""
    cinder.get("/os-services", json={"services": []})

    site.backup_service_up()

    agent = cinder.requests("GET")[-1].headers["User-Agent"]
    assert agent.startswith("vnfdr/")


def test_an_unknown_cloud_is_told_from_those_there_are(clouds_yaml):
    """Whoever mistypes the name of a cloud sees which there are, and where."""
    with pytest.raises(UnknownCloud) as unknown:
        connect("site-b")

    assert str(unknown.value) == (
        f"no cloud is named 'site-b'; there are: site-a (looked in {clouds_yaml})"
    )


@pytest.mark.parametrize("text", [None, "clouds: [\n a: b: c"])
def test_without_a_clouds_yaml_the_places_are_named(clouds_yaml, monkeypatch, text):
    """Whoever has no clouds.yaml learns where to put one."""
    monkeypatch.setattr("openstack.config.loader.CONFIG_FILES", ["/nowhere/c.yaml"])
    clouds_yaml.unlink() if text is None else clouds_yaml.write_text(text)

    with pytest.raises(UnknownCloud) as unknown:
        connect("site-a")

    assert str(unknown.value) == (
        "no cloud is named 'site-a'; there are: none"
        f" (none of these could be read: {clouds_yaml}, /nowhere/c.yaml)"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("clouds: 7", "clouds.yaml cannot be read"),
        ("just words", "clouds.yaml cannot be read"),
        ("clouds: {a: {auth_type: magic}}", "cloud 'a' is set up wrongly"),
        ("clouds: {a: {vnfdr: 3, auth_type: none}}", "vnfdr section of cloud 'a' must"),
        (INCOMPLETE, "cloud 'a' has no password"),
        (
            "clouds: {a: {auth_type: none, api_timeout: soon}}",
            "set up wrongly: .*'soon'",
        ),
        (NO_CERTIFICATE, "set up wrongly: .* /nowhere.pem"),
        ("clouds: {a: {auth: {password: x}}}", "set up wrongly: .* auth_url"),
    ],
)
def test_a_clouds_yaml_with_mistakes_says_so(clouds_yaml, text, complaint):
    """A mistake in clouds.yaml is an error about clouds.yaml."""
    clouds_yaml.write_text(text)

    with pytest.raises(UnknownCloud, match=complaint):
        connect("a")


def test_bad_credentials_are_told_at_once(keystone):
    """A wrong password is an error of connecting, in Keystone's words."""
    error = {"message": "The request you have made requires authentication."}
    keystone.says(status=401, json={"error": error})

    with pytest.raises(UnknownCloud) as refusal:
        connect("with-keystone")

    assert "cannot sign in to cloud 'with-keystone': Keystone said:" in str(
        refusal.value
    )
    assert "requires authentication" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_another_service_is_not_taken_for_keystone(keystone):
    """A wrong port in clouds.yaml is an error, and not a wait without end."""
    keystone.wire.reset()
    keystone.wire.get("http://keystone.test/v3", status=401)

    with pytest.raises(
        UnknownCloud, match=r"http://keystone.test/v3 is not a Keystone"
    ):
        connect("with-keystone")


def test_a_keystone_that_is_away_is_told_at_once(keystone):
    """A sign-in is tried once: whoever waits for it can see what is wrong."""
    keystone.says(body=requests.ConnectTimeout("timed out"))

    with pytest.raises(UnknownCloud, match=r"no connection to keystone.test"):
        connect("with-keystone")


def test_a_cloud_without_cinder_is_told_at_once(keystone):
    """A wrong region is found when signing in, and not in the middle of a run."""
    keystone.lets_in(region="elsewhere")

    with pytest.raises(UnknownCloud, match=r"block.storage"):
        connect("with-keystone")


def test_an_endpoint_is_taken_as_the_catalog_has_it(keystone, wire):
    """A percent sign in it means what it means in every URL."""
    keystone.lets_in(cinder="http://cinder.test/v3/a%20project")
    wire.get("http://cinder.test/v3/a%20project/snapshots", json={"snapshots": []})

    assert connect("with-keystone").snapshots.look("p1") == ()


def test_a_time_limit_of_clouds_yaml_is_kept(keystone):
    """Who sets api_timeout means it."""
    keystone.lets_in()

    site = connect("with-keystone")

    assert site.connection.session.timeout == 7
