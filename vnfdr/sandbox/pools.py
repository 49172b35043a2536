"""Which addresses of a subnet Neutron gives out by itself."""

from ipaddress import ip_address, ip_network


def pools_of(cidr: str, gateway: str | None) -> list[dict[str, str]]:
    """Return what Neutron gives out by itself: all addresses but the gateway's."""
    whole = ip_network(cidr)
    kind = type(whole.network_address)
    first, last = int(whole.network_address) + 1, int(whole.broadcast_address) - 1
    found, spans = int(ip_address(gateway)) if gateway else None, [(first, last)]
    if found is not None and first <= found <= last:
        spans = [(first, found - 1), (found + 1, last)]
    return [
        {"start": str(kind(start)), "end": str(kind(end))}
        for start, end in spans
        if start <= end
    ]
