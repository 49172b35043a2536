"""What is wrong with the order of booting, and with what is asked of the servers."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from vnfdr.backends import installed_backends
from vnfdr.mapping.case import Case
from vnfdr.mapping.names import servers_by_word
from vnfdr.mapping.probes import (
    ADDRESS,
    AgentProbe,
    CallProbe,
    HttpProbe,
    Probe,
    TcpProbe,
)
from vnfdr.mapping.values import BootTier
from vnfdr.model import Blueprint
from vnfdr.text import hint

PORT_MAX = 65535
STATUSES = range(100, 600)
MUTE = "none"
"""The backend that speaks to nobody."""


def problems(case: Case) -> Iterator[str]:
    """Yield a sentence for each thing to mend."""
    known = servers_by_word(case.manifest)
    words = [word for tier in case.mapping.tiers for word in tier.servers]
    booted = Counter(known[word].id for word in words if word in known)
    for server in case.manifest.servers:
        if booted[server.id] != 1:
            how = "no tier" if not booted[server.id] else "more than one place"
            yield f"tiers: {case.word(server)} is in {how}"
    for place, tier in enumerate(case.mapping.tiers):
        where = f"tiers[{place}]"
        yield from _tier(case, tier, where)
        for number, probe in enumerate(tier.probes):
            asked = _asked(case, tier, probe)
            for problem in (*_whom(case, tier, probe), *_probe(probe, asked)):
                yield f"{where}.probes[{number}]: {problem}"


def _tier(case: Case, tier: BootTier, where: str) -> Iterator[str]:
    if not tier.servers:
        yield f"{where}: it has no servers"
    known = servers_by_word(case.manifest)
    words = [case.word(server) for server in case.manifest.servers]
    for word in tier.servers:
        if word not in known:
            yield f"{where}: the group has no server {word!r}; {hint(word, words)}"
    if not 0 < tier.within_seconds < math.inf:
        yield f"{where}: within_seconds must be more than 0, not {tier.within_seconds}"
    if tier.gate and not tier.gate.strip():
        yield f"{where}: the gate says nothing"


def _whom(case: Case, tier: BootTier, probe: Probe) -> Iterator[str]:
    known = servers_by_word(case.manifest)
    booted = [known.get(word) for word in tier.servers]
    for word in probe.servers:
        if word not in known or known[word] not in booted:
            yield f"{word!r} is not of this tier; {hint(word, tier.servers)}"


def _asked(case: Case, tier: BootTier, probe: Probe) -> list[Blueprint]:
    known = servers_by_word(case.manifest)
    return [known[w] for w in probe.servers or tier.servers if w in known]


def _probe(probe: Probe, asked: list[Blueprint]) -> Iterator[str]:
    """Yield why nobody can ask this of these servers."""
    match probe:
        case AgentProbe():
            yield from _agent(probe)
        case TcpProbe():
            if not 0 < probe.tcp <= PORT_MAX:
                yield f"{probe.tcp} is no port"
            if not probe.address:
                yield from _without_address(asked)
        case HttpProbe():
            yield from _http(probe, asked)
        case CallProbe():
            if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", probe.call):
                yield f"{probe.call!r} is not like 'package.module:function'"


def _agent(probe: AgentProbe) -> Iterator[str]:
    installed = installed_backends()
    if probe.agent == MUTE:
        yield f"the backend {MUTE!r} asks no agent"
    elif probe.agent not in installed:
        known = hint(probe.agent, installed)
        yield f"no quiesce backend is named {probe.agent!r}; {known}"


def _http(probe: HttpProbe, asked: list[Blueprint]) -> Iterator[str]:
    url = probe.http.replace(ADDRESS, "address")
    try:
        parts = urlsplit(url)
        well = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        well = False
    if not well or re.search(r"[{}\s]", url):
        yield f"{probe.http!r} is not like 'http://{ADDRESS}:8080/health'"
    if probe.status not in STATUSES:
        yield f"{probe.status} is no status of HTTP"
    if ADDRESS in probe.http:
        yield from _without_address(asked)


def _without_address(asked: list[Blueprint]) -> Iterator[str]:
    for server in asked:
        if not any(nic.addresses for nic in server.nics):
            yield f"{server.name!r} has no address"
