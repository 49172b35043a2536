"""``vnfdr sandbox``: what an operator sees, and what ordinary clients do with it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import openstack
import pytest
import yaml

from tests.ports import free_port

VNFDR = [sys.executable, "-m", "vnfdr"]
PATIENCE_SECONDS = 400


@pytest.fixture
def env(tmp_path):
    """A shell's environment, with temporary files and journals of its own."""
    (tmp_path / "tmp").mkdir()
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "TMPDIR": str(tmp_path / "tmp"),
        "VNFDR_JOURNAL": str(tmp_path / "journal"),
    }


@pytest.fixture
def serve(env, usual_signals):
    """Start a sandbox, and return it with what it has told, once it serves."""
    started = []

    def serve(*options):
        process = subprocess.Popen(
            [*VNFDR, "sandbox", *options], stdout=subprocess.PIPE, text=True, env=env
        )
        started.append(process)
        told = ""
        for line in process.stdout:
            told += line
            if line.startswith("Ctrl-C"):
                return process, told
        pytest.fail(f"it ended with {process.wait()}")

    yield serve
    for process in started:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture
def refused(env):
    """Start a sandbox that cannot be, and return its complaint."""

    def refused(*options):
        done = subprocess.run(
            [*VNFDR, "sandbox", *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
            env=env,
            timeout=PATIENCE_SECONDS,
        )
        assert (done.returncode, done.stdout) == (64, "")
        assert done.stderr.count("\n") == 1
        assert list(Path(env["TMPDIR"]).iterdir()) == []
        return done.stderr

    return refused


def clouds_file(told):
    """The path that it told."""
    return Path(re.search(r"^clouds.yaml is (.*)$", told, re.MULTILINE)[1])


def names_at(told, cloud, monkeypatch):
    """The servers that an ordinary client lists."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds_file(told)))
    with openstack.connect(cloud) as connection:
        return sorted(server.name for server in connection.compute.servers())


@pytest.fixture
def port():
    """A port that is free, and so is the next one."""
    return free_port(2)


def test_an_ordinary_client_finds_its_way(serve, monkeypatch):
    """Both clouds are in the file that it names, and one has a three-tier VNF."""
    _, told = serve()

    assert names_at(told, "site-a", monkeypatch) == [
        "ims-app-1",
        "ims-db-1",
        "ims-lb-1",
    ]
    assert names_at(told, "site-b", monkeypatch) == []


def test_what_it_says_can_be_typed(serve, env):
    """The lines for another shell protect the VNF as they stand."""
    _, told = serve("--latency", "fast", "--seed", "7")
    lines = [line for line in told.splitlines() if line.startswith("  ")]
    assert lines.pop(1) == "  openstack --os-cloud site-a server list"

    shell = subprocess.run(
        ["/bin/sh", "-e"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        env=env,
        timeout=PATIENCE_SECONDS,
    )

    assert shell.returncode == 0, shell.stderr
    assert "committed" in shell.stdout
    assert "consistent, level filesystem, 6 snapshots" in shell.stdout


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_removes_everything(
    serve, env, tmp_path, port, interrupt, monkeypatch
):
    """It exits with 0; its files are gone, and its ports are free."""
    process, told = serve("--port", f"{port}", "--clouds-file", f"{tmp_path}/c.yaml")
    assert len(names_at(told, "site-a", monkeypatch)) == 3

    process.send_signal(interrupt)

    assert process.wait(PATIENCE_SECONDS) == 0
    assert list(Path(env["TMPDIR"]).iterdir()) == []
    assert not (tmp_path / "c.yaml").exists()
    serve("--port", f"{port}")


def test_it_is_put_where_one_wishes(serve, port, tmp_path):
    """Ports, directory and clouds.yaml are those that were asked for."""
    wished = tmp_path / "my clouds.yaml"

    process, told = serve(
        "--port",
        f"{port}",
        "--directory",
        f"{tmp_path}/new/box",
        "--clouds-file",
        f"{wished}",
    )

    clouds = yaml.safe_load(wished.read_text())["clouds"]
    urls = [clouds[name]["auth"]["auth_url"] for name in ("site-a", "site-b")]
    assert urls == [f"http://127.0.0.1:{port + n}/identity" for n in (0, 1)]
    assert wished.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "new/box/site-a").is_dir()
    assert f"export OS_CLIENT_CONFIG_FILE='{wished}'" in told
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not (tmp_path / "new/box").exists()


def test_an_empty_directory_is_given_back(serve, tmp_path):
    """What was there before the sandbox is there after it."""
    (tmp_path / "box").mkdir()
    process, _ = serve("--directory", f"{tmp_path}/box")

    process.terminate()
    process.wait(PATIENCE_SECONDS)

    assert list((tmp_path / "box").iterdir()) == []


def test_it_begins_with_the_groups_one_names(serve, monkeypatch):
    """Each of them is a VNF of three servers."""
    _, told = serve("--group", "east", "--group", "west")

    names = names_at(told, "site-a", monkeypatch)

    assert [name for name in names if "db" in name] == ["east-db-1", "west-db-1"]
    assert len(names) == 6
    assert told.count("vnfdr protect ") == 2


def test_two_sandboxes_do_not_meet(serve, monkeypatch):
    """Each has a place of its own, and outlives the other."""
    first, told = serve("--group", "east")
    _, of_second = serve("--group", "west")
    assert "east-db-1" in names_at(told, "site-a", monkeypatch)

    first.terminate()
    first.wait(PATIENCE_SECONDS)

    assert "west-db-1" in names_at(of_second, "site-a", monkeypatch)


def test_a_place_that_is_taken_is_not_shared(serve, refused, port, tmp_path):
    """A port or a directory of another sandbox is named, and what to do."""
    taken = tmp_path / "box"
    process, _ = serve("--port", f"{port}", "--directory", f"{taken}")

    for one in (port, port - 1):
        assert "choose another one" in refused("--port", one)
    complaint = refused("--directory", taken)

    assert f"directory {taken} belongs to another sandbox" in complaint
    assert process.poll() is None
    assert (taken / "clouds.yaml").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--directory", "full"], "full is not empty: it has mine; name another one"),
        (["--directory", "file"], "file cannot be used: File exists; name another one"),
        (
            ["--directory", "file/x"],
            "cannot be used: Not a directory; name another one",
        ),
        (
            ["--clouds-file", "file"],
            "file cannot be written: File exists; remove it, or",
        ),
        (["--clouds-file", "no/c"], "No such file or directory; remove it, or name"),
        (
            ["--group", "a", "--group", "a"],
            "group 'a' is there twice; name another one",
        ),
        (["--group", "../a"], "group '../a' cannot be named so: use letters, digits"),
        (["--latency", "x"], "no latency is named 'x'; there are: fast, small-cloud"),
    ],
)
def test_what_cannot_be_is_one_line(refused, tmp_path, monkeypatch, options, complaint):
    """It names the thing and what to do; nothing that was there is touched."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine")
    (tmp_path / "file").write_text("mine")

    assert complaint in refused(*options)

    assert (tmp_path / "full/mine").read_text() == "mine"
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in (tmp_path / "full").iterdir()) == ["mine"]


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_what_has_to_be_installed_is_told(missing):
    """Without the extra the command says how to get it."""
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from vnfdr.cli import main\n"
        "sys.argv = ['vnfdr', 'sandbox']; main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert done.returncode == 64
    assert done.stderr == (
        f"vnfdr: the sandbox needs {missing}, which is not installed:"
        " pip install 'vnfdr[sandbox]'\n"
    )


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--no-quiesce"], 1)])
def test_it_has_the_specs_api_or_not(serve, env, tmp_path, options, status):
    """Stock Nova is there for whoever wants to see what it lacks."""
    _, told = serve(*options)
    group = tmp_path / "group.yaml"
    group.write_text("{group: g, tiers: [ims-db-1], defaults: {backend: nova}}")

    done = subprocess.run(
        [*VNFDR, "plan", str(group), "--os-cloud", "site-a"],
        capture_output=True,
        text=True,
        check=False,
        env={**env, "OS_CLIENT_CONFIG_FILE": str(clouds_file(told))},
    )

    assert done.returncode == status, done.stderr
    assert ("does not offer the quiesce API" in done.stderr) is bool(options)
