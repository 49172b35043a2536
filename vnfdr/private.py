"""Directories for their owner alone, which outlive a loss of power."""

import os
from pathlib import Path


def make_directory(path: Path) -> None:
    """Make a directory for its owner alone, and so those above it that are missing."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make durable which names there are in a directory."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
