"""What of an environment is secret: whoever may look at a process can read its own."""

import re
from collections.abc import Mapping

SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL|_KEY$|AUTH$",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(r"://[^/@\s]*:[^/@\s]*@")
"""A URL with a password, as proxies and databases have them."""


def secrets_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what is or may be secret."""
    return {k: v for k, v in environment.items() if _is_secret(k, v)}


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the rest."""
    return {k: v for k, v in environment.items() if not _is_secret(k, v)}


def _is_secret(name: str, value: str) -> bool:
    return bool(SECRET_NAME.search(name) or SECRET_VALUE.search(value))
