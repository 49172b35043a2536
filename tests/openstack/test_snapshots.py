"""Snapshots on the wire."""

import pytest
import requests
from responses.matchers import json_params_matcher, query_param_matcher

from vnfdr.errors import CloudError, Conflict, Retryable, WaitedTooLong
from vnfdr.model import Snapshot

ODD = [
    "it's",
    'say "hi"',
    "two\nlines",
    "a/b",
    "../..",
    "[red]<b>x</b>[/red]",
    "{'vnfdr-point': 'p2'}",
    "100 % & c=d+e #1",
    "日本 🧊",
    "back\\slash",
]


def seen(status="available", **metadata):
    """What Cinder says of a snapshot."""
    return {"id": "s1", "volume_id": "v1", "status": status, "metadata": metadata}


def test_a_snapshot_of_a_volume_in_use_is_asked_for(site, cinder):
    """The key travels as the name and as metadata, beside what the caller adds."""
    asked_for = {
        "volume_id": "v1",
        "name": "p1:a",
        "force": True,
        "metadata": {"vnfdr-point": "p1", "vnfdr-key": "p1:a"},
    }
    match = [json_params_matcher({"snapshot": asked_for})]
    cinder.post("/snapshots", json={"snapshot": seen("creating")}, match=match)

    made = site.snapshots.request("v1", tag="p1:a", metadata={"vnfdr-point": "p1"})

    assert made == "s1"
    sent = cinder.requests("POST")[0].headers
    assert sent["OpenStack-API-Version"] == "volume 3.64"


def test_a_request_goes_with_an_id_that_the_operator_can_find(site, cinder):
    """Each creation has an id of its own, known even if no answer comes."""
    cinder.post("/snapshots", json={"snapshot": seen("creating")})

    for _ in range(2):
        site.snapshots.request("v1", tag="p1:a", metadata={})

    ids = {sent.headers["X-OpenStack-Request-ID"] for sent in cinder.requests("POST")}
    assert len(ids) == 2


@pytest.mark.parametrize("point", ["p1", *ODD])
def test_all_snapshots_of_a_point_are_seen_in_one_request(site, cinder, point):
    """A look costs the same for every group, and whatever its point is called."""
    mine = seen("creating", **{"vnfdr-point": point, "vnfdr-key": "k"})
    others = seen("available", **{"vnfdr-point": point.swapcase() + "!"})
    cinder.get("/snapshots", json={"snapshots": [mine, others]})

    found = site.snapshots.look(point)

    assert found == (Snapshot("s1", "v1", "creating", "k"),)
    assert cinder.filters() == {"vnfdr-point": point}
    assert len(cinder.requests("GET")) == 1


def test_every_look_tells_what_is_answered_then(site, cinder):
    """Whether that is the same as before, or new, or what was before the last."""
    making = seen("creating", **{"vnfdr-point": "p1", "vnfdr-key": "k"})
    there = seen("available", **{"vnfdr-point": "p1", "vnfdr-key": "k"})
    for answer in (making, making, there, making):
        cinder.get("/snapshots", json={"snapshots": [answer]})

    looks = [site.snapshots.look(point) for point in ("p1", "p1", "p1", "p2", "p1")]

    statuses = [[snapshot.status for snapshot in look] for look in looks]
    assert statuses == [["creating"], ["creating"], ["available"], [], ["creating"]]


def test_a_look_that_fails_is_not_repeated(site, cinder, clock):
    """While guests stand still, it is the window that decides about another look."""
    cinder.refuse("GET", "/snapshots", 503, "No server is available")

    with pytest.raises(Retryable):
        site.snapshots.look("p1")

    assert clock.slept == 0


def test_a_look_follows_all_pages(site, cinder):
    """A group with more snapshots than a page holds is seen whole."""
    metadata = {"vnfdr-point": "p1"}
    first = {
        "snapshots": [seen(**metadata)],
        "snapshots_links": [
            {"rel": "next", "href": "https://elsewhere/v3/snapshots?marker=s1"}
        ],
    }
    asks = {"metadata": repr(metadata)}
    for page, extra in (
        (first, {}),
        ({"snapshots": [seen(**metadata)]}, {"marker": "s1"}),
    ):
        match = [query_param_matcher(asks | extra)]
        cinder.get("/snapshots", json=page, match=match)

    found = site.snapshots.look("p1")

    assert len(found) == 2


@pytest.mark.parametrize("tag", ["p1:a", *ODD])
def test_a_snapshot_is_found_by_its_key(site, cinder, tag):
    """What carries the key is found whatever the key looks like."""
    cinder.get("/snapshots/detail", json={"snapshots": [seen(**{"vnfdr-key": tag})]})

    found = site.snapshots.find(tag)

    assert found == Snapshot("s1", "v1", "available", tag)
    assert cinder.filters() == {"vnfdr-key": tag}


def test_a_snapshot_with_nearly_the_key_is_not_the_one(site, cinder):
    """MariaDB takes upper and lower case for the same; we do not."""
    cinder.get("/snapshots/detail", json={"snapshots": [seen(**{"vnfdr-key": "P1:A"})]})

    assert site.snapshots.find("p1:a") is None


