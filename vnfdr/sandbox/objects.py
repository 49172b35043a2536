"""What a site's Swift has: containers, and the objects in them."""

from attrs import Factory, define

LISTING_MAX = 10_000


@define
class StoredObject:
    """Some bytes that have a name.

    Args:
        data: the bytes.
        etag: their MD5.
        kind: what they are, as who put them said.
        changed_at: when they were put.
        metadata: what else was said of them, by the names of the headers.
    """

    data: bytes
    etag: str
    kind: str
    changed_at: float
    metadata: dict[str, str] = Factory(dict)


@define
class Container:
    """Objects by their names, and what was said of all of them.

    Whoever may read it, besides its project, is in ``metadata`` too.
    """

    created_at: float
    metadata: dict[str, str] = Factory(dict)
    objects: dict[str, StoredObject] = Factory(dict)


@define
class ObjectStore:
    """The account of a project.

    Args:
        containers: by their names.
        offered: whether the catalog of the site has an object store.
        listing_max: how many names one answer lists.
    """

    containers: dict[str, Container] = Factory(dict)
    offered: bool = True
    listing_max: int = LISTING_MAX


def account_of(project_id: str) -> str:
    """Return what a project's account is called in URLs."""
    return f"AUTH_{project_id}"
