"""What OpenStack refuses comes out as what the caller should do next."""

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from vnfdr.cloud import BackupRequest
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

REFUSED = requests.ConnectionError(
    MaxRetryError(
        None,
        "/v3",
        NewConnectionError(None, "Failed to connect: [Errno 111] Connection refused"),
    )
)
BROKEN = requests.ConnectionError(ProtocolError("Connection aborted."))

CREATIONS = {
    "snapshot": lambda site: site.snapshots.request("v1", tag="t", metadata={}),
    "volume": lambda site: site.volumes.create(
        tag="t", snapshot_id="s1", size_gib=1, metadata={}
    ),
    "backup": lambda site: site.backups.create(
        BackupRequest("t", "v1", "s1", incremental=False, metadata={}),
        timeout_seconds=60,
    ),
    "action": lambda site: site.servers.act("i1", "pause"),
}


@pytest.fixture(params=CREATIONS)
def create(request, cinder, nova):
    """A call whose effect must not happen twice, and how its service answers it."""
    service, path = {
        "snapshot": (cinder, "/snapshots"),
        "volume": (cinder, "/volumes"),
        "backup": (cinder, "/backups"),
        "action": (nova, "/servers/i1/action"),
    }[request.param]

    def answer_and_ask(site, **answer):
        service.post(path, **answer)
        try:
            CREATIONS[request.param](site)
        finally:
            assert len(service.requests("POST")) == 1

    return answer_and_ask


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Invalid snapshot: it is 'creating'.", Conflict),
        (400, "There is no such action: quiesce", Unsupported),
        (400, "Quiescing is not supported in instance i1", Unsupported),
        (400, "Invalid input for field/attribute name.", Unsupported),
        (400, "Invalid filters metadata are found in query options.", Unsupported),
        (400, "Additional properties are not allowed", Unsupported),
        (401, "The request you have made requires authentication.", Forbidden),
        (403, "Policy doesn't allow it to be performed.", Forbidden),
        (
            403,
            "Quota exceeded for cores: Requested 1, but already used 20",
            QuotaExceeded,
        ),
        (403, "Maximum number of key pairs exceeded", QuotaExceeded),
        (404, "Volume v1 could not be found.", Gone),
        (405, "Method not allowed", Unsupported),
        (406, "Version 3.64 is not supported by the API.", Unsupported),
        (409, "Cannot 'pause' instance while it is in vm_state stopped", Conflict),
        (413, "SnapshotLimitExceeded: Maximum number allowed (10)", QuotaExceeded),
        (418, "I am a teapot", CloudError),
        (422, "Unprocessable", Unsupported),
        (429, "Slow down", Retryable),
        (500, "The server has either erred", Retryable),
        (501, "Not implemented", Unsupported),
        (502, "Bad gateway", Retryable),
        (503, "No server is available", Retryable),
        (504, "Gateway timeout", Retryable),
    ],
)
def test_a_status_says_what_to_do_next(site, cinder, status, message, kind):
    """Whoever catches an error knows what to do, and reads what the service said."""
    cinder.refuse("GET", "/volumes/v1", status, message)

    with pytest.raises(CloudError) as refusal:
        site.volumes.get("v1")

    assert type(refusal.value) is kind
    assert refusal.value.status == status
    assert refusal.value.request_id == "req-42"
    assert str(refusal.value) == (
        f"cannot read volume 'v1': {message} (HTTP {status}) [req-42]"
    )


@pytest.mark.parametrize(
    ("status", "retry_after", "kind"),
    [
        (413, "0", QuotaExceeded),
        (413, "12", Retryable),
        (413, "Fri, 31 Dec 2027 23:59:59 GMT", Retryable),
        (429, "0", Retryable),
        (429, "12", Retryable),
    ],
)
def test_a_quota_is_told_from_a_rate_limit(site, cinder, status, retry_after, kind):
    """Cinder's quota answer looks like a rate limit, and waiting does not help."""
    after = {"Retry-After": retry_after}
    cinder.refuse("POST", "/snapshots", status, "Too much", **after)

    with pytest.raises(CloudError) as refusal:
        site.snapshots.request("v1", tag="t", metadata={})

    assert type(refusal.value) is kind


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 520])
def test_an_inconclusive_answer_to_a_creation_is_a_lost_one(site, create, status):
    """A gateway that gives up says nothing of what happened behind it."""
    with pytest.raises(AnswerLost):
        create(site, status=status, json={"fault": {"message": "oops"}})


