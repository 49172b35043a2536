"""Whether something is of our making: what its mark proves, and what it does not.

Metadata alone is no proof. People copy it; Cinder gives the metadata and, often, the
name of a backup's volume to what the backup is restored into; and a backup's record
carries both to another site, where deleting it deletes the first one's data.
"""

import re

from vnfdr.model import Marked

OF_NEUTRON = frozenset({"port", "network"})
"""What carries nothing but its key."""

NAMED_BY_KEY = frozenset({"snapshot", "volume", "backup"})
RUN_OF_NAME = re.compile(r"(.+):[a-z]+:[^:]+")


def run_of(thing: Marked) -> str:
    """Return the run that something is marked as made by."""
    if thing.point:
        return thing.point
    found = RUN_OF_NAME.fullmatch(thing.key or thing.name.strip())
    return found[1] if found else ""


def flaw_of(thing: Marked, *, may_be_blank: bool = False) -> str:
    """Return why a mark is not one that vnfdr sets; empty when it is.

    A volume that ``may_be_blank`` is one that a step made of nothing.
    """
    of = thing.key.removeprefix(f"{thing.point}:{thing.noun}:")
    if not (thing.key and thing.point) or of in {"", thing.key}:
        return "its mark is not whole, or is that of something else"
    if thing.noun not in OF_NEUTRON and not thing.group:
        return "its mark names no group"
    if thing.noun in NAMED_BY_KEY and thing.name.strip() != thing.key.strip():
        return "its name is not its key: somebody renamed it, or copied the mark"
    return _flaw_of_origin(thing, of, may_be_blank=may_be_blank)


def _flaw_of_origin(thing: Marked, of: str, *, may_be_blank: bool) -> str:
    if thing.noun == "snapshot" and thing.of != of:
        return "it is of another volume than its key says"
    if thing.noun == "volume" and thing.restored:
        return "a backup was restored into it, and brought the mark along"
    if thing.noun == "volume" and not (thing.of or may_be_blank):
        return "it was not made from a snapshot, as its key says"
    return ""
