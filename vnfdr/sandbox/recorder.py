"""The program that every guest of the sandbox runs: it writes records to its disks."""

from attrs import define, field

from vnfdr.sandbox.disks import Disk
from vnfdr.sandbox.records import (
    CLEAN,
    DIRTY,
    RING_BLOCKS,
    Log,
    Record,
    place_of,
    read_log,
)


@define(eq=False)
class Recorder:
    """Writes records to ``disks`` in their order: the root disk is the last one."""

    signature: str
    disks: tuple[Disk, ...]
    heard: dict[str, int] = field(factory=dict)
    """The highest number heard from each other guest."""
    last: int = 0
    is_clean: bool = True
    """Whether the disks would need no recovery if they were taken now."""

    def mount(self) -> tuple[str, ...]:
        """Go on where the disks end; return the ids of those that needed recovery."""
        logs = [(disk, read_log(disk)) for disk in self.disks]
        for disk, log in logs:
            if not log.is_marked:
                disk.zero_blocks(range(RING_BLOCKS + 1))
            disk.write(0, CLEAN)
        for _, log in logs:
            # What a record quotes is still true after a reboot, or a recovery.
            for other, number in (log.last.heard if log.last else {}).items():
                self.hear(other, number)
        self._complete_the_last(logs)
        return tuple(disk.id for disk, log in logs if log.needs_recovery)

    def adopt(self, disk: Disk) -> None:
        """Write to one disk more; a new one begins with the last record of the others.

        One that was written to before keeps that: what it has not got stays missing.
        """
        root = read_log(self.disks[-1])
        if not read_log(disk).is_marked:
            disk.zero_blocks(range(RING_BLOCKS + 1))
            if root.last:
                disk.write(place_of(root.last.number), bytes(root.last))
        disk.write(0, CLEAN if self.is_clean else DIRTY)
        self.disks = (*self.disks[:-1], disk, *self.disks[-1:])

    def write(self, at_ns: int) -> int:
        """Write the next record everywhere, and return its number."""
        record = Record(self.last + 1, at_ns, self.signature, self.heard)
        place, content = place_of(record.number), bytes(record)
        for disk in self.disks:
            if self.is_clean:
                disk.write(0, DIRTY)
            disk.write(place, content)
        self.is_clean = False
        self.last = record.number
        return self.last

    def flush(self) -> None:
        """Leave the disks so that they need no recovery."""
        if not self.is_clean:
            for disk in self.disks:
                disk.write(0, CLEAN)
        self.is_clean = True

    def hear(self, other: str, number: int) -> None:
        """Quote this number of ``other`` from the next record on."""
        if number > self.heard.get(other, 0):
            self.heard.pop(other, None)
            self.heard[other] = number

    def _complete_the_last(self, logs: list[tuple[Disk, Log]]) -> None:
        """Leave no hole where the end came between two writes of one record.

        A disk that is new to the guest begins with the last record of the others.
        """
        lasts = [log.last for _, log in logs if log.last]
        newest = max(lasts, key=lambda record: record.number, default=None)
        self.last = newest.number if newest else 0
        for disk, log in logs:
            if newest and (log.end == newest.number - 1 or not log.is_marked):
                disk.write(0, DIRTY)
                disk.write(place_of(newest.number), bytes(newest))
                disk.write(0, CLEAN)
