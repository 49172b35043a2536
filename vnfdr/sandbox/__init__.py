"""Two OpenStack sites in one process, with real bytes and guests that write them.

``with two_sites() as sites:`` serves them over HTTP on loopback, to be spoken to with
the ordinary libraries through ``sites.clouds_yaml``. Needs the extra ``sandbox``.
"""

from vnfdr.sandbox.faults import LATENCIES, Effect, Fault, Latency
from vnfdr.sandbox.site import Site
from vnfdr.sandbox.sites import Sites, two_sites
from vnfdr.sandbox.vnf import Vnf

__all__ = [
    "LATENCIES",
    "Effect",
    "Fault",
    "Latency",
    "Site",
    "Sites",
    "Vnf",
    "two_sites",
]
