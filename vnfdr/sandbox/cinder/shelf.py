"""What one may do with all of Cinder's nouns: list, show, rename and remove them."""

from collections.abc import Callable, Iterator
from typing import Generic

from attrs import frozen

from vnfdr.sandbox.bodies import check_characters
from vnfdr.sandbox.cinder.lists import listed
from vnfdr.sandbox.cinder.nouns import Noun, T, name_in
from vnfdr.sandbox.faults import Effect
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Version
from vnfdr.sandbox.site import take

View = Callable[[Call, T], Json]
"""What is told of a thing."""

ALWAYS: Version = (3, 0)


@frozen
class Shelf(Generic[T]):
    """All things of one kind, and how they are told of.

    Args:
        noun: their kind.
        view: all that is told of one.
        short: what is told of one in a short list.
    """

    noun: Noun[T]
    view: View[T]
    short: View[T]

    def show(self, call: Call) -> Answer:
        """Tell of one of them."""
        return self._told(call, self.noun.one(call), self.view)

    def details(self, call: Call) -> Answer:
        """List them."""
        return listed(call, self.noun, self.view)

    def names(self, call: Call) -> Answer:
        """List them, in short."""
        return listed(call, self.noun, self.short)

    def accepted(self, call: Call, thing: T, view: View[T]) -> Answer:
        """Put a new one there.

        Raises:
            Refusal: Cinder's database has no room for what it is called.
        """
        check_characters(call.body)
        self.noun.things(call.site)[thing.id] = thing
        return Answer(202, {self.noun.name: view(call, thing)})

    def renamed(self, call: Call, view: View[T]) -> Answer:
        """Change the name or the description of one."""
        thing, asked = self.noun.one(call), call.inner(self.noun.name)
        check_characters(asked)
        thing.name = name_in({"name": thing.name, **asked})
        thing.description = asked.get("description", thing.description)
        return self._told(call, thing, view)

    def removed(self, call: Call, thing: T, forget: Callable[[T], None]) -> Answer:
        """Accept that one is to go; ``forget`` is called when it does."""
        thing.status = "deleting"
        call.site.later(self.remove(call, thing, forget))
        return Answer(202)

    async def remove(self, call: Call, thing: T, forget: Callable[[T], None]) -> None:
        """Let one go."""
        await take(call.site.latency.delete, call.fate)
        if call.fate is Effect.ERROR:
            thing.status = "error_deleting"
            return
        forget(thing)
        self.noun.things(call.site).pop(thing.id, None)

    def readings(self, since: Version = ALWAYS) -> Iterator[Operation]:
        """Yield the calls that look and change nothing."""
        at, many = f"/{self.noun.plural}", self.noun.plural.replace("_", " ")
        one = self.noun.name.replace("_", " ")
        yield Operation("GET", at, f"list {many}", self.names, since=since)
        yield Operation(
            "GET", f"{at}/detail", f"list {many}", self.details, since=since
        )
        yield Operation("GET", f"{at}/{{id}}", f"show {one}", self.show, since=since)

    def _told(self, call: Call, thing: T, view: View[T]) -> Answer:
        return Answer(200, {self.noun.name: view(call, thing)})
