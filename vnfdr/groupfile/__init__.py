"""Group files: a `Group` as people write it, in YAML or JSON."""

from vnfdr.groupfile.file import dump_group, load_group, read_group

__all__ = ["dump_group", "load_group", "read_group"]