@pytest.mark.parametrize(
    "silence",
    [requests.ReadTimeout("Read timed out."), BROKEN, requests.TooManyRedirects("x")],
)
def test_a_creation_that_was_not_answered_is_made_once(site, create, silence):
    """Nothing is created twice, even where clouds.yaml asks for retries."""
    with pytest.raises(AnswerLost) as lost:
        create(site, body=silence)

    assert lost.value.status == 0
    assert lost.value.request_id.startswith("req-")


@pytest.mark.parametrize("silence", [requests.ConnectTimeout("too late"), REFUSED])
def test_a_creation_that_was_not_heard_did_nothing(site, create, silence):
    """What never left this machine may be asked for again."""
    with pytest.raises(Retryable):
        create(site, body=silence)


def test_an_earlier_refused_connection_is_not_mistaken_for_this_one(site, cinder):
    """While one failure is being handled, another is judged by itself."""
    cinder.post("/snapshots", body=requests.ReadTimeout("Read timed out."))

    try:
        raise REFUSED
    except requests.ConnectionError:
        with pytest.raises(AnswerLost):
            site.snapshots.request("v1", tag="t", metadata={})


def test_nonsense_instead_of_an_answer_is_a_lost_answer(site, cinder):
    """A login page with a 200 is not a snapshot."""
    cinder.post("/snapshots", status=200, body="<html>log in, please</html>")

    with pytest.raises(AnswerLost):
        site.snapshots.request("v1", tag="t", metadata={})


def test_silence_is_told_in_one_line(site, cinder):
    """The message names what was tried and where, and leaves the URL out."""
    cinder.post("/snapshots", body=REFUSED)

    with pytest.raises(Retryable) as refusal:
        site.snapshots.request("v1", tag="t", metadata={})

    assert str(refusal.value) == (
        "cannot snapshot volume 'v1': no connection to cinder.test"
        " ([Errno 111] Connection refused)"
    )


def test_a_certificate_that_is_not_trusted_is_said_to_be_so(site, cinder):
    """Trying again does not make a certificate better."""
    cause = requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    cinder.get("/volumes/v1", body=cause)

    with pytest.raises(
        CloudError, match=r"certificate of .* is not trusted"
    ) as refusal:
        site.volumes.get("v1")

    assert type(refusal.value) is CloudError


def test_what_a_proxy_cannot_find_is_not_gone(site, cinder, clock):
    """An ingress without a backend answers 404, and says nothing of the volume."""
    nobody = {"x-openstack-request-id": ""}
    cinder.get("/volumes/v1", status=404, body="default backend - 404", headers=nobody)

    with pytest.raises(Retryable):
        site.volumes.get("v1")

    assert clock.slept > 20


@pytest.mark.parametrize(
    "message",
    ["two\nlines", "bells\x07 and\x1b[31m whistles", "far too long " * 100],
)
def test_what_a_service_says_is_fit_for_a_terminal(site, cinder, message):
    """A message is one line of printable text of a bounded length."""
    cinder.refuse("GET", "/volumes/v1", 409, message)

    with pytest.raises(Conflict) as refusal:
        site.volumes.get("v1")

    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 400


def test_no_token_gets_into_a_message(site, cinder):
    """What a service repeats of a token is taken out."""
    token = "gAAAAABm" + "x" * 40
    cinder.refuse("GET", "/volumes/v1", 400, f"bad token {token}")

    with pytest.raises(Conflict) as refusal:
        site.volumes.get("v1")

    assert "gAAAA" not in str(refusal.value)


def test_a_page_of_html_is_not_repeated_in_full(site, cinder):
    """Of a gateway's error page, the message is told and the markup is not."""
    page = "<html><head><title>502 Bad Gateway</title></head><body></body></html>"
    cinder.post("/snapshots", status=502, body=page, content_type="text/html")

    with pytest.raises(AnswerLost) as lost:
        site.snapshots.request("v1", tag="t", metadata={})

    assert "<" not in str(lost.value)
    assert "502 Bad Gateway" in str(lost.value)


def test_a_hiccup_while_looking_is_waited_out(site, cinder, clock):
    """A minute's maintenance of a proxy is not worth an error."""
    cinder.refuse("GET", "/volumes/v1", 503, "No server is available")
    cinder.get("/volumes/v1", body=requests.ReadTimeout("Read timed out."))
    cinder.refuse("GET", "/volumes/v1", 404, "Volume v1 could not be found.")

    with pytest.raises(Gone):
        site.volumes.get("v1")

    assert clock.slept > 0
