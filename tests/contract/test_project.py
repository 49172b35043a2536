"""What a project may have, what of it is used, and whether Cinder is well."""

from contextlib import contextmanager

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content, follow

TOO_BIG_GIB = 50_000
NO_ROOM = "schedule allocate volume:Could not find any available weighted backend."
MESSAGE = {
    *("created_at", "event_id", "guaranteed_until", "id", "links", "message_level"),
    *("request_id", "resource_type", "resource_uuid", "user_message"),
}
COUNTED = r"Maximum number of {} allowed \(\d+\) exceeded"
MEASURED = r"Requested 1G, quota is \d+G and \d+G has been consumed"
USED_UP = [
    (
        "volumes",
        "volume",
        rf"VolumeLimitExceeded: {COUNTED.format('volumes')} for quota 'volumes'",
    ),
    ("snapshots", "snapshot", f"SnapshotLimitExceeded: {COUNTED.format('snapshots')}"),
    (
        "gigabytes",
        "snapshot",
        f"VolumeSizeExceedsAvailableQuota: .* allowed gigabytes quota. {MEASURED}",
    ),
    ("backups", "backup", f"BackupLimitExceeded: {COUNTED.format('backups')}"),
    (
        "backup_gigabytes",
        "backup",
        (
            "VolumeBackupSizeExceedsAvailableQuota: .* allowed Backup gigabytes quota."
            f" {MEASURED}"
        ),
    ),
]


@pytest.fixture
def quotas(cloud):
    """Return what the project may have, and has."""

    def quotas(by=cloud.admin):
        path = f"/os-quota-sets/{cloud.project_id}"
        return content(by.cinder.get(path, params={"usage": "True"}))

    return quotas


@pytest.fixture
def limited(cloud, quotas):
    """Set limits for a while."""
    path = f"/os-quota-sets/{cloud.project_id}"

    @contextmanager
    def limited(**limits):
        before = {name: quotas()[name]["limit"] for name in limits}
        answer = cloud.cinder.put(path, json={"quota_set": limits})
        try:
            assert {name: content(answer)[name] for name in limits} == limits
            yield
        finally:
            assert cloud.cinder.put(path, json={"quota_set": before}).ok

    return limited


def test_quotas_tell_what_is_used(cloud, quotas):
    """To members too, for every volume type as well."""
    kind = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))["volume_type"]
    per_type = ("volumes", "snapshots", "gigabytes")
    names = {*per_type, "backups", "backup_gigabytes", "groups"}
    typed = {f"{n}_{of}" for n in per_type for of in (kind, "__DEFAULT__")}

    admin, member = quotas(), quotas(cloud.member)

    assert admin == member
    assert admin.keys() == names | typed | {"id", "per_volume_gigabytes"}
    assert admin["id"] == cloud.project_id
    numbers = {name: value for name, value in admin.items() if name != "id"}
    assert all(n.keys() == {"limit", "in_use", "reserved"} for n in numbers.values())
    assert admin[f"volumes_{kind}"]["in_use"] >= 2


def test_quotas_without_usage_are_plain_limits(cloud, quotas):
    """One number each."""
    plain = content(cloud.cinder.get(f"/os-quota-sets/{cloud.project_id}"))

    limits = {n: v["limit"] for n, v in quotas().items() if n != "id"}
    assert plain == {"id": cloud.project_id, **limits}


def test_the_limits_are_those_of_the_quotas(cloud, quotas):
    """In words of their own."""
    answer = cloud.member.cinder.get("/limits")

    told, known = content(answer), quotas()
    counts = {"Volumes": "volumes", "Snapshots": "snapshots", "Backups": "backups"}
    assert told["rate"] == []
    for word, name in counts.items():
        assert told["absolute"][f"maxTotal{word}"] == known[name]["limit"]
        assert told["absolute"][f"total{word}Used"] == known[name]["in_use"]
    assert told["absolute"]["totalGigabytesUsed"] == known["gigabytes"]["in_use"]


