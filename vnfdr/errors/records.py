"""The durable records: journals, and manifests off-site."""

from vnfdr.errors.root import VnfdrError


class ManifestError(VnfdrError):
    """A place for manifests cannot be used; its message names the place."""


class ManifestDamaged(ManifestError):
    """A manifest that cannot be trusted, or that a newer vnfdr wrote."""


class JournalError(VnfdrError):
    """The durable record of runs cannot be used."""


class JournalUnwritable(JournalError):
    """There is no writing there; nothing was touched."""


class JournalDamaged(JournalError):
    """The record of a run cannot be trusted; nothing was undone blindly."""


class JournalBusy(JournalError):
    """Another process is carrying this run out."""
