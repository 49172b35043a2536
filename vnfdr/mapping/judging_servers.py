"""What is wrong with how servers and volumes are mapped, and what of them is lost."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from vnfdr.mapping.case import Case, listed
from vnfdr.mapping.matching import local_disks
from vnfdr.mapping.names import FLAVORS, KEYPAIRS, grouped, servers_by_word
from vnfdr.mapping.values import NAME
from vnfdr.model import Blueprint, Flavor
from vnfdr.text import hint

NAME_LENGTH_MAX = 255
USER_DATA_BYTES_MAX = 65535 // 4 * 3
"""Nova takes 65535 characters of base64."""


def problems(case: Case) -> Iterator[str]:
    """Yield a sentence for each thing to mend."""
    yield from _unknown(case)
    yield from _names(case)
    for server in case.manifest.servers:
        yield from _flavor(case, server)
        yield from _overrides(case, server)
        yield from _user_data(case, server)


def losses(case: Case) -> Iterator[str]:
    """Yield a sentence for each thing that is lost, or may be."""
    for server in case.manifest.servers:
        word = case.word(server)
        yield from (f"{word}: {lost}" for lost in server.lost)
        if server.withheld:
            secrets = listed(map(repr, server.withheld))
            yield f"{word}: metadata that may be secret was not kept: {secrets}"
        if server.has_user_data and not case.own(server).user_data:
            yield f"{word}: it had user data, which is not kept, and is given none"
        yield from _lesser(case, server)
    yield from _volumes(case)


def _unknown(case: Case) -> Iterator[str]:
    known = servers_by_word(case.manifest)
    for word in case.mapping.servers:
        if word not in known:
            yield f"servers: the group has no server {word!r}; {_known(case, word)}"
    for server in case.manifest.servers:
        if {server.name, server.id} <= case.mapping.servers.keys():
            yield f"servers: {server.name!r} and {server.id!r} are the same server"


def _known(case: Case, word: str) -> str:
    named = [server for server in case.manifest.servers if server.name == word]
    if named:
        return f"{len(named)} have the name: give an id: {listed(s.id for s in named)}"
    return hint(word, [case.word(server) for server in case.manifest.servers])


def _names(case: Case) -> Iterator[str]:
    servers = case.manifest.servers
    if not case.mapping.name.strip():
        yield f"name: it is empty; {NAME!r} keeps the names"
    names = Counter(case.name(server) for server in servers)
    before = Counter(server.name for server in servers)
    for name, count in names.items():
        several = [server.name for server in servers if case.name(server) == name]
        if count > 1 and before[several[0]] < count:
            yield f"name: {listed(several)} would all be called {name!r}"
        if len(whole := case.prefix + name) > NAME_LENGTH_MAX:
            yield f"name: {whole!r} is longer than {NAME_LENGTH_MAX} characters"
    for server in servers:
        if (own := case.own(server).name) and not own.strip():
            where = f"servers.{case.word(server)}.name"
            yield f"{where}: it is blank; leave it out to keep the name"


def _flavor(case: Case, server: Blueprint) -> Iterator[str]:
    flavor, word = case.flavor(server), case.word(server)
    if flavor is None:
        return
    # A smaller one that was asked for, for this server, is a loss and no mistake.
    if not case.own(server).flavor and (small := _small(flavor, server.flavor)):
        yield (
            f"flavors: {flavor.name!r} is too small for {word}: {small}; if that is"
            " meant, say it under 'servers'"
        )
    for disk in sorted(local_disks(flavor) - local_disks(server.flavor)):
        yield (
            f"flavors: {flavor.name!r} gives {word} a local {disk}, which it had not:"
            " the device names of its volumes would move"
        )


def _small(flavor: Flavor, before: Flavor) -> str:
    lesser = [
        f"{now} {unit} where it had {had}"
        for now, had, unit in (
            (flavor.vcpus, before.vcpus, "VCPU"),
            (flavor.ram_mib, before.ram_mib, "MiB of memory"),
        )
        if now < had
    ]
    return ", ".join(lesser)


def _overrides(case: Case, server: Blueprint) -> Iterator[str]:
    own, where = case.own(server), f"servers.{case.word(server)}"
    for kind, word in ((FLAVORS, own.flavor), (KEYPAIRS, own.keypair)):
        if word and not kind.meant(case.offer, word):
            known = hint(word, sorted(kind.offered(case.offer)))
            yield f"{where}: the site has no {kind.noun} {word!r}; {known}"


def _user_data(case: Case, server: Blueprint) -> Iterator[str]:
    path, where = case.own(server).user_data, f"servers.{case.word(server)}"
    if not path:
        return
    try:
        with Path(path).open("rb") as file:
            size = len(file.read(USER_DATA_BYTES_MAX + 1))
    except OSError as error:
        yield f"{where}: user data cannot be read from {path}: {error.strerror}"
        return
    if size > USER_DATA_BYTES_MAX:
        yield f"{where}: {path} has more than {USER_DATA_BYTES_MAX} bytes"


def _lesser(case: Case, server: Blueprint) -> Iterator[str]:
    flavor, word = case.flavor(server), case.word(server)
    if flavor is None:
        return
    if case.own(server).flavor and (small := _small(flavor, server.flavor)):
        yield f"{word}: it is smaller: {small}"
    # That the others come up blank, the blueprint says itself.
    for disk in sorted(local_disks(server.flavor) - local_disks(flavor)):
        yield f"{word}: it has no local {disk} any more"
    missing = server.flavor.extra_specs.items() - flavor.extra_specs.items()
    if missing:
        specs = listed(f"{key}={value}" for key, value in sorted(missing))
        yield f"{word}: flavor {flavor.name!r} does not say {specs}, as far as one sees"


def _volumes(case: Case) -> Iterator[str]:
    manifest = case.manifest
    users = grouped(
        (disk.volume_id, case.word(server))
        for server in manifest.servers
        for disk in server.disks
    )
    for volume in (disk.volume for disk in manifest.disks):
        name, by = volume.name or volume.id, users.get(volume.id, ())
        if volume.encrypted:
            yield (
                f"volume {name!r} of {listed(by)} is encrypted: it cannot be restored"
                " unless both sites share a key manager, and the id of its type"
            )
        if len(by) > 1:
            kind = case.mapping.volume_types.get(volume.type) or "the default type"
            yield (
                f"volume {name!r} is shared by {listed(by)}: it cannot be unless"
                f" {kind!r} is a multiattach type"
            )
