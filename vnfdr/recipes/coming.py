"""What it takes to plan the coming back of a group."""

from collections.abc import Mapping

from attrs import frozen

from vnfdr.manifest import Manifest
from vnfdr.mapping.translation import Translation
from vnfdr.model import Flavor, VolumeBlueprint


@frozen
class Coming:
    """A group that comes back to a site, as it was found there.

    Args:
        run: the run that brings it back.
        manifest: what comes back.
        translation: what to ask of the site.
        flavors: the site's flavors, by id.
        project_id: the project there.
        restores_at_once: how many backups are restored at the same time.
        restore_seconds: how long restoring one of them may take.
        known: the backups that the site knows already.
        prefix: what the names of all that is made begin with.
        isolated: whether it comes back to networks of its own.
        losses: in words, what does not come back.
    """

    run: str
    manifest: Manifest
    translation: Translation
    flavors: Mapping[str, Flavor]
    project_id: str
    restores_at_once: int
    restore_seconds: float
    known: frozenset[str] = frozenset()
    prefix: str = ""
    isolated: bool = False
    losses: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The group's name."""
        return self.manifest.group

    def key(self, what: str, of: str) -> str:
        """Return the key of the step that makes something of something."""
        return f"{self.run}:{what}:{of}"

    def server_name(self, server_id: str) -> str:
        """Return what a server is called here."""
        return self.prefix + self.translation.server(server_id).name

    def name_of(self, volume: VolumeBlueprint) -> str:
        """Return what people call a volume."""
        return volume.name or volume.id
