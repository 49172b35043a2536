"""The world of a cloud, made anew in another process."""

import os
from collections.abc import Mapping

from attrs import field, frozen

from vnfdr.failsafe.environment import secrets_of
from vnfdr.world import World


@frozen
class CloudWorld:
    """Connects to a cloud of clouds.yaml. A value, so that it can be sent.

    Args:
        cloud: the cloud.
        secrets: what of the environment the other process is not started with.
    """

    cloud: str
    secrets: Mapping[str, str] = field(
        factory=lambda: secrets_of(os.environ), repr=False
    )

    def __call__(self) -> World:
        """Connect.

        Raises:
            UnknownCloud: there is no such cloud here, or no way in.
        """
        # Half a second: only where it is really called.
        from vnfdr.openstack import connect  # noqa: PLC0415

        os.environ.update(self.secrets)
        return World(connect(self.cloud))
