"""The metadata of volumes and snapshots, which is how vnfdr finds what it made."""

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content
from tests.contract.conftest import EURO

BOTH = pytest.mark.parametrize("noun", ["snapshot", "volume"])


@pytest.fixture
def path(noun, cloud, snapshot_id, volume_id):
    """Where the metadata of one of them is; what a test adds is taken away."""
    path = f"/{noun}s/{snapshot_id if noun == 'snapshot' else volume_id}/metadata"
    before = content(cloud.cinder.get(path))
    yield path
    assert cloud.cinder.put(path, json={"metadata": before}).status_code == 200


@BOTH
def test_metadata_is_added_to(cloud, path):
    """The answer has all of it, and so has the thing itself."""
    for number, user in enumerate((cloud.admin, cloud.member)):
        body = {"metadata": {f"added-{number}": "yes"}}
        answer = user.cinder.post(path, json=body)

        assert answer.status_code == 200
        assert content(answer)["number"] == "1"
        assert content(answer)[f"added-{number}"] == "yes"
    thing = content(cloud.cinder.get(path.removesuffix("/metadata")))
    assert {"contract", "number", "added-0", "added-1"} <= thing["metadata"].keys()


@BOTH
def test_metadata_is_replaced_and_removed(cloud, path):
    """A key that is gone is not found."""
    replaced = cloud.cinder.put(path, json={"metadata": {"only": "this"}})
    removed = cloud.cinder.delete(f"{path}/only")
    again = cloud.cinder.delete(f"{path}/only")

    assert content(replaced) == {"only": "this"}
    assert removed.status_code == 200
    assert_refused(again, 404, "itemNotFound", "has no metadata with key only")


@BOTH
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "'metadata' is a required property"),
        ({"metadata": {"k": "x" * 256}}, "attribute k. .* is too long"),
        ({"metadata": {"k": 1}}, "Value: 1. 1 is not of type 'string'"),
        ({"metadata": {"k" * 256: "v"}}, "does not match any of the regexes"),
    ],
    ids=["none", "long value", "number", "long key"],
)
def test_what_is_no_metadata_is_refused(cloud, path, body, words):
    """And nothing is added."""
    before = content(cloud.cinder.get(path))

    answer = cloud.cinder.post(path, json=body)

    assert_refused(answer, 400, "badRequest", words)
    assert content(cloud.cinder.get(path)) == before


@BOTH
def test_what_is_not_there_has_no_metadata(cloud, noun):
    """Cinder says what is missing."""
    answer = cloud.cinder.post(f"/{noun}s/{NOBODY}/metadata", json={"metadata": {}})

    assert_refused(answer, 404, "itemNotFound", f"{NOBODY} could not be found")


@BOTH
@pytest.mark.parametrize("list_", ["", "/detail"], ids=["short", "long"])
@pytest.mark.parametrize(
    "wanted",
    [
        {"contract": EURO},
        {"contract": EURO, "number": "1"},
        {"CONTRACT": EURO.upper()},
        {"contract": EURO, "number": 1},
    ],
    ids=["one", "both", "other case", "a number"],
)
def test_things_are_found_by_their_metadata(
    cloud, noun, snapshot_id, volume_id, list_, wanted
):
    """By all that is asked for; the database looks at neither case nor type."""
    thing_id = snapshot_id if noun == "snapshot" else volume_id

    for user in (cloud.admin, cloud.member):
        params = {"metadata": repr(wanted)}
        answer = user.cinder.get(f"/{noun}s{list_}", params=params)

        assert [seen["id"] for seen in content(answer)] == [thing_id]


@BOTH
@pytest.mark.parametrize(
    "wanted",
    ["{'contract': 'no'}", "{'contract': \"it's 1 €\", 'no': '1'}", "nonsense", "[1]"],
)
def test_what_nothing_has_finds_nothing(cloud, noun, snapshot_id, volume_id, wanted):
    """Nor does what is no mapping."""
    answer = cloud.cinder.get(f"/{noun}s/detail", params={"metadata": wanted})

    assert content(answer) == []


def test_snapshots_have_no_metadata_filter_before_3_22(cloud, snapshot_id):
    """It is not heeded, and not refused."""
    params = {"metadata": "{'contract': 'no'}", "volume_id": cloud.root_id}

    answer = cloud.cinder.get("/snapshots", params=params, microversion="3.21")

    assert snapshot_id in {seen["id"] for seen in content(answer)}
