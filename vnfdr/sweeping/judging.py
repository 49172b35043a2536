"""What is to become of each thing that carries a mark. Pure: touches nothing.

Whatever is doubtful is left alone, with the reason. Only a run that has ended, and
ended here, in a journal that can be trusted, makes its things anybody's to delete;
runs that no journal here knows are another controller's until an operator says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from vnfdr.model import Marked
from vnfdr.sweeping.found import Fate, Found
from vnfdr.sweeping.marks import OF_NEUTRON, flaw_of, run_of
from vnfdr.sweeping.owners import Owner, Standing


@frozen
class Evidence:
    """All that is known when a site is judged.

    Args:
        site: what clouds.yaml calls the site.
        project_id: the project whose things they are.
        now: the date.
        things: everything that carries a mark.
        owners: the run that each may be of, by name.
        absent: the volumes that backups are of, and that the site has not.
        unknown_older_than: how old the newest thing of a run that no journal here
            knows has to be; ``None`` where such runs are not to be swept.
    """

    site: str
    project_id: str
    now: datetime
    things: tuple[Marked, ...]
    owners: Mapping[str, Owner]
    absent: frozenset[str]
    unknown_older_than: timedelta | None


Ruling = tuple[Fate, str]


def judge(evidence: Evidence) -> tuple[Found, ...]:
    """Return what is to become of everything, most urgent first."""
    ruled = {thing.id: _rule(evidence, thing) for thing in evidence.things}
    going = [t for t in evidence.things if ruled[t.id][0] is Fate.TO_SWEEP]
    found = (
        Found(thing, run_of(thing), *_unless_needed(thing, ruled[thing.id], going), age)
        for thing in evidence.things
        for age in (max(evidence.now - thing.created_at, timedelta()),)
    )
    order = list(Fate)
    return tuple(
        sorted(found, key=lambda f: (order.index(f.fate), f.run, f.thing.created_at))
    )


def _rule(evidence: Evidence, thing: Marked) -> Ruling:
    owner = evidence.owners[run_of(thing)]
    if _is_wanted(evidence, thing, owner):
        # What was recovered has the names and metadata of what it stands for.
        return Fate.WANTED, f"it is part of {owner.brought}"
    if flaw := flaw_of(thing, may_be_blank=thing.key in owner.blank):
        return Fate.UNTOUCHED, flaw
    if owner.standing is Standing.UNKNOWN:
        return _rule_of_unknown(evidence, thing)
    return _rule_of_known(evidence, thing, owner)


def _is_wanted(evidence: Evidence, thing: Marked, owner: Owner) -> bool:
    """Tell whether a committed run made this very thing here, and keeps it."""
    is_here = owner.site == evidence.site
    return is_here and owner.has_made(thing.key, thing.id) and thing.key in owner.kept


def _doubts(evidence: Evidence, thing: Marked, owner: Owner) -> Iterator[str]:
    """Yield why a run that is known may not have made this, here."""
    run = f"run {owner.run}"
    if owner.standing is Standing.DAMAGED:
        yield f"{run}: {owner.detail}"
    elif owner.site != evidence.site:
        yield (
            f"{run} was of {owner.site!r}: this may be a record that was imported, and"
            " its data are that site's"
        )
    elif owner.project_id not in {"", evidence.project_id}:
        yield f"{run} was of project {owner.project_id}, and this is of another"
    elif thing.key not in owner.keys:
        yield f"{run} has no step that makes this"
    elif not owner.has_made(thing.key, thing.id):
        yield from _if_imported(evidence, thing)


def _if_imported(evidence: Evidence, thing: Marked) -> Iterator[str]:
    if thing.noun == "backup" and thing.of in evidence.absent:
        yield (
            "the volume it was made of is not here: this may be a record that was"
            " imported, and its data are another site's"
        )


def _rule_of_known(evidence: Evidence, thing: Marked, owner: Owner) -> Ruling:
    for doubt in _doubts(evidence, thing, owner):
        return Fate.UNTOUCHED, doubt
    run = f"run {owner.run}"
    made = owner.has_made(thing.key, thing.id)
    if owner.standing is Standing.UNFINISHED:
        return Fate.TO_RESUME, f"{run} has not ended: resume it"
    if owner.standing is Standing.COMMITTED:
        why = "committed, and does not keep it" if made else "committed without it"
    elif owner.standing is Standing.STRANDED:
        why = f"ended stranded, and its journal names: {owner.detail}"
    else:
        why = "was taken back" if made else "was taken back before this came"
    return Fate.TO_SWEEP, f"{run} {why}"


def _rule_of_unknown(evidence: Evidence, thing: Marked) -> Ruling:
    unknown = f"no journal here knows run {run_of(thing)}"
    for why in _reasons_to_leave(evidence, thing):
        return Fate.UNKNOWN, f"{unknown}: {why}"
    for doubt in _if_imported(evidence, thing):
        return Fate.UNTOUCHED, doubt
    return Fate.TO_SWEEP, f"{unknown}, and nothing of it is young"


def _reasons_to_leave(evidence: Evidence, thing: Marked) -> Iterator[str]:
    """Yield why something of an unknown run is not to be touched."""
    kin = [t for t in evidence.things if run_of(t) == run_of(thing)]
    youngest = min(evidence.now - other.created_at for other in kin)
    if any(other.verdict for other in kin):
        yield "it has a verdict, so it is somebody's recovery point"
    if thing.noun in {"server", *OF_NEUTRON}:
        yield "it may be at work: a group may have been recovered with it"
    if evidence.unknown_older_than is None:
        yield "another controller's may"
    elif youngest < evidence.unknown_older_than:
        yield "it is young, and may be under way"


def _unless_needed(thing: Marked, ruling: Ruling, going: Iterable[Marked]) -> Ruling:
    """Return the ruling, unless what stays needs what is to be deleted."""
    if ruling[0] is Fate.TO_SWEEP:
        for need in _needs(thing, list(going)):
            return Fate.UNTOUCHED, need
    return ruling


def _needs(thing: Marked, going: Sequence[Marked]) -> Iterator[str]:
    """Yield who needs something, beside what goes with it."""
    ids = {other.id for other in going}
    if users := sorted(set(thing.used_by) - ids):
        yield f"server {', '.join(users)} uses it"
    if strangers := sorted(set(thing.takes_along) - ids):
        yield f"volume {', '.join(strangers)} would be deleted together with it"
    if thing.noun == "backup" and thing.dependents and not _goes_after(thing, going):
        yield "increments that stay build on it"


def _goes_after(thing: Marked, going: Iterable[Marked]) -> bool:
    """Tell whether something goes that may be the increment on a backup."""
    return any(
        other.noun == "backup"
        and other.of == thing.of
        and other.id != thing.id
        and other.created_at >= thing.created_at
        for other in going
    )
