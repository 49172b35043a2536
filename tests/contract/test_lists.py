"""Cinder's lists: their order, their pages, and what they may be asked for."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content, made

NOUNS = pytest.mark.parametrize("noun", ["backup", "snapshot", "volume"])
SNAPSHOTS = 3


@pytest.fixture(scope="module")
def three(cloud):
    """Three snapshots of the server's second volume, in the order of the long list."""
    service, volume_id = cloud.cinder, cloud.data_id
    made_ids = {
        made(service, "snapshot", volume_id=volume_id, force=True, name=f"p{number}")
        for number in range(SNAPSHOTS)
    }
    answer = service.get("/snapshots/detail", params={"volume_id": volume_id})
    seen = content(answer)[:SNAPSHOTS]
    assert {each["id"] for each in seen} == made_ids
    # Nothing is promised of what was made within the same second.
    dates = [each["created_at"][:19] for each in seen]
    assert dates == sorted(dates, reverse=True)
    return [each["id"] for each in seen]


def ids(answer):
    """Return what a list has."""
    return [seen["id"] for seen in content(answer)]


def test_one_volume_has_several_snapshots_newest_first(cloud, three):
    """Short and long lists have the same order."""
    for path in ("/snapshots", "/snapshots/detail"):
        answer = cloud.cinder.get(path, params={"volume_id": cloud.data_id})

        assert ids(answer)[:SNAPSHOTS] == three


def test_the_links_lead_through_all_pages(cloud, three):
    """Each link repeats the query; the last page is short, and has none."""
    query, seen = {"volume_id": [cloud.data_id], "limit": ["2"]}, []
    while query:
        page = cloud.cinder.get("/snapshots/detail", params=query)
        seen.append(ids(page))
        links = page.json().get("snapshots_links", ())
        assert all(link["rel"] == "next" for link in links)
        query = parse_qs(urlsplit(links[0]["href"]).query) if links else None
        assert not query or query["volume_id"] == [cloud.data_id]

    assert [each for page in seen for each in page][:SNAPSHOTS] == three
    assert [len(page) for page in seen[:-1]] == [2] * (len(seen) - 1)


def test_a_list_goes_on_after_its_marker(cloud, three):
    """Whatever the page before it was."""
    query = {"volume_id": cloud.data_id, "marker": three[1], "limit": "1"}

    assert ids(cloud.cinder.get("/snapshots", params=query)) == three[2:]


def test_the_short_list_tells_how_the_snapshots_of_a_point_stand(cloud):
    """To everybody: whose they are, by metadata, and their status."""
    asked = {"volume_id": cloud.data_id, "force": True, "metadata": {"point": "p'1"}}
    snapshot_id = made(cloud.cinder, "snapshot", **asked)

    for user in (cloud.admin, cloud.member):
        query = {"metadata": repr({"point": "p'1"})}
        (seen,) = content(user.cinder.get("/snapshots", params=query))
        assert (seen["id"], seen["status"]) == (snapshot_id, "available")
        assert (seen["volume_id"], seen["metadata"]) == (
            cloud.data_id,
            {"point": "p'1"},
        )


@NOUNS
@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "-1"}, "limit param must be positive"),
        ({"limit": "many"}, "limit param must be an integer"),
    ],
    ids=["negative", "no number"],
)
def test_a_wrong_limit_is_refused(cloud, noun, query, words):
    """By whoever it is asked."""
    for user in (cloud.admin, cloud.member):
        answer = user.cinder.get(f"/{noun}s", params=query)

        assert_refused(answer, 400, "badRequest", words)


@NOUNS
def test_without_room_for_any_a_list_is_empty(cloud, noun):
    """It is no error."""
    assert ids(cloud.cinder.get(f"/{noun}s", params={"limit": "0"})) == []


@NOUNS
def test_a_marker_that_is_not_there_is_not_found(cloud, noun):
    """Something may have gone between two pages."""
    answer = cloud.cinder.get(f"/{noun}s", params={"marker": NOBODY})

    words = f"{noun.capitalize()} {NOBODY} could not be found"
    assert_refused(answer, 404, "itemNotFound", words)


@NOUNS
def test_what_nobody_may_look_for(cloud, noun):
    """A member is told; an administrator finds nothing that has it."""
    query = {"nonsense": "1"}

    refused = cloud.member.cinder.get(f"/{noun}s/detail", params=query)
    empty = cloud.cinder.get(f"/{noun}s/detail", params=query)

    words = "Invalid filters nonsense are found in query options"
    assert_refused(refused, 400, "badRequest", words)
    assert ids(empty) == []


@NOUNS
def test_before_3_31_members_are_not_told(cloud, noun):
    """What they may not look for is dropped."""
    service, query = cloud.member.cinder, {"nonsense": "1"}

    loose = service.get(f"/{noun}s", params=query, microversion="3.30")

    assert ids(loose) == ids(service.get(f"/{noun}s", microversion="3.30"))


def test_names_and_statuses_are_found_in_any_case(cloud, three):
    """The database ignores it, and so must whoever asks for one of them."""
    query = {"name": "P1", "status": "AVAILABLE", "volume_id": cloud.data_id}
    shown = [content(cloud.cinder.get(f"/snapshots/{each}")) for each in three]
    (wanted,) = (seen["id"] for seen in shown if seen["name"] == "p1")

    for user in (cloud.admin, cloud.member):
        assert ids(user.cinder.get("/snapshots", params=query)) == [wanted]
