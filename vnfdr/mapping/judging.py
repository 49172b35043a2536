"""Says everything that is wrong with a mapping at once, and everything that it loses.

Nothing is asked of a site: what it has was looked up before. The one thing that is
looked at is whether the files with user data are there.
"""

from collections.abc import Iterable, Iterator

from vnfdr.cloud import Offer
from vnfdr.manifest import Manifest
from vnfdr.mapping import judging_ports, judging_servers, judging_tiers
from vnfdr.mapping.case import Case, listed
from vnfdr.mapping.judgement import Judgement
from vnfdr.mapping.names import KINDS, Kind
from vnfdr.mapping.values import SiteMapping
from vnfdr.text import hint

LEFT_OUT = {
    "server_zones": "the site chooses the zone",
    "volume_zones": "the site chooses the zone",
    "keypairs": "no key is put into them; those on their disks stay",
    "security_groups": "what it lets in or out is not let",
    "server_groups": "nothing keeps them on one host, or apart",
}
"""What is lost with each kind of name that is left out."""


def validate(
    mapping: SiteMapping,
    manifest: Manifest,
    offer: Offer,
    *,
    site_name: str = "",
    prefix: str = "",
) -> Judgement:
    """Say whether a mapping brings a group to a site, and what of it is lost.

    Args:
        mapping: how names translate.
        manifest: what is to come to the site.
        offer: what the site has.
        site_name: what clouds.yaml calls the site; empty where that does not matter.
        prefix: what the names of all that is made begin with.
    """
    case = Case(mapping, manifest, offer, prefix)
    problems = (
        *_elsewhere(case, site_name),
        *(said for kind in KINDS for said in _problems_of_names(case, kind)),
        *judging_servers.problems(case),
        *judging_ports.problems(case),
        *judging_tiers.problems(case),
    )
    losses = (
        *(said for kind in KINDS for said in _left_out(case, kind)),
        *judging_servers.losses(case),
        *judging_ports.losses(case),
    )
    return Judgement(_once(problems), _once(losses))


def _once(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))


def _elsewhere(case: Case, site_name: str) -> Iterator[str]:
    mapping, group = case.mapping, case.manifest.group
    if site_name and mapping.site != site_name:
        yield f"site: it leads to {mapping.site!r}, and this is {site_name!r}"
    if mapping.group != group:
        yield f"group: it is for {mapping.group!r}, and the point is of {group!r}"


def _problems_of_names(case: Case, kind: Kind) -> Iterator[str]:
    asked = kind.asked(case.manifest, case.mapping)
    had = kind.asked(case.manifest, SiteMapping("", ""))
    mapped = kind.mapped(case.mapping)
    for name, whose in asked.items():
        if name not in mapped:
            yield f"{kind.key}: {name!r} (of {listed(whose)}) is missing"
    for name, word in mapped.items():
        if name not in had:
            yield f"{kind.key}: nothing of the group had {name!r}; {hint(name, had)}"
        elif word == "":
            of = listed(had[name])
            yield f"{kind.key}: nobody has said what {name!r} (of {of}) becomes"
        elif word is not None:
            yield from not_meant(case.offer, kind, word)


def not_meant(offer: Offer, kind: Kind, word: str) -> Iterator[str]:
    """Yield why a word does not say what of a site is meant."""
    meant = kind.meant(offer, word)
    if not meant:
        known = hint(word, sorted(kind.offered(offer)))
        yield f"{kind.key}: the site has no {kind.noun} {word!r}; {known}"
    elif len(meant) > 1:
        ids = ", ".join(meant)
        yield f"{kind.key}: {len(meant)} of the site are {word!r}; give an id: {ids}"


def _left_out(case: Case, kind: Kind) -> Iterator[str]:
    asked = kind.asked(case.manifest, case.mapping)
    for name, whose in asked.items():
        if kind.mapped(case.mapping).get(name, "") is None:
            lost = LEFT_OUT[kind.key]
            yield f"{kind.noun} {name!r} of {listed(whose)} is left out: {lost}"
