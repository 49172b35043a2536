"""Which microversion of its service a request wants, as its headers say it."""

from typing import Final

from starlette.requests import Request

from vnfdr.sandbox.rest import Refusal, Service, Version

VERSION_HEADER: Final = "OpenStack-API-Version"
OLD_VERSION_HEADER: Final = "X-OpenStack-Nova-API-Version"


def version_of(service: Service, request: Request) -> Version:
    """Read which microversion is asked for; without a word it is the lowest.

    Raises:
        Refusal: there is no such version.
    """
    wanted = wanted_of(service, request)
    if not wanted and service.name == "volume" and VERSION_HEADER in request.headers:
        raise Refusal(
            400,
            "The server could not comply with the request since it is either malformed"
            " or otherwise incorrect.",
        )
    if not wanted:
        return service.lowest
    if wanted == "latest":
        return service.highest
    major, _, minor = wanted.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        raise Refusal(
            400,
            f"API Version String {wanted} is of invalid format. Must be of format"
            " MajorNum.MinorNum.",
        )
    version = int(major), int(minor)
    if not service.lowest <= version <= service.highest:
        raise Refusal(
            406,
            f"Version {wanted} is not supported by the API."
            f" Minimum is {service.lowest[0]}.{service.lowest[1]}"
            f" and maximum is {service.highest[0]}.{service.highest[1]}.",
        )
    return version


def wanted_of(service: Service, request: Request) -> str:
    """Return what the headers say, nothing if they speak of other services."""
    for asked in request.headers.get(VERSION_HEADER, "").split(","):
        name, _, version = asked.strip().partition(" ")
        if name == service.name:
            return version.strip()
    if service.name == "compute":
        return request.headers.get(OLD_VERSION_HEADER, "")
    return ""
