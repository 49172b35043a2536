"""What is wrong with where ports go, and what of them is lost."""

from collections.abc import Iterator

from vnfdr.cloud import Network
from vnfdr.mapping.case import Case, listed
from vnfdr.mapping.names import grouped
from vnfdr.mapping.ports import may_choose, network_for, subnet_with
from vnfdr.model import Blueprint, Nic

CUSTOM = "Neutron lets only administrators and owners of a network"


def problems(case: Case) -> Iterator[str]:
    """Yield a sentence for each thing to mend."""
    for server, nic, network in _placed(case):
        if case.mapping.keep_addresses:
            yield from _outside(case.word(server), nic, network)
    yield from _rights(case, granted=False)


def losses(case: Case) -> Iterator[str]:
    """Yield a sentence for each thing that is lost, or may be."""
    for server in case.manifest.servers:
        word = case.word(server)
        had = [a.address for nic in server.nics for a in nic.addresses]
        if had and not case.mapping.keep_addresses:
            yield f"{word}: it gets new addresses in place of {listed(had)}"
        macs = [nic.mac for nic in server.nics if nic.mac]
        if macs and not case.mapping.keep_macs:
            yield f"{word}: it gets new MAC addresses in place of {listed(macs)}"
        for nic in server.nics:
            yield from (f"{word}: {lost}" for lost in nic.lost)
            if _loses_all_groups(case, nic):
                yield (
                    f"{word}: no security group of its port on {nic.network!r} is"
                    " left: it gets the project's default"
                )
    yield from _rights(case, granted=None)


def _placed(case: Case) -> Iterator[tuple[Blueprint, Nic, Network]]:
    """Yield every port whose network is decided."""
    for server in case.manifest.servers:
        for nic in server.nics:
            network = network_for(case.mapping, case.offer, nic)
            if network is not None:
                yield server, nic, network


def _outside(word: str, nic: Nic, network: Network) -> Iterator[str]:
    for address in nic.addresses:
        if subnet_with(network, address.address) is None:
            there = listed(subnet.cidr for subnet in network.subnets) or "none"
            yield (
                f"networks: address {address.address} of {word} is in no subnet of"
                f" {network.name!r} ({there}); with 'keep_addresses: false' it gets"
                " another one"
            )


def _rights(case: Case, *, granted: bool | None) -> Iterator[str]:
    """Yield what is asked for on each network where the right to it is so."""
    wanted = grouped(
        (network.id, wish)
        for _, nic, network in _placed(case)
        if may_choose(case.offer, network) is granted
        for wish in _wishes(case, nic)
    )
    names = {network.id: network.name for network in case.offer.networks}
    for network_id, wishes in wanted.items():
        what = f"{CUSTOM} choose {listed(wishes)}; {names[network_id]!r} is not ours"
        if granted is None:
            yield f"{what}: it may be refused"
        else:
            yield f"networks: {what}"


def _wishes(case: Case, nic: Nic) -> Iterator[str]:
    if case.mapping.keep_addresses and nic.addresses:
        yield "fixed addresses"
    if case.mapping.keep_macs and nic.mac:
        yield "MAC addresses"
    if nic.allowed_pairs:
        yield "allowed address pairs"
    if not nic.port_security:
        yield "ports without security"


def _loses_all_groups(case: Case, nic: Nic) -> bool:
    mapped = case.mapping.security_groups
    left = [mapped.get(name, "") for name in nic.security_groups]
    return bool(left) and all(word is None for word in left)
