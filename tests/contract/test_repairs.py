"""What of a volume can be put right after it was restored, and how it is made blank."""

import pytest

from tests.contract.cloud import NOBODY, assert_refused, content, made, removed


@pytest.fixture
def volume(cloud):
    """A volume that a test may change; what is shown of it, and what is done to it."""
    volume_id = made(cloud.cinder, "volume", size=1, name="broken")
    path = f"/volumes/{volume_id}"

    def act(**action):
        return cloud.cinder.post(f"{path}/action", json=action)

    act.path = path
    yield act
    removed(cloud.cinder, "volume", volume_id)


def test_an_image_property_is_set_changed_and_removed(cloud, volume):
    """One that is not there cannot be removed; without any, none are shown."""
    first = {"os-set_image_metadata": {"metadata": {"hw_disk_bus": "scsi", "x": "1"}}}
    second = {"os-set_image_metadata": {"metadata": {"hw_disk_bus": "virtio"}}}
    gone = {"os-unset_image_metadata": {"key": "x"}}
    answers = [volume(**each) for each in (first, second, gone)]

    again = volume(**gone)
    seen = content(cloud.cinder.get(volume.path))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert seen["volume_image_metadata"] == {"hw_disk_bus": "virtio"}
    assert_refused(again, 404, "itemNotFound", "metadata .* cannot be found")
    assert volume(**{"os-unset_image_metadata": {"key": "hw_disk_bus"}}).ok
    assert "volume_image_metadata" not in content(cloud.cinder.get(volume.path))


def test_the_bootable_flag_is_set_either_way(cloud, volume):
    """Again and again."""
    for wanted in (True, True, False):
        answer = volume(**{"os-set_bootable": {"bootable": wanted}})

        seen = content(cloud.cinder.get(volume.path))
        assert (answer.status_code, seen["bootable"]) == (200, str(wanted).lower())


def test_a_name_and_a_description_may_be_empty(cloud, volume):
    """Both are set with one request."""
    for name, description in (("db", "its root"), ("", "")):
        body = {"volume": {"name": name, "description": description}}
        answer = cloud.cinder.put(volume.path, json=body)

        assert answer.status_code == 200
        seen = content(cloud.cinder.get(volume.path))
        assert (seen["name"], seen["description"]) == (name, description)


def test_a_blank_volume_has_the_type_and_the_zone_that_were_asked_for(cloud):
    """As one that nobody asked anything of has those of the site."""
    usual = content(cloud.cinder.get(f"/volumes/{cloud.root_id}"))
    asked = {key: usual[key] for key in ("volume_type", "availability_zone")}

    volume_id = made(cloud.cinder, "volume", size=1, name="blank", **asked)

    seen = content(cloud.cinder.get(f"/volumes/{volume_id}"))
    assert {key: seen[key] for key in asked} == asked
    removed(cloud.cinder, "volume", volume_id)


def test_a_copy_of_a_volume_is_as_big_and_boots_as_it_does(cloud):
    """It has none of its metadata, and says what it is a copy of."""
    asked = {"source_volid": cloud.root_id, "size": 1, "name": "copy"}

    copy_id = made(cloud.cinder, "volume", **asked)

    copy = content(cloud.cinder.get(f"/volumes/{copy_id}"))
    assert (copy["source_volid"], copy["bootable"]) == (cloud.root_id, "true")
    assert (copy["size"], copy["metadata"]) == (1, {})
    removed(cloud.cinder, "volume", copy_id)


def test_a_copy_of_nothing_is_not_made(cloud):
    """Cinder says what it looked for."""
    asked = {"volume": {"size": 1, "source_volid": NOBODY}}

    answer = cloud.cinder.post("/volumes", json=asked)

    words = f"Volume {NOBODY} could not be found"
    assert_refused(answer, 404, "itemNotFound", words)
