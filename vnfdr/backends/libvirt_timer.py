"""A timer on the compute host: it thaws a guest when the controller is lost.

It is set over ssh just before a guest freezes, and called off when the guest is proven
thawed, whoever thaws it. In between it depends on nobody: neither on the connection
that it was set by, nor on who set it.
"""

import contextlib
import logging
import shlex
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from urllib.parse import urlsplit

from attrs import field, frozen

from vnfdr.backends.bounded import begin
from vnfdr.backends.libvirt_uri import LibvirtSettings, Wish, libvirt_settings
from vnfdr.backends.sessions import Session, SessionFailed, script, second_line_seconds
from vnfdr.cloud import Site
from vnfdr.errors import FreezeFailed, NotQuiescable
from vnfdr.model import Guest

log = logging.getLogger(__name__)

LOOK_SECONDS_MAX = 10.0
ARM_SECONDS_MAX = 1.0
DISARM_SECONDS_MAX = 2.0
CALLED_OFF_SECONDS_MAX = 20.0
"""For a process that has to log in first."""


@frozen
class _Post:
    """The session with a guest's host; none where there is no way in."""

    session: Session | None
    seconds: int = 0


@frozen
class HostTimers:
    """The timers of guests, where ``site.settings["libvirt"]["host_timer"]`` asks.

    Where it says ``required``, no guest is frozen without one; where it says
    ``wanted``, a warning is logged.
    """

    site: Site | None
    _posts: dict[str, _Post] = field(factory=dict, init=False)
    _called_off: "dict[str, Future[None]]" = field(factory=dict, init=False)

    def check(self, guest: Guest, uri: str) -> Iterator[str]:
        """Yield why a timer could not be set, where one is required."""
        try:
            post = self._take_post(guest, uri, look=True)
        except (FreezeFailed, NotQuiescable) as error:
            yield str(error)
        else:
            _leave(post)

    def prepare(self, guest: Guest, uri: str, lease_seconds: float) -> None:
        """Connect to the guest's host, and see that virsh finds the guest there.

        Raises:
            FreezeFailed: a timer is required, and could not be set.
        """
        post = self._take_post(guest, uri, look=True)
        seconds = second_line_seconds(lease_seconds)
        self._posts[guest.server_id] = _Post(post.session, seconds)

    def reach(self, guest: Guest, uri: str) -> None:
        """Be ready to call a timer off; it ends by itself where that fails."""
        try:
            post = self._take_post(guest, uri, look=False)
        except (FreezeFailed, NotQuiescable) as error:
            log.warning("no timer could be called off: %s", error)
            post = _Post(None)
        self._posts[guest.server_id] = post

    def arm(self, guest: Guest) -> None:
        """Set the guest's timer, in place of any that it has.

        Raises:
            FreezeFailed: it is required, and is not set.
        """
        self._see_called_off(guest)
        post = self._posts.get(guest.server_id)
        if post is None or post.session is None:
            return
        try:
            verb = f"arm {guest.server_id} {post.seconds}"
            _expect("armed", post.session, verb, ARM_SECONDS_MAX)
        except SessionFailed as error:
            # It may be set all the same, and is not needed.
            self.disarm(guest)
            self._go_without(guest, str(error))

    def call_off(self, guest: Guest) -> None:
        """Begin to call the guest's timer off; `settle` waits for that."""
        post = self._posts.get(guest.server_id)
        if guest.timer or (post and post.session):
            self._called_off[guest.server_id] = begin(lambda: self.disarm(guest))

    def disarm(self, guest: Guest) -> None:
        """Call the guest's timer off; log what to do if that cannot be proven.

        A process that was at no post goes where the plan says that the timer is: it
        may have nobody else to ask.
        """
        if guest.timer and guest.server_id not in self._posts:
            self._posts[guest.server_id] = _post_of(guest)
        post = self._posts.get(guest.server_id)
        if post is None or post.session is None:
            return
        verb = f"disarm {guest.server_id}"
        try:
            _expect("disarmed", post.session, verb, DISARM_SECONDS_MAX)
        except SessionFailed as error:
            log.error(  # noqa: TRY400 - told in a sentence
                "the timer of guest %s may be set: %s; until it has rung, within %s s,"
                " it may thaw a freeze that is not ours; to call it off, remove"
                " /tmp/vnfdr-*/%s.* at %s",
                *(guest, error, post.seconds or "the time of its window"),
                *(guest.server_id, post.session.destination),
            )

    def settle(self, guest: Guest) -> None:
        """Leave the guest's host, once its timer is called off."""
        self._see_called_off(guest)
        post = self._posts.pop(guest.server_id, None)
        if post is not None:
            _leave(post)

    def _see_called_off(self, guest: Guest) -> None:
        if called_off := self._called_off.pop(guest.server_id, None):
            with contextlib.suppress(TimeoutError):
                called_off.result(CALLED_OFF_SECONDS_MAX)

    def _take_post(self, guest: Guest, uri: str, *, look: bool) -> _Post:
        self.settle(guest)
        wanted = libvirt_settings(self.site)
        if wanted.host_timer is Wish.NONE:
            return _Post(None)
        try:
            session = _connect(wanted, uri)
        except (SessionFailed, NotQuiescable) as error:
            return self._go_without(guest, str(error))
        if look:
            try:
                _expect("found", session, f"look {guest.server_id}", LOOK_SECONDS_MAX)
            except SessionFailed as error:
                session.close()
                return self._go_without(guest, str(error))
        return _Post(session)

    def _go_without(self, guest: Guest, why: str) -> _Post:
        problem = f"guest {guest} has no timer on its host: {why}"
        if libvirt_settings(self.site).host_timer is Wish.REQUIRED:
            raise FreezeFailed(f"{problem}; it is not frozen, for one is required")
        log.warning("%s", problem)
        return _Post(None)


