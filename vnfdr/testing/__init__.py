"""Checks for what others write against vnfdr.

Nothing here imports pytest; a check raises `AssertionError`, in a sentence.
"""

from vnfdr.testing.manifests import check_manifest_store
from vnfdr.testing.quiesce import check_quiesce_backend

__all__ = ["check_manifest_store", "check_quiesce_backend"]
