"""The public keys of users; the sandbox makes no private ones."""

import base64
import binascii
import hashlib
from typing import Final

from vnfdr.sandbox.nova.quotas import claim_keypair
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, invalid
from vnfdr.sandbox.things import Keypair, stamp

TYPE: Final = (2, 2)
OF_OTHERS: Final = (2, 10)


def create(call: Call) -> Answer:
    """Take a public key in."""
    asked = call.inner("keypair")
    for key in ("name", "public_key"):
        if not asked.get(key):
            raise invalid(asked, "keypair", f"'{key}' is a required property")
    user_id = _user(call, asked.get("user_id"), "create")
    name, public_key = str(asked["name"]).strip(), str(asked["public_key"])
    if (user_id, name) in call.site.keypairs:
        raise Refusal(409, f"Key pair '{name}' already exists.")
    claim_keypair(call.site, user_id)
    keypair = Keypair(
        name,
        user_id,
        public_key,
        _fingerprint(public_key),
        asked.get("type", "ssh"),
        int(call.site.now()),
    )
    call.site.keypairs[user_id, name] = keypair
    told = _view(call, keypair) | {"user_id": user_id}
    return Answer(201 if call.version >= TYPE else 200, {"keypair": told})


def keypairs(call: Call) -> Answer:
    """List a user's keys."""
    user_id = _user(call, call.query.get("user_id"), "index")
    found = [k for k in list(call.site.keypairs.values()) if k.user_id == user_id]
    return Answer(200, {"keypairs": [{"keypair": _view(call, k)} for k in found]})


def show(call: Call) -> Answer:
    """Tell of one key."""
    keypair = _one(call, "show")
    told = _view(call, keypair) | {
        "id": 1 + list(call.site.keypairs).index((keypair.user_id, keypair.name)),
        "user_id": keypair.user_id,
        "created_at": stamp(keypair.created_at),
        "updated_at": None,
        "deleted": False,
        "deleted_at": None,
    }
    return Answer(200, {"keypair": told})


def delete(call: Call) -> Answer:
    """Forget a key; servers that have it keep it."""
    keypair = _one(call, "delete")
    call.site.keypairs.pop((keypair.user_id, keypair.name))
    return Answer(204 if call.version >= TYPE else 202)


def _user(call: Call, asked: str | None, what: str) -> str:
    """Return whose keys are meant; others' are for administrators."""
    if asked is None or asked == call.user.id or call.version < OF_OTHERS:
        return call.user.id
    call.only_admin(f"os_compute_api:os-keypairs:{what}")
    return asked


def _one(call: Call, what: str) -> Keypair:
    user_id = _user(call, call.query.get("user_id"), what)
    keypair = call.site.keypairs.get((user_id, call.id))
    if keypair is None:
        raise Refusal(404, f"Keypair {call.id} not found for user {user_id}")
    return keypair


def _fingerprint(public_key: str) -> str:
    try:
        content = base64.b64decode(public_key.split(" ")[1], validate=True)
    except (IndexError, binascii.Error):
        text = "Keypair data is invalid: failed to generate fingerprint"
        raise Refusal(400, text) from None
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return ":".join(digest[place : place + 2] for place in range(0, 32, 2))


def _view(call: Call, keypair: Keypair) -> Json:
    told: Json = {
        "name": keypair.name,
        "public_key": keypair.public_key,
        "fingerprint": keypair.fingerprint,
    }
    return told | ({"type": keypair.type} if call.version >= TYPE else {})


OPERATIONS = (
    Operation("POST", "/os-keypairs", "create keypair", create),
    Operation("GET", "/os-keypairs", "list keypairs", keypairs),
    Operation("GET", "/os-keypairs/{id}", "show keypair", show),
    Operation("DELETE", "/os-keypairs/{id}", "delete keypair", delete),
)
