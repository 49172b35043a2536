import pytest
from openstack.exceptions import BadRequestException, NotFoundException

from vnfdr.sandbox import Latency


def test_a_snapshot_in_use_wants_force(raw, volume, message):
    """A volume in use is not snapshotted unless one insists."""
    body = {"snapshot": {"volume_id": volume.id}}

    answer = raw("POST", "/snapshots", "3.64", json=body)

    assert answer.status_code == 400
    assert message(answer) == (
        f"Invalid volume: Volume {volume.id} status must be available, but current"
        " status is: in-use."
    )


def test_force_is_out_of_date_since_3_66(raw, volume, message):
    """Newer microversions need no force, tolerate it, and refuse to be told no."""
    body = {"volume_id": volume.id}

    answers = [
        raw("POST", "/snapshots", "3.66", json={"snapshot": {**body, **force}})
        for force in ({}, {"force": True}, {"force": False})
    ]

    assert [answer.status_code for answer in answers] == [202, 202, 400]
    assert "the 'force' flag is invalid" in message(answers[2])


def test_the_instant_comes_after_the_answer(a, site, volume, until):
    """When a snapshot is accepted it has no bytes yet; when it is there it does."""
    a.latency = Latency(snapshot=2.0)

    snapshot_id = site.snapshots.request(volume.id, tag="s", metadata={})
    at_once = a.snapshots[snapshot_id].image

    assert at_once is None
    until(lambda: a.snapshots[snapshot_id].image)
    until(lambda: a.snapshots[snapshot_id].status == "available")


def test_a_snapshot_that_is_busy_is_not_deleted(a, connection, site, volume):
    """A snapshot that is being made cannot be deleted."""
    a.latency = Latency(snapshot=5.0)
    snapshot_id = site.snapshots.request(volume.id, tag="s", metadata={})

    with pytest.raises(BadRequestException, match="must be available or error and"):
        connection.block_storage.delete_snapshot(snapshot_id)


def test_a_deleted_snapshot_is_gone(a, connection, snapshot, until):
    """A snapshot is being deleted, and then is gone."""
    connection.block_storage.delete_snapshot(snapshot.id)

    until(lambda: snapshot.id not in a.snapshots)
    with pytest.raises(NotFoundException, match="could not be found"):
        connection.block_storage.get_snapshot(snapshot.id)


def test_names_are_trimmed(raw, volume):
    """Cinder takes the blanks off a name."""
    body = {"snapshot": {"volume_id": volume.id, "name": " s ", "force": True}}

    assert raw("POST", "/snapshots", json=body).json()["snapshot"]["name"] == "s"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"snapshot": {}}, "'volume_id' is a required property"),
        ({}, "'snapshot' is a required property"),
        ({"snapshot": {"volume_id": "V", "force": True, "metadata": {"a": 1}}}, "1 is"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(raw, volume, body, words, message):
    """Cinder's schema speaks for itself."""
    if body.get("snapshot", {}).get("volume_id"):
        body["snapshot"]["volume_id"] = volume.id

    answer = raw("POST", "/snapshots", json=body)

    assert answer.status_code == 400
    assert words in message(answer)


def test_user_ids_are_shown_since_3_41(raw, snapshot):
    """What a microversion does not know it does not show."""
    path = f"/snapshots/{snapshot.id}"

    old = raw("GET", path, "3.40").json()["snapshot"]
    new = raw("GET", path, "3.41").json()["snapshot"]

    assert new.keys() - old.keys() == {"user_id"}
