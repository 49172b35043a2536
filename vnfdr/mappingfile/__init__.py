"""Mapping files: a `SiteMapping` as people edit it, in YAML or JSON."""

from vnfdr.mappingfile.file import load_mapping, read_mapping
from vnfdr.mappingfile.writing import dump_mapping

__all__ = ["dump_mapping", "load_mapping", "read_mapping"]
