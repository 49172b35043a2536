"""Keystone: tokens for a name and a password, or for a token, and the catalog."""

from typing import Any

from vnfdr.sandbox.objects import account_of
from vnfdr.sandbox.rest import Answer, Call, Operation, Refusal, Service, as_error
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Token, User, stamp

SERVICE = Service("", wants_token=False, says=as_error)

WRONG = "The request you have made requires authentication."
MALFORMED = (
    "The server could not comply with the request since it is either malformed or"
    " otherwise incorrect. The client is assumed to be in error."
)
FERNET = "gAAAA"
ROLES = ("admin", "manager", "member", "reader")
"""Each implies those after it."""
DOMAIN = {"id": "default", "name": "Default"}


def versions(call: Call) -> Answer:
    """Tell which versions there are."""
    content = {"versions": {"values": [_version(call.site)]}}
    return Answer(300, content, {"Location": f"{call.site.url}/identity/v3/"})


def version(call: Call) -> Answer:
    """Tell of version 3."""
    return Answer(200, {"version": _version(call.site)})


def issue(call: Call) -> Answer:
    """Sign somebody in."""
    asked = _wanted(call.body, "auth", "request body")
    identity = _wanted(asked, "identity", "auth")
    user, methods = _signed_in(call.site, identity)
    scoped = _is_scoped(call.site, asked.get("scope"))
    now = call.site.now()
    token = Token(
        f"{FERNET}{call.site.hexadecimal()}{call.site.hexadecimal()}",
        user,
        now,
        now + call.site.token_seconds,
        scoped,
        methods,
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
    links = {"self": f"{call.site.url}/identity/v3/auth/catalog"}
    return Answer(200, {"catalog": _catalog(call.site), "links": links})


def _wanted(asked: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    found = asked.get(key)
    if not isinstance(found, dict):
        raise Refusal(400, f"Expecting to find {key} in {where}. {MALFORMED}")
    return found


def _signed_in(site: Site, identity: dict[str, Any]) -> tuple[User, tuple[str, ...]]:
    """Return who it is, and how that was shown."""
    methods = tuple(identity.get("methods", ()))
    for method in methods:
        _wanted(identity, method, "identity")
    if methods == ("password",):
        return _by_password(site, identity["password"]), methods
    if methods == ("token",):
        token = _known(site, str(identity["token"].get("id", "")))
        return token.user, tuple(dict.fromkeys((*token.methods, *methods)))
    raise Refusal(401, WRONG)


def _by_password(site: Site, asked: dict[str, Any]) -> User:
    wanted = asked.get("user", {})
    if "id" not in wanted and not _is_domain(wanted):
        raise Refusal(401, WRONG)
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
    is_named = site.name == project.get("name") and _is_domain(project)
    if site.project_id != project.get("id") and not is_named:
        raise Refusal(401, WRONG)
    return True


def _is_domain(asked: dict[str, Any]) -> bool:
    """Tell whether something is in the one domain there is."""
    domain = asked.get("domain", {})
    return any(domain.get(key) == value for key, value in DOMAIN.items())


def _valid(site: Site, token_id: str) -> Token:
    token = site.tokens.get(token_id)
    if token is None or token.expires_at <= site.now():
        raise Refusal(401, WRONG)
    return token


def _asker(call: Call) -> Token:
    return _valid(call.site, call.headers.get("x-auth-token", ""))


def _subject(call: Call) -> Token:
    return _known(call.site, call.headers.get("x-subject-token", ""))


def _known(site: Site, token_id: str) -> Token:
    """Return the token that a request is about; who asks for it is another matter."""
    if not token_id:
        raise Refusal(404, "No token in the request")
    if not token_id.startswith(FERNET):
        raise Refusal(404, "Could not recognize Fernet token")
    try:
        return _valid(site, token_id)
    except Refusal:
        raise Refusal(404, "Failed to validate token") from None


def _told(site: Site, token: Token) -> dict[str, Any]:
    user = {"id": token.user.id, "name": token.user.name, "domain": DOMAIN}
    told = {
        "methods": list(token.methods),
        "user": {**user, "password_expires_at": None},
        "audit_ids": [token.id[-22:]],
        "issued_at": f"{stamp(token.issued_at)}Z",
        "expires_at": f"{stamp(token.expires_at)}Z",
    }
    if not token.scoped:
        return told
    roles = ROLES if token.user.admin else ROLES[-2:]
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
    if site.objects.offered:
        account = account_of(site.project_id)
        urls["object-store", "swift"] = f"{site.url}/object-store/v1/{account}"
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
