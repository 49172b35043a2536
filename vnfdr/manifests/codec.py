"""Manifests as JSON and back again, equal; and by which name each is kept.

The text says which format it is in, and carries a checksum of the rest: what was
changed, or cut off, is noticed. The schema is ``vnfdr/manifests/schema.json``.
"""

import hashlib
import json
from typing import Any

from vnfdr.errors import ManifestDamaged
from vnfdr.manifest import Manifest
from vnfdr.text import label

FORMAT = 1

PROBE = ".probe"
"""What the name of a text ends with by which it was tried whether one may write."""


def name_of(group: str, point: str) -> str:
    """Return the name that a point's manifest is kept by, in every place."""
    plain = label(group).replace("%", "%25").replace("/", "%2F").replace(" ", "%20")
    # A path may not lead up.
    return f"{plain.replace('.', '%2E') if not plain.strip('.') else plain}/{point}"


def dump_manifest(manifest: Manifest) -> str:
    """Write a manifest as JSON."""
    body = _cattrs().Converter().unstructure(manifest)
    document = {"format": FORMAT, "sha256": _digest(body), "manifest": body}
    # Plain characters: whatever else a name has survives every store.
    return json.dumps(document, indent=1)


def text_of(data: bytes, where: str) -> str:
    """Return what a place keeps as the text that it is; ``where`` is as below.

    Raises:
        ManifestDamaged: it is no text.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ManifestDamaged(f"{where}: it is no text: {error}") from error


def load_manifest(text: str, where: str = "<text>") -> Manifest:
    """Read what `dump_manifest` wrote; ``where`` is what messages call it.

    Raises:
        ManifestDamaged: it is no manifest, was changed, or is of a newer format.
    """
    try:
        document = json.loads(text)
        written, digest = document["format"], document["sha256"]
        body = document["manifest"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ManifestDamaged(f"{where} is no manifest: {error!r}") from error
    if written != FORMAT:
        raise ManifestDamaged(
            f"{where} is of format {written!r}, and this vnfdr reads {FORMAT}: use the"
            " vnfdr that wrote it, or a newer one"
        )
    if digest != _digest(body):
        raise ManifestDamaged(
            f"{where} was changed or damaged: its checksum does not fit; use the copy"
            " in another place, or an older point"
        )
    if not isinstance(body, dict):
        raise ManifestDamaged(f"{where} is no manifest: there is none in it")
    cattrs = _cattrs()
    try:
        found: Manifest = cattrs.Converter(forbid_extra_keys=True).structure(
            body, Manifest
        )
    except ExceptionGroup as error:
        told = "; ".join(cattrs.transform_error(error, path="manifest"))
        raise ManifestDamaged(f"{where} is no manifest: {told}") from error
    return found


def _cattrs() -> Any:  # noqa: ANN401 - a module
    """Return what turns values into JSON, which whoever only thaws does not need."""
    import cattrs  # noqa: PLC0415 - it takes long to import

    return cattrs


def _digest(body: object) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
