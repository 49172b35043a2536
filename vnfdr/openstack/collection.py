"""What is true of volumes, snapshots and backups alike.

All three are created at once and become available later; carry the key of the step
that made them as metadata; refuse to be deleted while something works on them; and
come back to life, or stay behind in error, when a deletion fails.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress

from attrs import frozen

from vnfdr.cloud import KEY
from vnfdr.errors import CloudError, Conflict, Gone, Retryable, WaitedTooLong
from vnfdr.openstack.api import Api, Json, at, pages
from vnfdr.retry import wait_until

log = logging.getLogger(__name__)

GONE_SECONDS_MAX = 1800.0
CAME_BACK_SECONDS_MAX = 120.0


class _CameBack(Conflict):
    """It was to be deleted, and its back end would not."""


@frozen
class Collection:
    """The volumes, the snapshots or the backups of a project.

    Args:
        api: Cinder.
        noun: what one of them is called.
        busy: the statuses that end by themselves, and bar deleting until then.
        busy_seconds_max: how long they are waited out.
    """

    api: Api
    noun: str
    busy: frozenset[str]
    busy_seconds_max: float

    def get(self, thing_id: str) -> Json:
        """Return what Cinder says of one."""
        return self._one(self.api.get(self._at(thing_id), self._reading(thing_id)))

    def listed(self, params: Mapping[str, str]) -> Iterator[Json]:
        """Yield those that fit a query, all pages of them."""
        path, what = at(f"{self.noun}s", "detail"), f"list {self.noun}s"
        yield from pages(
            lambda query: self.api.get(path, what, query), f"{self.noun}s", params
        )

    def carrying(self, tag: str, params: Mapping[str, str]) -> Json | None:
        """Return the one whose metadata has the tag.

        ``params`` narrows the search; Cinder's database may compare without regard
        to case, so that everything found is looked at again.
        """
        found = (seen for seen in self.listed(params) if tag_of(seen) == tag)
        return next(found, None)

    def until_available(self, thing_id: str, *, seconds_max: float) -> Json:
        """Wait until one is available, and return what Cinder says of it then."""

        def look() -> Json | None:
            seen = self._glance(thing_id)
            if seen is None or not _has_failed(seen):
                return seen if seen and seen["status"] == "available" else None
            raise CloudError(
                f"{self.noun} {thing_id!r} is in status {seen['status']!r}:"
                f" {self._why(seen)}"
            )

        return wait_until(
            look, what=f"{self.noun} {thing_id!r} available", seconds_max=seconds_max
        )

    def at_rest(self, thing_id: str, *, until: str, seconds_max: float) -> Json:
        """Wait until nothing works on one, and return what Cinder says of it then."""

        def look() -> Json | None:
            seen = self._glance(thing_id)
            return None if seen is None or seen["status"] in self.busy else seen

        return wait_until(
            look, what=f"{self.noun} {thing_id!r} {until}", seconds_max=seconds_max
        )

    def reason(self, seen: Json) -> str:
        """Return why one failed, for which Cinder has two places; empty for none."""
        return seen.get("fail_reason") or self._message(seen["id"])

    def delete(self, thing_id: str) -> None:
        """Delete one, and return when it is gone.

        A back end that is still busy with it brings it back to life; it is asked
        again for a while, since what keeps it busy may be on its way out.
        """
        refusals: list[_CameBack] = []

        def attempt() -> bool | None:
            try:
                if self._at_rest(thing_id)["status"] != "deleting":
                    self._ask_to_delete(thing_id)
                self._until_gone(thing_id)
            except _CameBack as refusal:
                refusals.append(refusal)
                return None
            return True

        try:
            with suppress(Gone):
                wait_until(
                    attempt,
                    what=f"{self.noun} {thing_id!r} deleted",
                    seconds_max=CAME_BACK_SECONDS_MAX,
                    first_wait_seconds=1.0,
                )
        except WaitedTooLong:
            if refusals:
                raise refusals[-1] from None
            raise

    def _ask_to_delete(self, thing_id: str) -> None:
        try:
            self.api.delete(self._at(thing_id), f"delete {self.noun} {thing_id!r}")
        except Conflict:
            # An earlier request was heard, and only its answer was lost.
            if self.get(thing_id)["status"] != "deleting":
                raise

    def _at_rest(self, thing_id: str) -> Json:
        try:
            return self.at_rest(
                thing_id, until="ready to be deleted", seconds_max=self.busy_seconds_max
            )
        except WaitedTooLong as error:
            raise WaitedTooLong(
                f"{error}; if nothing works on it any more, have an administrator set"
                " its status to error, then try again"
            ) from None

    def _until_gone(self, thing_id: str) -> None:
        def look() -> bool | None:
            try:
                seen = self._glance(thing_id)
            except Gone:
                return True
            if seen is None or seen["status"] == "deleting":
                return None
            kind = _CameBack if seen["status"] == "available" else Conflict
            raise kind(
                f"{self.noun} {thing_id!r} was to be deleted and is in status"
                f" {seen['status']!r}: {self._why(seen)}"
            )

        wait_until(
            look, what=f"{self.noun} {thing_id!r} gone", seconds_max=GONE_SECONDS_MAX
        )

    def _glance(self, thing_id: str) -> Json | None:
        """Look within a wait, which has its own bound: a hiccup shows nothing."""
        try:
            answer = self.api.get_once(self._at(thing_id), self._reading(thing_id))
        except Retryable as error:
            log.debug("waiting through: %s", error)
            return None
        return self._one(answer)

    def _why(self, seen: Json) -> str:
        return self.reason(seen) or "no reason given"

    def _message(self, thing_id: str) -> str:
        try:
            found = self.api.get(
                at("messages"), "read user messages", {"resource_uuid": thing_id}
            )
        except CloudError as error:
            log.debug("no reason to give: %s", error)
            return ""
        in_order = sorted(found["messages"], key=lambda message: message["created_at"])
        return str(in_order[-1]["user_message"]) if in_order else ""

    def _one(self, answer: Json) -> Json:
        one: Json = answer[self.noun]
        return one

    def _at(self, thing_id: str) -> str:
        return at(f"{self.noun}s", thing_id)

    def _reading(self, thing_id: str) -> str:
        return f"read {self.noun} {thing_id!r}"


def tagged(tag: str, metadata: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata of what is created for the step whose key is ``tag``."""
    return {**metadata, KEY: tag}


def tag_of(seen: Json) -> str:
    """Return the key that something carries, or an empty text."""
    metadata: Mapping[str, str] = seen.get("metadata") or {}
    return metadata.get(KEY, "")


def having(key: str, value: str) -> dict[str, str]:
    """Return the query for what has this in its metadata.

    Cinder reads the filter as a Python literal, so that `repr` is how to write it.
    """
    return {"metadata": repr({key: value})}


def _has_failed(seen: Json) -> bool:
    return str(seen["status"]).startswith("error")
