import pytest

from vnfdr.cloud import POINT


@pytest.fixture
def three(a):
    """Three volumes, the oldest first."""
    return [a.add_volume(f"v{n}", None) for n in range(3)]


def test_lists_begin_with_the_newest(connection, three):
    """The last one made is the first one seen."""
    assert [v.name for v in connection.block_storage.volumes()] == ["v2", "v1", "v0"]


def test_a_full_page_links_to_the_next(a, connection, three):
    """Whoever follows the links sees everything once."""
    a.page_max = 2

    assert [v.name for v in connection.block_storage.volumes()] == ["v2", "v1", "v0"]
    assert a.faults.calls.count("list volumes") == 2


def test_snapshots_are_found_by_their_metadata(a, site, volume):
    """Cinder reads the filter as a Python literal."""
    wanted = site.snapshots.request(volume.id, tag="k'1\"", metadata={POINT: "p"})
    site.snapshots.request(volume.id, tag="k2", metadata={POINT: "q"})

    assert [s.id for s in site.snapshots.look("p")] == [wanted]
    assert site.snapshots.find("k'1\"").id == wanted


def test_a_filter_that_is_no_literal_fits_nothing(raw, snapshot):
    """What is not a mapping is in no metadata."""
    params = {"metadata": "nonsense"}
    found = raw("GET", "/snapshots/detail", "3.64", params=params).json()

    assert found == {"snapshots": []}


def test_snapshots_have_no_metadata_filter_before_3_22(raw, snapshot):
    """An old microversion lists everything."""
    params = {"metadata": "{'a': 'b'}"}
    found = raw("GET", "/snapshots/detail", "3.21", params=params).json()

    assert len(found["snapshots"]) == 1


def test_a_user_may_not_look_for_just_anything(member, message):
    """An unknown filter is refused since 3.31, and dropped before."""
    ask = member.block_storage.get

    refused = ask("/backups/detail?metadata=x", microversion="3.31", raise_exc=False)
    dropped = ask("/backups/detail?metadata=x", microversion="3.30", raise_exc=False)

    assert (refused.status_code, dropped.status_code) == (400, 200)
    assert message(refused) == "Invalid filters metadata are found in query options."


def test_a_limit_is_a_number(raw, message):
    """Words are no limit."""
    answer = raw("GET", "/volumes?limit=few")

    assert (answer.status_code, message(answer)) == (
        400,
        "limit param must be an integer",
    )


def test_a_page_begins_after_something_that_is_there(raw):
    """A marker that is unknown is not found."""
    assert raw("GET", "/volumes?marker=nope").status_code == 404
