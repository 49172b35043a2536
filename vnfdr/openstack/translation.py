"""What the OpenStack libraries raise, told as `vnfdr.errors` tells it.

The libraries disagree about classes and agree about numbers, so the HTTP status
decides. Where no status came, it matters whether the request may have been heard: a
call that may be repeated was only unlucky, one that may not has lost its answer.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from attrs import frozen
from cinderclient.exceptions import (  # type: ignore[import-untyped]  # because: no types
    ClientException as CinderclientError,
)
from keystoneauth1 import exceptions as keystone
from openstack.exceptions import HttpException, SDKException
from requests import exceptions as wire
from urllib3.exceptions import MaxRetryError, NewConnectionError

from vnfdr.errors import (
    AnswerLost,
    CloudError,
    Conflict,
    Forbidden,
    Gone,
    QuotaExceeded,
    Retryable,
    Unsupported,
)

TEXT_LENGTH_MAX = 300

_BY_WORDS: Final[tuple[tuple[int, str, type[CloudError]], ...]] = (
    (400, "no such action", Unsupported),
    (400, "not supported", Unsupported),
    (400, "invalid input", Unsupported),
    (400, "invalid filters", Unsupported),
    (400, "additional properties", Unsupported),
    (400, "unrecognized attribute", Unsupported),
    (403, "quota exceeded", QuotaExceeded),
    (403, "maximum number of", QuotaExceeded),
    (409, "quota exceeded", QuotaExceeded),
)

_BY_STATUS: Final[Mapping[int, type[CloudError]]] = {
    400: Conflict,  # How Cinder says that a status forbids it.
    401: Forbidden,
    403: Forbidden,
    404: Gone,
    405: Unsupported,
    406: Unsupported,  # A microversion that the service does not know.
    409: Conflict,
    410: Gone,
    413: QuotaExceeded,
    422: Unsupported,
    429: Retryable,
    501: Unsupported,
}

_INCONCLUSIVE: Final = {408, *range(500, 600)} - {501}
"""Statuses that leave open what came of the request."""

_ADDED = re.compile(r" \((HTTP \d+|Request-ID: [^)]*)\)")
"""What keystoneauth adds to a message, and sometimes twice."""

_TOKEN = re.compile(r"gAAAA[\w=-]{20,}")
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


@frozen
class _Answer:
    """An HTTP error, whichever library brought it.

    ``heard`` is false where it is not the service that answered, but Keystone, or a
    proxy that found no service to send the request to.
    """

    status: int
    text: str
    request_id: str
    retry_after: str = ""
    heard: bool = True


@contextmanager
def repeatable(what: str) -> Iterator[None]:
    """Translate the errors of a call that does no harm when it is made again."""
    try:
        yield
    except _LIBRARIES as error:
        raise _translated(error, what, Retryable) from error


@contextmanager
def only_once(what: str, request_id: str) -> Iterator[None]:
    """Translate the errors of a call whose effect must not happen twice.

    ``request_id`` was sent along with the request: a service that never answered
    has it in its logs.
    """
    try:
        yield
    except _LIBRARIES as error:
        raise _translated(error, what, AnswerLost, request_id) from error


_LIBRARIES = (
    SDKException,
    CinderclientError,
    keystone.ClientException,
    wire.RequestException,
)


def _translated(
    error: Exception, what: str, unheard: type[CloudError], request_id: str = ""
) -> CloudError:
    answer = _answer(error)
    if answer is not None:
        return _refusal(answer, what, unheard, request_id)
    if isinstance(error, keystone.ConnectionError | wire.RequestException):
        return _silence(error, what, unheard, request_id)
    if isinstance(error, keystone.DiscoveryFailure):
        return Retryable(f"cannot {what}: {_one_line(str(error))}")
    return CloudError(f"cannot {what}: {_one_line(str(error))}")


def _answer(error: Exception) -> _Answer | None:
    match error:
        case HttpException():
            return _from_sdk(error)
        case CinderclientError():
            return _Answer(
                status=error.code,
                text=error.message or "",
                request_id=error.request_id or "",
                retry_after=str(getattr(error, "retry_after", "")),
            )
        case keystone.HttpError():
            return _Answer(
                status=error.http_status,
                text=f"Keystone said: {_ADDED.sub('', error.message)}",
                request_id=error.request_id or "",
                heard=False,
            )
    return None


def _from_sdk(error: HttpException) -> _Answer:
    assert error.response is not None, "it is made from a response"
    headers = error.response.headers
    request_id = headers.get("x-openstack-request-id", "")
    by_service = bool(request_id) or "json" in headers.get("Content-Type", "")
    return _Answer(
        status=error.response.status_code,
        text=error.details or "",
        request_id=request_id,
        retry_after=headers.get("Retry-After", ""),
        heard=by_service or error.response.status_code not in {404, 410},
    )


def _refusal(
    answer: _Answer, what: str, unheard: type[CloudError], request_id: str
) -> CloudError:
    said = _one_line(answer.text) or "it did not say why"
    return _kind(answer, unheard)(
        f"cannot {what}: {said} (HTTP {answer.status})",
        status=answer.status,
        request_id=answer.request_id or request_id,
    )


def _kind(answer: _Answer, unheard: type[CloudError]) -> type[CloudError]:
    # Cinder answers 413 to every quota error, with a Retry-After of 0.
    too_fast = answer.status in {413, 429} and answer.retry_after not in {"", "0"}
    if too_fast or not answer.heard:
        return Forbidden if answer.status in {401, 403} else Retryable
    if answer.status in _INCONCLUSIVE:
        return unheard
    for status, words, kind in _BY_WORDS:
        if answer.status == status and words in answer.text.lower():
            return kind
    return _BY_STATUS.get(answer.status, CloudError)


def _silence(
    error: Exception, what: str, unheard: type[CloudError], request_id: str
) -> CloudError:
    # keystoneauth raises its own while it handles that of requests.
    cause = error if isinstance(error, wire.RequestException) else error.__context__
    where = _host(cause)
    if isinstance(cause, wire.SSLError) and "VERIFY_FAILED" in str(cause):
        return CloudError(f"cannot {what}: the certificate of {where} is not trusted")
    if isinstance(cause, wire.ConnectTimeout) or _was_not_connected(cause):
        return Retryable(f"cannot {what}: no connection to {where} ({_tail(cause)})")
    return unheard(
        f"cannot {what}: no answer from {where} ({_tail(cause)})",
        request_id=request_id,
    )


def _was_not_connected(cause: BaseException | None) -> bool:
    inner = cause.args[0] if cause is not None and cause.args else None
    return isinstance(inner, MaxRetryError) and isinstance(
        inner.reason, NewConnectionError
    )


def _host(cause: BaseException | None) -> str:
    request = getattr(cause, "request", None)
    netloc = urlsplit(getattr(request, "url", "") or "").netloc
    return netloc.rpartition("@")[2] or "the service"


def _tail(cause: BaseException | None) -> str:
    """Return the end of a library's message: the beginning repeats the URL."""
    return _one_line(str(cause).rsplit(": ", 1)[-1]).strip("\"'()<>, ")


def _one_line(text: str) -> str:
    """Return what a service said, fit for a terminal and a log."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    tidy = _TOKEN.sub("<token>", " ".join(printable.split()))
    tidy = _USERINFO.sub("", tidy)
    return tidy if len(tidy) <= TEXT_LENGTH_MAX else f"{tidy[:TEXT_LENGTH_MAX]}…"
