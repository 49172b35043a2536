"""The steps vnfdr ships. One module for each kind of thing a step touches."""

from vnfdr.steps.backup import BackUpVolume
from vnfdr.steps.freeze import FreezeGuest
from vnfdr.steps.gate import Gate
from vnfdr.steps.prune import DeleteManifest, DeleteSaved, SameBackups, SeeKept
from vnfdr.steps.publish import DiskToTell, ExportRight, PublishManifest
from vnfdr.steps.requirements import BackupService, Quota, TokenLife
from vnfdr.steps.snapshot import SnapshotStates, SnapshotVolume
from vnfdr.steps.stamp import StampSnapshot
from vnfdr.steps.tidy import DeleteSnapshot, DeleteVolume
from vnfdr.steps.volume import CreateVolume

__all__ = [
    "BackUpVolume",
    "BackupService",
    "CreateVolume",
    "DeleteManifest",
    "DeleteSaved",
    "DeleteSnapshot",
    "DeleteVolume",
    "DiskToTell",
    "ExportRight",
    "FreezeGuest",
    "Gate",
    "PublishManifest",
    "Quota",
    "SameBackups",
    "SeeKept",
    "SnapshotStates",
    "SnapshotVolume",
    "StampSnapshot",
    "TokenLife",
]
