"""What a run has saved, once it is committed."""

from vnfdr.model import Volume
from vnfdr.plan import Outcome, Plan
from vnfdr.point import RecoveryPoint, SavedVolume
from vnfdr.steps import SnapshotVolume


def recovery_point(plan: Plan, outcome: Outcome) -> RecoveryPoint | None:
    """Return what a committed run saved; ``None`` when it saved nothing."""
    certificate = outcome.certificate
    if certificate is None or plan.window is None or not outcome.receipts:
        return None
    volumes = [
        cut.volume for cut in plan.window.cuts if isinstance(cut, SnapshotVolume)
    ]
    return RecoveryPoint(
        id=plan.id,
        group=certificate.group,
        site=plan.site,
        certificate=certificate,
        volumes=tuple(_saved(plan, volume, outcome) for volume in volumes),
    )


def _saved(plan: Plan, volume: Volume, outcome: Outcome) -> SavedVolume:
    """Return what is kept of a volume.

    What was to be tidied away is not, though that may have failed: it is a leftover,
    and may be gone all the same.
    """
    steps = {step.key for step in plan.steps}

    def made(what: str) -> str:
        receipt = outcome.receipts.get(f"{plan.id}:{what}:{volume.id}")
        kept = f"{plan.id}:delete-{what}:{volume.id}" not in steps
        return receipt.id if receipt and kept else ""

    return SavedVolume(
        volume.id, volume.name, made("snapshot"), made("volume"), made("backup")
    )
