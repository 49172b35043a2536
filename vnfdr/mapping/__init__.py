"""How the names of the site where a group was translate to another's: values.

A mapping is suggested (`vnfdr.mapping.matching`), looked at and edited by a person,
judged (`vnfdr.mapping.judging`) and used (`vnfdr.mapping.translating`). Nothing is
asked of a site in this package.
"""

from vnfdr.mapping.judgement import Judgement
from vnfdr.mapping.probes import (
    ADDRESS,
    AgentProbe,
    CallProbe,
    HttpProbe,
    Probe,
    TcpProbe,
)
from vnfdr.mapping.values import NAME, BootTier, ServerMapping, SiteMapping

__all__ = [
    "ADDRESS",
    "NAME",
    "AgentProbe",
    "BootTier",
    "CallProbe",
    "HttpProbe",
    "Judgement",
    "Probe",
    "ServerMapping",
    "SiteMapping",
    "TcpProbe",
]
