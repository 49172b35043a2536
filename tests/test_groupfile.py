import functools
import json
import re
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from vnfdr.errors import GroupFileError
from vnfdr.groupfile import dump_group, load_group, read_group
from vnfdr.model import (
    BackupPolicy,
    Group,
    Keep,
    Level,
    Member,
    Policy,
    Retention,
    Strategy,
    System,
)

EVERYTHING = """\
group: ims-core
tiers:
  - db-1
  - [app-1, app-2]
  - server: lb-1
    backend: none
    level: crash
    policy: degrade
    leave_out: [scratch]
    os: linux
defaults: {freeze_timeout_seconds: 5, backend: libvirt}
backup:
  strategy: volume
  by_volume_type: {fast: snapshot}
  full_every: 3
  keep: both
  at_once: 2
  timeout_seconds: 60
hold_limit_seconds: 20
lease_seconds: 50
keep_inconsistent: true
retention: {keep_last: 3, monthly: 12}
"""

MISTAKES = """\
group: 5
tiers:
  - db-1
  - [app-1, 7]
  - server: lb-1
    polcy: degrade
    level: crush
  - backend: none
defaults: {server: x, freeze_timeout_seconds: soon}
backup: {by_volume_type: {a.b: volum}, full_every: 7.5}
lease_second: 60
retention: {keep_last: -1, weekly: -2}
"""


TOLD = """\
f:1:1: group: must be a text, not a whole number; put it in quotes
f:4:13: tiers[1][1].server: must be a text, not a whole number; put it in quotes
f:6:5: tiers[2].polcy: unknown key; did you mean 'policy'?
f:7:5: tiers[2].level: 'crush' is none of: crash, filesystem, application
f:8:5: tiers[3]: the key 'server' is missing
f:9:12: defaults.server: unknown key; known: backend, level, policy, \
freeze_timeout_seconds, leave_out, allow_local_disks, os
f:9:23: defaults.freeze_timeout_seconds: must be a number, not a text
f:10:27: backup.by_volume_type['a.b']: 'volum' is none of: snapshot, volume, none
f:10:40: backup.full_every: must be a whole number, not a number
f:11:1: lease_second: unknown key; did you mean 'lease_seconds'?
f:12:1: retention: keep_last is -1; it must be at least 0
f:12:1: retention: weekly is -2; it must be at least 0
"""


def problems_of(text):
    """Return what is wrong with a text, one sentence each."""
    with pytest.raises(GroupFileError) as refused:
        read_group(text, "f")
    return list(refused.value.problems)


def test_what_is_wrong_below_a_key_that_is_there_twice_is_told():
    """Only the last of them is looked into, and the mistake may be in the first."""
    twice = "backup: {keep: none, keep: both}\nbackup: {at_once: 2}\n"

    assert problems_of(f"group: g\ntiers: [a]\n{twice}") == [
        "f:4:1: backup.keep: is there more than once",
        "f:4:1: backup: is there more than once",
    ]


def test_every_key_is_read():
    """A file may say everything that a group can say."""
    hurried = functools.partial(Member, freeze_timeout_seconds=5)
    balancer = hurried(
        "lb-1",
        backend="none",
        level=Level.CRASH,
        policy=Policy.DEGRADE,
        leave_out=("scratch",),
        os="linux",
    )

    group = read_group(EVERYTHING)

    assert group.name == "ims-core"
    assert group.tiers == (
        (hurried("db-1"),),
        (hurried("app-1"), hurried("app-2")),
        (balancer,),
    )
    assert group.backup == BackupPolicy(
        Strategy.VOLUME, {"fast": Strategy.SNAPSHOT}, 3, Keep.BOTH, 2, 60.0
    )
    assert (group.hold_limit_seconds, group.lease_seconds) == (20, 50)
    assert group.keep_inconsistent
    assert group.retention == Retention(keep_last=3, monthly=12)


