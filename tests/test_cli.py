"""What a shell sees: exit statuses, standard output, and nothing by accident."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from tests.dead import BackendsOf, die_in_window, plan_of, plan_without_window
from tests.fakes import quiet
from vnfdr import cli, open_journals, provisional, recovery, runs, world
from vnfdr.display import Progress
from vnfdr.errors import CloudError, UnknownCloud
from vnfdr.plan import Entry, Fact, Verdict
from vnfdr.steps import Gate

LATER = {"libvirt", "openstack", "starlette", "uvicorn", "vnfdr.sandbox"}
GROUP = """
group: vnf
defaults: {backend: none, level: crash}
tiers: [db, app, lb]
"""


@pytest.fixture
def shell(site, tmp_path, monkeypatch):
    """Run vnfdr as a shell would, with the fake site as its only cloud."""
    for module in (provisional, runs, recovery):
        monkeypatch.setattr(module, "connect", lambda cloud: site)
    monkeypatch.setenv("VNFDR_JOURNAL", str(tmp_path / "runs"))
    monkeypatch.setenv("OS_CLOUD", "site-a")
    (tmp_path / "group.yaml").write_text(GROUP)
    monkeypatch.chdir(tmp_path)

    def shell(*words):
        monkeypatch.setattr(sys, "argv", ["vnfdr", *words])
        return CliRunner().invoke(Main())

    return shell


class Main:
    """`cli.main` in the form that click's runner calls."""

    name = "vnfdr"

    def main(self, args, prog_name, **extra):
        cli.main()


def refuse(*calls):
    def hook(call):
        if call in calls:
            raise CloudError("no")

    return hook


def test_a_committed_run_exits_with_0(shell):
    """The outcome is on standard output, progress is not."""
    done = shell("protect", "group.yaml", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["verdict"] == "committed"
    assert len(told["recovery_point"]["volumes"]) == 6
    assert "back up" in done.stderr


def test_a_compensated_run_exits_with_1(shell, site):
    """What failed is told, and nothing is left."""
    site.wire.before = refuse("create volume")

    done = shell("protect", "group.yaml")

    assert done.exit_code == 1
    assert "compensated" in done.stdout
    assert site.made == []


def test_a_stranded_run_exits_with_2(shell, site):
    """Everything that stays is named."""
    site.wire.before = refuse("create volume", "delete snapshot")

    done = shell("protect", "group.yaml")

    assert done.exit_code == 2
    assert done.stdout.count("left behind: snapshot") == 6


@pytest.mark.parametrize(
    "words",
    [
        ("protect",),
        ("protect", "group.yaml", "--polcy"),
        ("protect", "nowhere.yaml"),
        ("resume", "no-such-run"),
        ("thaw", "no-such-run"),
        ("sweep", "--unknown-older-than", "0.1"),
        ("sweep", "--unknown-older-than", "nan"),
        ("sweep", "--unknown-older-than", "inf"),
        ("sweep", "--unknown-older-than", "1e300"),
        ("explode",),
    ],
)
def test_wrong_input_exits_with_64(shell, words):
    """A typo is told apart from a failure."""
    assert shell(*words).exit_code == 64


def test_a_dry_run_touches_nothing(shell, site):
    """The plan, its calls and the predicted window are printed."""
    done = shell("protect", "group.yaml", "--dry-run")

    assert done.exit_code == 0
    assert "POST /snapshots" in done.stdout
    assert "a window of about" in done.stdout
    assert site.made == []


def test_a_plan_with_problems_exits_with_1(shell, site):
    """A nightly check sees tonight's failure at noon."""
    site.free["snapshots"] = 2

    done = shell("plan", "group.yaml")

    assert done.exit_code == 1
    assert "quota for snapshots leaves 2 free" in done.stderr


def test_runs_are_listed(shell):
    """Each with its plan and how it ended."""
    shell("protect", "group.yaml")

    done = shell("runs", "--json")

    (run,) = json.loads(done.stdout)
    assert run["state"] == "committed"
    assert run["plan"] == "protect 'vnf' at 'site-a'"


def test_resuming_what_ended_tells_the_end(shell):
    """It is safe to resume once too often."""
    run = json.loads(shell("protect", "group.yaml", "--json").stdout)["run"]

    done = shell("resume", run)

    assert done.exit_code == 0
    assert f"run {run}: committed" in done.stdout


@pytest.fixture
def dead(site, tmp_path, monkeypatch):
    """Leave a run behind that died in its window."""
    monkeypatch.setattr(world, "get_backend", BackendsOf([site]))

    def dead(run, server, group="vnf"):
        plan = plan_of(site, run, server, group=group)
        die_in_window(open_journals(tmp_path / "runs"), plan, site)

    return dead


def test_resuming_without_a_name_resumes_every_unfinished_run(shell, site, dead):
    """Each has a line, and nothing of them remains."""
    dead("p1", "db", group="one")
    dead("p2", "app", group="two")

    done = shell("resume")

    assert done.exit_code == 1
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["p1", "compensated"],
        ["p2", "compensated"],
    ]
    assert (site.frozen, site.made) == ([], [])


