"""Secrets are planted wherever a site has some, and looked for in what is written."""

import base64
import contextlib
import logging
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import yaml
from attrs import define, evolve, field

import vnfdr
from vnfdr.errors import VnfdrError
from vnfdr.failsafe.clouds import CloudWorld
from vnfdr.manifests import DirectoryStore, load_manifest
from vnfdr.plan import Happening
from vnfdr.sandbox import Effect, Fault, Latency, two_sites

SECRETS = {
    "password": "planted-password-Aa1",
    "token": "planted-token-Bb2",
    "application credential": "planted-app-credential-Cc3",
    "userinfo": "planted-userinfo-Dd4",
    "user data": "planted-user-data-Ee5",
    "server metadata": "planted-server-metadata-Ff6",
    "volume metadata": "planted-volume-metadata-Gg7",
    "libvirt": "planted-libvirt-Hh8",
    "environment": "planted-environment-Ii9",
    "yaml": "planted-yaml-Jj0",
    "metadata token": "planted-metadata-token-Kk1",
    "private key": "planted-private-key-Ll2",
    "image": "planted-image-Mm3",
}
GROUP = """
group: vnf
defaults: {backend: sandbox}
tiers: [db, app]
manifests: [off-site]
"""


@define
class Written:
    """All that anybody could read of what vnfdr wrote, told or was started with."""

    pieces: list[bytes] = field(factory=list)

    def add(self, *pieces):
        """Keep what was written."""
        for piece in pieces:
            self.pieces.append(
                piece if isinstance(piece, bytes) else str(piece).encode()
            )

    def add_files(self, directory):
        """Keep what is in the files of a directory, whatever they are."""
        for path in directory.rglob("*"):
            with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                self.add(path.name, path.read_bytes())

    def found(self, secrets):
        """Name the secrets that are in it, however they are written."""
        everything = b"\n".join(self.pieces)
        return {name for name, text in secrets.items() if _is_in(text, everything)}


class Listener(logging.Handler):
    """Keeps what every logger says, with the traceback of what went wrong."""

    def __init__(self, written):
        super().__init__()
        self.written = written

    def emit(self, record):
        self.written.add(self.format(record))


def _is_in(text, everything):
    plain = text.encode()
    # Base64 has three forms, by where a text begins.
    coded = (base64.b64encode(b" " * n + plain)[4:-4] for n in range(3))
    return any(form in everything for form in (plain, *coded))


@pytest.fixture
def sites(monkeypatch):
    """Two sites that are full of secrets."""
    with two_sites(latency=Latency(snapshot=0.5)) as sites:
        a = sites.a
        for name, user in a.users.items():
            a.users[name] = evolve(user, password=SECRETS["password"])
        for name in ("db", "app"):
            server = a.add_server(name)
            user_data = f"#cloud-config {SECRETS['user data']}".encode()
            server.user_data = base64.b64encode(user_data).decode()
            server.metadata["password"] = SECRETS["server metadata"]
            server.metadata["API_TOKEN"] = SECRETS["metadata token"]
            key = f"-----BEGIN PRIVATE KEY-----\n{SECRETS['private key']}"
            server.metadata["host"] = key
            for attached in server.attachments:
                volume = a.volumes[attached.volume_id]
                volume.metadata["password"] = SECRETS["volume metadata"]
                volume.image_metadata["os_admin_password"] = SECRETS["image"]
        clouds = yaml.safe_load(sites.clouds_yaml.read_text())["clouds"]
        sites.clouds_yaml.write_text(yaml.safe_dump({"clouds": _with_more(clouds)}))
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(sites.clouds_yaml))
        monkeypatch.setenv("OS_PASSWORD", SECRETS["environment"])
        yield sites


