"""Where a server's compute host is said to listen."""

import pytest

from vnfdr.backends.libvirt import LibvirtQuiesce
from vnfdr.errors import NotQuiescable
from vnfdr.model import Guest, Server

SERVER = Server("s-db", "db", host="compute-1", hypervisor="compute-1.example.org")
HIDDEN = Server("s-db", "db")


@pytest.fixture
def address(cloud):
    """The address of a server's guest, under the site's settings."""

    def address(server, **settings):
        cloud.settings["libvirt"] = settings
        return LibvirtQuiesce(cloud).locate(server).address

    return address


def test_by_default_a_host_is_spoken_to_over_tls():
    """As Nova's own hosts speak to each other; a journal's world has no settings."""
    guest = LibvirtQuiesce(None).locate(SERVER)

    assert guest == Guest("s-db", "db", "qemu+tls://compute-1.example.org/system")


def test_a_template_names_every_host(address):
    """One line of settings for a whole cloud."""
    assert address(SERVER, uri="qemu+ssh://{host}/system") == (
        "qemu+ssh://compute-1/system"
    )


@pytest.mark.parametrize("name", ["compute-1", "compute-1.example.org"])
def test_the_table_wins(address, name):
    """The one host that is reached differently, by either of its names."""
    hosts = [{"host": "other", "uri": "no"}, {"host": name, "uri": "qemu:///system"}]

    assert address(SERVER, uri="{host}", hosts=hosts) == "qemu:///system"


def test_a_uri_that_needs_no_name_needs_no_administrator(address):
    """All guests of a small cloud are on one host."""
    assert address(HIDDEN, uri="qemu:///system") == "qemu:///system"


def test_who_may_not_see_the_host_is_told_what_to_do(address):
    """Nova hides it from all but administrators."""
    with pytest.raises(NotQuiescable, match="administrator's credentials"):
        address(HIDDEN)


def test_an_empty_name_is_not_in_the_table(address):
    """A server without a host is on none, not on one without a name."""
    with pytest.raises(NotQuiescable):
        address(HIDDEN, hosts=[{"host": "", "uri": "qemu:///system"}])


@pytest.mark.parametrize("uri", ["qemu://{ip}/system", "qemu://{host/system", "{}"])
def test_a_template_that_makes_no_sense_is_told(address, uri):
    """With the server that it was needed for."""
    with pytest.raises(NotQuiescable, match="server 'db'"):
        address(SERVER, uri=uri)


@pytest.mark.parametrize(
    "settings", [{"url": "x"}, {"hosts": [{"host": "a"}]}, {"hosts": 3}]
)
def test_wrong_settings_are_told(address, settings):
    """With what is wrong about them."""
    with pytest.raises(NotQuiescable, match="'libvirt' is wrong"):
        address(SERVER, **settings)


def test_settings_of_another_kind_are_told(cloud):
    """A string is not a section."""
    cloud.settings["libvirt"] = "qemu:///system"

    with pytest.raises(NotQuiescable, match="'libvirt' is wrong"):
        LibvirtQuiesce(cloud).locate(SERVER)


@pytest.mark.parametrize(
    "settings",
    [
        {"uri": "qemu+tcp://root:hush@{host}/system"},
        {"hosts": [{"host": "other", "uri": "esx://root:hush@other/"}]},
    ],
    ids=["template", "table"],
)
def test_a_password_in_a_uri_is_refused_and_not_repeated(address, settings):
    """Libvirt would not use it, and every journal would keep it."""
    with pytest.raises(NotQuiescable, match="takes none from a URI") as refusal:
        address(SERVER, **settings)

    assert "hush" not in str(refusal.value)


def test_a_user_and_a_port_are_no_password(address):
    """Nor is an address of version 6."""
    for uri in ("qemu+ssh://root@h:22/system", "qemu+ssh://root@[::1]:22/system"):
        assert address(SERVER, uri=uri) == uri
