"""What a shell sees of a group that comes back: statuses, plans, and reports."""

import io
import json
import os
import signal
import sys
import threading
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from tests.fakes import FakeQuiesce, FakeSite
from tests.manifests import offer
from vnfdr import cli, dump_mapping, runs, world
from vnfdr.errors import CloudError
from vnfdr.manifests import dump_manifest, name_of, open_manifests
from vnfdr.mapping import BootTier


class Main:
    """`cli.main` in the form that click's runner calls."""

    name = "vnfdr"

    def main(self, args, prog_name, **extra):
        cli.main()


@pytest.fixture
def there(monkeypatch):
    """A site in memory, which is the only cloud."""
    site = FakeSite(name="site-b", stock=offer())
    monkeypatch.setattr(runs, "connect", lambda cloud: site)
    monkeypatch.setattr(world, "get_backend", lambda name, site: FakeQuiesce(site))
    return site


@pytest.fixture
def shell(group, mapping, there, tmp_path, monkeypatch):
    """Run vnfdr as a shell would, with a manifest in ``off-site`` and a mapping."""
    store = open_manifests(tmp_path / "off-site")
    store.put(name_of(group.group, group.point), dump_manifest(group))
    tiers = tuple(BootTier((name,), gate="Go on?") for name in ("db", "app"))
    (tmp_path / "b.yaml").write_text(dump_mapping(attrs.evolve(mapping, tiers=tiers)))
    monkeypatch.setenv("VNFDR_JOURNAL", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)

    def shell(command, *words, point="p1"):
        mapping = "--check" if command == "mapping" else "--mapping"
        said = [command, "off-site", point, mapping, "b.yaml"]
        said += ["--os-cloud", "site-b", *words]
        monkeypatch.setattr(sys, "argv", ["vnfdr", *said])
        return CliRunner().invoke(Main())

    return shell


def refuse(*calls):
    def hook(call):
        if call in calls:
            raise CloudError("no")

    return hook


def test_a_recovery_exits_with_0_and_says_how_to_keep_it(shell, there):
    """The plan says what to type next; the outcome is on standard output."""
    done = shell("recover", "--open-gates", "--json")

    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "committed"
    assert sorted(server.name for server in there.all_servers.values()) == ["app", "db"]


def test_a_recovery_that_fails_exits_with_1(shell, there):
    """What failed is told, and nothing of it remains but the records."""
    there.fate["app"] = "ERROR"

    done = shell("recover", "--open-gates")

    assert done.exit_code == 1
    assert "no valid host" in done.stdout
    assert (there.all_servers, there.all_volumes) == ({}, {})
    assert len(there.all_backups) == 4


def test_a_recovery_that_cannot_be_taken_back_exits_with_2(shell, there):
    """Everything that stays is named."""
    there.fate["app"] = "ERROR"
    there.wire.before = refuse("delete server")

    done = shell("recover", "--open-gates")

    assert done.exit_code == 2
    assert "left behind: server" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("recover", "--restores-at-once", "0"), "Invalid value"),
        (("recover",), "no manifest"),
        (("rehearse",), "no manifest"),
    ],
    ids=["option", "recover", "rehearse"],
)
def test_wrong_input_exits_with_64(shell, there, words, reason):
    """Nothing was touched."""
    point = "p1" if len(words) > 1 else "p9"

    done = shell(*words, point=point)

    assert done.exit_code == 64
    assert reason in done.stderr or "p9" in done.stderr
    assert there.all_backups == {}


def test_all_that_is_wrong_with_a_point_is_listed(shell, group, there, tmp_path):
    """A line for each thing to mend, and the status of wrong input."""
    there.stock = offer(flavors={}, volume_types=())

    done = shell("recover")

    assert done.exit_code == 64
    assert "point p1 of 'ims' cannot come back to 'site-b':" in done.stderr
    assert "flavors" in done.stderr
    assert "volume_types" in done.stderr


@pytest.mark.usefixtures("usual_signals")
def test_a_recovery_that_is_interrupted_exits_with_130(shell, there):
    """Ctrl-C has it taken back."""

    def interrupt(call):
        if call == "create server":
            os.kill(os.getpid(), signal.SIGINT)
            # The main thread hears of it meanwhile.
            threading.Event().wait(0.5)

    there.wire.before = interrupt

    done = shell("recover", "--open-gates")

    assert done.exit_code == 130
    assert there.all_servers == {}


