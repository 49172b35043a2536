"""Ports for servers of tests, which nobody else gets by chance."""

import random
import socket

NOT_FOR_CLIENTS = 20_000, 32_768
"""Linux takes the ports of outgoing connections from above."""


def free_port(count: int = 1) -> int:
    """Return a port that is free, as those are that follow it, ``count`` in all."""
    while True:
        # No seed: those of two processes that run tests at once may be the same.
        first = random.SystemRandom().randrange(*NOT_FOR_CLIENTS)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
