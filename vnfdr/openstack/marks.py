"""The mark of vnfdr, read from what OpenStack shows of something."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from vnfdr.cloud import GROUP, KEY, POINT, VERDICT
from vnfdr.model import Marked
from vnfdr.openstack.api import Json

OUR_NAME = re.compile(r".+:(snapshot|volume|backup):[0-9a-f-]{36}\s*")
"""What is called so has its name from a step, whoever gave it the name."""

RESTORED_FROM = "src_backup_id"
"""The metadata by which Cinder says that a backup was restored into a volume."""


def bears_a_mark(seen: Json) -> bool:
    """Tell whether something's metadata has any part of a mark."""
    return not {KEY, POINT}.isdisjoint(seen.get("metadata") or {})


def bears_our_name(seen: Json) -> bool:
    """Tell whether something is called after a step."""
    return OUR_NAME.fullmatch(seen["name"] or "") is not None


def marked(
    noun: str,
    seen: Json,
    **about: Any,  # noqa: ANN401 - what `Marked` takes
) -> Marked:
    """Return what is known of something marked by its metadata."""
    metadata = seen.get("metadata") or {}
    return Marked(
        noun=noun,
        id=seen["id"],
        name=seen["name"] or "",
        key=str(metadata.get(KEY, "")),
        point=str(metadata.get(POINT, "")),
        group=str(metadata.get(GROUP, "")),
        verdict=str(metadata.get(VERDICT, "")),
        status=str(seen["status"]),
        restored=RESTORED_FROM in metadata,
        **about,
    )


def date(text: str) -> datetime:
    """Return a date as a service writes it: in UTC, whether it says so or not."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def counted(things: Iterable[Json], by: str) -> Counter[str]:
    """Count things by what they were made of."""
    return Counter(thing[by] for thing in things if thing.get(by))
