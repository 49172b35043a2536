"""Keystone: tokens for a name and a password, or for a token, and the catalog."""

from typing import Any

from vnfdr.sandbox.rest import Answer, Call, Operation, Refusal, Service, as_error
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Token, User, stamp

SERVICE = Service("", wants_token=False, says=as_error)

WRONG = "The request you have made requires authentication."
DOMAIN = {"id": "default", "name": "Default"}


def versions(call: Call) -> Answer:
    """Tell which versions there are."""
    return Answer(300, {"versions": {"values": [_version(call.site)]}})


def version(call: Call) -> Answer:
    """Tell of version 3."""
    return Answer(200, {"version": _version(call.site)})


def issue(call: Call) -> Answer:
    """Sign somebody in."""
    asked = call.inner("auth")
    identity = asked.get("identity", {})
    methods = identity.get("methods", [])
    if methods == ["password"]:
        user = _by_password(call.site, identity.get("password", {}))
    elif methods == ["token"]:
        user = _valid(call.site, identity.get("token", {}).get("id", "")).user
    else:
        raise Refusal(401, WRONG)
    scoped = _is_scoped(call.site, asked.get("scope"))
    now = call.site.now()
    token = Token(
        f"gAAAA{call.site.hexadecimal()}{call.site.hexadecimal()}",
        user,
        now,
        now + call.site.token_seconds,
        scoped,
    )
    call.site.tokens[token.id] = token
    headers = {"X-Subject-Token": token.id}
    return Answer(201, {"token": _told(call.site, token)}, headers)


def validate(call: Call) -> Answer:
    """Tell whose a token is."""
    _asker(call)
    token = _subject(call)
    headers = {"X-Subject-Token": token.id}
    return Answer(200, {"token": _told(call.site, token)}, headers)


def revoke(call: Call) -> Answer:
    """Make a token worthless."""
    _asker(call)
    call.site.tokens.pop(_subject(call).id)
    return Answer(204)


def catalog(call: Call) -> Answer:
    """Tell where the services are."""
    _asker(call)
    return Answer(200, {"catalog": _catalog(call.site)})


def _by_password(site: Site, asked: dict[str, Any]) -> User:
    wanted = asked.get("user", {})
    for user in site.users.values():
        if wanted.get("id") == user.id or wanted.get("name") == user.name:
            if wanted.get("password") == user.password:
                return user
            break
    raise Refusal(401, WRONG)


def _is_scoped(site: Site, scope: object) -> bool:
    if not isinstance(scope, dict) or "project" not in scope:
        return False
    project = scope["project"]
    if site.project_id != project.get("id") and site.name != project.get("name"):
        raise Refusal(401, WRONG)
    return True


def _valid(site: Site, token_id: str) -> Token:
    token = site.tokens.get(token_id)
    if token is None or token.expires_at <= site.now():
        raise Refusal(401, WRONG)
    return token


def _asker(call: Call) -> Token:
    return _valid(call.site, call.headers.get("x-auth-token", ""))


def _subject(call: Call) -> Token:
    try:
        return _valid(call.site, call.headers.get("x-subject-token", ""))
    except Refusal:
        raise Refusal(404, "Could not find token.") from None


def _told(site: Site, token: Token) -> dict[str, Any]:
    user = {"id": token.user.id, "name": token.user.name, "domain": DOMAIN}
    told = {
        "methods": ["password"],
        "user": {**user, "password_expires_at": None},
        "audit_ids": [token.id[-22:]],
        "issued_at": f"{stamp(token.issued_at)}Z",
        "expires_at": f"{stamp(token.expires_at)}Z",
    }
    if not token.scoped:
        return told
    roles = ["admin", "member"] if token.user.admin else ["member"]
    return {
        **told,
        "project": {"id": site.project_id, "name": site.name, "domain": DOMAIN},
        "is_domain": False,
        "roles": [{"id": role, "name": role} for role in roles],
        "catalog": _catalog(site),
    }


def _catalog(site: Site) -> list[dict[str, Any]]:
    urls = {
        ("identity", "keystone"): f"{site.url}/identity/v3",
        ("compute", "nova"): f"{site.url}/compute/v2.1",
        ("block-storage", "cinder"): f"{site.url}/volume/v3/{site.project_id}",
        ("network", "neutron"): f"{site.url}/networking",
        ("image", "glance"): f"{site.url}/image",
    }
    return [
        {
            "id": name,
            "type": kind,
            "name": name,
            "endpoints": [
                {
                    "id": f"{name}-{interface}",
                    "interface": interface,
                    "region": site.name,
                    "region_id": site.name,
                    "url": url,
                }
                for interface in ("public", "internal", "admin")
            ],
        }
        for (kind, name), url in urls.items()
    ]


def _version(site: Site) -> dict[str, Any]:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{site.url}/identity/v3/"}],
        "media-types": [
            {
                "base": "application/json",
                "type": "application/vnd.openstack.identity-v3+json",
            }
        ],
    }


OPERATIONS = (
    Operation("GET", "", "list identity versions", versions),
    Operation("GET", "/", "list identity versions", versions),
    Operation("GET", "/v3", "show identity version", version),
    Operation("GET", "/v3/", "show identity version", version),
    Operation("POST", "/v3/auth/tokens", "issue token", issue),
    Operation("GET", "/v3/auth/tokens", "validate token", validate),
    Operation("DELETE", "/v3/auth/tokens", "revoke token", revoke),
    Operation("GET", "/v3/auth/catalog", "show catalog", catalog),
)
