"""Nova itself: its versions and its flavors."""

from typing import Any

from vnfdr.sandbox.rest import Answer, Call, Json, Operation, Refusal, Service
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.things import Flavor

SERVICE = Service("compute", lowest=(2, 1), highest=(2, 103))
OPEN = Service("compute", lowest=(2, 1), highest=(2, 103), wants_token=False)
EXTRA_SPECS, SWAP_IS_A_NUMBER = (2, 61), (2, 75)


def versions(call: Call) -> Answer:
    """Tell which versions there are; one need not sign in for that."""
    current = {k: v for k, v in _version(call.site).items() if k != "media-types"}
    old = {
        "id": "v2.0",
        "status": "DEPRECATED",
        "version": "",
        "min_version": "",
        "updated": "2011-01-21T11:33:21Z",
        "links": [{"rel": "self", "href": f"{call.site.url}/compute/v2/"}],
    }
    return Answer(200, {"versions": [old, current]})


def version(call: Call) -> Answer:
    """Tell of version 2.1."""
    return Answer(200, {"version": _version(call.site)})


def flavors(call: Call) -> Answer:
    """List flavors."""
    told = [_flavor(call, flavor) for flavor in call.site.flavors.values()]
    return Answer(200, {"flavors": told})


def flavor(call: Call) -> Answer:
    """Tell of one flavor."""
    found = call.site.flavors.get(call.id)
    if found is None:
        raise Refusal(404, f"Flavor {call.id} could not be found.")
    return Answer(200, {"flavor": _flavor(call, found)})


def _flavor(call: Call, flavor: Flavor) -> Json:
    told = {
        "id": flavor.id,
        "name": flavor.name,
        "vcpus": flavor.vcpus,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
        "swap": flavor.swap or (0 if call.version >= SWAP_IS_A_NUMBER else ""),
        "rxtx_factor": 1.0,
        "os-flavor-access:is_public": True,
        "OS-FLV-DISABLED:disabled": False,
        "links": [],
    }
    specs = {"extra_specs": dict(flavor.extra_specs)}
    return told | (specs if call.version >= EXTRA_SPECS else {})


def _version(site: Site) -> dict[str, Any]:
    return {
        "id": "v2.1",
        "status": "CURRENT",
        "version": "2.103",
        "min_version": "2.1",
        "updated": "2013-07-23T11:33:21Z",
        "links": [{"rel": "self", "href": f"{site.url}/compute/v2.1/"}],
        "media-types": [
            {
                "base": "application/json",
                "type": "application/vnd.openstack.compute+json;version=2.1",
            }
        ],
    }


OPEN_OPERATIONS = (
    Operation("GET", "", "list compute versions", versions),
    Operation("GET", "/", "list compute versions", versions),
    Operation("GET", "/v2.1", "show compute version", version),
    Operation("GET", "/v2.1/", "show compute version", version),
)
OPERATIONS = (
    Operation("GET", "/flavors", "list flavors", flavors),
    Operation("GET", "/flavors/detail", "list flavors", flavors),
    Operation("GET", "/flavors/{id}", "show flavor", flavor),
)
