"""How the names of the site where a group was translate to another site's. No I/O."""

from vnfdr.mapping.probes import (
    ADDRESS,
    AgentProbe,
    CallProbe,
    HttpProbe,
    Probe,
    TcpProbe,
)
from vnfdr.mapping.translation import NewPort, NewServer, NewVolume, Translation
from vnfdr.mapping.values import NAME, BootTier, ServerMapping, SiteMapping

__all__ = [
    "ADDRESS",
    "NAME",
    "AgentProbe",
    "BootTier",
    "CallProbe",
    "HttpProbe",
    "NewPort",
    "NewServer",
    "NewVolume",
    "Probe",
    "ServerMapping",
    "SiteMapping",
    "TcpProbe",
    "Translation",
]
