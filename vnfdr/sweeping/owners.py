"""Whose something is: what the journals at hand say of the run that made it."""

import enum
from collections.abc import Mapping

from attrs import field, frozen

from vnfdr.errors import JournalError, PlanError, UnknownRun
from vnfdr.journals import Journals
from vnfdr.plan import Past, Plan, Receipt, Verdict
from vnfdr.plan.ending import ended
from vnfdr.plan.outcome import Outcome
from vnfdr.plan.stage import is_provisional
from vnfdr.recipes.retain import PRUNE
from vnfdr.steps import (
    CopyVolume,
    CreateBlankVolume,
    DeleteSaved,
    DeleteSnapshot,
    DeleteVolume,
    TokenLife,
)

NOT_CUT = (CreateBlankVolume, CopyVolume)
"""The steps whose volumes need not be made from a snapshot."""


class Standing(enum.Enum):
    """How a run stands, for who finds something of it."""

    UNKNOWN = "no journal here knows it"
    DAMAGED = "its journal cannot be trusted"
    UNFINISHED = "it has not ended"
    COMMITTED = "it committed"
    COMPENSATED = "it was taken back"
    STRANDED = "it ended stranded"


ENDED = {
    Verdict.COMMITTED: Standing.COMMITTED,
    Verdict.COMPENSATED: Standing.COMPENSATED,
    Verdict.STRANDED: Standing.STRANDED,
}


@frozen
class Owner:
    """A run, as far as what it may have left goes.

    Args:
        run: its name.
        standing: how it stands.
        site: where it worked.
        project_id: in which project, as far as its plan says.
        keys: the keys of all its steps.
        made: what its journal says that they made, by key.
        kept: the keys of the steps whose effect is to stay.
        blank: the keys of the steps that make volumes of nothing, or of others.
        detail: more on how it stands.
        brought: what its things are part of, as a phrase.
    """

    run: str
    standing: Standing
    site: str = ""
    project_id: str = ""
    keys: frozenset[str] = frozenset()
    made: Mapping[str, Receipt] = field(factory=dict)
    kept: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    detail: str = ""
    brought: str = ""

    def has_made(self, key: str, thing_id: str) -> bool:
        """Tell whether the journal says that this step made this very thing."""
        return key in self.made and self.made[key].id == thing_id


def owner_of(
    run: str, journals: Journals, pruned: frozenset[str] = frozenset()
) -> Owner:
    """Return what the journals say of a run; ``pruned`` is what it does not keep."""
    try:
        journal, plan = journals.read(run)
        with journal:
            past = Past.of(journal)
        outcome = ended(past, run)
    except UnknownRun:
        return Owner(run, Standing.UNKNOWN)
    except (JournalError, PlanError, ValueError) as error:
        return Owner(run, Standing.DAMAGED, detail=str(error))
    return Owner(
        run,
        ENDED[outcome.verdict] if outcome else Standing.UNFINISHED,
        plan.site,
        _project_of(plan),
        frozenset(step.key for step in plan.steps),
        past.receipts,
        _kept(plan, outcome, pruned),
        frozenset(step.key for step in plan.steps if isinstance(step, NOT_CUT)),
        "; ".join(map(str, outcome.leftovers)) if outcome else "",
        _brought(plan, waits=is_provisional(past, plan)),
    )


def _brought(plan: Plan, *, waits: bool) -> str:
    """Say what it is that a run made."""
    if waits:
        return f"what run {plan.id} made, which is to be confirmed"
    if plan.window:
        return f"recovery point {plan.id}"
    return f"what run {plan.id} made, which was to stay"


def _project_of(plan: Plan) -> str:
    found = (r.project_id for r in plan.requirements if isinstance(r, TokenLife))
    return next(found, "")


def pruned_by(journals: Journals) -> frozenset[str]:
    """Return the ids of what prunes were to delete, and maybe could not.

    Only of those that committed, and had deleted each manifest that promised it.
    """
    ids: set[str] = set()
    for summary in journals.summaries():
        if not summary.plan.startswith(PRUNE):
            continue
        try:
            journal, plan = journals.read(summary.run)
            with journal:
                outcome = ended(Past.of(journal), summary.run)
        except (UnknownRun, JournalError, PlanError, ValueError):
            # What cannot be read deletes nothing.
            continue
        if outcome is not None and outcome.verdict is Verdict.COMMITTED:
            ids.update(
                step.id
                for step in plan.steps
                if isinstance(step, DeleteSaved)
                and outcome.receipts.keys() >= set(step.sources)
            )
    return frozenset(ids)


def _kept(
    plan: Plan, outcome: Outcome | None, pruned: frozenset[str]
) -> frozenset[str]:
    """Return the keys of what a committed run keeps, and no prune was to delete."""
    if outcome is None or outcome.verdict is not Verdict.COMMITTED:
        return frozenset()
    tidied = {
        step.source_key
        for step in plan.steps
        if isinstance(step, DeleteSnapshot | DeleteVolume)
    }
    made = outcome.receipts.items()
    return frozenset(key for key, made_it in made if made_it.id not in pruned) - tidied
