"""What may be a secret, and so is written down nowhere."""

import re
from collections.abc import Mapping
from typing import Final

_NAMES: Final = re.compile(
    r"pass(?!ive|ing|age|through|enger)|pwd|secret|token|credential"
    r"|(private|api|access|auth|ssh|signing)[^a-z0-9]*key",
    re.IGNORECASE,
)
_VALUES: Final = re.compile(r"PRIVATE KEY-----|://[^/?#\s]*:[^/?#\s]*@")


def withheld(labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of labels that may hold a secret, sorted.

    A name gives it away, or a value: a private key, a URL with a password in it.
    """
    return tuple(
        sorted(
            name
            for name, value in labels.items()
            if _NAMES.search(name) or _VALUES.search(value)
        )
    )


def without_secrets(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that hold no secret, as far as can be told."""
    hidden = set(withheld(labels))
    return {name: value for name, value in labels.items() if name not in hidden}
