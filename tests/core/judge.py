"""What must be true when a run has ended, whatever went wrong."""

from collections.abc import Iterator, Mapping

from tests.core.story import POINT, Story
from vnfdr.cloud import VERDICT
from vnfdr.model import Keep, Strategy
from vnfdr.plan import Entry, Fact, Leftover, Outcome, Past, Verdict, load_value
from vnfdr.plan.ending import ended
from vnfdr.point import Certificate, RecoveryPoint
from vnfdr.recipes import recovery_point
from vnfdr.sandbox.records import Readable

CONSISTENT = "consistent"


def faults_of(story: Story) -> Iterator[str]:
    """Yield a sentence for each promise that was broken."""
    yield from story.core.time.mishaps
    if story.refused is not None:
        yield from _touched(story)
        return
    outcome = story.outcome
    yield from _frozen(story, outcome)
    yield from _unreported(story, outcome)
    yield from _mismatched(story, outcome)
    yield from _falsely_certified(story)
    yield from _falsely_stamped(story)
    yield from _badly_saved(story, outcome)


def _touched(story: Story) -> Iterator[str]:
    """A run that raised has not begun."""
    if Past(tuple(story.entries)).parts(Fact.STARTED):
        yield f"the run raised {story.refused!r} when it had begun"
    for name in story.core.frozen - story.core.others.hold:
        yield f"the run raised {story.refused!r}, and {name} is frozen"
    for made in story.core.made.values():
        yield f"the run raised {story.refused!r}, and {made} is there"


def _frozen(story: Story, outcome: Outcome) -> Iterator[str]:
    named = {
        left.receipt.id
        for left in outcome.leftovers
        if left.receipt.kind == "frozen guest"
    }
    told = "\n".join((str(outcome), outcome.reason, str(outcome.certificate)))
    for name in story.core.frozen:
        if name in story.core.others.hold:
            if name in story.core.others.refused and name not in told:
                yield f"{name} is frozen by somebody else, and not named"
        elif name not in named:
            yield f"{name} is frozen, and not named"
    # What the window saw is known by the journal, or not at all: then all is thawed.
    seen = [e for e in story.entries if e.fact in {Fact.DECLARED, Fact.CLOSED}]
    for name in story.core.others.robbed if len(seen) > 1 else ():
        yield f"{name} was frozen by somebody else, and the run thawed it"


def _unreported(story: Story, outcome: Outcome) -> Iterator[str]:
    """What carries the run's tag was saved, or is named."""
    saved = _saved(story, outcome)
    for made, tag in story.core.made.items():
        if made in saved or any(_names(left, made, tag) for left in outcome.leftovers):
            continue
        yield f"{tag} ({made}) is there after {outcome.verdict.value}, and not named"


def _names(left: Leftover, made: str, tag: str) -> bool:
    text = str(left.receipt)
    _, what, origin = tag.split(":")
    return made in text or tag in text or (what in text and origin in text)


def _saved(story: Story, outcome: Outcome) -> set[str]:
    point = _point(story, outcome)
    volumes = point.volumes if point else ()
    return {
        saved
        for volume in volumes
        for saved in (volume.snapshot_id, volume.copy_id, volume.backup_id)
        if saved
    }


def _point(story: Story, outcome: Outcome) -> RecoveryPoint | None:
    if outcome.verdict is not Verdict.COMMITTED:
        return None
    return recovery_point(story.plan, outcome)


def _mismatched(story: Story, outcome: Outcome) -> Iterator[str]:
    """A verdict says how the world is."""
    if outcome.verdict is Verdict.COMPENSATED and outcome.leftovers:
        yield "it is compensated, and names leftovers"
    if outcome.verdict is Verdict.STRANDED and not outcome.leftovers:
        yield "it is stranded, and names nothing"
    if outcome.verdict is not Verdict.COMMITTED:
        return
    made = story.core.made
    if outcome.certificate is None:
        yield "it is committed, and has no certificate"
        return
    if not outcome.certificate.as_asked:
        yield "it is committed, and not as its policies ask"
    for saved in sorted(_saved(story, outcome) - made.keys()):
        yield f"{saved} was saved, and is not there"
    yield from _missing(story, outcome)


def _missing(story: Story, outcome: Outcome) -> Iterator[str]:
    policy = story.script
    kept = {
        "snapshot_id": policy.keep in {Keep.SNAPSHOTS, Keep.BOTH},
        "copy_id": policy.keep in {Keep.VOLUMES, Keep.BOTH},
        "backup_id": policy.strategy is not Strategy.NONE,
    }
    point = _point(story, outcome)
    left_out = {cut.key for cut in outcome.certificate.cuts if cut.left_out}
    for volume in point.volumes if point else ():
        if f"{POINT}:snapshot:{volume.volume_id}" in left_out:
            continue
        for what, wanted in kept.items():
            if wanted and not getattr(volume, what):
                yield f"{volume.name} has no {what}"