def test_members_set_no_quotas(cloud):
    """Nor see those of other projects."""
    path, body = f"/os-quota-sets/{cloud.project_id}", {"quota_set": {"backups": 1}}

    changed = cloud.member.cinder.put(path, json=body)
    other = cloud.member.cinder.get(f"/os-quota-sets/{NOBODY}")

    words = "Policy doesn't allow volume_extension:quotas:{} to be performed"
    assert_refused(changed, 403, "forbidden", words.format("update"))
    assert_refused(other, 403, "forbidden", words.format("show"))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "{} should be non-empty"),
        ({"nonsense": 1}, r"Bad key\(s\) in quota set: nonsense"),
        ({"backups": -2}, "backups must be >= -1"),
    ],
    ids=["none", "unknown", "too small"],
)
def test_what_is_no_quota_is_refused(cloud, limits, words):
    """And nothing is changed."""
    path = f"/os-quota-sets/{cloud.project_id}"
    before = content(cloud.cinder.get(path))

    answer = cloud.cinder.put(path, json={"quota_set": limits})

    assert_refused(answer, 400, "badRequest", words)
    assert content(cloud.cinder.get(path)) == before


@pytest.mark.parametrize(("quota", "noun", "words"), USED_UP)
def test_a_quota_that_is_used_up_refuses(cloud, quotas, limited, quota, noun, words):
    """With a Retry-After of 0, though to try again is of no use."""
    of_volume = {"volume_id": cloud.data_id, "force": True}
    asked = {"size": 1} if noun == "volume" else of_volume
    used = quotas()[quota]["in_use"]

    with limited(**{quota: used}):
        answer = cloud.cinder.post(f"/{noun}s", json={noun: asked})

    assert_refused(answer, 413, "overLimit", words)
    assert answer.headers["Retry-After"] == "0"
    assert quotas()[quota]["in_use"] == used


def test_a_volume_may_be_too_big_for_any_project(cloud, limited):
    """That limit is for each volume, and nothing uses it up."""
    with limited(per_volume_gigabytes=1):
        answer = cloud.cinder.post("/volumes", json={"volume": {"size": 2}})

    words = "VolumeSizeExceedsLimit: Requested volume size 2G is larger than maximum"
    assert_refused(answer, 413, "overLimit", words)


def services(cloud, **query):
    """Return the state of each of Cinder's processes."""
    found = content(cloud.cinder.get("/os-services", params=query))
    return {s["binary"]: (s["state"], s["status"]) for s in found}


def test_administrators_see_whether_cinder_is_well(cloud):
    """All its processes, or those of one kind."""
    well = ("up", "enabled")
    kinds = ("cinder-backup", "cinder-scheduler", "cinder-volume")
    fields = {"binary", "cluster", "disabled_reason", "host", "state", "status"}

    (one,) = content(cloud.cinder.get("/os-services?binary=cinder-backup"))

    assert services(cloud) == dict.fromkeys(kinds, well)
    assert services(cloud, binary="cinder-backup") == {"cinder-backup": well}
    assert one.keys() == fields | {"updated_at", "zone"}


def test_members_do_not(cloud):
    """Vnfdr cannot know then, and says so."""
    answer = cloud.member.cinder.get("/os-services")

    words = "Policy doesn't allow volume_extension:services:index to be performed"
    assert_refused(answer, 403, "forbidden", words)


def test_a_backup_service_that_stopped_is_down(cloud):
    """Once it has not been heard of for a while; it is still enabled."""
    with cloud.backup_service_stopped():
        assert services(cloud)["cinder-backup"] == ("down", "enabled")
        assert services(cloud)["cinder-volume"] == ("up", "enabled")
    assert services(cloud)["cinder-backup"] == ("up", "enabled")


def test_why_something_failed_is_told_in_a_message(cloud):
    """A volume of which no storage has room is accepted, and then in error."""
    asked = {"volume": {"size": TOO_BIG_GIB}}
    volume_id = content(cloud.cinder.post("/volumes", json=asked))["id"]
    path = f"/volumes/{volume_id}"
    ending = follow(cloud.cinder, path, "available")[-1]
    seen = [
        content(user.cinder.get("/messages", params={"resource_uuid": volume_id}))
        for user in (cloud.admin, cloud.member)
    ]
    cloud.cinder.delete(path)

    (message,) = seen[0]
    assert ending == "error"
    assert seen[0] == seen[1]
    assert message.keys() == MESSAGE
    assert message["user_message"] == NO_ROOM
    assert message["event_id"] == "VOLUME_VOLUME_001_003"
    assert (message["resource_type"], message["message_level"]) == ("VOLUME", "ERROR")
    assert message["guaranteed_until"] > message["created_at"]


def test_there_are_no_messages_of_what_went_well(cloud):
    """Whoever asks why something failed gets an empty list."""
    for user in (cloud.admin, cloud.member):
        answer = user.cinder.get("/messages", params={"resource_uuid": cloud.root_id})

        assert content(answer) == []
