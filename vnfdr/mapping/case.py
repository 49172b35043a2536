"""What is judged and translated together: a mapping, a manifest and an offer."""

from collections.abc import Iterable

from attrs import frozen

from vnfdr.cloud import Offer
from vnfdr.manifest import Manifest
from vnfdr.mapping.names import FLAVORS, Kind, particulars, word_for
from vnfdr.mapping.values import NAME, ServerMapping, SiteMapping
from vnfdr.model import Blueprint, Flavor

SHOWN = 5


@frozen
class Case:
    """A mapping, for a manifest, at a site with this offer.

    ``prefix`` is what the names of all that is made there begin with.
    """

    mapping: SiteMapping
    manifest: Manifest
    offer: Offer
    prefix: str = ""

    def own(self, server: Blueprint) -> ServerMapping:
        """Return what the mapping has for one server alone."""
        return particulars(self.mapping, self.manifest, server)

    def word(self, server: Blueprint) -> str:
        """Return what the mapping calls a server."""
        return word_for(self.manifest, server)

    def name(self, server: Blueprint) -> str:
        """Return what a server is called at the site."""
        return self.own(server).name or self.mapping.name.replace(NAME, server.name)

    def flavor_id(self, server: Blueprint) -> str:
        """Return the id of the flavor of a server at the site; empty when unclear."""
        word = self.own(server).flavor or self.mapping.flavors.get(
            server.flavor.name, ""
        )
        ids = FLAVORS.meant(self.offer, word)
        return ids[0] if len(ids) == 1 else ""

    def flavor(self, server: Blueprint) -> Flavor | None:
        """Return the flavor of a server at the site, once that is decided."""
        return self.offer.flavors.get(self.flavor_id(server))

    def keypair(self, server: Blueprint) -> str | None:
        """Return the keypair of a server at the site; ``None`` for none."""
        own = self.own(server).keypair
        mapped = self.mapping.keypairs.get(server.key_name) if server.key_name else None
        return mapped if own == "" else own

    def one(self, kind: Kind, name: str) -> str:
        """Return the id that a name of the manifest leads to; empty for none."""
        word = kind.mapped(self.mapping).get(name) if name else None
        return kind.meant(self.offer, word)[0] if word else ""


def listed(names: Iterable[str]) -> str:
    """Return names for a sentence; of many, the first ones."""
    every = list(names)
    more = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + more
