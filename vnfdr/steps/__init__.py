"""The steps vnfdr ships. One module for each kind of thing a step touches."""

from vnfdr.steps.backup import BackUpVolume
from vnfdr.steps.blank import CreateBlankVolume
from vnfdr.steps.duplicate import CopyVolume
from vnfdr.steps.freeze import FreezeGuest
from vnfdr.steps.gate import Gate
from vnfdr.steps.network import CreateNetwork, CreateSubnet
from vnfdr.steps.port import CreatePort
from vnfdr.steps.probe import ProbeServer
from vnfdr.steps.prune import DeleteManifest, DeleteSaved, SameBackups, SeeKept
from vnfdr.steps.publish import DiskToTell, ExportRight, PublishManifest
from vnfdr.steps.record import ImportRecord
from vnfdr.steps.repair import RepairVolume
from vnfdr.steps.requirements import BackupService, Quota, TokenLife
from vnfdr.steps.restore import RestoreBackup
from vnfdr.steps.room import NamesFree, NetworkRoom, Room, StillOffered
from vnfdr.steps.server import BootServer, BootVolumeOf
from vnfdr.steps.snapshot import SnapshotStates, SnapshotVolume
from vnfdr.steps.stamp import StampSnapshot
from vnfdr.steps.tidy import DeleteSnapshot, DeleteVolume
from vnfdr.steps.volume import CreateVolume

__all__ = [
    "BackUpVolume",
    "BackupService",
    "BootServer",
    "BootVolumeOf",
    "CopyVolume",
    "CreateBlankVolume",
    "CreateNetwork",
    "CreatePort",
    "CreateSubnet",
    "CreateVolume",
    "DeleteManifest",
    "DeleteSaved",
    "DeleteSnapshot",
    "DeleteVolume",
    "DiskToTell",
    "ExportRight",
    "FreezeGuest",
    "Gate",
    "ImportRecord",
    "NamesFree",
    "NetworkRoom",
    "ProbeServer",
    "PublishManifest",
    "Quota",
    "RepairVolume",
    "RestoreBackup",
    "Room",
    "SameBackups",
    "SeeKept",
    "SnapshotStates",
    "SnapshotVolume",
    "StampSnapshot",
    "StillOffered",
    "TokenLife",
]
