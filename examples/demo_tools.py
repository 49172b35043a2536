"""What the demonstration does by hand through OpenStack's API, and how it speaks."""

import re
from collections.abc import Iterable
from typing import Any

import openstack
from attrs import evolve
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

import vnfdr
from vnfdr.plan import Event, Listener
from vnfdr.sandbox import Sites
from vnfdr.sandbox.consistency import Verdict
from vnfdr.sandbox.records import Readable

SCREEN = Console(highlight=False, markup=False)
LOOK_SECONDS = 0.1
WAIT_SECONDS_MAX = 60
AN_ID = re.compile(r"([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def part(title: str, *sentences: str) -> None:
    """Begin a part of the story."""
    SCREEN.print()
    SCREEN.print(title, style="bold")
    SCREEN.print("-" * len(title), *sentences, "", sep="\n")


def listed(sentences: Iterable[str]) -> None:
    """Print sentences, each below the other."""
    for sentence in sentences:
        SCREEN.print(Padding(f"- {sentence}", (0, 0, 0, 2)))


def claim(sentence: str, holds: bool) -> None:  # noqa: FBT001 - it reads as one sentence
    """Say something that is so, or end the demonstration."""
    if not holds:
        raise SystemExit(f"NOT TRUE: {sentence}")
    SCREEN.print(f"  [true] {sentence}")


def short(value: object) -> str:
    """Print a value with ids left out where a name is there, else cut."""
    named = re.sub(rf" \({AN_ID.pattern}\)", "", str(value))
    return AN_ID.sub(r"\1", named)


def in_short(listener: Listener) -> Listener:
    """Let a listener hear of everything without long ids."""

    def listen(event: Event) -> None:
        listener(evolve(event, text=short(event.text)))

    return listen


def point_of(outcome: vnfdr.Outcome) -> vnfdr.RecoveryPoint:
    """Return the recovery point of a run that committed; there must be one."""
    outcome.raise_for_failure()
    assert outcome.recovery_point is not None, "a protection that commits saves"
    return outcome.recovery_point


def snapshots_judged(sites: Sites, cinder: Any) -> Verdict:  # noqa: ANN401 - the SDK's own
    """Snapshot all volumes, one request after another; judge what was taken."""
    made = [
        cinder.create_snapshot(volume_id=volume.id, is_forced=True)
        for volume in cinder.volumes()
    ]
    for snapshot in made:
        wait_for(cinder, snapshot)
    taken = [sites.a.snapshots[snapshot.id] for snapshot in made]
    verdict = sites.a.judge(
        {each.volume_id: each.image for each in taken if each.image}
    )
    for snapshot in made:
        cinder.delete_snapshot(snapshot)
    for snapshot in made:
        cinder.wait_for_delete(snapshot, interval=LOOK_SECONDS)
    return verdict


def restored_at_b(sites: Sites, outcome: vnfdr.Outcome) -> dict[str, Readable]:
    """Restore a point's backups at site B; return the disks, by what they are of."""
    saved = point_of(outcome).volumes
    with openstack.connect("site-a") as a, openstack.connect("site-b") as b:
        here: Any = a.block_storage
        there: Any = b.block_storage
        known = {backup.id for backup in there.backups()}
        # The oldest first: an increment is nothing without its parent.
        for backup in sorted(here.backups(), key=lambda each: each.created_at):
            if backup.id not in known:
                record = here.export_record(backup).json()
                there.post("/backups/import_record", json=record)
        volumes = [there.create_volume(name=each.name, size=1) for each in saved]
        for each, volume in zip(saved, volumes, strict=True):
            wait_for(there, there.get_backup(each.backup_id))
            wait_for(there, volume)
            there.restore_backup(each.backup_id, volume=volume.id)
        for volume in volumes:
            wait_for(there, there.get_volume(volume.id))
    disks = [sites.b.volumes[volume.id].disk for volume in volumes]
    return {v.volume_id: d for v, d in zip(saved, disks, strict=True) if d}


def wait_for(cinder: Any, thing: Any) -> None:  # noqa: ANN401 - the SDK's own
    """Wait until a volume, a snapshot or a backup is available."""
    cinder.wait_for_status(thing, interval=LOOK_SECONDS, wait=WAIT_SECONDS_MAX)


def increments(outcome: vnfdr.Outcome) -> list[bool]:
    """Say of each backup of a point whether Cinder calls it incremental."""
    ids = [volume.backup_id for volume in point_of(outcome).volumes]
    with openstack.connect("site-a") as cloud:
        cinder: Any = cloud.block_storage
        return [cinder.get_backup(each).is_incremental for each in ids]


def held_by(outcome: vnfdr.Outcome) -> int:
    """Return how many guests a run has held, whatever came of it."""
    guests = outcome.certificate.guests if outcome.certificate else ()
    return sum(guest.frozen_at is not None for guest in guests)


def stored_bytes(sites: Sites, outcome: vnfdr.Outcome) -> int:
    """Return how much a point's backups have put into the store."""
    ids = [volume.backup_id for volume in point_of(outcome).volumes]
    return sum(sites.a.backups[backup_id].stored_bytes for backup_id in ids)


def side_by_side(without: Verdict, with_it: Verdict) -> Table:
    """Compare what was taken without freezing with what vnfdr saved."""
    table = Table(box=None, padding=(0, 2))
    for title in ("", "snapshots, not frozen", "backups of vnfdr"):
        table.add_column(title)
    both = (without, with_it)
    table.add_row("contradictions", *(str(len(v.violations)) for v in both))
    table.add_row("disks to recover", *(str(len(v.needs_recovery)) for v in both))
    table.add_row("one moment", *("yes" if v.consistent else "NO" for v in both))
    return table
