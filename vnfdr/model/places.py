"""Places for manifests, as a group or a shell names them."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator


def as_places(value: Iterable[str | os.PathLike[str]] | str) -> tuple[str, ...]:
    """Return places as texts, one of them or many."""
    # The letters of a text would be taken for places.
    given = (value,) if isinstance(value, str) else value
    return tuple(os.fspath(place) for place in given)


def bad_places(places: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence for each place that cannot be one for manifests."""
    for place, count in Counter(places).items():
        scheme, separator, rest = place.partition("://")
        if not place.strip():
            yield "a place for manifests has no name"
        elif separator and "@" in rest:
            # It is not repeated here either.
            yield (
                f"a place for manifests, {scheme}://…, has an @ in its URL, as with a"
                " user or a password, which every plan would repeat: put those in"
                " clouds.yaml"
            )
        elif count > 1:
            yield f"its manifests are to be kept at {place!r} {count} times"
