import threading
import time

import yaml
from attrs import evolve

from vnfdr.sandbox import Latency, two_sites


def test_two_sites_share_nothing_but_backups(sites):
    """A server of one site is not known at the other."""
    sites.a.add_server("db")

    assert sites.b.servers == {}
    assert sites.a.backup_store is sites.b.backup_store
    assert sites.a.project_id != sites.b.project_id


def test_clouds_yaml_says_how_guests_are_reached(sites):
    """The file has all that vnfdr needs, and is an ordinary one."""
    clouds = yaml.safe_load(sites.clouds_yaml.read_text())["clouds"]

    assert set(clouds) == {"site-a", "site-a-member", "site-b", "site-b-member"}
    control = clouds["site-a"]["vnfdr"]["sandbox"]["control"]
    assert control == f"{sites.a.url}/control"


def test_nothing_remains():
    """When the block ends its files are gone, and its ports are free."""
    with two_sites() as sites:
        sites.a.add_server("db")
        directory = sites.directory

    assert not directory.exists()


def test_two_sandboxes_at_once(sites):
    """They have ports and directories of their own."""
    with two_sites() as others:
        assert others.a.url != sites.a.url
        assert others.directory != sites.directory


def test_the_same_seed_makes_the_same_ids():
    """What is random comes from the seed."""

    def first_id(seed):
        with two_sites(seed=seed) as sites:
            return sites.a.add_server("db").id

    assert first_id(1) == first_id(1) != first_id(2)


def test_a_big_site_is_there_at_once():
    """Two hundred servers take no time to speak of."""
    began = time.monotonic()
    with two_sites() as sites:
        for number in range(200):
            sites.a.add_server(f"s{number}")
        took = time.monotonic() - began

    assert took < 5.0


def test_an_idle_sandbox_uses_no_cpu(sites, connection):
    """A sandbox that nobody talks to, with open connections, sleeps."""
    list(connection.compute.servers())
    began = time.process_time()

    threading.Event().wait(0.5)

    assert time.process_time() - began < 0.02


def test_a_latency_is_kept(sites, connection):
    """Reads and writes take as long as they are told."""
    sites.a.latency = evolve(Latency(), get=0.1)
    list(connection.compute.servers())
    began = time.monotonic()

    list(connection.compute.servers())

    assert time.monotonic() - began >= 0.1
