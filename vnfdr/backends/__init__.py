"""Quiesce backends: how a guest is held still while its volumes are cut.

A backend is any object that keeps the promises of `QuiesceBackend`. Installed
packages announce theirs in the entry-point group ``vnfdr.quiesce``.
"""

from vnfdr.backends.base import QuiesceBackend, Stillness
from vnfdr.backends.registry import get_backend, installed_backends

__all__ = ["QuiesceBackend", "Stillness", "get_backend", "installed_backends"]
