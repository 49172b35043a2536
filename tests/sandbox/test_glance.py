import pytest
from openstack.exceptions import (
    ConflictException,
    ForbiddenException,
    NotFoundException,
)

from vnfdr.sandbox import Effect, Fault

BYTES = b"a disk " * 20_000


@pytest.fixture
def image(connection):
    """An image that has its bytes."""
    return connection.create_image(
        "cirros", data=BYTES, disk_format="raw", container_format="bare", os_distro="x"
    )


def test_an_image_is_kept(connection, image):
    """What was uploaded is what is downloaded."""
    seen = connection.image.get_image(image.id)

    assert (seen.status, seen.size, seen.visibility) == (
        "active",
        len(BYTES),
        "shared",
    )
    assert seen.os_distro == "x"
    assert connection.image.download_image(seen).content == BYTES
    assert [found.id for found in connection.image.images(name="cirros")] == [image.id]


def test_an_image_without_bytes_is_queued(connection):
    """There is nothing to download yet."""
    made = connection.image.create_image("empty", disk_format="raw")

    assert connection.image.get_image(made.id).status == "queued"


def test_an_image_is_changed(connection, image):
    """Names and properties can be others, and properties can go."""
    connection.image.update_image(image.id, name="debian", hw_disk_bus="virtio")

    seen = connection.image.get_image(image.id)

    assert (seen.name, seen.hw_disk_bus) == ("debian", "virtio")


def test_bytes_are_uploaded_once(raw, image, message):
    """An active image is what it is."""
    answer = send(raw, image, b"other")

    assert answer.status_code == 409
    assert "from active to saving is not allowed" in answer.text


def send(raw, image, data, kind="application/octet-stream"):
    """Upload bytes, and get what Glance says."""
    return raw(
        "PUT",
        f"/images/{image.id}/file",
        service="image",
        data=data,
        headers={"Content-Type": kind},
    )


def test_formats_come_first(connection, raw):
    """Without them bytes are refused."""
    made = raw("POST", "/images", service="image", json={"name": "empty"}).json()

    answer = send(raw, connection.image.get_image(made["id"]), BYTES)

    assert answer.status_code == 400
    assert "must be set prior to saving data" in answer.text


def test_bytes_come_as_bytes(raw, image):
    """Glance wants to be told that they are."""
    assert send(raw, image, BYTES, "text/plain").status_code == 415


def test_an_upload_can_fail(a, connection, raw):
    """What is left is an image that cannot be used."""
    a.faults.add(Fault("upload image", Effect.ERROR, resource="bad"))
    made = connection.image.create_image(
        "bad", disk_format="raw", container_format="bare"
    )

    send(raw, made, BYTES)

    assert connection.image.get_image(made.id).status == "killed"


@pytest.mark.parametrize(
    ("step", "status", "words"),
    [
        ({"op": "replace", "path": "/status", "value": "x"}, 403, "is read-only"),
        ({"op": "replace", "path": "/x", "value": "x"}, 409, "x does not exist"),
        ({"op": "remove", "path": "/x"}, 409, "x does not exist"),
        ({"op": "remove", "path": "/name"}, 403, "is a base property"),
        ({"op": "replace", "path": "/visibility", "value": "x"}, 400, "is not one of"),
        ({"op": "replace", "path": "/disk_format", "value": "x"}, 403, "queued image"),
    ],
)
def test_a_change_that_cannot_be_is_refused(raw, image, step, status, words):
    """Glance says what cannot be changed, in its own form."""
    answer = raw(
        "PATCH",
        f"/images/{image.id}",
        service="image",
        json=[step],
        headers={"Content-Type": "application/openstack-images-v2.1-json-patch"},
    )

    assert answer.status_code == status
    assert words in answer.text


def test_a_protected_image_stays(connection, image):
    """It is deleted when it is protected no longer."""
    connection.image.update_image(image.id, is_protected=True)
    with pytest.raises(ForbiddenException, match="is protected and cannot be deleted"):
        connection.image.delete_image(image.id)

    connection.image.update_image(image.id, is_protected=False)
    connection.image.delete_image(image.id)

    with pytest.raises(NotFoundException, match="No image found with ID"):
        connection.image.get_image(image.id)


def test_only_administrators_publish(connection, member):
    """A public image is everybody's."""
    with pytest.raises(ForbiddenException, match="publicize_image"):
        member.image.create_image("mine", visibility="public")

    assert connection.image.create_image("ours", visibility="public").id


def test_an_id_is_taken_once(connection, image):
    """An image that brings its id finds it free, or is refused."""
    with pytest.raises(ConflictException, match="already exists"):
        connection.image.create_image("again", id=image.id, allow_duplicates=True)


def test_images_come_in_pages(connection):
    """Whoever follows the links sees every image once."""
    names = {connection.image.create_image(f"i{n}").name for n in range(5)}

    seen = [image.name for image in connection.image.images(limit=2)]

    assert (set(seen), len(seen)) == (names, 5)


@pytest.mark.parametrize("accepted", ["*/*", "application/json"])
def test_a_refusal_is_a_page_or_json(raw, accepted):
    """Glance says it in JSON to who asks for that, and else in a page."""
    headers = {"Accept": accepted}

    answer = raw("GET", "/images/x", service="image", headers=headers)

    assert answer.status_code == 404
    assert "No image found with ID x" in answer.text
    is_json = answer.headers["Content-Type"] == "application/json"
    assert is_json == (accepted == "application/json")
