"""A failsafe needs nothing from the disk when it acts: that may be what is frozen."""

import json
import os
from pathlib import Path

import attrs
import pytest

import vnfdr
from vnfdr.sandbox import Effect, Fault

WATCHER = Path(__file__).with_name("watcher")

MISHAPS = {
    "all well": ("sandbox", ()),
    "answers lost": ("sandbox", (Fault("thaw guest", Effect.DROP_AFTER, times=4),)),
    "hanging": ("sandbox", (Fault("thaw guest", Effect.HANG, times=2),)),
    "Nova, refused": ("nova", (Fault("unquiesce server", Effect.ANSWER, times=4),)),
    "Nova, answers lost": (
        "nova",
        (
            Fault("unquiesce server", Effect.DROP_AFTER, times=2),
            Fault("show server", Effect.DROP, times=5),
        ),
    ),
    "Nova, token expired": ("nova", (Fault("unquiesce server", Effect.EXPIRE),)),
}


@pytest.fixture
def looked_up(tmp_path, monkeypatch, journal):
    """What a failsafe imports or opens from when it is armed until it has thawed."""
    book = tmp_path / "looked-up"
    monkeypatch.setenv("VNFDR_TEST_LOOKED_UP", str(book))
    monkeypatch.setenv("PYTHONPATH", str(WATCHER), prepend=os.pathsep)

    def since_armed(plan):
        lines = [json.loads(line) for line in book.read_text().splitlines()]
        assert ["import", "vnfdr.failsafe"] in lines, "nobody watched"
        record = ["open", str(journal / f"{plan.id}.failsafe")]
        # Each deed is written by opening the record: the first, that it is armed.
        since = lines[lines.index(record) + 1 :]
        return since[: since.index(record)] if record in since else since

    return since_armed


@pytest.mark.parametrize(("backend", "faults"), MISHAPS.values(), ids=MISHAPS.keys())
def test_it_thaws_without_a_look_at_the_disk(
    site, group, controller, until, a, looked_up, backend, faults
):
    """From when it is armed until all is thawed it imports and opens nothing."""
    members = [vnfdr.Member(member.server, backend) for member in group.members]
    plan = vnfdr.protect(
        site, attrs.evolve(vnfdr.Group.of("ims", members), backup=group.backup)
    )
    child = controller(plan)
    until(lambda: len(a.frozen) == len(group.members))
    a.faults.add(*faults)

    child.kill()

    until(lambda: not a.frozen)
    assert looked_up(plan) == []
