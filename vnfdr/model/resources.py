"""What Nova and Cinder said of their servers, volumes, snapshots and backups."""

from attrs import frozen


@frozen
class Attachment:
    """A volume at a server, as Nova tells it."""

    volume_id: str
    device: str = ""


@frozen
class Server:
    """A Nova server, as far as protecting it goes.

    ``host`` and ``hypervisor`` are what Nova shows to administrators and are empty
    otherwise. ``local_disks`` says in words which of its disks are not volumes.
    ``incarnation`` changes when it is rebuilt, migrated or its power cycled.
    ``vm_state`` tells what ``status`` may have no word for, such as ``quiesced``.
    ``os`` is what its metadata says that it runs, in Glance's words, or empty.
    ``addresses`` are those of its ports, the floating ones left out.
    """

    id: str
    name: str
    project_id: str = ""
    status: str = "ACTIVE"
    task_state: str = ""
    host: str = ""
    hypervisor: str = ""
    attachments: tuple[Attachment, ...] = ()
    local_disks: tuple[str, ...] = ()
    incarnation: str = ""
    vm_state: str = ""
    os: str = ""
    addresses: tuple[str, ...] = ()


@frozen
class Volume:
    """A Cinder volume.

    ``os`` is what the image that it was made from says that it holds, or empty.
    """

    id: str
    name: str = ""
    size_gib: int = 1
    status: str = "in-use"
    type: str = ""
    project_id: str = ""
    bootable: bool = False
    multiattach: bool = False
    encrypted: bool = False
    server_ids: tuple[str, ...] = ()
    os: str = ""

    def __str__(self) -> str:
        return f"{self.name or 'unnamed'} ({self.id})"


@frozen
class Snapshot:
    """A Cinder snapshot; ``tag`` is the key it carries, or empty."""

    id: str
    volume_id: str
    status: str
    tag: str = ""


@frozen
class Backup:
    """A Cinder backup; ``tag`` is the key it carries, or empty."""

    id: str
    volume_id: str
    status: str
    incremental: bool = False
    data_timestamp: str = ""
    size_gib: int = 0
    fail_reason: str = ""
    tag: str = ""


@frozen
class BackupRecord:
    """What another site needs to know of a backup, and can get from no store.

    Args:
        id: the backup's id, which it keeps at every site.
        volume_id: the volume that it is of.
        parent_id: the backup that it is an increment on; empty for a full one.
        size_gib: the size of the volume.
        data_timestamp: when its data was the volume's, as Cinder says it.
        service: the driver that it takes to read it, as Cinder exported it.
        url: the record itself, as Cinder exported it: base64, and opaque.
    """

    id: str
    volume_id: str
    parent_id: str
    size_gib: int
    data_timestamp: str
    service: str
    url: str


@frozen
class Guest:
    """What a quiesce backend needs to know to reach one guest.

    ``address`` is the backend's own: a libvirt URI, for instance. ``timer`` says how
    whatever is told that will thaw the guest when everybody is lost, if anything is;
    it is the backend's own, too. Both are plain data, so that a process that has
    nothing but the journal can thaw, and call the timer off.
    """

    server_id: str
    name: str
    address: str = ""
    timer: str = ""

    def __str__(self) -> str:
        return self.name