def test_resuming_when_nothing_is_unfinished_exits_with_0(shell):
    """It is what a machine does when it boots."""
    done = shell("resume")

    assert (done.exit_code, done.stdout) == (0, "no run is unfinished\n")


def test_a_run_that_cannot_be_resumed_exits_with_2(shell, site, dead):
    """The others have their end; what remains is told, as JSON too."""
    dead("p1", "db", group="one")
    dead("p2", "app", group="two")
    site.wire.before = refuse("delete snapshot")

    done = shell("resume", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 2
    assert [run["state"] for run in told] == ["stranded", "stranded"]
    assert [len(run["leftovers"]) for run in told] == [2, 2]
    assert site.frozen == []


def test_a_cloud_for_all_runs_is_wrong_input(shell, dead, site):
    """Each run knows its own."""
    dead("p1", "db")

    assert shell("resume", "--os-cloud", "site-b").exit_code == 64
    assert site.frozen == ["s-db"]


def test_a_run_is_not_resumed_on_the_cloud_of_the_day(shell, site, dead, monkeypatch):
    """OS_CLOUD is about what the shell does next, not about what a run did."""
    dead("p1", "db")
    asked = []
    monkeypatch.setattr(
        recovery, "connect", lambda cloud: [asked.append(cloud), site][1]
    )
    monkeypatch.setenv("OS_CLOUD", "site-b")

    assert shell("resume", "p1").exit_code == 1
    assert asked == ["site-a"]


def test_a_cloud_that_is_down_does_not_keep_guests_frozen(
    shell, site, dead, monkeypatch
):
    """Thawing succeeds; resuming says that something remains."""

    def down(cloud):
        raise UnknownCloud(f"{cloud} does not answer")

    for module in (runs, recovery):
        monkeypatch.setattr(module, "connect", down)
    dead("p1", "db", group="one")
    dead("p2", "app", group="two")

    assert shell("thaw", "p1", "--os-cloud", "site-a").exit_code == 0
    assert site.frozen == ["s-app"]
    done = shell("resume", "p2")
    assert (done.exit_code, site.frozen) == (2, [])
    assert "site-a does not answer" in done.stderr


def test_a_second_run_of_a_group_is_wrong_input(shell, site, dead):
    """The error names the run to be resumed first."""
    dead("p1", "db")
    made = site.made

    done = shell("protect", "group.yaml")

    assert done.exit_code == 64
    assert "vnfdr resume p1" in done.stderr
    assert site.made == made


def test_thaw_needs_the_journal_alone(shell, site):
    """No call is made to the cloud."""
    run = json.loads(shell("protect", "group.yaml", "--json").stdout)["run"]
    calls = len(site.wire.calls)

    done = shell("thaw", run)

    assert done.exit_code == 0
    assert len(site.wire.calls) == calls


def test_a_sweep_looks_and_deletes_only_when_told(shell, site):
    """Status 2 says that something is left; 0 that nothing is any more."""
    site.wire.before = refuse("create volume", "delete snapshot")
    shell("protect", "group.yaml")
    site.wire.before = quiet

    seen = shell("sweep")
    left = site.made
    swept = shell("sweep", "--delete")

    assert (seen.exit_code, swept.exit_code) == (2, 0)
    assert seen.stdout.count("to sweep: snapshot") == len(left) == 6
    assert swept.stderr.count("swept: snapshot") == 6
    assert site.made == []


def test_a_sweep_is_told_in_json(shell, site):
    """All that is there, what is wanted too, with what it costs."""
    shell("protect", "group.yaml")

    told = json.loads(shell("sweep", "--json").stdout)

    assert (told["clean"], told["unseen"]) == (True, [])
    assert {each["fate"] for each in told["found"]} == {"wanted"}
    assert sorted(each["id"] for each in told["found"]) == site.made


def test_a_sweep_that_sees_nothing_is_not_clean(shell, site):
    """Nobody is told that nothing is left when nobody could look."""
    site.wire.before = refuse("list backups")

    done = shell("sweep", "--delete")

    assert done.exit_code == 2
    assert "could not look: no" in done.stdout


def test_a_damaged_journal_is_not_trusted(shell, tmp_path):
    """The error names the file; nothing is undone."""
    run = json.loads(shell("protect", "group.yaml", "--json").stdout)["run"]
    (tmp_path / "runs" / f"{run}.journal").write_bytes(b"rubbish")

    done = shell("resume", run)

    assert done.exit_code == 2
    assert f"{run}.journal" in done.stderr


def test_a_journal_that_cannot_be_written_is_wrong_input(shell, tmp_path, site):
    """Nothing is touched that could not be recorded."""
    (tmp_path / "file").write_text("")

    done = shell("protect", "group.yaml", "--journal", "file/runs")

    assert done.exit_code == 64
    assert site.made == []


@pytest.mark.parametrize(
    "words", [["--help"], ["runs"], ["thaw", "none"], ["sandbox", "--help"]]
)
def test_the_command_line_starts_without_the_sdks(words, tmp_path):
    """Help, and a thaw at night, do not wait for imports they do not need."""
    code = (
        "import sys; from vnfdr.cli import main\n"
        f"sys.argv = ['vnfdr', *{words!r}]\n"
        "try: main()\n"
        f"except SystemExit: print({LATER} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"VNFDR_JOURNAL": str(tmp_path)},
    )

    assert done.stdout.splitlines()[-1] == "set()"


@pytest.fixture
def provisional_run(site, shell):
    """A run that has committed, and waits for its word."""
    return runs.run(plan_without_window(site, "p1", "db"), site)


def test_committing_a_provisional_run_exits_with_0(shell, site, provisional_run):
    """It stays; a word too late is wrong input."""
    assert "p1  committed, to be confirmed  copy db" in shell("runs").stdout

    done, late = shell("commit", "p1", "--json"), shell("take-back", "p1")

    assert (done.exit_code, json.loads(done.stdout)["verdict"]) == (0, "committed")
    assert (late.exit_code, len(site.made)) == (64, 2)
    assert "it was confirmed" in late.stderr


def test_taking_a_provisional_run_back_exits_with_0(shell, site, provisional_run):
    """Nothing remains, and the phases are told with their seconds."""
    done = shell("take-back", "p1", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["verdict"], site.made) == (0, "compensated", [])
    assert [phase["name"] for phase in told["phases"]] == [
        "snapshot",
        "take everything back",
    ]


def test_taking_back_with_leftovers_exits_with_2(shell, site, provisional_run):
    """They are named."""
    site.wire.before = refuse("delete snapshot")

    done = shell("take-back", "p1")

    assert done.exit_code == 2
    assert all(thing in done.stdout for thing in site.made)


@pytest.mark.parametrize("run", [("p1",), ()])
def test_without_a_terminal_a_run_with_a_gate_is_left_alone(shell, site, run):
    """Unless the gates are to be opened."""
    gate = Gate("p1:gate", "go on?")
    plan = plan_without_window(site, "p1", "db", before=(gate,))
    with open_journals().begin(plan) as journal:
        journal.append(Entry(gate.key, Fact.STARTED))

    left = shell("resume", *run)
    assert left.exit_code == (64 if run else 2)
    assert "nobody is here to open the gate 'go on?'" in left.output

    assert shell("resume", *run, "--open-gates").exit_code == 0
    assert len(site.made) == 2


def full():
    return io.TextIOWrapper(Path("/dev/full").open("wb", 0), write_through=True)


def broken():
    reader, writer = os.pipe()
    os.close(reader)
    # Nothing is left over, to be written when it is closed.
    return io.TextIOWrapper(os.fdopen(writer, "wb", 0), write_through=True)


def closed():
    with Path(os.devnull).open("w") as file:
        pass
    return contextlib.nullcontext(file)


whatever_befell_it = pytest.mark.parametrize("gone", [full, broken, closed])


@pytest.fixture
def without(shell, monkeypatch):
    """Run vnfdr where nothing can be written to one of its streams."""

    def without(name, gone, *words):
        def main():
            with gone() as stream, monkeypatch.context() as patch:
                patch.setattr(sys, name, stream)
                whole()

        with monkeypatch.context() as patch:
            patch.setattr(cli, "main", main)
            return shell(*words)

    whole = cli.main
    return without


@whatever_befell_it
def test_a_run_that_nobody_watches_any_more_commits(without, site, gone):
    """Progress falls silent; what the run came to is on standard output."""
    done = without("stderr", gone, "protect", "group.yaml", "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["verdict"] == "committed"
    assert len(site.made) > 0


@whatever_befell_it
def test_resuming_what_nobody_watches_takes_it_back(without, site, dead, gone):
    """Each run has its end, and its line on standard output."""
    dead("p1", "db")

    done = without("stderr", gone, "resume")

    assert done.exit_code == 1
    assert done.stdout.startswith("p1  compensated")
    assert "listener" not in done.stdout
    assert (site.frozen, site.made) == ([], [])


@whatever_befell_it
def test_a_sweep_that_nobody_watches_deletes_all_the_same(without, shell, site, gone):
    """What was swept is told at its end."""
    site.wire.before = refuse("create volume", "delete snapshot")
    shell("protect", "group.yaml")
    site.wire.before = quiet

    done = without("stderr", gone, "sweep", "--delete")

    assert (done.exit_code, site.made) == (0, [])


@whatever_befell_it
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_committed_run_that_cannot_be_printed_exits_with_0(without, site, gone, how):
    """What was done stands, and standard error says that it could not be told."""
    done = without("stdout", gone, "protect", "group.yaml", *how)

    assert done.exit_code == 0
    assert "committed, cannot be printed" in done.stderr
    assert len(site.made) > 0


listings = pytest.mark.parametrize(
    "words", [["runs"], ["runs", "--json"], ["plan", "group.yaml"]]
)


@listings
def test_a_list_that_cannot_be_printed_says_so(without, words):
    """Nothing was done, and the status tells that it was not printed."""
    done = without("stdout", full, *words)

    assert done.exit_code == 1
    assert "this cannot be printed: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr


@listings
def test_a_list_that_nobody_reads_to_its_end_ends_as_other_commands_do(without, words):
    """As by the signal that `head` and its like send."""
    done = without("stdout", broken, *words)

    assert done.exit_code == 128 + signal.SIGPIPE
    assert "cannot be printed" not in done.stderr


@whatever_befell_it
def test_a_compensated_run_that_cannot_be_printed_exits_with_1(without, site, gone):
    """The status is the run's own, whoever hears the rest."""
    site.wire.before = refuse("create volume")

    done = without("stdout", gone, "protect", "group.yaml")

    assert done.exit_code == 1
    assert "compensated, cannot be printed" in done.stderr


@whatever_befell_it
def test_a_stranded_resume_that_cannot_be_printed_exits_with_2(
    without, site, dead, gone
):
    """A machine that boots reads nothing but the status."""
    dead("p1", "db")
    site.wire.before = refuse("delete snapshot")

    done = without("stdout", gone, "resume")

    assert done.exit_code == 2
    assert "the unfinished runs cannot be printed" in done.stderr


@whatever_befell_it
def test_wrong_input_that_cannot_be_told_exits_with_64(without, gone):
    """The status says it alone."""
    assert without("stderr", gone, "resume", "no-such-run").exit_code == 64


def test_a_bug_exits_with_2_and_is_shown(shell, monkeypatch):
    """Nobody knows what it dead behind: 1 would say that nothing remains."""

    def bug(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(runs, "load_group", bug)

    done = shell("protect", "group.yaml")

    assert done.exit_code == 2
    assert "ZeroDivisionError: a bug" in done.stderr
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize(
    ("words", "status"), [(["resume"], 0), (["resume", "no-such-run"], 64)]
)
def test_python_does_not_change_the_status_at_its_end(tmp_path, name, words, status):
    """What a stream has not taken is not tried again."""
    streams = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)

    with full() as stream:
        done = subprocess.run(
            [sys.executable, "-m", "vnfdr", *words],
            **{**streams, name: stream},
            check=False,
            env={"VNFDR_JOURNAL": str(tmp_path)},
        )

    assert done.returncode == status


@whatever_befell_it
def test_a_bar_on_a_terminal_that_is_gone_ends_no_run(site, tmp_path, gone):
    """Neither putting it up, nor taking it away, nor what is told meanwhile."""
    plan = plan_without_window(site, "p1", "db")

    with gone() as stream:
        terminal = Console(file=stream, force_terminal=True)
        with Progress(plan, terminal) as progress:
            with progress.paused():
                pass
            outcome = runs.run(
                plan, site, journal=tmp_path / "runs", listeners=(progress,)
            )

    assert outcome.verdict is Verdict.COMMITTED