def test_names_are_enough():
    """A file with nothing but names has the defaults of the library."""
    group = read_group("{group: g, tiers: [a, [b, c]]}")

    assert group == Group.of("g", ["a", ["b", "c"]])


def test_a_member_overrides_the_defaults():
    """What a member says itself weighs more than what all members share."""
    tiers = "[a, {server: b, backend: pause}]"

    group = read_group(f"{{group: g, tiers: {tiers}, defaults: {{backend: none}}}}")

    assert [member.backend for member in group.members] == ["none", "pause"]


def test_every_mistake_is_told_at_once_with_its_place():
    """One look at the message is enough to mend the whole file."""
    assert problems_of(MISTAKES) == TOLD.splitlines()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: it is empty"),
        ("# nothing yet\n", "1:1: it is empty"),
        ("[a, b]", "1:1: must be a mapping, not a list"),
        ("{group: g}", "1:1: the key 'tiers' is missing"),
        ("{group: g, tiers: [a], ? [b] : c}", "1:1: a key must be a text, not"),
        ("group: g\ntiers: [a]\ngroup: h\n", "3:1: group: is there more than once"),
    ],
)
def test_a_file_of_the_wrong_shape_is_refused(text, problem):
    """What is not a group never becomes half of one."""
    (told,) = problems_of(text)

    assert told.startswith(f"f:{problem}")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("tiers: a", "1:1: tiers: must be a list, not a text"),
        ("tiers: [[[a]]]", "1:10: tiers[0][0].server: must be a text, not a list"),
        ("tiers: [null]", "1:9: tiers[0].server: must be a text, not nothing"),
        ("tiers: [a]\nbackup:", "2:1: backup: must be a mapping, not nothing"),
        (
            "tiers: [a]\nlease_seconds: true",
            "2:1: lease_seconds: must be a number, not",
        ),
        ("tiers: [a]\nlease_seconds: 9.e+999", "2:1: lease_seconds: must be a finite"),
        (
            "tiers: [{server: a, leave_out: v}]",
            "1:21: tiers[0].leave_out: must be a li",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(line, problem):
    """A text is never taken for a list of letters, nor true for 1."""
    (told,) = problems_of(f"{line}\ngroup: g")

    assert told.startswith(f"f:{problem}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("group: [g", "1:10: while parsing a flow sequence, expected ',' or ']'"),
        ("group:\n\t- g", "2:1: while scanning for the next token, found character"),
        ("a: b\n---\na: c", "2:1: expected a single document in the stream"),
        ("group: \x01", "1:8: the character '\\x01' may not be in a text"),
        ('group: "\\ud800"', "1:8: half of a character that takes two escapes"),
        ('"\\UFFFFFFFF"', "1:1: "),
        ("[" * 5000, "1:1: maximum recursion depth exceeded"),
    ],
)
def test_what_is_not_yaml_is_refused_where_it_stops_being_so(text, problem):
    """A broken file is answered with a line and a reason, not with a traceback."""
    (told,) = problems_of(text)

    assert told.startswith(f"f:{problem}")


@pytest.mark.parametrize("name", ["!!python/name:os.system", "&a g", "*a"])
def test_tags_anchors_and_aliases_are_refused(name):
    """A group file cannot make Python do anything, nor grow when it is read."""
    (told,) = problems_of(f"tiers: [a]\ngroup: {name}")

    assert told.startswith("f:2:8: tags, anchors and aliases are not read")


@pytest.mark.parametrize("name", ["no", "2026-01-31", "1:30", "0x10", "010", "<<", "="])
def test_a_name_that_older_yaml_would_change_is_a_text(name):
    """Nobody has to know which words YAML 1.1 takes for something else."""
    assert read_group(f"group: {name}\ntiers: [a]").name == name


def test_what_the_model_refuses_names_the_file():
    """A group that contradicts itself is refused with the file's name, too."""
    told = problems_of("{group: g, tiers: [a, a], lease_seconds: 9}")

    assert [each.split("; ")[0] for each in told] == [
        "f:1:1: hold_limit_seconds is 30",
        "f:1:1: server 'a' is in it 2 times",
    ]


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_read_however_it_is_indented(indent, ascii_only):
    """A program may write the file as JSON, with any name that JSON can write."""
    said = {"group": "a/\U0001f600\n", "tiers": ["x", ["y", {"server": "z"}]]}

    text = json.dumps(said, indent=indent, ensure_ascii=ascii_only)

    assert read_group(text) == Group.of("a/\U0001f600\n", ["x", ["y", "z"]])


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    """A file saved by Windows is as good as any."""
    path = tmp_path / "group.yaml"
    path.write_text(EVERYTHING, encoding="utf-8-sig")

    assert load_group(path) == read_group(EVERYTHING)


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file"), (b"group: \xff", "'utf-8' codec")]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, why):
    """A missing or garbled file is told by its name."""
    path = tmp_path / "group.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(GroupFileError, match=f"group.yaml: {why}"):
        load_group(path)


def test_what_is_default_is_not_written():
    """A file that the library writes is as short as one written by hand."""
    group = Group.of("g", ["a", ["b", Member("c", level=Level.CRASH)]])

    assert dump_group(group) == (
        "group: g\ntiers:\n- a\n- - b\n  - server: c\n    level: crash\n"
    )


ROOT = Path(__file__).parents[1]
DOCUMENTED = [
    pytest.param(text, id=str(page.relative_to(ROOT)))
    for page in sorted(ROOT.glob("docs/**/*.md"))
    for text in re.findall(r"```yaml\n(group:.*?)```", page.read_text(), re.DOTALL)
]


@pytest.mark.parametrize("text", DOCUMENTED)
def test_a_file_in_the_documentation_is_read(text):
    """What the documentation shows can be copied."""
    assert read_group(text).members


@pytest.mark.parametrize("kind", [Group, Member, BackupPolicy])
def test_every_key_and_choice_is_documented(kind):
    """What a file may say is on one page."""
    page = (ROOT / "docs/reference/group-file.md").read_text()

    keys = {"group" if f.name == "name" else f.name for f in attrs.fields(kind)}

    enums = (Level, Policy, Strategy, Keep, System)
    choices = {c.value for enum in enums for c in enum}
    assert {f"`{word}`" for word in keys | choices} <= set(re.findall(r"`\w+`", page))


names = some.text(min_size=1).filter(str.strip)
members = some.builds(
    Member,
    names,
    backend=names,
    level=some.sampled_from(Level),
    policy=some.sampled_from(Policy),
    freeze_timeout_seconds=some.none() | some.floats(0.001, 29),
    leave_out=some.lists(names, max_size=2).map(tuple),
    allow_local_disks=some.booleans(),
    os=some.sampled_from([None, System.LINUX]),
)
policies = some.builds(
    BackupPolicy,
    some.sampled_from(Strategy),
    some.dictionaries(names, some.sampled_from(Strategy), max_size=2),
    full_every=some.integers(1, 1000),
    keep=some.sampled_from(Keep),
    at_once=some.integers(1, 1000),
    timeout_seconds=some.floats(0.1, 1e300),
)


@settings(deadline=None)
@given(
    names,
    some.lists(members, min_size=2, max_size=4, unique_by=lambda each: each.server),
    policies,
    some.floats(61, 1e300),
)
def test_a_group_that_was_written_reads_back_equal(name, members, backup, lease):
    """Nothing is lost in a file, whatever its names are made of."""
    tiers = (tuple(members[:1]), tuple(members[1:]))
    group = Group(name, tiers, backup, 60.0, lease)

    assert read_group(dump_group(group)) == group


@settings(deadline=None)
@given(some.text() | some.text("{}[]:,-?&*!|>'\"%@`#~<=+. \n\t\\0aeuxU"))
def test_any_text_is_a_group_or_is_refused(text):
    """No text makes the reader fail in a way of its own."""
    with pytest.raises(GroupFileError, match="no group was read"):
        read_group(text)
