"""A mapping as people edit it: every mistake is told, and nothing is lost in a file."""

import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.manifests import manifest, offer, server
from vnfdr.errors import MappingError
from vnfdr.mapping import (
    AgentProbe,
    BootTier,
    CallProbe,
    HttpProbe,
    ServerMapping,
    SiteMapping,
    TcpProbe,
)
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.mappingfile import dump_mapping, load_mapping, read_mapping

EVERYTHING = """\
site: site-b
group: ims
name: "{name}-dr"
flavors: {m1.small: c1.small}
networks: {oam: oam-dr}
volume_types: {ssd: ceph}
server_zones: {az1: null}
volume_zones: {nova: nova}
keypairs: {ops: null}
security_groups: {default: default, web: ""}
server_groups: {apart: apart}
keep_addresses: true
keep_macs: true
servers:
  db-1: {name: db, flavor: big, user_data: db.yaml}
  app-1: {keypair: null}
tiers:
  - servers: [db-1]
    probes:
      - agent: libvirt
      - {tcp: 5432, address: 192.0.2.7}
      - {http: "http://{address}:80/", status: 204, servers: [db-1]}
      - call: mine.checks:database
    within_seconds: 60
    gate: is it whole?
  - [app-1, app-2]
  - lb-1
"""

MISTAKES = """\
site: 5
flavor: {a: b}
flavors: {a: null, b: [c]}
keypairs: {ops: 7}
keep_macs: sometimes
servers:
  db-1: {flavour: big}
  db-2:
tiers:
  - servers: [db-1]
    probes: [agent, {tcp: 5432, http: x}, {tcp: high}, {agent: libvirt, port: 1}]
    within_seconds: long
  - [a, 5]
  - 6
"""

TOLD = """\
f:1:1: site: must be a text, not a whole number; put it in quotes
f:1:1: the key 'group' is missing
f:2:1: flavor: unknown key; did you mean 'flavors'?
f:3:11: flavors.a: must be a text, not nothing
f:3:20: flavors.b: must be a text, not a list
f:4:12: keypairs.ops: must be a text, not a whole number; put it in quotes
f:5:1: keep_macs: must be true or false, not a text
f:7:10: servers.db-1.flavour: unknown key; did you mean 'flavor'?
f:8:3: servers.db-2: must be a mapping, not nothing
f:11:14: tiers[0].probes[0]: must be a mapping, not a text
f:11:21: tiers[0].probes[1]: a probe has one of the keys: agent, tcp, http, call
f:11:44: tiers[0].probes[2].tcp: must be a whole number, not a text
f:11:73: tiers[0].probes[3].port: unknown key; known: agent, servers
f:12:5: tiers[0].within_seconds: must be a number, not a text
f:13:9: tiers[1].servers[1]: must be a text, not a whole number; put it in quotes
f:14:5: tiers[2]: must be a mapping, not a whole number
"""


def problems_of(text):
    """Return what is wrong with a text, one sentence each."""
    with pytest.raises(MappingError) as refused:
        read_mapping(text, "f")
    return list(refused.value.problems)


def test_every_key_is_read():
    """A file may say everything that a mapping can say."""
    mapping = read_mapping(EVERYTHING)

    assert mapping.flavors == {"m1.small": "c1.small"}
    assert (mapping.server_zones, mapping.keypairs) == ({"az1": None}, {"ops": None})
    assert mapping.security_groups == {"default": "default", "web": ""}
    assert (mapping.keep_addresses, mapping.keep_macs) == (True, True)
    assert mapping.servers == {
        "db-1": ServerMapping("db", "big", user_data="db.yaml"),
        "app-1": ServerMapping(keypair=None),
    }
    probes = (
        AgentProbe("libvirt"),
        TcpProbe(5432, "192.0.2.7"),
        HttpProbe("http://{address}:80/", 204, ("db-1",)),
        CallProbe("mine.checks:database"),
    )
    first, *others = mapping.tiers
    assert first == BootTier(("db-1",), probes, 60.0, "is it whole?")
    assert others == [BootTier(("app-1", "app-2")), BootTier(("lb-1",))]


def test_every_mistake_is_told_at_once_with_its_place():
    """One look at the message is enough to mend the whole file."""
    assert problems_of(MISTAKES) == TOLD.splitlines()


