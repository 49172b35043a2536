"""Probes as values: what is asked of a recovered server. Asking is a step's work.

The first field of each says by its name which kind it is, in a file, too. Where
``servers`` is empty, a probe asks every server of its tier, and else only those.
"""

from attrs import frozen

ADDRESS = "{address}"
"""What stands in a URL for the server's first address."""


@frozen
class AgentProbe:
    """Whether a guest's agent answers, by the quiesce backend of this name."""

    agent: str
    servers: tuple[str, ...] = ()


@frozen
class TcpProbe:
    """Whether something accepts connections at a port.

    Args:
        tcp: the port.
        address: where; empty for the server's first address.
        servers: which servers of the tier are asked.
    """

    tcp: int
    address: str = ""
    servers: tuple[str, ...] = ()


@frozen
class HttpProbe:
    """Whether a URL is answered as it should be.

    Args:
        http: the URL; ``{address}`` in it stands for the server's first address.
        status: the status that the answer must have.
        servers: which servers of the tier are asked.
    """

    http: str
    status: int = 200
    servers: tuple[str, ...] = ()


@frozen
class CallProbe:
    """Whether a function of the user's own is content.

    Args:
        call: the function, as ``package.module:function``. It gets the recovered
            server and its addresses, and returns something true when all is well.
        servers: which servers of the tier it is called for.
    """

    call: str
    servers: tuple[str, ...] = ()


Probe = AgentProbe | TcpProbe | HttpProbe | CallProbe