def _with_more(clouds):
    """Return clouds with every sort of secret that they may have."""
    auth = clouds["site-a"]["auth"]
    auth["password"] = SECRETS["password"]
    url, project = auth["auth_url"], {"project_name": "site-a"}
    before, _, after = url.partition("://")
    clouds["site-a"]["vnfdr"]["libvirt"] = {
        "uri": f"qemu+tcp://root:{SECRETS['libvirt']}@{{host}}/system"
    }
    more = {
        "wrong password": auth | {"password": f"{SECRETS['password']}-wrong"},
        "token": {"auth_url": url, "token": SECRETS["token"], **project},
        "userinfo": auth | {"auth_url": f"{before}://u:{SECRETS['userinfo']}@{after}"},
        "application": {
            "auth_url": url,
            "application_credential_id": "a1",
            "application_credential_secret": SECRETS["application credential"],
        },
        "nobody there": auth | {"auth_url": "http://127.0.0.1:9/identity"},
    }
    kinds = {"token": "token", "application": "v3applicationcredential"}
    for name, given in more.items():
        kind = kinds.get(name, "password")
        clouds[name] = {**clouds["site-a"], "auth": given, "auth_type": kind}
    return clouds


@pytest.fixture
def written(caplog, capfd, tmp_path, sites):
    """Everything that is written in a test; what every logger says is among it."""
    caplog.set_level(logging.DEBUG)
    written = Written()
    listener = Listener(written)
    logging.getLogger().addHandler(listener)
    yield written
    logging.getLogger().removeHandler(listener)
    written.add_files(tmp_path)
    written.add(*capfd.readouterr())
    tokens = {f"token {n}": key for n, key in enumerate(sites.a.tokens)}
    assert any(written.pieces), "something was written"
    assert written.found({**SECRETS, **tokens}) == set()


@pytest.fixture
def place(tmp_path):
    """Where runs are recorded."""
    return tmp_path / "runs"


@pytest.fixture
def off_site(tmp_path):
    """Where manifests are kept."""
    return DirectoryStore(tmp_path / "off-site")


@pytest.fixture
def protect(site, place, off_site, written):
    """Protect both servers, and keep all that this shows on its way."""

    def look(event):
        written.add(repr(event))
        written.add_files(place)
        if event.happening is Happening.STARTED:
            written.add(*_processes())

    def run():
        members = [vnfdr.Member(name, "sandbox") for name in ("db", "app")]
        group = evolve(vnfdr.Group.of("vnf", members), manifests=off_site.place)
        plan = vnfdr.protect(site, group)
        outcome = vnfdr.run(plan, site, journal=place, listeners=[look])
        written.add(plan, repr(plan), vnfdr.dump_plan(plan), plan.preview())
        written.add(outcome, repr(outcome), repr(site), repr(CloudWorld("site-a")))
        if outcome.cause:
            written.add(*traceback.format_exception(outcome.cause))
        return outcome

    return run