def test_user_data_is_looked_for_beside_the_file(tmp_path):
    """A mapping and what it names can be moved together."""
    path = tmp_path / "site-b.yaml"
    path.write_text(EVERYTHING)

    mapping = load_mapping(path)

    assert mapping.servers["db-1"].user_data == str(tmp_path / "db.yaml")
    assert mapping.servers["app-1"].user_data == ""


def test_a_file_that_is_not_there_is_named(tmp_path):
    """A missing file is told by its name."""
    with pytest.raises(MappingError, match=r"b\.yaml: No such file"):
        load_mapping(tmp_path / "b.yaml")


def test_a_suggestion_says_what_to_look_at():
    """What was chosen by likeness, and what nobody chose, is marked where it stands."""
    group = manifest(server("db", has_user_data=True), type="fast")
    bare = offer(keypairs=(), server_zones=())

    text = dump_mapping(suggest_mapping(group, bare, "site-b"))

    marked = dict(re.findall(r"^ +(.*)  # (.*)$", text, re.MULTILINE))
    assert marked["fast: ssd"].startswith("by likeness")
    assert marked["ops: ''"].startswith("MISSING")
    assert marked["az1: null"].startswith("left out")
    assert marked["user_data: ''"].startswith("it had user data")
    assert "m1.small: m1.small\n" in text


def test_every_part_says_what_it_is():
    """Who opens the file for the first time needs no other page."""
    text = dump_mapping(SiteMapping("site-b", "ims"))

    for field in attrs.fields(SiteMapping)[2:]:
        before = text.partition(f"\n{field.name}:")[0]
        assert before.splitlines()[-1].startswith("#"), field.name


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "kind",
    [SiteMapping, ServerMapping, BootTier, AgentProbe, TcpProbe, HttpProbe, CallProbe],
)
def test_every_key_is_documented(kind):
    """What a file may say is on one page."""
    page = (ROOT / "docs/reference/mapping-file.md").read_text()

    keys = {field.name for field in attrs.fields(kind)}

    assert {f"`{key}`" for key in keys} <= set(re.findall(r"`\w+`", page))


DOCUMENTED = [
    pytest.param(text, id=str(page.relative_to(ROOT)))
    for page in sorted(ROOT.glob("docs/**/*.md"))
    for text in re.findall(
        r"```yaml\n((?:#.*\n)*site:.*?)```", page.read_text(), re.DOTALL
    )
]


@pytest.mark.parametrize("text", DOCUMENTED)
def test_a_file_in_the_documentation_is_read(text):
    """What the documentation shows can be copied."""
    assert read_mapping(text).tiers


words = some.text(min_size=1)
names = some.dictionaries(words, some.text(), max_size=3)
optional = some.dictionaries(words, some.none() | some.text(), max_size=3)
several = some.lists(words, max_size=2).map(tuple)
probes = some.one_of(
    some.builds(AgentProbe, some.text(), several),
    some.builds(TcpProbe, some.integers(0, 70_000), some.text(), several),
    some.builds(HttpProbe, some.text(), some.integers(0, 999), several),
    some.builds(CallProbe, some.text(), several),
)
tiers = some.builds(
    BootTier,
    several,
    some.lists(probes, max_size=3).map(tuple),
    some.floats(0.1, 1e300),
    some.text(),
)
particulars = some.builds(
    ServerMapping, some.text(), some.text(), some.none() | some.text(), some.text()
)
mappings = some.builds(
    SiteMapping,
    *(words, words, words, names, names, names),
    *(optional, optional, optional, optional, optional),
    some.booleans(),
    some.booleans(),
    some.dictionaries(words, particulars, max_size=2),
    some.lists(tiers, max_size=2).map(tuple),
)


@settings(deadline=None)
@given(mappings)
def test_a_mapping_that_was_written_reads_back_equal(mapping):
    """Nothing is lost in a file, whatever its names are made of, comments or not."""
    assert read_mapping(dump_mapping(mapping)) == mapping


@settings(deadline=None)
@given(some.text() | some.text("{}[]:,-?&*!|>'\"%@`#~<=+. \n\t\\0aeuxU"))
def test_any_text_is_a_mapping_or_is_refused(text):
    """No text makes the reader fail in a way of its own."""
    with pytest.raises(MappingError, match="no mapping was read"):
        read_mapping(text)
