"""Writes a mapping for people to edit: each part says what it is, and what to check."""

from collections.abc import Iterator, Mapping
from textwrap import indent

from vnfdr.mapping import ServerMapping, SiteMapping
from vnfdr.mappingfile.schema import to_plain
from vnfdr.text import printable
from vnfdr.yamlfile import plainyaml

HEADER = """\
How the names of group {group} translate to those of {site}.
Left of each colon is a name that the servers had, right of it what stands for it at
{site}: a name, or an id where several have the name.
`vnfdr mapping --check` says what is still to mend, and what is lost."""

ABOUT = {
    "name": "What the servers are called; {name} stands for the name that each had.",
    "flavors": "Flavors: big enough, and without local disks that the servers had not.",
    "networks": "Networks that the ports are made on.",
    "volume_types": "Volume types.",
    "server_zones": "Availability zones of servers; null leaves it to the site.",
    "volume_zones": "Availability zones of volumes; null leaves it to the site.",
    "keypairs": "Keypairs of your own user; null is for none.",
    "security_groups": "Security groups; null leaves one out.",
    "server_groups": "Server groups; null is for none.",
    "keep_addresses": "Whether ports keep their fixed addresses.",
    "keep_macs": "Whether ports keep their MAC addresses.",
    "servers": """\
What is different for single servers: name, flavor, keypair, and user_data, the path
of a file for cloud-init, which is read when the server is created.""",
    "tiers": """\
All servers, in the order in which they are booted: at first that in which they were
frozen. A tier may have probes, a time limit and a gate, which waits for a person:
  - servers: [db-1]
    probes:
      - agent: libvirt              # the guest agent answers
      - tcp: 5432                   # something listens
      - http: http://{address}/     # answered with status 200
      - call: package.module:function
    within_seconds: 600
    gate: is the database whole?""",
}

MISSING = "MISSING: nothing there is like it; say what stands for it"
CHOSEN = "by likeness: look whether it is right"
LEFT_OUT = "left out, or left to the site"
USER_DATA = "it had user data, which is not kept: the path of a file"


def dump_mapping(mapping: SiteMapping) -> str:
    """Write a mapping as YAML that reads back equal, with comments for its editor."""
    return "\n".join(_parts(mapping)) + "\n"


def _parts(mapping: SiteMapping) -> Iterator[str]:
    group, site = printable(repr(mapping.group)), printable(mapping.site)
    yield _comment(HEADER.format(group=group, site=site))
    yield _line("site", mapping.site)
    yield _line("group", mapping.group)
    for key, about in ABOUT.items():
        yield f"\n{_comment(about)}"
        value = getattr(mapping, key)
        if key == "servers":
            yield from _servers(value)
        elif isinstance(value, Mapping):
            yield from _pairs(key, value)
        else:
            yield _line(key, to_plain(value))


def _pairs(key: str, names: Mapping[str, str | None]) -> Iterator[str]:
    yield _line(key, {}) if not names else f"{key}:"
    for name, word in names.items():
        remark = _remark(name, word)
        line = indent(_line(name, word), "  ")
        yield f"{line}  # {remark}" if remark else line


def _remark(name: str, word: str | None) -> str:
    if word is None:
        return LEFT_OUT
    if word == name:
        return ""
    return CHOSEN if word else MISSING


def _servers(servers: Mapping[str, ServerMapping]) -> Iterator[str]:
    yield _line("servers", {}) if not servers else "servers:"
    for word, own in servers.items():
        if own == ServerMapping():
            line = indent(_line(word, {"user_data": ""}), "  ")
            yield f"{line}  # {USER_DATA}"
        else:
            yield indent(_line(word, to_plain(own)), "  ")


def _line(key: str, value: object) -> str:
    return plainyaml.dump({key: value}).removesuffix("\n")


def _comment(text: str) -> str:
    return indent(text, "# ", lambda _: True)
