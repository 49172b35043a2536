"""What a site has to offer, asked of Nova, Cinder and Neutron: ten requests at most.

What the credentials may not see is left out: whoever needs it finds it missing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from attrs import field, frozen
from keystoneauth1.identity import BaseIdentityPlugin
from keystoneauth1.session import Session

from vnfdr.cloud import Network, Offer, Subnet
from vnfdr.errors import Forbidden, Gone
from vnfdr.model import Flavor
from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.openstack.neutron import Neutron
from vnfdr.openstack.translation import repeatable

ADMIN = "admin"
"""The role by which Nova, Cinder and Neutron know an administrator."""

LIMITS = (
    ("servers", "maxTotalInstances", "totalInstancesUsed"),
    ("cores", "maxTotalCores", "totalCoresUsed"),
    ("memory in MiB", "maxTotalRAMSize", "totalRAMUsed"),
)
"""What Nova limits, and how it calls the limit, and what of it is used."""


@frozen
class OpenStackCatalogue:
    """What Nova, Cinder and Neutron offer to a project."""

    nova: Api
    cinder: Api
    neutron: Neutron
    session: Session = field(repr=False)

    def offer(self) -> Offer:
        groups = _seen(self.nova, "os-server-groups", "server_groups")
        return Offer(
            flavors={
                str(seen["id"]): _flavor(seen)
                for seen in _seen(self.nova, "flavors/detail", "flavors")
            },
            networks=tuple(self._networks()),
            volume_types=tuple(
                str(seen["name"])
                for seen in _seen(self.cinder, "types", "volume_types")
            ),
            default_volume_type=self._default_type(),
            server_zones=_zones(self.nova),
            volume_zones=_zones(self.cinder),
            keypairs=tuple(
                str(seen["keypair"]["name"])
                for seen in _seen(self.nova, "os-keypairs", "keypairs")
            ),
            security_groups=_by_name(self._security_groups()),
            server_groups=_by_name(groups),
            may_choose_addresses=True if self._is_admin() else None,
        )

    def room_for(self, servers: int, cores: int, ram_mib: int) -> tuple[str, ...]:
        answer = self.nova.get(at("limits"), "read the project's limits in Nova")
        limits = answer["limits"]["absolute"]
        wanted = zip(LIMITS, (servers, cores, ram_mib), strict=True)
        return tuple(
            told
            for (what, limit, used), needed in wanted
            for told in _exceeded(
                f"Nova's quota for {what}", limits[limit], limits[used], needed
            )
        )

    def network_room_for(self, needs: Mapping[str, int]) -> tuple[str, ...]:
        api = self.neutron.found()
        if api is None:
            return ()
        path = at("quotas", self._project_id(), "details")
        try:
            quotas = api.get(path, "read the project's quotas in Neutron")["quota"]
        except (Forbidden, Gone):
            return ()
        known = ((noun, quotas[noun]) for noun in needs if noun in quotas)
        return tuple(
            told
            for noun, seen in known
            for told in _exceeded(
                f"Neutron's quota for {noun}s",
                seen["limit"],
                seen["used"] + seen["reserved"],
                needs[noun],
            )
        )

    def _default_type(self) -> str:
        try:
            answer = self.cinder.get(at("types", "default"), "read the default type")
        except (Forbidden, Gone):
            return ""
        return str(answer["volume_type"]["name"])

    def _networks(self) -> Iterator[Network]:
        """Yield the networks that are the project's, or that it shares.

        An administrator is shown those of all projects, and everybody the external
        ones, on which users have no ports.
        """
        api = self.neutron.found()
        if api is None:
            return
        project_id = self._project_id()
        subnets: dict[str, list[Subnet]] = {}
        for seen in _seen(api, "subnets", "subnets"):
            subnet = Subnet(seen["id"], seen["name"], seen["cidr"])
            subnets.setdefault(seen["network_id"], []).append(subnet)
        for seen in _seen(api, "networks", "networks"):
            is_own = seen["project_id"] == project_id
            if is_own or seen["shared"]:
                there = tuple(subnets.get(seen["id"], ()))
                yield Network(seen["id"], seen["name"], there, is_own=is_own)

    def _security_groups(self) -> Iterator[Json]:
        api = self.neutron.found()
        if api is not None:
            whose = {"project_id": self._project_id()}
            yield from _seen(api, "security-groups", "security_groups", whose)

    def _project_id(self) -> str:
        with repeatable("find out the project's id"):
            return str(self.session.get_project_id())

    def _is_admin(self) -> bool:
        auth = self.session.auth
        if not isinstance(auth, BaseIdentityPlugin):
            return False
        with repeatable("find out one's own roles"):
            return ADMIN in (auth.get_access(self.session).role_names or ())


def _seen(
    api: Api, path: str, key: str, query: Mapping[str, str] | None = None
) -> Iterator[Json]:
    """Yield the entries of a list, all pages of it; none when one may not see it."""
    what = f"list {key.replace('_', ' ')}"
    with suppress(Forbidden):
        yield from pages(lambda page: api.get(f"/{path}", what, page), key, query or {})


def _flavor(seen: Json) -> Flavor:
    return Flavor(
        name=seen["name"],
        vcpus=seen["vcpus"],
        ram_mib=seen["ram"],
        disk_gib=seen["disk"],
        ephemeral_gib=seen["OS-FLV-EXT-DATA:ephemeral"],
        # No swap is an empty text.
        swap_mib=seen["swap"] or 0,
        # Some may not see them.
        extra_specs=seen.get("extra_specs", {}),
    )


def _zones(api: Api) -> tuple[str, ...]:
    seen = _seen(api, "os-availability-zone", "availabilityZoneInfo")
    return tuple(zone["zoneName"] for zone in seen if zone["zoneState"]["available"])


def _by_name(seen: Iterable[Json]) -> Mapping[str, str]:
    """Return ids by names; what shares its name with another goes by its id."""
    ids = [(str(thing["name"]), str(thing["id"])) for thing in seen]
    count = Counter(name for name, _ in ids)
    return {name if count[name] == 1 else own: own for name, own in ids}


def _exceeded(quota: str, limit: int, used: int, needed: int) -> Iterator[str]:
    """Yield a sentence if a quota leaves too little; one below zero has no end."""
    free = limit - used
    if limit >= 0 and free < needed:
        yield (
            f"{quota} leaves {max(free, 0)} free and {needed} are needed; delete some,"
            " or have the quota raised"
        )
