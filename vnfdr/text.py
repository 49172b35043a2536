"""Text for people: names are the users' own, and may hold anything."""


def printable(text: str) -> str:
    """Return ``text`` on one line, with what a terminal would act on spelt out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
