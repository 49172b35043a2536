"""Guests that could not be held still, and servers that do not answer."""

from vnfdr.errors.root import VnfdrError


class QuiesceError(VnfdrError):
    """A guest could not be held still, or could not be let go."""


class NotQuiescable(QuiesceError):
    """This backend can never freeze this guest as things are set up."""


class FreezeFailed(QuiesceError):
    """The guest did not freeze."""


class FreezeUnclear(QuiesceError):
    """The guest may have frozen, or may do so yet."""


class AlreadyFrozen(QuiesceError):
    """Somebody else holds the guest frozen."""


class ThawFailed(QuiesceError):
    """The guest may still be frozen."""


class ThawedItself(QuiesceError):
    """The guest is thawed, and says that it could not hold until it was told to."""


class ProbeFailed(VnfdrError):
    """A server that was recovered did not answer as it should, in time."""
