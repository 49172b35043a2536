"""From a protected group to what is asked of another site, on two whole sites."""

import pytest
from attrs import evolve

import vnfdr
from vnfdr.mapping.translating import translate


@pytest.fixture
def manifest(site, a, tmp_path):
    """What is kept off-site of two servers, after one run."""
    for name in ("db", "app"):
        a.add_server(name)
    members = [vnfdr.Member(name, "sandbox") for name in ("db", "app")]
    group = evolve(
        vnfdr.Group.of("ims", members), manifests=(str(tmp_path / "points"),)
    )
    outcome = vnfdr.run(vnfdr.protect(site, group), site, journal=tmp_path / "runs")
    return vnfdr.load_point(tmp_path / "points", outcome.run)


@pytest.fixture
def site_b(sites):
    """The site that the group is to come to."""
    site = vnfdr.connect("site-b")
    yield site
    site.connection.close()


def test_what_is_suggested_between_two_like_sites_needs_no_mending(manifest, site_b):
    """A manifest holds all that a mapping asks, in the words that a site offers."""
    mapping = vnfdr.suggest_mapping(manifest, site_b)

    judgement = vnfdr.validate_mapping(mapping, manifest, site_b)

    assert judgement == vnfdr.mapping.Judgement()
    assert (mapping.keep_addresses, mapping.keep_macs) == (True, True)
    assert [tier.servers for tier in mapping.tiers] == [("db",), ("app",)]


def test_a_translation_names_what_the_other_site_has(manifest, site_b, b):
    """Every id in it is one of that site's."""
    mapping = vnfdr.suggest_mapping(manifest, site_b)

    found = translate(mapping, manifest, site_b.catalogue.offer())

    ports = [port for server in found.servers for port in server.ports]
    assert {server.flavor_id for server in found.servers} <= b.flavors.keys()
    assert {port.network_id for port in ports} == {b.networks.default.id}
    groups = {group for port in ports for group in port.security_group_ids}
    assert groups == {b.networks.default_group.id}
    assert {volume.type for volume in found.volumes} == {"sandbox"}


def test_a_mapping_of_another_site_is_refused(manifest, site_b, site):
    """A file that was made for one site is not taken for another's."""
    mapping = vnfdr.suggest_mapping(manifest, site_b)

    problems = vnfdr.validate_mapping(mapping, manifest, site).problems

    assert problems == ("site: it leads to 'site-b', and this is 'site-a'",)
