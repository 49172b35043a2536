"""Manifests as texts: whole, or refused."""

import hashlib
import json
from importlib import resources

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.points.strategies import manifests
from vnfdr.errors import ManifestDamaged
from vnfdr.manifests import dump_manifest, load_manifest, name_of

SCHEMA = json.loads((resources.files("vnfdr.manifests") / "schema.json").read_text())
thorough = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def test_the_schema_is_one():
    """Other tools can read it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@thorough
@given(manifests)
def test_every_manifest_reads_back_equal_and_fits_the_schema(manifest):
    """Whatever users call their things, and however little is known."""
    text = dump_manifest(manifest)

    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert load_manifest(text) == manifest


@thorough
@given(data=st.data())
def test_no_changed_character_goes_unnoticed(make, data):
    """It is refused, or means the same: a space more in JSON says nothing."""
    manifest = make()
    text = dump_manifest(manifest)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8"))

    changed = f"{text[:place]}{other}{text[place + 1 :]}"

    assert _read(changed) in (None, manifest)


def _read(text):
    try:
        return load_manifest(text, "there")
    except ManifestDamaged:
        return None


@pytest.mark.parametrize("part", [0, 0.3, 0.99])
def test_a_text_that_was_cut_off_is_refused(make, part):
    """A disk was full, or a download broke."""
    text = dump_manifest(make())

    with pytest.raises(ManifestDamaged, match="there is no manifest"):
        load_manifest(text[: int(len(text) * part)], "there")


@pytest.mark.parametrize(
    "text",
    ["null", "[]", "7", '"x"', "{}", "{not json", "[" * 100_000, "\0", '{"format": 1}'],
    ids=repr,
)
def test_what_is_no_manifest_is_refused(text):
    """Whatever it is instead."""
    with pytest.raises(ManifestDamaged, match="there is no manifest"):
        load_manifest(text, "there")


def test_a_value_that_was_changed_is_told(make):
    """Somebody edited it, and it is not what was certified."""
    document = json.loads(dump_manifest(make()))
    document["manifest"]["certificate"]["hold_limit_seconds"] = 3600.0

    with pytest.raises(ManifestDamaged, match="its checksum does not fit"):
        load_manifest(json.dumps(document))


def test_a_manifest_of_a_newer_vnfdr_is_told(make):
    """It may say what this one would not understand."""
    document = json.loads(dump_manifest(make())) | {"format": 2}

    with pytest.raises(ManifestDamaged, match="of format 2, and this vnfdr reads 1"):
        load_manifest(json.dumps(document))


@pytest.mark.parametrize("body", [[], {}, {"point": 1}, None, "x", {"tiers": [[{}]]}])
def test_an_alien_body_is_refused_with_its_checksum_right(body):
    """A checksum says that nothing was changed, and not what it is of."""
    plain = json.dumps(body, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(plain.encode()).hexdigest()
    document = {"format": 1, "sha256": digest, "manifest": body}

    with pytest.raises(ManifestDamaged, match="there is no manifest"):
        load_manifest(json.dumps(document), "there")


@pytest.mark.parametrize("group", ["..", ".", "a/b", "../../etc", "a b", "\u2603", "%"])
def test_no_group_leads_out_of_its_place(group):
    """A name is one folder and one file, and each group has its own."""
    folder, _, point = name_of(group, "p1").rpartition("/")

    assert point == "p1"
    assert folder.isascii()
    assert "/" not in folder
    assert folder.strip(".")
