"""The lab's judge of cuts is itself judged: what it must find, and must not."""

import pytest
from attrs import evolve

from tests.lab.records import NANOSECONDS, RECORD_BYTES, Record, gaps, parse, violations


def history(guest: int, last: int, heard: dict[int, int] | None = None) -> list[Record]:
    """Records 1 to ``last`` of a guest, one each 50 ms, the last with ``heard``."""
    records = [Record(n, n * NANOSECONDS // 20, guest) for n in range(1, last + 1)]
    return [*records[:-1], evolve(records[-1], heard=heard or {})]


@pytest.fixture
def cut():
    """A consistent cut: 12 quotes 11's last record on its root, 11 is between two."""
    return {
        11: (history(11, 8, {12: 4}), history(11, 7)),
        12: (history(12, 5, {11: 7}), history(12, 5, {11: 7})),
    }


def slot(text: str) -> bytes:
    """One record as the guest writes it."""
    return text.ljust(RECORD_BYTES - 1).encode() + b"\n"


def test_a_consistent_cut_has_no_violations(cut):
    """A data volume one ahead, and quotes of what is there, are as it should be."""
    assert violations(cut) == []


def test_a_missing_cause_is_found(cut):
    """Quoting what is on the writer's data volume only is already too much."""
    cut[12] = (history(12, 5, {11: 8}), history(12, 5, {11: 7}))

    assert violations(cut) == [
        "guest 12 has heard record 8 of guest 11, whose root volume ends with 7"
    ]


def test_a_missing_cause_is_found_on_a_root_volume(cut):
    """It does not matter on which of its volumes a guest quotes."""
    cut[12] = (history(12, 5), history(12, 5, {11: 9}))

    assert len(violations(cut)) == 1


def test_a_hole_is_found(cut):
    """A record that is lost between others is a violation."""
    data, root = cut[11]
    cut[11] = (data[:3] + data[4:], root)

    assert violations(cut) == ["guest 11's data volume has record 5 right after 3"]


def test_a_root_ahead_of_its_data_is_found(cut):
    """Data is written first, so its volume is never behind."""
    cut[12] = (history(12, 4), history(12, 5))

    assert violations(cut) == [
        "guest 12's data volume ends with record 4 but its root volume with 5"
    ]


def test_data_two_ahead_of_its_root_is_found(cut):
    """A guest never begins a record before it has finished the last."""
    cut[12] = (history(12, 6), history(12, 4))

    assert len(violations(cut)) == 1


def test_a_volume_of_another_guest_is_found(cut):
    """A server that was recovered with somebody else's disk is a violation."""
    cut[11] = (history(11, 8), history(12, 8))

    assert violations(cut) == ["guest 11's root volume ends with a record of guest 12"]


def test_a_guest_that_lost_everything_is_found(cut):
    """An empty root volume makes every quote of its guest one without a cause."""
    cut[11] = ([], [])

    assert violations(cut) == [
        "guest 12 has heard record 7 of guest 11, whose root volume ends with 0"
    ]


def test_records_are_read_as_they_were_written():
    """Number, time, guest and quotes come back, and a run of zeros is skipped."""
    content = slot("0000000007 0000000001000000005 011 12:4 13:9") + bytes(RECORD_BYTES)

    assert parse(content) == [Record(7, 1000000005, 11, {12: 4, 13: 9})]


def test_what_is_no_record_is_an_error():
    """A file of something else is not taken for an empty one."""
    with pytest.raises(ValueError, match="not a record"):
        parse(slot("this is not a record"))


def test_a_gap_is_measured_between_its_records():
    """A freeze shows as one gap; the usual pause of the recorder is none."""
    first, second, third = history(11, 3)
    late = evolve(third, at_ns=second.at_ns + 2 * NANOSECONDS)

    [gap] = gaps([first, second, late], least_seconds=0.3)

    assert (gap.after.number, gap.before.number, gap.seconds) == (2, 3, 2.0)