def test_a_snapshot_is_stamped(site, cinder):
    """Metadata is added to what is there, and again if the answer was lost."""
    match = [json_params_matcher({"metadata": {"vnfdr-verdict": "consistent"}})]
    lost = requests.ReadTimeout("Read timed out.")
    cinder.post("/snapshots/s1/metadata", body=lost, match=match)
    cinder.post("/snapshots/s1/metadata", json={"metadata": {}}, match=match)

    site.snapshots.stamp("s1", {"vnfdr-verdict": "consistent"})

    assert len(cinder.requests("POST")) == 2


@pytest.mark.parametrize("busy", ["creating", "backing-up"])
def test_deleting_waits_for_what_holds_a_snapshot(site, cinder, busy):
    """A snapshot is deleted when nothing works on it, and is gone on return."""
    for status in (busy, busy, "available"):
        cinder.get("/snapshots/s1", json={"snapshot": seen(status)})
    cinder.delete("/snapshots/s1")
    cinder.get("/snapshots/s1", json={"snapshot": seen("deleting")})
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert len(cinder.requests("DELETE")) == 1


def test_deleting_what_is_gone_succeeds(site, cinder):
    """A second delete is not an error."""
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert cinder.requests("DELETE") == []


def test_a_deletion_under_way_is_joined(site, cinder):
    """Somebody else's delete is as good as ours."""
    cinder.get("/snapshots/s1", json={"snapshot": seen("deleting")})
    cinder.get("/snapshots/s1", json={"snapshot": seen("deleting")})
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert cinder.requests("DELETE") == []


def test_a_deletion_whose_answer_was_lost_is_joined(site, cinder):
    """Asked twice, Cinder refuses: it is at it already."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.refuse("DELETE", "/snapshots/s1", 504, "Gateway timeout")
    cinder.refuse("DELETE", "/snapshots/s1", 400, "Invalid snapshot: it is 'deleting'")
    cinder.get("/snapshots/s1", json={"snapshot": seen("deleting")})
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert len(cinder.requests("DELETE")) == 2


def test_a_deletion_that_is_refused_is_an_error(site, cinder):
    """A snapshot that is part of a group snapshot stays, and that is said."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.refuse("DELETE", "/snapshots/s1", 400, "it is part of a group")

    with pytest.raises(Conflict, match="delete snapshot 's1': it is part of a group"):
        site.snapshots.delete("s1")


@pytest.mark.parametrize("status", ["available", "error_deleting"])
def test_a_snapshot_that_comes_back_is_an_error(site, cinder, status):
    """A driver that was busy puts a snapshot back; the reason is in the messages."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.delete("/snapshots/s1")
    cinder.get("/snapshots/s1", json={"snapshot": seen(status)})
    messages = [
        {"created_at": "2026-01-01", "user_message": "an old story"},
        {"created_at": "2026-01-02", "user_message": "snapshot has clones"},
    ]
    match = [query_param_matcher({"resource_uuid": "s1"})]
    cinder.get("/messages", json={"messages": messages}, match=match)

    with pytest.raises(Conflict, match=f"'s1' .* {status!r}: snapshot has clones"):
        site.snapshots.delete("s1")


def test_a_back_end_that_is_busy_is_asked_again(site, cinder):
    """What keeps a snapshot busy may be on its way out: it goes at the second try."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.delete("/snapshots/s1")
    cinder.get("/snapshots/s1", json={"snapshot": seen("available")})
    cinder.get("/messages", json={"messages": []})
    cinder.get("/snapshots/s1", json={"snapshot": seen("available")})
    cinder.delete("/snapshots/s1")
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert len(cinder.requests("DELETE")) == 2


def test_a_missing_reason_hides_no_failure(site, cinder):
    """Where messages may not be read, the failure itself is told all the same."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.delete("/snapshots/s1")
    cinder.get("/snapshots/s1", json={"snapshot": seen("error_deleting")})
    cinder.refuse("GET", "/messages", 403, "Policy doesn't allow it")

    with pytest.raises(CloudError, match="no reason given"):
        site.snapshots.delete("s1")


def test_waiting_for_a_snapshot_has_an_end(site, cinder, clock):
    """A snapshot that nobody works on any more does not hold an undo for ever."""
    cinder.get("/snapshots/s1", json={"snapshot": seen("creating")})

    words = r"^snapshot 's1' ready to be deleted: .* have an administrator set"
    with pytest.raises(WaitedTooLong, match=words):
        site.snapshots.delete("s1")

    assert 1800 <= clock.slept < 1900


def test_a_wait_outlives_a_hiccup(site, cinder, clock):
    """An API that is away for a while delays a deletion, and does not fail it."""
    cinder.get("/snapshots/s1", json={"snapshot": seen()})
    cinder.delete("/snapshots/s1")
    for _ in range(30):
        cinder.refuse("GET", "/snapshots/s1", 503, "No server is available")
    cinder.refuse("GET", "/snapshots/s1", 404, "Snapshot s1 could not be found.")

    site.snapshots.delete("s1")

    assert clock.slept > 60
