import http.client
from urllib.parse import urlsplit

import pytest

from vnfdr.sandbox import Effect, Fault


@pytest.fixture
def swift(connection):
    """The object store, with a container."""
    swift = connection.object_store
    swift.create_container("c")
    return swift


def test_an_object_goes_through_the_ordinary_client(connection, swift, tmp_path):
    """What openstacksdk uploads, it lists, downloads and deletes."""
    path = tmp_path / "bytes"
    path.write_bytes(b"a disk " * 20_000)

    connection.create_object("c", "a/b", filename=str(path), use_slo=False)

    seen = swift.get_object("a/b", container="c")
    assert (seen.content_length, swift.download_object("a/b", container="c")) == (
        path.stat().st_size,
        path.read_bytes(),
    )
    assert [found.name for found in swift.objects("c")] == ["a/b"]
    assert [found.name for found in swift.containers()] == ["c"]
    swift.delete_object("a/b", container="c")
    swift.delete_container("c")
    assert list(swift.containers()) == []


def test_objects_have_what_was_said_of_them(swift):
    """Metadata is kept, and replaced as a whole."""
    swift.put("/c/x", data=b"x", headers={"X-Object-Meta-One": "1"})
    put = swift.head("/c/x").headers["X-Object-Meta-One"]
    swift.post("/c/x", headers={"X-Object-Meta-Two": "2"})

    seen = swift.head("/c/x").headers

    assert put == "1"
    assert (seen.get("X-Object-Meta-One"), seen["X-Object-Meta-Two"]) == (None, "2")


def test_names_come_as_lines_to_who_asks_for_those(raw, swift):
    """JSON is what one has to ask for."""
    ask = {"service": "object_store", "headers": {"Accept": "text/plain"}}
    empty = raw("GET", "/c", **ask)
    swift.put("/c/b", data=b"")
    swift.put("/c/a/1", data=b"")

    answer = raw("GET", "/c?delimiter=/", **ask)

    assert empty.status_code == 204
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "a/\nb\n"


def test_a_list_ends_where_it_is_told_to(raw, swift):
    """The end marker itself is not in it."""
    for name in "abcd":
        swift.put(f"/c/{name}", data=b"")

    query = "/c?format=json&marker=a&end_marker=d"
    answer = raw("GET", query, service="object_store")

    assert [entry["name"] for entry in answer.json()] == ["b", "c"]


@pytest.mark.parametrize("limit", ["10001", "-1", "many"])
def test_more_than_one_page_is_not_had_at_once(raw, swift, limit):
    """Swift says how many there may be."""
    answer = raw("GET", f"/c?limit={limit}", service="object_store")

    assert answer.status_code == 412
    assert answer.text == "Value of limit must be a positive integer <= 10000"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/" + "c" * 257, "Container name length of 257 longer than 256"),
        ("/c/" + "x" * 1025, "Object name length of 1025 longer than 1024"),
    ],
)
def test_a_name_that_is_too_long_is_refused(raw, swift, path, words):
    """Swift says how long it may be."""
    answer = raw("PUT", path, service="object_store", data=b"")

    assert (answer.status_code, answer.text) == (400, words)


def test_what_is_there_is_not_replaced_by_who_asks_for_that(raw, swift):
    """``If-None-Match: *`` is how."""
    headers = {"If-None-Match": "*"}
    asked = {"service": "object_store", "headers": headers}

    answers = [raw("PUT", "/c/x", data=b"x", **asked) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 412]


def test_how_long_an_object_is_has_to_be_said(connection, swift):
    """A PUT that says neither that nor that it comes in chunks is refused."""
    url = urlsplit(swift.get_endpoint())
    wire = http.client.HTTPConnection(url.netloc, timeout=30)
    wire.putrequest("PUT", f"{url.path}/c/x")
    wire.putheader("X-Auth-Token", connection.auth_token)
    wire.endheaders()

    answer = wire.getresponse()

    assert (answer.status, answer.read()) == (411, b"Missing Content-Length header.")
    wire.close()


def test_a_refusal_is_a_page(raw):
    """Swift has no other form, whatever is asked for."""
    answer = raw("GET", "/nowhere/x?format=json", service="object_store")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "<p>The resource could not be found.</p>" in answer.text


def test_one_object_can_fail_and_another_not(a, raw, swift):
    """A fault may be of a name, and what is damaged is shorter."""
    a.faults.add(Fault("put object", Effect.ERROR, resource="group/*"))
    for name in ("other/x", "group/x"):
        raw("PUT", f"/c/{name}", service="object_store", data=b"four")

    assert swift.get("/c/other/x").content == b"four"
    assert swift.get("/c/group/x").content == b"fo"


def test_a_site_may_have_no_object_store(a, connection):
    """Its catalog tells."""
    a.objects.offered = False

    assert connection.endpoint_for("object-store") is None
