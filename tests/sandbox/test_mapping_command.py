"""``vnfdr mapping``: what a shell gets, from a manifest and a site to a mapping."""

import json
import sys

import pytest
from click.testing import CliRunner

from tests.manifests import manifest, server
from vnfdr import cli, load_mapping
from vnfdr.manifests import dump_manifest, name_of, open_manifests
from vnfdr.model import Flavor

GROUP = manifest(server("db", flavor=Flavor("m1.tiny", 1, 512)))


class Main:
    """`cli.main` in the form that click's runner calls."""

    name = "vnfdr"

    def main(self, args, prog_name, **extra):
        cli.main()


@pytest.fixture
def shell(sites, tmp_path, monkeypatch):
    """Run ``vnfdr mapping`` for a point that is kept in the working directory."""
    monkeypatch.chdir(tmp_path)
    open_manifests("points").put(name_of("ims", "p1"), dump_manifest(GROUP))

    def shell(*words):
        argv = ["vnfdr", "mapping", *words, "--os-cloud", "site-b"]
        monkeypatch.setattr(sys, "argv", argv)
        return CliRunner().invoke(Main())

    return shell


def test_a_suggestion_is_printed_and_judged(shell):
    """The mapping is on standard output, and what to mend is not."""
    done = shell("points", "p1")

    assert done.exit_code == 0
    assert "  m1.tiny: sandbox.small  # by likeness" in done.stdout
    assert "  oam: private  # by likeness" in done.stdout
    assert "  ops: ''  # MISSING" in done.stdout
    assert "to mend: keypairs: nobody has said what 'ops' (of db)" in done.stderr


def test_a_suggestion_is_edited_and_checked(shell, tmp_path):
    """Once all is decided the status is 0, and losses are still said."""
    path = tmp_path / "site-b.yaml"
    shell("points", "p1", "-o", "site-b.yaml")
    before = shell("points", "p1", "--check", "site-b.yaml")
    path.write_text(path.read_text().replace("ops: ''", "ops: null"))

    after = shell("points", "p1", "--check", "site-b.yaml")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert "to mend: keypairs" in before.stdout
    assert "to mend" not in after.stdout
    assert "is lost: keypair 'ops' of db is left out" in after.stdout
    assert load_mapping(path).keypairs == {"ops": None}


def test_a_check_can_be_read_by_a_program(shell):
    """In JSON, problems and losses are two lists."""
    shell("points", "p1", "-o", "site-b.yaml")

    done = shell("points", "p1", "--check", "site-b.yaml", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert len(told["problems"]) == 1
    assert [loss.partition(" of ")[0] for loss in told["losses"]] == [
        "availability zone for servers 'az1'"
    ]


def test_a_mapping_is_never_written_over(shell, tmp_path):
    """What somebody has edited is worth more than a suggestion."""
    path = tmp_path / "site-b.yaml"
    path.write_text("mine")

    done = shell("points", "p1", "-o", "site-b.yaml")

    assert done.exit_code == 64
    assert "site-b.yaml is not written: File exists" in done.stderr
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("points", "p2"), "'p2'"),
        (("points", "p1", "--check", "none.yaml"), "none.yaml: No such file"),
        (("points", "p1", "--check", "a.yaml", "-o", "b.yaml"), "leave --output away"),
    ],
)
def test_wrong_input_touches_nothing(shell, words, told):
    """A point or a file that is not there is named."""
    done = shell(*words)

    assert done.exit_code == 64
    assert told in done.stderr
