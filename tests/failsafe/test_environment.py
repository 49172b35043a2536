"""What the processes of a window are started with, and what they are told later."""

import os

import pytest

from vnfdr.failsafe.clouds import CloudWorld
from vnfdr.failsafe.environment import secrets_of, without_secrets


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OS_PASSWORD", "hush"),
        ("OS_TOKEN", "hush"),
        ("OS_APPLICATION_CREDENTIAL_SECRET", "hush"),
        ("aws_secret_access_key", "hush"),
        ("HTTPS_PROXY", "http://me:hush@proxy:3128"),
        ("VNFDR_JOURNAL", "postgresql://vnfdr:hush@db/vnfdr"),
    ],
)
def test_what_may_be_secret_is_not_for_other_processes_to_read(name, value):
    """By its name, or because it is a URL with a password."""
    environment = {name: value, "HOME": "/root"}

    assert without_secrets(environment) == {"HOME": "/root"}
    assert secrets_of(environment) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OS_CLIENT_CONFIG_FILE", "/etc/openstack/clouds.yaml"),
        ("PATH", "/usr/bin"),
        ("HTTPS_PROXY", "http://proxy:3128"),
        ("SSH_AUTH_SOCK", "/run/agent"),
    ],
)
def test_what_is_not_secret_stays(name, value):
    """A process that lacks what it needs would not come up."""
    assert without_secrets({name: value}) == {name: value}


def test_a_world_brings_the_secrets_along_and_shows_none(monkeypatch):
    """A cloud whose password is in the environment works in all processes."""
    monkeypatch.setenv("OS_PASSWORD", "hush")

    world = CloudWorld("envvars")

    assert world.secrets["OS_PASSWORD"] == os.environ["OS_PASSWORD"]
    assert repr(world) == "CloudWorld(cloud='envvars')"
