"""What a place for manifests promises."""

from typing import Protocol


class ManifestStore(Protocol):
    """Somewhere off-site to keep texts by name, on behalf of many threads.

    An installed package announces its own in the entry-point group
    ``vnfdr.manifests``, under the scheme of its URLs: a callable that takes the URL
    and returns an object that keeps these promises. It connects when it is first
    used. `vnfdr.testing.check_manifest_store` checks them:

    * a name is a path of printable ASCII, its parts divided by ``/``;
    * `put` returns once the text would survive the loss of this machine, as far as
      the place can promise that; a reader sees all of it or what was there before;
    * putting the same again changes nothing;
    * only its owner can read what is put;
    * every failure is a `vnfdr.errors.ManifestError` that names the place.
    """

    @property
    def place(self) -> str:
        """What messages call it: its path or URL, without any secret."""
        ...

    def put(self, name: str, text: str) -> None:
        """Keep a text, in place of what had this name."""
        ...

    def get(self, name: str) -> str:
        """Return a text; raise `vnfdr.errors.UnknownPoint` when there is none.

        What is there and is no text is `vnfdr.errors.ManifestDamaged`.
        """
        ...

    def names(self) -> tuple[str, ...]:
        """Return the name of everything that is kept, sorted.

        A place that is not there (yet) is a failure: an empty list would say that
        nothing was ever kept.
        """
        ...

    def delete(self, name: str) -> None:
        """Forget a text; succeed when it is not there."""
        ...
