"""``vnfdr prune``, as a shell sees it."""

import json
import sys

import pytest
from click.testing import CliRunner

from vnfdr import cli, load_plan, runs
from vnfdr.errors import CloudError


class Main:
    """`cli.main` in the form that click's runner calls."""

    name = "vnfdr"

    def main(self, args, prog_name, **extra):
        cli.main()


@pytest.fixture
def shell(shelf, tmp_path, monkeypatch):
    """Run vnfdr where a group was protected three times, each time in full."""
    for number in range(1, 4):
        shelf.take(f"p{number}", full=True)
    monkeypatch.setattr(runs, "connect", lambda cloud: shelf.site)
    monkeypatch.setenv("VNFDR_JOURNAL", str(tmp_path / "runs"))
    monkeypatch.setenv("OS_CLOUD", "site-a")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typo").mkdir()

    def shell(*words, more="manifests: [place]\nretention: {keep_last: 2}\n"):
        group = f"group: ims\ntiers: [db]\n{more}"
        (tmp_path / "group.yaml").write_text(group)
        monkeypatch.setattr(sys, "argv", ["vnfdr", "prune", "group.yaml", *words])
        return CliRunner().invoke(Main())

    return shell


def test_pruning_keeps_what_the_group_file_says(shell, shelf):
    """The exit status is 0, and what stays is told on the way."""
    done = shell()

    assert done.exit_code == 0
    assert shelf.points == ["p2", "p3"]
    assert "p1 goes" in done.stderr
    assert "committed" in done.stdout


def test_what_the_shell_says_takes_its_place(shell, shelf):
    """A single option is the whole policy."""
    done = shell("--monthly", "1")

    assert done.exit_code == 0
    assert shelf.points == ["p3"]


def test_a_dry_run_touches_nothing(shell, shelf):
    """It says what would stay, what would go, and every call."""
    done = shell("--dry-run")

    assert done.exit_code == 0
    assert len(shelf.points) == 3
    assert "p1 goes" in done.stdout
    assert "DELETE /backups" in done.stdout
    assert "window" not in done.stdout


def test_a_dry_run_for_machines_is_the_plan(shell):
    """It can be read back, and carried out by whoever wants to."""
    plan = load_plan(shell("--dry-run", "--json").stdout)

    assert plan.name == "prune 'ims' at 'site-a', keeping keep_last 2"


def test_what_could_not_be_deleted_exits_with_2(shell, shelf):
    """Somebody has to see to it: it is named."""

    def refuse(call):
        if call == "delete backup":
            raise CloudError("store is down")

    shelf.site.wire.before = refuse

    done = shell("--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 2
    assert len(told["leftovers"]) == 2
    assert "store is down" in told["leftovers"][0]


@pytest.mark.parametrize(
    ("words", "more", "told"),
    [
        ((), "manifests: [place]\n", "it is not said which points of 'ims' stay"),
        (("--keep-last", "1"), "", "it is not said where manifests of 'ims' are"),
        (("--keep-last", "0"), "manifests: [place]\n", "it keeps nothing"),
        (("--daily", "-1"), "manifests: [place]\n", "daily is -1"),
        (("--daily", "1", "--place", "x://u:pw@h"), "", "put those in clouds.yaml"),
        (("--daily", "1"), "manifests: [typo]\n", "no point of group 'ims' is in"),
    ],
)
def test_what_is_not_said_or_wrong_exits_with_64(shell, shelf, words, more, told):
    """Nothing is touched."""
    done = shell(*words, more=more)

    assert done.exit_code == 64
    assert told in done.stderr
    assert len(shelf.points) == 3


def test_another_place_can_be_named(shell, shelf):
    """The group file need not know every place."""
    done = shell("--place", "place", "--keep-last", "1", more="")

    assert done.exit_code == 0
    assert shelf.points == ["p3"]


def test_pruning_again_finds_nothing_to_remove(shell, shelf):
    """A nightly job does not fail for want of work."""
    shell()

    done = shell()

    assert done.exit_code == 0
    assert "nothing to remove" in done.stderr
