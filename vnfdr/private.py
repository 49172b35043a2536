"""Directories for their owner alone."""

from pathlib import Path


def make_directory(path: Path) -> None:
    """Make a directory for its owner alone, and so those above it that are missing."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
