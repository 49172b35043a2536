"""What a server has on its compute host, and nowhere else."""

from collections.abc import Iterator, Mapping
from typing import Final

_LOST: Final = (
    ("hw_tpm_", "", "the state of its vTPM"),
    ("hw_firmware_type", "uefi", "its UEFI variables"),
    ("os_secure_boot", "required", "its UEFI variables"),
)
"""Beginnings of properties and of their values, and what goes with the host."""


def on_the_host(properties: Mapping[str, str]) -> Iterator[str]:
    """Yield what of a server is on no volume, by what its flavor or image says.

    A flavor writes ``hw:tpm_version`` where an image writes ``hw_tpm_version``.
    """
    said = {name.replace(":", "_"): str(value) for name, value in properties.items()}
    for start, wanted, what in _LOST:
        if any(n.startswith(start) and v.startswith(wanted) for n, v in said.items()):
            yield what
