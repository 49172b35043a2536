"""Entries as text, each with a checksum over itself and all before it.

So a change, a gap or a torn end is noticed, and told by its number.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator

import attrs

from vnfdr.errors import JournalDamaged
from vnfdr.plan.journal import Entry, Fact
from vnfdr.plan.step import Receipt


def link(chain: str, entry: Entry) -> tuple[str, str]:
    """Return an entry as text, and the checksum that comes after ``chain``."""
    document = attrs.asdict(entry, value_serializer=_plain)
    body = storable(json.dumps(document, ensure_ascii=False))
    return body, digest(chain + body)


def follow(
    rows: Iterable[tuple[object, object, object]], where: str
) -> Iterator[tuple[Entry, str]]:
    """Yield each entry that can be trusted, with its checksum.

    Args:
        rows: the number, the text and the checksum of each, in order.
        where: what the journal is called.

    Raises:
        JournalDamaged: an entry was changed, or is missing.
    """
    chain = ""
    for expected, (number, body, found) in enumerate(rows, start=1):
        chain = digest(f"{chain}{body}")
        if number != expected or found != chain or not isinstance(body, str):
            raise JournalDamaged(
                f"{where}: entry {expected} was changed or is missing;"
                " nothing was undone: look at what carries this run's name"
            )
        yield _entry_of(body, where), chain


def digest(text: str) -> str:
    """Return a checksum."""
    return hashlib.sha256(text.encode()).hexdigest()


def storable(text: str) -> str:
    """Return JSON that means the same and can be stored, whatever is in it."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\u0000")


def _plain(_: object, __: object, value: object) -> object:
    return value.value if isinstance(value, Fact) else value


def _entry_of(body: str, where: str) -> Entry:
    try:
        document = json.loads(body)
        receipt = document["receipt"]
        return Entry(
            part=document["part"],
            fact=Fact(document["fact"]),
            receipt=Receipt(**receipt) if receipt else None,
            note=document["note"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise JournalDamaged(f"{where}: {body!r} is no entry of a journal") from error