def test_a_damaged_manifest_exits_with_64(shell, there, tmp_path):
    """Nothing was touched: take another point, or the copy in another place."""
    (tmp_path / "off-site" / "ims" / "p1.json").write_bytes(b"\xff")

    done = shell("recover")

    assert done.exit_code == 64
    assert "it is no text" in done.stderr
    assert there.all_backups == {}


def test_a_place_that_is_not_there_exits_with_64(shell, tmp_path):
    """A directory that is not mounted is no run that left something behind."""
    (tmp_path / "off-site").rename(tmp_path / "elsewhere")

    done = shell("recover")

    assert done.exit_code == 64
    assert "there is no such directory" in done.stderr


@pytest.mark.parametrize("command", ["recover", "rehearse", "clone", "mapping"])
def test_the_latest_point_of_a_group_is_found_among_those_of_others(
    shell, group, tmp_path, command
):
    """A place keeps the points of several groups."""
    other = attrs.evolve(group, group="other", point="p9")
    store = open_manifests(tmp_path / "off-site")
    store.put(name_of("other", "p9"), dump_manifest(other))

    unclear = shell(command, point="latest")
    clear = shell(command, "--group", "ims", point="latest")

    assert unclear.exit_code == 64
    assert "the latest point of which group?" in unclear.stderr
    assert "the latest point of which group?" not in clear.stderr
    assert "p9" not in clear.output


def test_a_rehearsal_whose_report_cannot_be_printed_exits_with_0(
    shell, there, monkeypatch
):
    """It is kept beside the journal, and the status is that of the run."""

    def main():
        with Path("/dev/full").open("wb", 0) as full, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", io.TextIOWrapper(full, write_through=True))
            whole()

    whole = cli.main
    monkeypatch.setattr(cli, "main", main)

    done = shell("rehearse", "--open-gates")

    assert done.exit_code == 0, done.stderr
    assert "the report of run" in done.stderr
    assert "cannot be printed: [Errno 28]" in done.stderr


@pytest.mark.parametrize("command", ["recover", "rehearse"])
def test_a_dry_run_touches_nothing(shell, there, command):
    """It prints the plan, and what preflight finds."""
    done = shell(command, "--dry-run")

    assert done.exit_code == 0, done.stderr
    assert f"{command} 'ims' at 'site-b' from point p1" in done.stdout
    assert "preflight: nothing to mend" in done.stderr
    assert (there.all_backups, there.made) == ({}, [])


def test_a_dry_run_that_finds_something_exits_with_1(shell, there):
    """What is to mend is told."""
    there.lacks = ("the quota for cores leaves 0 free",)

    done = shell("recover", "--dry-run")

    assert done.exit_code == 1
    assert "the quota for cores leaves 0 free" in done.stderr


def test_a_rehearsal_keeps_its_report(shell, there, tmp_path):
    """Where it was asked for, with the time to recover; nothing else is left."""
    done = shell("rehearse", "--open-gates", "--report", "rto.json")

    report = json.loads((tmp_path / "rto.json").read_text())
    assert done.exit_code == 0, done.stderr
    assert report["verdict"] == "committed"
    assert report["rto_seconds"] >= 0
    assert "all servers at work after" in done.stdout
    assert there.made == []


def test_the_report_of_a_rehearsal_is_its_result(shell):
    """Another program reads it from standard output."""
    done = shell("rehearse", "--open-gates", "--json")

    told = json.loads(done.stdout)
    assert (told["group"], told["site"], told["leftovers"]) == ("ims", "site-b", [])
    assert [phase["name"] for phase in told["phases"]][:1] == [
        "import the records of generation 1"
    ]


def test_the_report_of_a_rehearsal_is_kept_beside_its_journal(shell, tmp_path):
    """Who asked for nothing finds it all the same."""
    shell("rehearse", "--open-gates")

    (kept,) = (tmp_path / "runs").glob("*.report.json")
    assert json.loads(kept.read_text())["group"] == "ims"


def test_a_gate_without_a_person_is_told_before(shell, there):
    """Where there is no terminal, nobody could say yes."""
    done = shell("recover")

    assert done.exit_code == 1
    assert "nobody is here to open the gate" in done.stdout
    assert there.all_backups == {}
