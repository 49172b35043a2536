"""The root of every error."""


class VnfdrError(Exception):
    """The root of every error that vnfdr raises on purpose."""
