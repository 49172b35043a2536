"""A sandbox for people with a shell: opened as they wish, and what to tell them."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote

from attrs import frozen

from vnfdr.errors import InputError
from vnfdr.groupfile import dump_group
from vnfdr.sandbox.faults import LATENCIES
from vnfdr.sandbox.sites import Sites, two_sites
from vnfdr.sandbox.vnf import Vnf


@frozen
class Wishes:
    """What a sandbox is to be like.

    Args:
        vnfs: the names of the VNFs that site a begins with.
        latency: how slow it is, by name.
        seed: what all that is random comes from.
        port: where site a is served, 0 if that is for the system to choose.
        directory: where its files are, if not in a temporary place.
        clouds_file: where to put the clouds.yaml, if not among its other files.
        offers_quiesce: whether its Nova has the actions of the nova-spec.
    """

    vnfs: Sequence[str]
    latency: str
    seed: int
    port: int
    directory: Path | None
    clouds_file: Path | None
    offers_quiesce: bool


@frozen
class Opened:
    """A sandbox that is served, and where its files are."""

    sites: Sites
    vnfs: tuple[Vnf, ...]
    clouds_file: Path
    group_files: tuple[Path, ...]

    def __str__(self) -> str:
        names = [s.name for v in self.vnfs for tier in v.tiers.values() for s in tier]
        lines = [
            f"site-a is at {self.sites.a.url}, with {', '.join(names)}",
            f"site-b is at {self.sites.b.url}, with nothing",
            f"clouds.yaml is {self.clouds_file}",
            "",
            "In another shell:",
            f"  export OS_CLIENT_CONFIG_FILE={quote(str(self.clouds_file))}",
            "  openstack --os-cloud site-a server list",
        ]
        lines += [
            f"  vnfdr protect {quote(str(path))} --os-cloud site-a"
            for path in self.group_files
        ]
        return "\n".join((*lines, "", "Ctrl-C ends it, and removes everything."))


@contextmanager
def opened(wishes: Wishes) -> Iterator[Opened]:
    """Serve a sandbox until the block ends.

    Raises:
        InputError: it cannot be as it is wished.
    """
    _check(wishes)
    with ExitStack() as stack:
        sites = stack.enter_context(
            two_sites(
                latency=LATENCIES[wishes.latency],
                seed=wishes.seed,
                directory=wishes.directory,
                port=wishes.port,
            )
        )
        for site in (sites.a, sites.b):
            site.offers_quiesce = wishes.offers_quiesce
        clouds = sites.clouds_yaml
        if wishes.clouds_file is not None:
            text = clouds.read_text()
            clouds = stack.enter_context(_written(text, wishes.clouds_file))
        vnfs = tuple(sites.a.add_vnf(name) for name in wishes.vnfs)
        files = tuple(_group_file(vnf, sites.directory / "groups") for vnf in vnfs)
        yield Opened(sites, vnfs, clouds, files)


def _check(wishes: Wishes) -> None:
    if wishes.latency not in LATENCIES:
        there_are = ", ".join(LATENCIES)
        raise InputError(
            f"no latency is named {wishes.latency!r}; there are: {there_are}"
        )
    for name in wishes.vnfs:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name):
            raise InputError(
                f"group {name!r} cannot be named so: use letters, digits, '.', '_'"
                " and '-'"
            )
        if wishes.vnfs.count(name) > 1:
            raise InputError(f"group {name!r} is there twice; name another one")


@contextmanager
def _written(text: str, wanted: Path) -> Iterator[Path]:
    """Have a file until the block ends; one that is there is not overwritten."""
    path = wanted.absolute()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(
            f"file {path} cannot be written: {error.strerror}; remove it, or name"
            " another one"
        ) from error
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _group_file(vnf: Vnf, directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / f"{vnf.name}.yaml"
    path.write_text(dump_group(vnf.group))
    return path
