"""The world of a cloud, made anew in another process."""

from attrs import frozen

from vnfdr.world import World


@frozen
class CloudWorld:
    """Connects to a cloud of clouds.yaml. A value, so that it can be sent."""

    cloud: str

    def __call__(self) -> World:
        """Connect.

        Raises:
            UnknownCloud: there is no such cloud here, or no way in.
        """
        # Half a second: only where it is really called.
        from vnfdr.openstack import connect  # noqa: PLC0415

        return World(connect(self.cloud))