def _processes():
    """Yield how the processes of a window were started, and with what around them."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes()
            if b"vnfdr.failsafe." in command:
                yield command
                yield (folder / "environ").read_bytes()


@pytest.fixture
def shell(tmp_path, place, written):
    """Run vnfdr from a shell, as talkative as it can be."""
    (tmp_path / "group.yaml").write_text(GROUP)

    def start(*words):
        return subprocess.Popen(
            [sys.executable, "-m", "vnfdr", "-v", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "VNFDR_JOURNAL": str(place)},
        )

    def run(*words):
        done = start(*words)
        written.add(*done.communicate(timeout=300))
        return done.returncode

    run.start = start
    return run


def test_a_run_that_commits_keeps_its_secrets(protect, written, site, place):
    """Journal, certificate, logs and the processes of the window are looked through."""
    outcome = protect()

    assert outcome.verdict is vnfdr.Verdict.COMMITTED
    assert any(b"GET /servers/" in piece for piece in written.pieces)
    assert any(b"vnfdr.failsafe.working" in piece for piece in written.pieces)
    swept = vnfdr.sweep(site, journal=place)
    written.add(swept, repr(swept))


def test_a_manifest_holds_no_secret(protect, off_site, written):
    """It says what was left out; and what Cinder exported is looked through, too."""
    outcome = protect()

    text = off_site.get(f"vnf/{outcome.run}")
    records = [r.url for d in load_manifest(text).disks for r in d.chain]
    written.add(text, *map(base64.b64decode, records), *vnfdr.points(off_site))
    written.add(*map(repr, vnfdr.points(off_site)))
    for server in load_manifest(text).servers:
        assert server.withheld == ("API_TOKEN", "host", "password")
        assert (server.has_user_data, server.metadata) == (True, {})


def test_a_run_that_is_taken_back_keeps_its_secrets(a, protect):
    """What failed, and why, is told without them."""
    a.faults.add(Fault("create backup", Effect.ERROR))

    assert protect().verdict is vnfdr.Verdict.COMPENSATED


def test_a_run_that_is_refused_keeps_its_secrets(a, protect):
    """Preflight tells what to mend."""
    a.backup_service_up = False

    assert protect().failed == "preflight"


def test_a_crash_and_its_resumption_keep_secrets(shell, place, written, until, a):
    """What a killed process leaves on the disk is looked through, its WAL too."""
    run = shell.start("protect", "group.yaml", "--os-cloud", "site-a")
    until(lambda: a.frozen, seconds=300)
    written.add(*_processes())
    run.send_signal(signal.SIGKILL)
    written.add(*run.communicate())
    written.add_files(place)
    (journal,) = place.glob("*.journal")

    assert shell("resume", journal.stem, "--os-cloud", "site-a") == 1
    assert a.frozen == []


def test_the_command_line_keeps_secrets(shell):
    """With all its logs, and as JSON."""
    cloud = ("--os-cloud", "site-a")

    assert shell("plan", "group.yaml", "--json", *cloud) == 0
    assert shell("protect", "group.yaml", "--json", *cloud) == 0
    assert shell("runs", "--json") == 0
    assert shell("points", "off-site", "--json") == 0
    assert shell("sweep", "--json", *cloud) == 0


@pytest.mark.parametrize(
    "cloud", ["wrong password", "token", "userinfo", "application", "nobody there"]
)
def test_who_is_not_let_in_is_told_why_without_secrets(cloud, written, shell, site):
    """Neither the error, nor what it came from, nor a crash report has any."""
    with pytest.raises(VnfdrError) as refusal:
        vnfdr.connect(cloud)

    written.add(*traceback.format_exception(refusal.value), repr(refusal.value))
    assert shell("sweep", "--os-cloud", cloud) != 0


def test_a_file_that_is_no_yaml_is_not_quoted(written, sites, caplog):
    """A warning has its line and not what is on it."""
    broken = f"clouds:\n  site-a:\n    auth: {{password: {SECRETS['yaml']}: x\n"
    sites.clouds_yaml.write_text(broken)

    with pytest.raises(VnfdrError, match="could be read") as refusal:
        vnfdr.connect("site-a")

    written.add(*traceback.format_exception(refusal.value))
    assert f"{sites.clouds_yaml}: line 3 is no YAML" in caplog.text


def test_a_libvirt_uri_with_a_password_is_refused(site, written, a):
    """A plan would carry it, and a journal would keep it."""
    group = vnfdr.Group.of("vnf", [vnfdr.Member("db", "libvirt")])

    with pytest.raises(VnfdrError, match="libvirt takes none from a URI") as refusal:
        vnfdr.protect(site, group)

    written.add(*traceback.format_exception(refusal.value))


def test_secrets_would_be_found(sites):
    """The search sees plain text and all forms of base64, in the middle of bytes."""
    for text in (b"x%s", b"\0\0%s\0", b"ab%s"):
        for wrap in (bytes, base64.b64encode):
            written = Written([b"\xff" + wrap(text % SECRETS["token"].encode())])

            assert written.found(SECRETS) == {"token"}


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_what_is_recorded_is_for_its_owner_only(site, sites, tmp_path, umask):
    """Whatever the umask: the directories, the journal, its WAL, its lock, and more."""
    place = tmp_path / "state" / "vnfdr"
    modes = {}

    def look(event):
        paths = [tmp_path / "state", place, *place.iterdir()]
        modes.update({path: path.stat().st_mode & 0o777 for path in paths})

    group = vnfdr.Group.of("vnf", [vnfdr.Member("db", "sandbox")])
    group = evolve(group, backup=vnfdr.BackupPolicy("none", keep="snapshots"))
    plan = vnfdr.protect(site, group)
    before = os.umask(umask)
    try:
        vnfdr.run(plan, site, journal=place, listeners=[look]).raise_for_failure()
    finally:
        os.umask(before)

    look(None)
    kinds = {".journal", ".journal-wal", ".journal-shm", ".lock", ".failsafe", ""}
    assert {path.suffix for path in modes} == kinds
    assert all(mode & 0o077 == 0 for mode in modes.values()), modes
