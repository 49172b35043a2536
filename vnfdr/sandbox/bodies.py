"""What Cinder wants of the body of a request, as JSON Schema, and how it says no.

A body is looked at before anything else is: before what it names is looked for. The
words of a refusal are those of the library that Cinder uses, too.
"""

import base64
import binascii
import copy
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from vnfdr.sandbox.rest import Json, Refusal, Version

Schema = dict[str, Any]

LENGTH_MAX: Final = 255
LAST_OF_THREE_BYTES: Final = "\uffff"
BROKEN: Final = (
    "The server has either erred or is incapable of performing the requested operation."
)


class _NameTooLongError(Exception):
    """A name that Cinder measures before its database does."""


def check(name: str, version: Version, body: Json) -> None:
    """See that the body of a call, by the call's name, is one that Cinder takes.

    Raises:
        Refusal: it is not.
    """
    validator = _validator(name, version)
    error = next(validator.iter_errors(body), None) if validator else None
    if error is not None:
        raise Refusal(400, _told(error))


def check_characters(value: object) -> None:
    """See that Cinder's database has room for every character.

    MySQL's ``utf8`` has none for those that take four bytes.

    Raises:
        Refusal: it has not.
    """
    if any(
        character > LAST_OF_THREE_BYTES for text in _texts(value) for character in text
    ):
        raise Refusal(500, BROKEN)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _told(error: ValidationError) -> str:
    if isinstance(error.cause, _NameTooLongError):
        return f"Invalid input received: {error.cause}"
    if not error.path:
        return error.message
    return (
        f"Invalid input for field/attribute {error.path[-1]}. Value: {error.instance}."
        f" {error.message}"
    )


_FORMATS: Final = FormatChecker(formats=())


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuid.UUID(value))


@_FORMATS.checks("base64", raises=binascii.Error)
def _is_base64(value: object) -> bool:
    return not isinstance(value, str) or base64.b64decode(value) is not None


@_FORMATS.checks("name", raises=_NameTooLongError)
def _is_name(value: object) -> bool:
    length = len(value.strip()) if isinstance(value, str) else 0
    if length > LENGTH_MAX:
        raise _NameTooLongError(
            f"name has {length} characters, more than {LENGTH_MAX}."
        )
    return True


_TEXT: Final[Schema] = {"type": ["string", "null"], "maxLength": LENGTH_MAX}
_NAME: Final[Schema] = {"type": ["string", "null"], "format": "name"}
TRUE: Final = (
    *(True, "True", "TRUE", "true", "1", "ON", "On", "on"),
    *("YES", "Yes", "yes", "y", "t"),
)
FALSE: Final = (
    *(False, "False", "FALSE", "false", "0", "OFF", "Off", "off"),
    *("NO", "No", "no", "n", "f"),
)
_BOOLEAN: Final[Schema] = {"type": ["boolean", "string"], "enum": [*TRUE, *FALSE]}
_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_UUID_OR_NOT: Final[Schema] = {"oneOf": [_UUID, {"type": "null"}]}
_METADATA: Final[Schema] = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. /]{1,255}$": {"type": "string", "maxLength": LENGTH_MAX}
    },
    "additionalProperties": False,
}
_METADATA_OR_NOT: Final[Schema] = _METADATA | {"type": ["object", "null"]}
_IMAGE_METADATA: Final = copy.deepcopy(_METADATA)
_IMAGE_METADATA["patternProperties"]["^[a-zA-Z0-9-_:. /]{1,255}$"]["maxLength"] = 65535
_SIZE: Final[Schema] = {
    "type": ["integer", "string", "null"],
    "pattern": "^[0-9]+$",
    "minimum": 1,
    "maximum": 0x7FFFFFFF,
}


def _wrapped(key: str, inner: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {key: inner},
        "required": [key],
        "additionalProperties": False,
    }


