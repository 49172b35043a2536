"""Whether disks of several guests are one moment of all of them: proof, not trust.

Pure: bytes in, sentences out. Disks are a consistent cut when they could have been
seen at one moment: no guest's disk quotes a record which its own writer's disk has
not got. What a guest writes, and in which order, is told in `vnfdr.sandbox.records`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations, pairwise

from attrs import frozen

from vnfdr.sandbox.records import Log, Readable, Record, read_log, signature

NANOSECONDS = 10**9


@frozen
class Verdict:
    """What the bytes of a set of disks prove."""

    violations: tuple[str, ...]
    """Sentences, each with the records which show that this is no single moment."""
    needs_recovery: tuple[str, ...]
    """The disks that were taken while they were written to, such as "db-1's disk 2"."""

    @property
    def consistent(self) -> bool:
        """Whether nothing shows that the disks are not one moment."""
        return not self.violations


@frozen
class _Guest:
    """A guest's name, as the caller has it, and what is on its disks."""

    name: str
    logs: tuple[Log, ...]

    def disk(self, place: int) -> str:
        """Name a disk by its place in the order of writing."""
        if place == len(self.logs) - 1:
            return f"{self.name}'s root disk"
        data = self.logs[:-1]
        number = f" {place + 1}" if len(data) > 1 else ""
        return f"{self.name}'s data disk{number}"

    @property
    def newest(self) -> Record | None:
        """The last record on any of its disks."""
        lasts = [log.last for log in self.logs if log.last]
        return max(lasts, key=lambda record: record.number, default=None)


def consistency_of(guests: Mapping[str, Sequence[Readable]]) -> Verdict:
    """Judge the disks of some guests, or images, or restored disks.

    Args:
        guests: for each guest, under any name, its disks in the order in which it
            writes them: data first, root last.
    """
    cut = [
        _Guest(name, tuple(read_log(disk) for disk in disks))
        for name, disks in guests.items()
    ]
    return Verdict(
        (
            *(sentence for guest in cut for sentence in _broken(guest)),
            *_copies(cut),
            *_without_cause(cut),
        ),
        tuple(
            guest.disk(place)
            for guest in cut
            for place, log in enumerate(guest.logs)
            if log.needs_recovery
        ),
    )


def _broken(guest: _Guest) -> Iterator[str]:
    """Say what is wrong with one guest's disks, whatever others have."""
    for place, log in enumerate(guest.logs):
        for at in log.broken_at:
            yield f"{guest.disk(place)} has something at byte {at} that is no record"
        for one, other in pairwise(log.numbers):
            if other != one + 1:
                yield f"{guest.disk(place)} has record {other} right after {one}"
    yield from _several_writers(guest)
    for (place, earlier), (next_place, later) in combinations(enumerate(guest.logs), 2):
        if earlier.end - later.end not in (0, 1):
            yield (
                f"{guest.disk(place)} ends with {_end(earlier)}, but "
                f"{guest.disk(next_place)} with {_end(later)}"
            )


def _several_writers(guest: _Guest) -> Iterator[str]:
    writers = sorted({log.last.guest for log in guest.logs if log.last})
    if len(writers) > 1:
        yield f"{guest.name}'s disks were written by {' and '.join(writers)}"


def _writers(cut: Sequence[_Guest]) -> dict[str, list[_Guest]]:
    """Find whose disks each guest wrote; one that wrote nothing goes by its name."""
    writers: dict[str, list[_Guest]] = defaultdict(list)
    for guest in cut:
        newest = guest.newest
        writers[newest.guest if newest else signature(guest.name)].append(guest)
    return writers


def _copies(cut: Sequence[_Guest]) -> Iterator[str]:
    """Say who has the same guest's disks."""
    for writer, guests in _writers(cut).items():
        if len(guests) > 1:
            names = " and ".join(guest.name for guest in guests)
            yield f"{names} have disks that {writer} wrote"


def _without_cause(cut: Sequence[_Guest]) -> Iterator[str]:
    """Say which records quote what is not there."""
    writers = _writers(cut)
    for guest in cut:
        effect = guest.newest or Record(0, 0, guest.name)
        for writer, number in sorted(effect.heard.items()):
            for other in writers.get(writer, ()):
                root = other.logs[-1]
                if number > root.end:
                    yield (
                        f"{guest.name}'s {_told(effect)} quotes record {number} of "
                        f"{other.name}, whose root disk ends with {_end(root)}"
                    )


def _end(log: Log) -> str:
    return _told(log.last) if log.last else "no record"


def _told(record: Record) -> str:
    at = datetime.fromtimestamp(record.at_ns / NANOSECONDS, UTC)
    return f"record {record.number} of {at:%H:%M:%S.%f}"[:-3]
