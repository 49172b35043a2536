"""Mappings, for scripts: suggested, read, written and judged at a site."""

from os import PathLike

from vnfdr.cloud import Site
from vnfdr.manifest import Manifest
from vnfdr.mapping import Judgement, SiteMapping


def suggest_mapping(manifest: Manifest, site: Site) -> SiteMapping:
    """Say what of a site is likest to what the servers of a manifest had.

    By name first, then by likeness. What is like nothing is left empty, and
    `validate_mapping` says so; a person looks at all of it. Nothing is touched.

    Args:
        manifest: the recovery point that is to come to the site.
        site: where it is to come to.

    Raises:
        CloudError: the site does not answer.
    """
    # Who thaws needs neither, and is in a hurry.
    from vnfdr.mapping.matching import suggest_mapping as suggest  # noqa: PLC0415

    return suggest(manifest, site.catalogue.offer(), site.name)


def validate_mapping(mapping: SiteMapping, manifest: Manifest, site: Site) -> Judgement:
    """Say everything that is wrong with a mapping, and everything that it loses.

    The site is asked what it has, and nothing is touched.

    Args:
        mapping: how names translate.
        manifest: the recovery point that is to come to the site.
        site: where it is to come to.

    Returns:
        What has to be mended before a group can be recovered; and what is lost all
        the same, or may be.

    Raises:
        CloudError: the site does not answer.
    """
    from vnfdr.mapping.judging import validate  # noqa: PLC0415 - as above

    return validate(mapping, manifest, site.catalogue.offer(), site_name=site.name)


def load_mapping(path: str | PathLike[str]) -> SiteMapping:
    """Read a mapping from a YAML or JSON file.

    Paths of user data in it start from where the file is.

    Raises:
        MappingError: the file is no mapping; every mistake, with its place.
    """
    # Nothing else needs a parser for YAML.
    from vnfdr.mappingfile import load_mapping as read  # noqa: PLC0415

    return read(path)


def dump_mapping(mapping: SiteMapping) -> str:
    """Write a mapping as YAML to be edited, with comments, that reads back equal."""
    from vnfdr.mappingfile import dump_mapping as write  # noqa: PLC0415 - as above

    return write(mapping)
