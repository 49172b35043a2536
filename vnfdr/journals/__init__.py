"""The places where the journals of all runs are kept.

The default one is the user's state directory (``~/.local/state/vnfdr`` on Linux), or
what ``VNFDR_JOURNAL`` says.
"""

import os
from pathlib import Path
from typing import TypeAlias

from vnfdr.errors import JournalUnwritable
from vnfdr.journals.base import Journals, KeptJournal, Summary
from vnfdr.journals.directory import DirectoryJournals

__all__ = [
    "DirectoryJournals",
    "Journals",
    "KeptJournal",
    "Place",
    "Summary",
    "open_journals",
]

Place: TypeAlias = Journals | Path | str | None
"""Where journals are: a directory, a URL, or what `open_journals` returned."""

URL = ("postgresql://", "postgres://")


def open_journals(place: Place = None) -> Journals:
    """Return the journals at a place: a directory, or the URL of a PostgreSQL.

    Without a place it is the one that ``VNFDR_JOURNAL`` names, or else the user's
    state directory.

    Raises:
        JournalUnwritable: the URL is wrong, or the extra ``postgresql`` is missing.
    """
    if not (place is None or isinstance(place, Path | str)):
        return place
    chosen = place or os.environ.get("VNFDR_JOURNAL") or _usual_place()
    if str(chosen).startswith(URL):
        return _shared_journals(str(chosen))
    return DirectoryJournals(Path(chosen).expanduser())


def _shared_journals(url: str) -> Journals:
    """Return the journals in a database, for which a package is needed."""
    try:
        from vnfdr.journals.postgresql import PostgresJournals  # noqa: PLC0415
    except ImportError as error:
        needs = "a journal in PostgreSQL needs the extra: pip install vnfdr[postgresql]"
        raise JournalUnwritable(f"{needs} ({error})") from error
    return PostgresJournals(url)


def _usual_place() -> Path:
    # Only who names no place pays for finding one: it takes a dozen modules.
    from platformdirs import user_state_path  # noqa: PLC0415

    return user_state_path("vnfdr")
