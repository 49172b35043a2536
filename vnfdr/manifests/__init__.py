"""Where manifests are kept, off-site: a directory, an object store, or your own."""

from vnfdr.manifests.base import ManifestStore
from vnfdr.manifests.codec import dump_manifest, load_manifest, name_of
from vnfdr.manifests.registry import open_manifests

__all__ = [
    "ManifestStore",
    "dump_manifest",
    "load_manifest",
    "name_of",
    "open_manifests",
]