def certificate_in(entries: list[Entry]) -> Certificate | None:
    """Return the certificate that a journal holds."""
    closed = Past(tuple(entries)).last(Fact.CLOSED)
    return load_value(closed.note, Certificate) if closed else None


class Content:
    """The blocks of a snapshot, to be read like a disk."""

    def __init__(self, blocks: Mapping[int, bytes]) -> None:
        self.blocks = blocks

    def read(self, offset: int, length: int) -> bytes:
        size = 32768
        whole = b"".join(
            self.blocks.get(index, bytes(size))
            for index in range(offset // size, (offset + length - 1) // size + 1)
        )
        begin = offset % size
        return whole[begin : begin + length]


def _falsely_certified(story: Story) -> Iterator[str]:
    certificate = certificate_in(story.entries)
    if certificate is None or not certificate.consistent:
        return
    receipts = Past(tuple(story.entries)).receipts
    taken: dict[str, Readable] = {}
    for cut in certificate.cuts:
        contents = story.core.seen.contents.get(receipts[cut.key].id)
        if contents is None:
            yield f"{cut.key} is certified, and was never taken"
            return
        taken[cut.key.rsplit(":", 1)[1]] = Content(contents)
    verdict = story.core.site.judge(taken)
    yield from (f"certified falsely: {why}" for why in verdict.violations)
    for disk in verdict.needs_recovery:
        yield f"certified falsely: {disk} was not frozen"


def _falsely_stamped(story: Story) -> Iterator[str]:
    certificate = certificate_in(story.entries)
    if certificate is not None and certificate.consistent:
        return
    site = story.core.site
    for there in (site.volumes, site.snapshots, site.backups):
        for thing in there.values():
            if thing.metadata.get(VERDICT) == CONSISTENT:
                yield f"{thing.name} is stamped consistent, and no certificate says so"


def _badly_saved(story: Story, outcome: Outcome) -> Iterator[str]:
    """Backups and copies hold what the snapshots held."""
    point = _point(story, outcome)
    site = story.core.site
    for volume in point.volumes if point else ():
        cut = outcome.receipts.get(f"{POINT}:snapshot:{volume.volume_id}")
        if cut is None:
            continue
        expected = story.core.seen.contents[cut.id]
        if volume.copy_id in site.volumes:
            copy = site.volumes[volume.copy_id].disk
            if copy is None or dict(copy.blocks()) != expected:
                yield f"the copy of {volume.name} is not its snapshot"
        if volume.backup_id in site.backups:
            disk = site.disks.create(1)
            site.backup_store.restore(volume.backup_id, disk)
            if dict(disk.blocks()) != expected:
                yield f"the backup of {volume.name} is not its snapshot"
            site.disks.delete(disk)


def end(story: Story) -> Iterator[str]:
    """See a story through to its very end; yield every promise broken on the way."""
    story.settle()
    yield from faults_of(story)
    story.core.mend()
    for _ in range(2):
        before = story.outcome
        calls = len(story.core.faults.calls)
        was_over = _is_over(story.entries)
        story.carry_out()
        story.settle()
        yield from faults_of(story)
        yield from _misremembered(story)
        if was_over and len(story.core.faults.calls) != calls:
            yield "a run that had ended did something when it was run again"
        if was_over and story.outcome.verdict is not before.verdict:
            yield "a run that had ended has another verdict now"
    for name in story.core.frozen - story.core.others.hold:
        yield f"{name} is frozen for ever"


def _misremembered(story: Story) -> Iterator[str]:
    """A journal tells how its run ended, once it can be written again."""
    past = Past(tuple(story.entries))
    told = ended(past, POINT)
    if not past.parts(Fact.STARTED):
        return  # It was refused before it began, and may be run again.
    if told is None:
        yield "the journal does not know that the run ended"
    elif (told.verdict, told.leftovers) != (
        story.outcome.verdict,
        story.outcome.leftovers,
    ):
        yield f"the journal says {told}, and the run said {story.outcome}"


def _is_over(entries: list[Entry]) -> bool:
    """Tell whether a journal says that its run ended, and not stranded.

    One that was revoked since is to be taken back.
    """
    last = Past(tuple(entries)).last(Fact.ENDED, Fact.REVOKED)
    return (
        last is not None and last.fact is Fact.ENDED and '"stranded"' not in last.note
    )
