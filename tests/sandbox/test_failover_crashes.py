"""A recovery whose process is killed is gone on with, from its journal."""

import os
import subprocess
import sys

import pytest

import vnfdr
from tests.sandbox.away import NAMES, servers_of
from vnfdr.sandbox import Effect, Fault

CALLS = ("import backup", "create volume", "restore backup", "create server")


@pytest.fixture
def point(a, site, away):
    """A point of three servers that were at work at site a."""
    for name in NAMES:
        a.add_server(name)
    return away.protect(site)


@pytest.fixture
def killed(b, other, away, point, tmp_path, until):
    """Recover in another process, which is killed when it has asked for something."""

    def kill_at(call):
        b.faults.add(Fault(call, Effect.HANG))
        mapping = tmp_path / "b.yaml"
        mapping.write_text(vnfdr.dump_mapping(away.mapping(point, other)))
        words = [sys.executable, "examples/fail_over.py", away.place, "ims", mapping]
        environment = {**os.environ, "VNFDR_JOURNAL": str(away.journal)}
        with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as it:
            until(lambda: call in b.faults.calls, seconds=300)
            it.kill()
        (found,) = [
            s for s in vnfdr.open_journals(away.journal).summaries() if s.unfinished
        ]
        return found.run

    return kill_at


@pytest.mark.parametrize("call", CALLS)
def test_a_killed_recovery_is_gone_on_with(b, other, away, killed, call):
    """In whichever phase: nothing is made twice, and nothing is missing."""
    run = killed(call)

    outcome = vnfdr.resume(run, other, journal=away.journal)

    assert outcome.verdict is vnfdr.Verdict.COMMITTED, outcome
    assert list(servers_of(b)) == list(NAMES)
    assert (len(b.volumes), len(b.backups)) == (6, 6)
