"""What runs in a guest, as labels have it that people or images gave it."""

from collections.abc import Mapping
from typing import Any

LABELS = ("os_type", "os_distro")
"""Glance's own words for it; the first that is there counts."""


def system_in(labels: Mapping[str, Any] | None) -> str:
    """Return it in small letters, such as ``windows``; empty where nothing says it."""
    said = (str(labels[name]) for name in LABELS if labels and labels.get(name))
    return next(said, "").strip().lower()
