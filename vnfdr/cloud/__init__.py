"""What a step may ask of a site. Protocols with promises; no I/O here.

`vnfdr.openstack` keeps these promises for a real OpenStack. For every method:

* creating takes a *tag*, unique for all time, carried by what is created both as
  its name and as the metadata ``vnfdr-key``, so that a caller who died before
  reading the answer can still find it;
* creating is asked for once: no transport repeats it. When the answer is lost,
  `vnfdr.errors.AnswerLost` says so, and the caller looks;
* looking and deleting may be repeated, and are, while the API is briefly unwell;
* deleting what is already gone succeeds, and returns when it is gone;
* what OpenStack refuses comes out as a `vnfdr.errors.CloudError`;
* every wait has a bound;
* ``marked`` returns all of the project that carries a mark of ours, whole or in part.

The whole mark (``vnfdr.cloud.marks``) is set by the one request that creates.
"""

from vnfdr.cloud.catalogue import Catalogue, Network, Offer, Subnet
from vnfdr.cloud.marks import GROUP, KEY, KEY_SIGN, POINT, VERDICT, mark_of
from vnfdr.cloud.networks import FixedAddress, Networks, PortRequest, Ports
from vnfdr.cloud.servers import ActionResult, BootVolume, ServerRequest, Servers
from vnfdr.cloud.site import Headroom, Site, Token
from vnfdr.cloud.volumes import (
    BackupRequest,
    Backups,
    Snapshots,
    VolumeRequest,
    Volumes,
)

__all__ = [
    "GROUP",
    "KEY",
    "KEY_SIGN",
    "POINT",
    "VERDICT",
    "ActionResult",
    "BackupRequest",
    "Backups",
    "BootVolume",
    "Catalogue",
    "FixedAddress",
    "Headroom",
    "Network",
    "Networks",
    "Offer",
    "PortRequest",
    "Ports",
    "ServerRequest",
    "Servers",
    "Site",
    "Snapshots",
    "Subnet",
    "Token",
    "VolumeRequest",
    "Volumes",
    "mark_of",
]
