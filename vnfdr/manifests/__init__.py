"""Where manifests are kept, off-site: a directory, an object store, or your own."""

from vnfdr.manifests.base import ManifestStore
from vnfdr.manifests.codec import dump_manifest, load_manifest, name_of
from vnfdr.manifests.directory import DirectoryStore
from vnfdr.manifests.registry import open_manifests, whole

__all__ = [
    "DirectoryStore",
    "ManifestStore",
    "dump_manifest",
    "load_manifest",
    "name_of",
    "open_manifests",
    "whole",
]
