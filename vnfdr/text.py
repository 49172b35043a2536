"""Text for people and labels: names are the users' own, and may hold anything."""

import difflib
from collections.abc import Iterable
from datetime import timedelta

LABEL_MAX = 255
HOURS_PER_DAY = 24


def printable(text: str) -> str:
    """Return ``text`` on one line, with what a terminal would act on spelt out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def label(text: str) -> str:
    """Return ``text`` as any cloud's database takes it: plain, and not too long.

    Cinder allows 255 characters of metadata, and some databases none beyond ASCII.
    """
    return printable(text).encode("ascii", "backslashreplace").decode()[:LABEL_MAX]


def hint(word: str, known: Iterable[str]) -> str:
    """Say which of the known words an unknown one may have been meant for."""
    words = list(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(words) or 'none'}"


def aged(age: timedelta) -> str:
    """Return an age in the unit that matters."""
    hours = int(age.total_seconds() // 3600)
    if hours >= 2 * HOURS_PER_DAY:
        return f"{hours // HOURS_PER_DAY} days"
    return f"{hours} h" if hours else f"{int(age.total_seconds() // 60)} min"
