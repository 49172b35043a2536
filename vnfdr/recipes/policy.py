"""What a group's policy makes of a volume, and what of that it keeps."""

from vnfdr.model import Group, Keep, Strategy, Volume


def is_copied(group: Group, volume: Volume) -> bool:
    """Tell whether a volume is created from the snapshot of this one."""
    strategy = group.backup.strategy_for(volume.type)
    return strategy is Strategy.VOLUME or keeps(group, Keep.VOLUMES)


def is_backed_up(group: Group, volume: Volume) -> bool:
    """Tell whether a volume is backed up at all."""
    return group.backup.strategy_for(volume.type) is not Strategy.NONE


def keeps(group: Group, what: Keep) -> bool:
    """Tell whether local copies of this kind stay once the backups are there."""
    return group.backup.keep in {what, Keep.BOTH}
