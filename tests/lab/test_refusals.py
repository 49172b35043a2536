"""What a real cloud does not offer, or does not allow, is told before it is tried."""

import subprocess
import sys

import pytest

import vnfdr
from tests.lab import cloud
from vnfdr.errors import UnknownCloud, UnknownServer, Unprotectable
from vnfdr.model import Member


def shell(*words):
    """Run vnfdr from a shell."""
    command = [sys.executable, "-m", "vnfdr", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_spec_actions_are_not_offered_by_stock_nova(site):
    """The nova backend says so, by a probe that touches nothing."""
    group = vnfdr.Group.of("ims-core", [Member("db-1", backend="nova")])

    problems = vnfdr.preflight(vnfdr.protect(site, group), site)

    assert any("not offer" in problem and "quiesce" in problem for problem in problems)


def test_an_image_backed_server_is_refused_by_name(site, site_a, before):
    """Its root disk is on the compute host: no snapshot of a volume holds it."""
    cloud.server_without_volumes(site_a, "local-1")

    with pytest.raises(Unprotectable, match="'local-1' has an image-backed root disk"):
        vnfdr.protect(site, vnfdr.Group.of("ims-core", ["db-1", "local-1"]))


def test_an_unknown_cloud_is_told_with_those_there_are():
    """A typo in a cloud's name costs one second."""
    with pytest.raises(UnknownCloud, match="site-a"):
        vnfdr.connect("site-z")


def test_an_unknown_server_is_told_with_the_candidates(site):
    """The servers of the project are listed, with their ids."""
    with pytest.raises(UnknownServer, match=r"db-1 \("):
        vnfdr.protect(site, vnfdr.Group.of("ims-core", ["db-7"]))


def test_another_project_sees_no_server_of_this_one():
    """Credentials of another project are told apart from a typo by the list."""
    site = vnfdr.connect("site-a-demo")

    with pytest.raises(UnknownServer, match="servers of this project: there are none"):
        vnfdr.protect(site, vnfdr.Group.of("ims-core", ["db-1"]))


def test_wrong_input_has_its_own_exit_status(tmp_path):
    """A shell script can tell a typo from a failure."""
    file = tmp_path / "group.yaml"
    file.write_text("group: ims\ntires: [db-1]\n")

    done = shell("protect", str(file), "--os-cloud", "site-a")

    assert done.returncode == 64
    assert "tires" in done.stderr
    assert "line 2" in done.stderr or ":2:" in done.stderr


def test_a_plan_is_printed_and_previewed_from_a_shell(tmp_path, group):
    """Nothing is touched, and preflight finds nothing to mend."""
    file = tmp_path / "group.yaml"
    file.write_text("group: ims\ntiers: [db-1, app-1, lb-1]\n")

    done = shell("plan", str(file), "--os-cloud", "site-a")

    assert done.returncode == 0, done.stderr
    assert "freeze db-1 (libvirt, filesystem)" in done.stdout
    assert "preflight: nothing to mend" in done.stderr