def timer_of(site: Site | None, uri: str) -> str:
    """Return how the timer of a guest at ``uri`` is told, if one is asked for.

    Raises:
        NotQuiescable: the settings are wrong.
    """
    wanted = libvirt_settings(site)
    if wanted.host_timer is Wish.NONE:
        return ""
    destination = wanted.ssh.address.replace("{host}", urlsplit(uri).hostname or "")
    return shlex.join([destination, wanted.ssh.uri, *wanted.ssh.command])


def _post_of(guest: Guest) -> _Post:
    """Return the post that the plan tells of; none where there is no way in."""
    destination, uri, *command = shlex.split(guest.timer)
    try:
        return _Post(_opened(command, destination, uri))
    except (SessionFailed, NotQuiescable) as error:
        log.warning("the timer of guest %s cannot be called off: %s", guest, error)
        return _Post(None)


def _connect(wanted: LibvirtSettings, uri: str) -> Session:
    host = urlsplit(uri).hostname or ""
    if not host and "{host}" in wanted.ssh.address:
        raise NotQuiescable(
            f"libvirt URI {uri!r} names no host; set an ssh address without {{host}}"
        )
    destination = wanted.ssh.address.replace("{host}", host)
    return _opened(wanted.ssh.command, destination, wanted.ssh.uri)


def _opened(command: Sequence[str], destination: str, uri: str) -> Session:
    program = ["sh", "-c", script("libvirt_timer.sh"), "vnfdr", uri]
    return Session.open(command, destination, program)


def _expect(word: str, session: Session, verb: str, seconds: float) -> None:
    """Ask; whatever comes but the word that is expected is a failure."""
    try:
        answer = session.ask(verb).result(seconds)
    except TimeoutError:
        late = f"{session.destination} does not answer within {seconds:g} s"
        raise SessionFailed(late) from None
    found, _, rest = answer.partition(" ")
    if found != word:
        raise SessionFailed(f"{session.destination} says: {rest}")


def _leave(post: _Post) -> None:
    if post.session is not None:
        with contextlib.suppress(OSError):
            post.session.close()
