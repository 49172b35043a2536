"""Delete what a sweep found, in an order in which nothing still needs what goes.

Servers first, then their ports, then networks; backups before the volumes that they
are of, newest first, since increments build on older ones; volumes before the
snapshots that they were made from. What fails is named, and stops nothing else.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from attrs import evolve, field, frozen

from vnfdr.cloud import Site
from vnfdr.sweeping.found import Fate, Found, Sweep

DELETIONS_AT_ONCE = 4
ATTENTION_SECONDS = 0.1
STAGES = ("server", "port", "network", "backup", "volume", "snapshot")

Listener: TypeAlias = Callable[[Found], object]
Lane: TypeAlias = tuple[Found, ...]


@frozen
class _Removal:
    """A sweep under way."""

    site: Site
    listeners: Sequence[Listener]
    stop: threading.Event = field(factory=threading.Event)
    results: "queue.SimpleQueue[Found | None]" = field(factory=queue.SimpleQueue)

    def clear(self, lanes: Iterable[Lane]) -> Iterator[Found]:
        """Delete what is in the lanes, some lanes at a time; yield what becomes of it.

        The threads are daemons: a deletion that is waited for goes on without us.
        """
        waiting: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        for lane in lanes:
            waiting.put(lane)
        for number in range(DELETIONS_AT_ONCE):
            name = f"vnfdr-sweep-{number}"
            work = threading.Thread(
                target=self._work, args=(waiting,), name=name, daemon=True
            )
            work.start()
        ended = 0
        while ended < DELETIONS_AT_ONCE:
            try:
                # With a limit: a signal that another thread took would not wake us.
                result = self.results.get(timeout=ATTENTION_SECONDS)
            except queue.Empty:
                continue
            if result is None:
                ended += 1
            else:
                yield result

    def _work(self, waiting: "queue.SimpleQueue[Lane]") -> None:
        try:
            while not self.stop.is_set():
                for found in waiting.get_nowait():
                    if not self.stop.is_set():
                        self.results.put(self._delete(found))
        except queue.Empty:
            return
        finally:
            self.results.put(None)

    def _delete(self, found: Found) -> Found:
        thing = found.thing
        try:
            _DELETE[thing.noun](self.site, thing.id)
        except Exception as error:  # noqa: BLE001 - told as what stays
            return evolve(found, fate=Fate.STAYS, reason=str(error) or repr(error))
        return evolve(found, fate=Fate.SWEPT)


def remove(site: Site, sweep: Sweep, listeners: Sequence[Listener] = ()) -> Sweep:
    """Delete what is to be swept; return the sweep with what became of everything.

    On Ctrl-C nothing new is begun, and what is being deleted is not waited for.
    """
    removal = _Removal(site, listeners)
    became: dict[str, Found] = {}
    to_go = sweep.of(Fate.TO_SWEEP)
    interrupted = False
    try:
        _tell(listeners, to_go)
        for lanes in _stages(to_go):
            for found in removal.clear(lanes):
                became[found.thing.id] = found
                _tell(listeners, (found,))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        removal.stop.set()
    return evolve(
        sweep,
        found=_in_order(became.get(f.thing.id, f) for f in sweep.found),
        interrupted=interrupted,
    )


def _stages(to_go: Iterable[Found]) -> Iterator[list[Lane]]:
    """Yield what may go at the same time: lanes, each to be cleared in its order."""
    things = list(to_go)
    for noun in STAGES:
        of_noun = [found for found in things if found.thing.noun == noun]
        if noun != "backup":
            yield [(found,) for found in of_noun]
            continue
        # Newest first, by volume: of two that are as old, the increment is the later.
        in_line = sorted(of_noun, key=lambda f: f.thing.created_at, reverse=True)
        in_line.sort(key=lambda f: f.thing.of)
        yield [tuple(lane) for _, lane in groupby(in_line, key=lambda f: f.thing.of)]


def _in_order(found: Iterable[Found]) -> tuple[Found, ...]:
    order = list(Fate)
    return tuple(sorted(found, key=lambda each: order.index(each.fate)))


def _tell(listeners: Sequence[Listener], news: Iterable[Found]) -> None:
    for found in news:
        for listener in listeners:
            listener(found)


_DELETE: Mapping[str, Callable[[Site, str], None]] = {
    "server": lambda site, thing_id: site.servers.delete(thing_id),
    "port": lambda site, thing_id: site.ports.delete(thing_id),
    "network": lambda site, thing_id: site.networks.delete(thing_id),
    "backup": lambda site, thing_id: site.backups.delete(thing_id),
    "volume": lambda site, thing_id: site.volumes.delete(thing_id),
    "snapshot": lambda site, thing_id: site.snapshots.delete(thing_id),
}
