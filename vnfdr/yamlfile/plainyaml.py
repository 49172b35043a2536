"""The part of YAML that needs no explaining, and all of JSON.

Mappings, lists, texts, numbers, ``true``, ``false`` and ``null``: nothing else.
Tags, anchors and aliases are refused; ``no`` and ``2026-01-31`` are texts.
"""

import re
import sys
from typing import Never

import yaml
from yaml.reader import ReaderError
from yaml.scanner import ScannerError
from yaml.tokens import ScalarToken

UNREADABLE = (yaml.YAMLError, RecursionError, OverflowError, ValueError)
"""What `parse` raises; the last two for an escape that is no character."""


def parse(text: str) -> yaml.Node | None:
    """Return the tree of a text, with marks of lines; ``None`` when it is empty."""
    return _Loader(text).get_single_node()


def scalar(node: yaml.Node) -> object:
    """Return what a leaf of the tree says."""
    return _Loader("").construct_object(node)


def dump(plain: object) -> str:
    """Write what `parse` reads back equal."""
    return str(
        yaml.dump(
            plain,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=sys.maxsize,
        )
    )


def explain(error: BaseException, text: str) -> str:
    """Say on which line and column a text stops being YAML, and why."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        why = ", ".join(filter(None, (error.context, error.problem)))
        return f"{mark.line + 1}:{mark.column + 1}: {why}"
    if isinstance(error, ReaderError):
        before = text[: error.position].split("\n")
        why = f"the character {text[error.position]!a} may not be in a text"
        return f"{len(before)}:{len(before[-1]) + 1}: {why}"
    return f"1:1: {error}"


class _Loader(yaml.SafeLoader):
    """The part of YAML that needs no explaining, and all of JSON."""

    def _refuse(self) -> Never:
        what = "tags, anchors and aliases are not read; quote a text that begins so"
        raise ScannerError(None, None, what, self.get_mark())

    fetch_tag = fetch_anchor = fetch_alias = _refuse

    def scan_to_next_token(self) -> None:
        """Skip the tabs between tokens of JSON, which PyYAML refuses."""
        super().scan_to_next_token()
        while self.flow_level and self.peek() == "\t":
            self.forward()
            super().scan_to_next_token()

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """Join the two escapes by which JSON writes a character beyond 16 bits."""
        token = super().scan_flow_scalar(style)
        try:
            utf16 = token.value.encode("utf-16-le", "surrogatepass")
            token.value = utf16.decode("utf-16-le")
        except UnicodeDecodeError:
            what = "half of a character that takes two escapes"
            raise ScannerError(None, None, what, token.start_mark) from None
        return token


# What matches here must be quoted by `yaml.safe_dump` where it is a text.
_Loader.yaml_implicit_resolvers = {}
for _kind, _pattern, _first in (
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", "true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", "[-+]?(0|[1-9][0-9]{0,17})", [*"-+0123456789"]),
    ("float", r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?", [*"-+0123456789"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"({_pattern})\Z"), _first
    )


class _Dumper(yaml.SafeDumper):
    """Quotes and escapes what PyYAML would write so that it reads back changed."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = None if data.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)
