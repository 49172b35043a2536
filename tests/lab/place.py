"""Where the lab is, how to reach its sites, and how to work its script."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import libvirt
import openstack
import tenacity

T = TypeVar("T")

LAB_ROOT = Path(os.environ.get("LAB_ROOT", "/opt/lab"))
STATE = LAB_ROOT / "state"
CLOUDS = STATE / "clouds.yaml"
SCRIPT = Path(__file__).with_name("lab")

BUSY_SECONDS_MAX = 180
"""How long anything in the lab may take before a test gives it up."""

# The binding prints every error to stderr otherwise.
libvirt.registerErrorHandler(lambda *_: None, None)


def _settings(cloud: str) -> openstack.config.cloud_region.CloudRegion:
    files = [str(CLOUDS)]
    config = openstack.config.OpenStackConfig(files, load_envvars=False)
    return config.get_one(cloud=cloud)


def connect(cloud: str = "site-a") -> openstack.connection.Connection:
    """Connect to one of the clouds in the lab's ``clouds.yaml``."""
    return openstack.connection.Connection(config=_settings(cloud))


@contextmanager
def hypervisor(cloud: str = "site-a") -> Iterator[libvirt.virConnect]:
    """Open the libvirt connection that ``clouds.yaml`` names for a cloud."""
    uri = _settings(cloud).config["vnfdr"]["libvirt"]["uri"]
    with closing(libvirt.open(uri)) as connection:
        yield connection


def lab(*words: str) -> None:
    """Work the lab's script, as in ``lab("stop", "cinder-backup-a")``."""
    subprocess.run([SCRIPT, *words], check=True, capture_output=True)


def until(
    look: Callable[[], T],
    every_seconds: float = 0.3,
    at_most_seconds: float = BUSY_SECONDS_MAX,
) -> T:
    """Look again and again until there is something to see, and return it.

    An ``AssertionError`` or a libvirt error means: not yet. Whoever waits for too
    long gets the last of them, or a ``TimeoutError``.
    """

    def give_up(state: tenacity.RetryCallState) -> T:
        assert state.outcome, "the last look has an outcome"
        state.outcome.result()  # raises what the last look raised
        raise TimeoutError(f"nothing to see after {at_most_seconds} s")

    patient = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda seen: not seen)
        | tenacity.retry_if_exception_type((AssertionError, libvirt.libvirtError)),
        wait=tenacity.wait_fixed(every_seconds),
        stop=tenacity.stop_after_delay(at_most_seconds),
        retry_error_callback=give_up,
    )
    return patient(look)
