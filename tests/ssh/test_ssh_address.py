"""Where a server's guest is said to listen for ssh."""

import pytest

from tests.ssh.conftest import Cloud
from vnfdr.backends.ssh import SshQuiesce
from vnfdr.errors import NotQuiescable
from vnfdr.model import Guest, Server

SERVER = Server("s-db", "db-1")


def address(**settings):
    """Return the address of the server's guest, under a site's settings."""
    return SshQuiesce(Cloud({"ssh": settings})).locate(SERVER).address


def test_by_default_a_guest_is_called_as_its_server():
    """An alias in the operator's own configuration of ssh says the rest."""
    assert SshQuiesce(None).locate(SERVER) == Guest("s-db", "db-1", "db-1")


@pytest.mark.parametrize(
    ("template", "expected"),
    [("root@{name}.example.org", "root@db-1.example.org"), ("{id}", "s-db")],
)
def test_a_template_names_every_guest(template, expected):
    """One line of settings for a whole cloud."""
    assert address(address=template) == expected


@pytest.mark.parametrize("server", ["db-1", "s-db"])
def test_the_table_wins(server):
    """The one guest that is reached differently, by its name or its id."""
    table = [
        {"server": "other", "address": "no"},
        {"server": server, "address": "root@192.0.2.7", "file_systems": ["/my data"]},
    ]

    found = address(address="{name}", file_systems=["/"], servers=table)

    assert found == "root@192.0.2.7 '/my data'"


def test_a_table_may_say_less():
    """What it does not say, the site says."""
    table = [{"server": "db-1", "file_systems": "/data /logs"}]

    assert address(address="x-{name}", servers=table) == "x-db-1 /data /logs"


@pytest.mark.parametrize("name", ["{ip}", "{name", "{}"])
def test_a_template_that_makes_no_sense_is_told(name):
    """With the server that it was needed for."""
    with pytest.raises(NotQuiescable, match="server 'db-1'"):
        address(address=name)


@pytest.mark.parametrize("odd", ["-oProxyCommand=x", "a b", " ", "a\n"])
def test_an_address_is_never_an_option(odd):
    """Whoever names a server does not command our client."""
    with pytest.raises(NotQuiescable, match="no address for ssh"):
        address(address=odd)


@pytest.mark.parametrize(
    "settings",
    [{"user": "x"}, {"servers": [{"address": "a"}]}, {"servers": 3}, {"command": 3}],
)
def test_wrong_settings_are_told(settings):
    """With what is wrong about them."""
    with pytest.raises(NotQuiescable, match="'ssh' is wrong"):
        address(**settings)


def test_a_client_has_to_be_named():
    """An empty command runs nothing."""
    backend = SshQuiesce(Cloud({"ssh": {"command": []}}))

    (problem,) = backend.check(Guest("s-db", "db-1", "db-1"))

    assert "its command is empty" in problem
