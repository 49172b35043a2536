"""Quiesce guests through Nova, where a cloud has the actions of the nova-spec.

The spec, *Expose quiesce/unquiesce API*, was approved for Mitaka and never merged:
stock Nova answers that there is no such action.
"""

from collections.abc import Iterator

from attrs import frozen

from vnfdr.backends.actions import ActionQuiesce, Pair
from vnfdr.backends.settings import settings
from vnfdr.cloud import Site
from vnfdr.errors import (
    CloudError,
    Forbidden,
    Gone,
    QuiesceError,
    Unsupported,
)
from vnfdr.model import Guest, Level, Server

NO_SERVER = "00000000-0000-0000-0000-000000000000"


@frozen
class _Settings:
    quiesce: str = "quiesce"
    unquiesce: str = "unquiesce"
    quiesced: tuple[str, ...] = ("quiesced",)
    active: tuple[str, ...] = ("active",)
    error: tuple[str, ...] = ("error",)


@frozen
class NovaQuiesce(ActionQuiesce):
    """Holds guests with the server actions ``quiesce`` and ``unquiesce``.

    ``site.settings["nova"]`` names them where a cloud names them differently, and
    the states that they lead to: ``{"quiesce": action, "unquiesce": action,
    "quiesced": [states], "active": [states], "error": [states]}``.

    Nova's word is the only proof there is. An administrator who resets the state of
    a quiesced server makes Nova call it active, and does not thaw it.
    """

    level = Level.FILESYSTEM

    @property
    def pair(self) -> Pair:
        settings = _settings(self.site)
        return Pair(
            settings.quiesce,
            settings.unquiesce,
            held=_lower(settings.quiesced),
            free=_lower(settings.active),
            broken=_lower(settings.error),
        )

    def locate(self, server: Server) -> Guest:
        """Locate the guest.

        Raises:
            NotQuiescable: the site's settings for this backend are wrong.
        """
        _settings(self.site)
        return super().locate(server)

    def check(self, guest: Guest) -> Iterator[str]:
        """Ask about a server that cannot exist: who knows the action misses it."""
        try:
            self._servers(guest).act(NO_SERVER, self.pair.let_go)
        except Gone:
            yield from super().check(guest)
        except Unsupported:
            yield (
                f"guest {guest} cannot be quiesced: this cloud does not offer the"
                f" quiesce API (no server action {self.pair.let_go!r})"
            )
        except Forbidden as error:
            yield (
                f"guest {guest} cannot be quiesced: these credentials may not use the"
                f" server action {self.pair.let_go!r}: {error}"
            )
        except CloudError as error:
            yield f"guest {guest}: whether the cloud can quiesce it is unknown: {error}"
        except QuiesceError as error:
            yield str(error)


def _settings(site: Site | None) -> _Settings:
    return settings(site, "nova", _Settings)


def _lower(states: tuple[str, ...]) -> frozenset[str]:
    return frozenset(state.lower() for state in states)
