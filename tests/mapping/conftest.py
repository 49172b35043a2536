"""A group of three servers, and a mapping to a site that has all it needs."""

import attrs
import pytest

from tests.manifests import manifest, offer, server
from vnfdr.mapping.judging import validate
from vnfdr.mapping.matching import suggest_mapping


@pytest.fixture
def group():
    """A database, and two servers that are frozen together."""
    return manifest(server("db"), [server("app-1"), server("app-2")])


@pytest.fixture
def mapping(group):
    """A mapping of that to a site which is like the one where it was."""
    return suggest_mapping(group, offer(), "site-b")


@pytest.fixture
def problems(group, mapping):
    """What is to mend once some of the mapping is something else."""

    def problems(of=group, there=None, **changed):
        other = attrs.evolve(mapping, **changed)
        return list(validate(other, of, there or offer()).problems)

    return problems


@pytest.fixture
def losses(mapping):
    """What a group loses with a mapping that is suggested, and then changed."""

    def losses(group, there=None, **changed):
        found = suggest_mapping(group, there or offer(), "site-b")
        other = attrs.evolve(found, **changed)
        return list(validate(other, group, there or offer()).losses)

    return losses
