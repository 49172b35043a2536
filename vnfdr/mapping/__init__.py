"""How the names of the site where a group was translate to another site's.

A mapping is suggested (`suggest_mapping`), looked at and edited by a person, judged
(`validate`) and used (`translate`). Nothing is asked of a site here.
"""

from vnfdr.mapping.judging import Judgement, validate
from vnfdr.mapping.matching import suggest_mapping
from vnfdr.mapping.probes import (
    ADDRESS,
    AgentProbe,
    CallProbe,
    HttpProbe,
    Probe,
    TcpProbe,
)
from vnfdr.mapping.translating import translate
from vnfdr.mapping.translation import NewPort, NewServer, NewVolume, Translation
from vnfdr.mapping.values import NAME, BootTier, ServerMapping, SiteMapping

__all__ = [
    "ADDRESS",
    "NAME",
    "AgentProbe",
    "BootTier",
    "CallProbe",
    "HttpProbe",
    "Judgement",
    "NewPort",
    "NewServer",
    "NewVolume",
    "Probe",
    "ServerMapping",
    "SiteMapping",
    "TcpProbe",
    "Translation",
    "suggest_mapping",
    "translate",
    "validate",
]
