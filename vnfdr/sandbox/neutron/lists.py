"""What Neutron's resources have in common: lists with filters, bodies, refusals."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeVar

from attrs import frozen
from starlette.datastructures import URL

from vnfdr.sandbox.networks import Group, Network, Port, Rule, Subnet
from vnfdr.sandbox.quotas import UNLIMITED
from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal
from vnfdr.sandbox.things import zulu

T = TypeVar("T", Network, Subnet, Port, Group, Rule)
Tagged = TypeVar("Tagged", Network, Subnet, Port, Group)
PAGING: Final = {"fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir"}
TAGS: Final = {"tags", "tags-any", "not-tags", "not-tags-any"}
OWNER: Final = {"tenant_id", "project_id"}


@frozen
class Noun:
    """One kind of thing.

    Args:
        name: what bodies wrap it in.
        kind: what Neutron calls it in the type of a failure.
        missing: how Neutron says that there is none.
    """

    name: str
    kind: str
    missing: str

    @property
    def plural(self) -> str:
        """What lists wrap it in."""
        return f"{self.name}s"

    @property
    def path(self) -> str:
        """Where it is served."""
        return "/" + self.plural.replace("_", "-")


NETWORK = Noun("network", "Network", "Network {id} could not be found.")
SUBNET = Noun("subnet", "Subnet", "Subnet {id} could not be found.")
PORT = Noun("port", "Port", "Port {id} could not be found.")
GROUP = Noun("security_group", "SecurityGroup", "Security group {id} does not exist")
RULE = Noun(
    "security_group_rule",
    "SecurityGroupRule",
    "Security group rule {id} does not exist",
)


def as_neutron_error(refusal: Refusal) -> Json:
    """Return how Neutron says it."""
    kind = refusal.kind or "HTTPInternalServerError"
    inner = {"type": kind, "message": refusal.message, "detail": ""}
    return {"NeutronError": inner}


def refusal(status: int, kind: str, message: str) -> Refusal:
    """Return a refusal of a kind of Neutron's."""
    return Refusal(status, message, kind=kind)


def bad(message: str) -> Refusal:
    """Return how Neutron refuses a body that it does not understand."""
    return refusal(400, "HTTPBadRequest", message)


def one(table: Mapping[str, T], noun: Noun, thing_id: str) -> T:
    """Return a thing.

    Raises:
        Refusal: there is none.
    """
    thing = table.get(thing_id)
    if thing is None:
        message = noun.missing.format(id=thing_id)
        raise refusal(404, f"{noun.kind}NotFound", message)
    return thing


def listed(
    call: Call, noun: Noun, things: Iterable[T], view: Callable[[Call, T], Json]
) -> Answer:
    """Return all that fit, oldest first."""
    seen = [view(call, thing) for thing in list(things)]
    wanted = {k: call.query.getlist(k) for k in call.query if k not in PAGING | TAGS}
    known = seen[0].keys() if seen else wanted.keys()
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise bad(f"{unknown} is invalid attribute for filtering")
    fit = [told for told in seen if _fits(call, told, wanted)]
    ids = [told["id"] for told in fit]
    if call.query.get("marker") in ids:
        fit = fit[ids.index(call.query["marker"]) + 1 :]
    limit = call.query.get("limit", "")
    page = fit[: int(limit)] if limit.isdigit() else fit
    content: Json = {noun.plural: [_part(call, told) for told in page]}
    if page and len(page) < len(fit):
        following = URL(call.url).include_query_params(marker=page[-1]["id"])
        content[f"{noun.plural}_links"] = [{"rel": "next", "href": str(following)}]
    return Answer(200, content)


def shown(call: Call, noun: Noun, told: Json, status: int = 200) -> Answer:
    """Return one thing."""
    return Answer(status, {noun.name: _part(call, told)})


def body(call: Call, noun: Noun, known: Collection[str]) -> Json:
    """Return what a body says of a thing.

    Raises:
        Refusal: it says what Neutron does not know.
    """
    asked = call.body.get(noun.name)
    if not isinstance(asked, dict):
        raise bad(f"Unable to find '{noun.name}' in request body")
    unknown = [key for key in asked if key not in known and key not in OWNER]
    if unknown:
        raise bad(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    return asked


def needed(asked: Json, *keys: str) -> None:
    """See that nothing is left out.

    Raises:
        Refusal: something is.
    """
    for key in keys:
        if asked.get(key) is None:
            raise bad(
                f"Failed to parse request. Required attribute '{key}' not specified"
            )


def only_admin(call: Call, rule: str) -> None:
    """Refuse a user who is no administrator."""
    if not call.user.admin:
        action = rule.partition(":")[0]
        message = f"(rule:{action} and rule:{rule}) is disallowed by policy"
        raise refusal(403, "PolicyNotAuthorized", message)


def claim(call: Call, noun: Noun, has: int) -> None:
    """See that the project may have one more.

    Raises:
        Refusal: it may not.
    """
    limit = call.site.networks.quotas.get(noun.name, UNLIMITED)
    if UNLIMITED != limit <= has:
        message = f"Quota exceeded for resources: ['{noun.name}']."
        raise refusal(409, "OverQuota", message)


def usual(thing: Network | Subnet | Port | Group) -> Json:
    """Return what all things have."""
    return {
        "id": thing.id,
        "name": thing.name,
        "description": thing.description,
        "tenant_id": thing.project_id,
        "project_id": thing.project_id,
        "tags": thing.tags,
        "created_at": zulu(thing.created_at),
        "updated_at": zulu(thing.created_at),
        "revision_number": 1,
    }


def reading(
    noun: Noun,
    table: Callable[[Call], Mapping[str, T]],
    view: Callable[[Call, T], Json],
) -> tuple[Operation, ...]:
    """Return the operations that list things of a kind, and that show one."""

    def every(call: Call) -> Answer:
        return listed(call, noun, table(call).values(), view)

    def single(call: Call) -> Answer:
        return shown(call, noun, view(call, one(table(call), noun, call.id)))

    words = noun.name.replace("_", " ")
    return (
        Operation("GET", noun.path, f"list {words}s", every),
        Operation("GET", f"{noun.path}/{{id}}", f"show {words}", single),
    )


def tagging(noun: Noun, table: Callable[[Call], Mapping[str, Tagged]]) -> Operation:
    """Return the operation that sets the tags of things of a kind."""

    def replace(call: Call) -> Answer:
        thing = one(table(call), noun, call.id)
        thing.tags = sorted({str(tag) for tag in call.body.get("tags") or []})
        return Answer(200, {"tags": thing.tags})

    path = f"{noun.path}/{{id}}/tags"
    return Operation("PUT", path, f"set {noun.name} tags".replace("_", " "), replace)


def _fits(call: Call, told: Json, wanted: Mapping[str, list[str]]) -> bool:
    tags = {t for text in call.query.getlist("tags") for t in text.split(",")}
    return tags <= set(told.get("tags", ())) and all(
        any(_is(told[key], value) for value in values) for key, values in wanted.items()
    )


def _is(found: object, value: str) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == value.lower()
    if isinstance(found, list):
        return any(_has(inner, value) for inner in found)
    return str(found if found is not None else "") == value


def _has(inner: object, value: str) -> bool:
    if isinstance(inner, dict):
        key, _, wanted = value.partition("=")
        return str(inner.get(key)) == wanted
    return str(inner) == value


def _part(call: Call, told: Json) -> Json:
    fields = call.query.getlist("fields")
    return {k: v for k, v in told.items() if k in fields} if fields else told
