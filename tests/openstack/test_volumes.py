"""Volumes on the wire."""

import pytest
from responses.matchers import json_params_matcher

from vnfdr.errors import CloudError, Conflict, WaitedTooLong
from vnfdr.model import Volume


def seen(status="available", **more):
    """What Cinder says of a volume."""
    return {
        "id": "v1",
        "name": None,
        "size": 3,
        "status": status,
        "volume_type": None,
        "bootable": "false",
        "multiattach": False,
        "encrypted": False,
        "attachments": [],
        "metadata": {},
        **more,
    }


def test_a_volume_is_read(site, cinder):
    """What decides whether a volume can be protected is all there."""
    flags = {"bootable": "true", "multiattach": True, "encrypted": True}
    answer = seen("in-use", name="[b]data[/b]\n", volume_type="ssd", **flags)
    answer["attachments"] = [{"server_id": "i2"}, {"server_id": "i1"}]
    answer["os-vol-tenant-attr:tenant_id"] = "p1"
    cinder.get("/volumes/v1", json={"volume": answer})

    volume = site.volumes.get("v1")

    assert volume == Volume(
        id="v1",
        name="[b]data[/b]\n",
        size_gib=3,
        status="in-use",
        type="ssd",
        project_id="p1",
        bootable=True,
        multiattach=True,
        encrypted=True,
        server_ids=("i1", "i2"),
    )


def test_a_volume_that_is_attached_to_a_host_is_read(site, cinder):
    """That has no server's id, and is somebody who may write to it."""
    answer = seen("in-use", attachments=[{"server_id": "i1"}, {"server_id": None}])
    cinder.get("/volumes/v1", json={"volume": answer})

    assert site.volumes.get("v1").server_ids == ("a host", "i1")


@pytest.mark.parametrize(
    ("image", "system"),
    [
        ({"os_type": "Windows"}, "windows"),
        ({"os_distro": "windows"}, "windows"),
        ({"os_type": "linux", "os_distro": "debian"}, "linux"),
        ({"image_id": "i1"}, ""),
    ],
)
def test_a_volume_tells_what_its_image_holds(site, cinder, image, system):
    """Glance's words for it came along when the volume was made."""
    answer = seen(volume_image_metadata=image)
    cinder.get("/volumes/v1", json={"volume": answer})

    assert site.volumes.get("v1").os == system


def test_a_volume_without_name_and_type_is_read(site, cinder):
    """What Cinder leaves out is empty, not None."""
    cinder.get("/volumes/v1", json={"volume": seen()})

    volume = site.volumes.get("v1")

    assert volume == Volume("v1", size_gib=3, status="available")


def test_an_id_is_never_more_than_an_id(site, cinder):
    """An id from a file cannot reach another address of the service."""
    cinder.get("/volumes/v1%2F..%3Fx", json={"volume": seen()})

    site.volumes.get("v1/..?x")

    assert len(cinder.requests("GET")) == 1


def test_a_volume_is_made_from_a_snapshot(site, cinder):
    """It carries the key, and is there to be used on return."""
    asked_for = {
        "snapshot_id": "s1",
        "size": 3,
        "name": "p1:a",
        "metadata": {"vnfdr-group": "ims", "vnfdr-key": "p1:a"},
    }
    match = [json_params_matcher({"volume": asked_for})]
    cinder.post("/volumes", json={"volume": seen("creating")}, match=match)
    for status in ("creating", "available"):
        cinder.get("/volumes/v1", json={"volume": seen(status)})

    made = site.volumes.create(
        tag="p1:a", snapshot_id="s1", size_gib=3, metadata={"vnfdr-group": "ims"}
    )

    assert made == "v1"


def test_a_volume_that_cannot_be_made_says_why(site, cinder):
    """Cinder keeps the reason apart from the volume; it is told with the failure."""
    cinder.post("/volumes", json={"volume": seen("creating")})
    cinder.get("/volumes/v1", json={"volume": seen("error")})
    message = {"created_at": "2026-01-01", "user_message": "no backend has the space"}
    cinder.get("/messages", json={"messages": [message]})

    with pytest.raises(CloudError, match=r"'v1' .* 'error': no backend has the space"):
        site.volumes.create(tag="t", snapshot_id="s1", size_gib=3, metadata={})


@pytest.mark.parametrize(("size_gib", "seconds"), [(1, 1830), (2048, 63240)])
def test_a_volume_that_is_never_made_is_given_up(
    site, cinder, clock, size_gib, seconds
):
    """Half an hour, and half a minute for each GiB, is enough for any copy."""
    cinder.post("/volumes", json={"volume": seen("creating")})
    cinder.get("/volumes/v1", json={"volume": seen("creating", size=size_gib)})

    with pytest.raises(WaitedTooLong, match=f"'v1' available: not within {seconds}"):
        site.volumes.create(tag="t", snapshot_id="s1", size_gib=size_gib, metadata={})

    # The rest of it is what the test itself took.
    assert clock.slept > seconds - 100


def test_a_volume_is_found_by_its_key(site, cinder):
    """A volume whose maker died is found half made, and then waited for."""
    mine = seen("creating", metadata={"vnfdr-key": "it's\nmine"})
    cinder.get("/volumes/detail", json={"volumes": [seen(), mine]})
    cinder.get("/volumes/v1", json={"volume": seen()})

    found = site.volumes.find("it's\nmine")
    site.volumes.wait(found.id)

    assert found.status == "creating"


def test_a_volume_that_nobody_made_is_not_found(site, cinder):
    """Nothing found is no error; it is looked for by its metadata, and by its name."""
    cinder.get("/volumes/detail", json={"volumes": []})

    assert site.volumes.find("p1:a") is None
    by_metadata, by_name = cinder.requests("GET")
    assert by_metadata.params == {"metadata": "{'vnfdr-key': 'p1:a'}"}
    assert by_name.params == {"name": "p1:a"}


@pytest.mark.parametrize(
    "before", [["available"], ["error"], ["creating", "available"]]
)
def test_a_volume_is_deleted_whatever_became_of_its_creation(site, cinder, before):
    """Finished, failed or still under way: afterwards it is gone."""
    for status in before:
        cinder.get("/volumes/v1", json={"volume": seen(status)})
    cinder.delete("/volumes/v1")
    cinder.refuse("GET", "/volumes/v1", 404, "Volume v1 could not be found.")

    site.volumes.delete("v1")

    assert len(cinder.requests("DELETE")) == 1


def test_a_volume_that_resists_deletion_is_an_error(site, cinder):
    """A volume that stays behind in error_deleting is named."""
    cinder.get("/volumes/v1", json={"volume": seen()})
    cinder.delete("/volumes/v1")
    for status in ("deleting", "error_deleting"):
        cinder.get("/volumes/v1", json={"volume": seen(status)})
    cinder.get("/messages", json={"messages": []})

    with pytest.raises(Conflict, match=r"volume 'v1' .* 'error_deleting'"):
        site.volumes.delete("v1")
