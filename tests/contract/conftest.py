"""One contract, kept by the sandbox and by a real cloud alike.

The cloud is the sandbox, unless ``VNFDR_CONTRACT=lab`` says that it is the lab.
"""

import os
from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.contract.cloud import Cloud, made

PLACE = os.environ.get("VNFDR_CONTRACT", "sandbox")

EURO = "it's 1 €"
"""What a value of metadata may be: quotes, and characters of three bytes."""


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The cloud under contract."""
    place = import_module(f"tests.contract.on_{PLACE}")
    with place.opened() as cloud:
        yield cloud


@pytest.fixture(scope="session")
def snapshot_id(cloud: Cloud) -> str:
    """An available snapshot of the server's first volume."""
    metadata = {"contract": EURO, "number": "1"}
    return made(
        cloud.cinder,
        "snapshot",
        volume_id=cloud.root_id,
        force=True,
        name=" s1 ",
        metadata=metadata,
    )


@pytest.fixture(scope="session")
def volume_id(cloud: Cloud) -> str:
    """An available volume."""
    metadata = {"contract": EURO, "number": "1"}
    return made(cloud.cinder, "volume", size=1, name=" v1 ", metadata=metadata)