def _object(fields: Mapping[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has some fields, and no others."""
    schema: Schema = {
        "type": "object",
        "properties": dict(fields),
        "additionalProperties": False,
    }
    return schema | ({"required": list(required)} if required else {})


def _changed(noun: str, name: Schema) -> Schema:
    fields = {"name": name, "description": _TEXT, "metadata": _METADATA}
    one_of_them = [{"required": [field]} for field in fields]
    return _wrapped(noun, _object(fields) | {"anyOf": one_of_them})


_VOLUME: Final[Mapping[str, Schema]] = {
    "name": _NAME,
    "description": _TEXT,
    "display_name": _NAME,
    "display_description": _TEXT,
    "volume_type": _TEXT,
    "metadata": _METADATA_OR_NOT,
    "snapshot_id": _UUID_OR_NOT,
    "source_volid": _UUID_OR_NOT,
    "consistencygroup_id": _UUID_OR_NOT,
    "group_id": _TEXT,
    "backup_id": _UUID_OR_NOT,
    "size": _SIZE,
    "availability_zone": _TEXT,
    "multiattach": {"oneOf": [{"type": "null"}, _BOOLEAN]},
    "image_id": _TEXT,
    "imageRef": _TEXT,
}
_SNAPSHOT: Final[Mapping[str, Schema]] = {
    "name": _TEXT,
    "display_name": _TEXT,
    "description": _TEXT,
    "volume_id": _UUID_OR_NOT,
    "force": _BOOLEAN,
    "metadata": _METADATA_OR_NOT,
}
_BACKUP: Final[Mapping[str, Schema]] = {
    "volume_id": _UUID,
    "container": _TEXT,
    "description": _TEXT,
    "incremental": _BOOLEAN,
    "force": _BOOLEAN,
    "name": _TEXT,
    "snapshot_id": _UUID_OR_NOT,
}
_RECORD: Final[Mapping[str, Schema]] = {
    "backup_service": {"type": "string", "maxLength": LENGTH_MAX},
    "backup_url": {"type": "string", "minLength": 1, "format": "base64"},
}
_BACKUP_METADATA, _BACKUP_ZONE, _STRICT_VOLUME = (3, 43), (3, 51), (3, 53)

_SCHEMAS: Final[Mapping[str, Schema]] = {
    "create volume": _wrapped("volume", _object(_VOLUME)),
    "rename volume": _changed("volume", _NAME),
    "create snapshot": _wrapped("snapshot", _object(_SNAPSHOT, ("volume_id",))),
    "rename snapshot": _changed("snapshot", _TEXT),
    "create backup": _wrapped("backup", _object(_BACKUP, ("volume_id",))),
    "restore backup": _wrapped(
        "restore",
        _object({"name": _TEXT, "volume_id": _UUID_OR_NOT})
        | {"type": ["object", "null"]},
    ),
    "import backup": _wrapped("backup-record", _object(_RECORD, tuple(_RECORD))),
    "stamp volume": _wrapped("metadata", _METADATA),
    "stamp snapshot": _wrapped("metadata", _METADATA),
    "replace volume metadata": _wrapped("metadata", _METADATA),
    "replace snapshot metadata": _wrapped("metadata", _METADATA),
    "change volume metadata": _wrapped("meta", _METADATA),
    "change snapshot metadata": _wrapped("meta", _METADATA),
    "change backup": _changed("backup", _TEXT),
    "os-set_image_metadata volume": _wrapped(
        "os-set_image_metadata", _object({"metadata": _IMAGE_METADATA}, ("metadata",))
    ),
    "change quotas": {
        "type": "object",
        "properties": {"quota_set": {"type": "object", "minProperties": 1}},
        "required": ["quota_set"],
    },
}


@cache
def _validator(name: str, version: Version) -> Draft4Validator | None:
    if name not in _SCHEMAS:
        return None
    return Draft4Validator(_schema(name, version), format_checker=_FORMATS)


def _schema(name: str, version: Version) -> Schema:
    schema = copy.deepcopy(_SCHEMAS[name])
    if name == "create volume" and version < _STRICT_VOLUME:
        schema["properties"]["volume"]["additionalProperties"] = True
    if name == "create backup":
        fields = schema["properties"]["backup"]["properties"]
        if version >= _BACKUP_METADATA:
            fields["metadata"] = _METADATA_OR_NOT
        if version >= _BACKUP_ZONE:
            fields["availability_zone"] = _TEXT
    return schema
