"""The guests' records, and what they prove about a cut of a whole group.

Pure: bytes and values in, values and sentences out. What a guest writes, and when,
is told at the top of ``guest/recorder.c``.

A cut is a set of disks, taken from every guest of a group. It is consistent if it
could have been seen at one moment: no guest's disk quotes a record which its own
writer's disk has not got.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import field, frozen

RECORD_BYTES = 128
"""The size of every record."""

NANOSECONDS = 10**9


@frozen
class Record:
    """One record of one guest, as it is on one of its volumes."""

    number: int
    at_ns: int
    """When it was composed, just before it was written, on the guest's clock."""
    guest: int
    """Who wrote it: the last octet of its address, 0 while it has none."""
    heard: Mapping[int, int] = field(factory=dict, hash=False)
    """The highest number that the writer had heard from each other guest."""


@frozen
class Gap:
    """A pause between two neighbouring records: the guest could not write."""

    after: Record
    before: Record

    @property
    def seconds(self) -> float:
        """How long it lasted, one pause of the recorder included."""
        return (self.before.at_ns - self.after.at_ns) / NANOSECONDS


Cut = Mapping[int, tuple[Sequence[Record], Sequence[Record]]]
"""Guest id to the records on its data volume and on its root volume."""


def parse(content: bytes) -> list[Record]:
    """Read all records, oldest first; what is not a record is a ``ValueError``.

    A run of zeros, which any file may end with after a crash, is skipped. Torn
    records there are none: a disk's block holds a whole number of them.
    """
    slots = (
        content[start : start + RECORD_BYTES]
        for start in range(0, len(content) - RECORD_BYTES + 1, RECORD_BYTES)
    )
    return [_record(slot) for slot in slots if slot.strip(b"\0")]


def _record(slot: bytes) -> Record:
    try:
        number, at_ns, guest, *heard = slot.decode("ascii").split()
        pairs = (quote.split(":") for quote in heard)
        quoted = {int(other): int(last) for other, last in pairs}
        return Record(int(number), int(at_ns), int(guest), quoted)
    except ValueError as error:
        raise ValueError(f"not a record: {slot!r}") from error


def last_number(records: Sequence[Record]) -> int:
    """Return the number of the last record, 0 if there is none."""
    return records[-1].number if records else 0


def gaps(records: Sequence[Record], least_seconds: float) -> list[Gap]:
    """Find the pauses of at least ``least_seconds``, in order."""
    found = (Gap(one, other) for one, other in pairwise(records))
    return [gap for gap in found if gap.seconds >= least_seconds]


def violations(cut: Cut) -> list[str]:
    """Say everything that shows that ``cut`` is no moment of the whole group."""
    return [
        *(s for guest in cut for s in _broken_guest(guest, *cut[guest])),
        *_effects_without_cause(cut),
    ]


def _broken_guest(
    guest: int, data: Sequence[Record], root: Sequence[Record]
) -> Iterator[str]:
    yield from _holes(guest, "data", data)
    yield from _holes(guest, "root", root)
    for where, records in (("data", data), ("root", root)):
        if records and records[-1].guest not in (guest, 0):
            yield (
                f"guest {guest}'s {where} volume ends with a record of guest "
                f"{records[-1].guest}"
            )
    ahead = last_number(data) - last_number(root)
    if ahead not in (0, 1):
        yield (
            f"guest {guest}'s data volume ends with record {last_number(data)} but "
            f"its root volume with {last_number(root)}"
        )


def _holes(guest: int, where: str, records: Sequence[Record]) -> Iterator[str]:
    for one, other in pairwise(records):
        if other.number != one.number + 1:
            yield (
                f"guest {guest}'s {where} volume has record {other.number} right "
                f"after {one.number}"
            )


def _effects_without_cause(cut: Cut) -> Iterator[str]:
    for guest, volumes in cut.items():
        ends = [records[-1] for records in volumes if records]
        for other in sorted(cut.keys() - {guest}):
            heard = max((end.heard.get(other, 0) for end in ends), default=0)
            there = last_number(cut[other][1])
            if heard > there:
                yield (
                    f"guest {guest} has heard record {heard} of guest {other}, whose "
                    f"root volume ends with {there}"
                )
