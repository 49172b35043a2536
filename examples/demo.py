"""One round of disaster recovery on two clouds that live in this process: read along.

    make demo            half a minute; nothing of it remains
    make demo KEEP=1     the same, and the clouds stay until Ctrl-C

Whatever it claims on the way it has checked; what is not true ends it with status 1.
"""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from random import Random

import openstack
from attrs import evolve
from demo_tools import (
    SCREEN,
    claim,
    held_by,
    in_short,
    increments,
    listed,
    part,
    point_of,
    restored_at_b,
    short,
    side_by_side,
    snapshots_judged,
    stored_bytes,
)

import vnfdr
from vnfdr.cloud import Site
from vnfdr.display import Progress, Timeline
from vnfdr.groupfile import dump_group
from vnfdr.sandbox import LATENCIES, Effect, Fault, Sites, Vnf, two_sites
from vnfdr.sandbox.consistency import Verdict

SMALL_CLOUD = evolve(LATENCIES["small-cloud"], volume=0.15, backup=0.15, delete=0.05)
"""As measured, but for what comes after the window: that is quicker, for your sake."""

OLDER_BYTES = 2**20
"""What each volume has held for a long time."""

TRIES = 5


def main() -> None:
    """Tell the story from its beginning to its end."""
    arguments = argparse.ArgumentParser(description="Take a VNF to another site.")
    arguments.add_argument("--keep", action="store_true", help="leave the clouds up")
    keep = arguments.parse_args().keep
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What fails is part of the story, and told in it.
    logging.getLogger("vnfdr").setLevel(logging.CRITICAL)
    with two_sites(latency=SMALL_CLOUD, seed=1) as sites:
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(sites.clouds_yaml)
        os.environ["VNFDR_JOURNAL"] = str(sites.directory / "journal")
        vnf = bring_up(sites)
        site = vnfdr.connect("site-a")
        plan = look_before(sites, site, vnf)
        without = without_freezing(sites)
        first = protect(sites, site, plan, without)
        second = protect_again(sites, site, vnf, first)
        fail(sites, site, vnf)
        close(second)
        if keep:
            stay(sites, vnf)


def bring_up(sites: Sites) -> Vnf:
    """Put a VNF at site A."""
    part(
        "1. Two clouds and a VNF",
        "Two OpenStack sites run in this process, about as slow as a small real cloud."
        " At site A a VNF processes calls, in three tiers: a call arrives at the load"
        " balancer (lb), which tells the application (app), which writes to the"
        " database (db); the answer goes back the same way. Each server writes down"
        " what it was told, on two volumes, twenty times a second.",
    )
    vnf = sites.a.add_vnf("ims")
    for number, volume in enumerate(sites.a.volumes.values()):
        if volume.disk is not None:
            volume.disk.write(2**20, Random(number).randbytes(OLDER_BYTES))  # noqa: S311 - no secret
    for tier, servers in vnf.tiers.items():
        SCREEN.print(f"  {tier:<4} {', '.join(server.name for server in servers)}")
    with openstack.connect("site-a") as cloud:
        running = [server.status for server in cloud.compute.servers()]
    claim("openstacksdk lists three servers, all ACTIVE", running == ["ACTIVE"] * 3)
    return vnf


def look_before(sites: Sites, site: Site, vnf: Vnf) -> vnfdr.Plan:
    """Plan a recovery point, and touch nothing."""
    part(
        "2. The plan",
        "A plan is made before anything is touched. It names every step in the order"
        " of time, and says how long each guest would stand still.",
    )
    plan = vnfdr.protect(site, vnf.group)
    preview = plan.preview()
    SCREEN.print(short(plan), "", f"It makes {len(preview.calls)} calls.", sep="\n")
    for held in preview.held:
        SCREEN.print(f"  {held.name} would be held for about {held.seconds:.1f} s")
    claim("preflight finds nothing to mend", not vnfdr.preflight(plan, site))
    claim("nothing was made, and nobody frozen", not (sites.a.made or sites.a.frozen))
    return plan


def without_freezing(sites: Sites) -> Verdict:
    """Do what anyone would do without a plan, and see what that is worth."""
    part(
        "3. Without vnfdr",
        "A script snapshots all volumes while the servers work. The snapshots are"
        " taken within a second or so, but not at one moment. What shows it are"
        " records that quote a record which is on no snapshot, and volumes of one"
        " server that do not fit together.",
    )
    with openstack.connect("site-a") as cloud:
        for tries in range(1, TRIES + 1):
            verdict = snapshots_judged(sites, cloud.block_storage)
            if any(" quotes " in sentence for sentence in verdict.violations):
                break
            SCREEN.print(
                f"  Try {tries} hit one moment by luck. Again, at another one."
            )
    listed(verdict.violations)
    SCREEN.print(
        "Started from these, a server would know of answers that the server which"
        " gave them has never heard of."
    )
    count = sum(" quotes " in sentence for sentence in verdict.violations)
    claim(f"{count} records quote what was lost: this was never one moment", count > 0)
    claim("the script has removed its snapshots", sites.a.made == [])
    return verdict


def protect(
    sites: Sites, site: Site, plan: vnfdr.Plan, without: Verdict
) -> vnfdr.Outcome:
    """Run the plan, and prove at the other site what was saved."""
    part(
        "4. With vnfdr",
        "The plan is run: freeze tier by tier, snapshot everything together, thaw in"
        " the reverse order. What is slow comes after that.",
    )
    with Progress(plan, SCREEN) as progress:
        outcome = vnfdr.run(plan, site, listeners=(in_short(progress),))
    point = point_of(outcome)
    SCREEN.print("", "Drawn, the certificate of that window is this:", "", sep="\n")
    SCREEN.print(Timeline(point.certificate), "", sep="\n")
    claim("the certificate says: consistent", point.certificate.consistent)
    claim("no guest is frozen any more", sites.a.frozen == [])
    SCREEN.print(
        "That is what vnfdr says of itself. Now its backups are restored at site B,"
        " through Cinder's API, and their bytes are judged like the snapshots above:"
    )
    saved = sites.a.judge(restored_at_b(sites, outcome))
    SCREEN.print(side_by_side(without, saved))
    claim("the backups are one moment of all three servers", saved.consistent)
    claim("none of their file systems needs recovery", not saved.needs_recovery)
    return outcome


def protect_again(
    sites: Sites, site: Site, vnf: Vnf, first: vnfdr.Outcome
) -> vnfdr.Outcome:
    """Take a second point, of which only what has changed is stored."""
    part(
        "5. Once more: incremental",
        "The next plan finds the backups of the first, and builds on them.",
    )
    second = vnfdr.run(vnfdr.protect(site, vnf.group), site)
    claim("every one of its backups is an increment", all(increments(second)))
    before, after = stored_bytes(sites, first), stored_bytes(sites, second)
    SCREEN.print(f"  first run:  {before:>10,} bytes of backups")
    SCREEN.print(f"  second run: {after:>10,} bytes of backups")
    claim(
        "the second run stored less than a tenth of the first", 0 < after < before / 10
    )
    chains = sites.a.judge(restored_at_b(sites, second))
    claim("restored at site B, they are one moment too", chains.consistent)
    return second


def fail(sites: Sites, site: Site, vnf: Vnf) -> None:
    """Let something go wrong at the worst time."""
    part(
        "6. When something fails",
        "Now Cinder fails to make a snapshot, while all guests are frozen. The run"
        " thaws them, and takes back what it has made.",
    )
    before = sites.a.made
    sites.a.faults.add(Fault("create snapshot", Effect.ERROR, resource="ims-app-1"))
    outcome = vnfdr.run(vnfdr.protect(site, vnf.group), site)
    left = sorted(set(sites.a.made) - set(before))
    SCREEN.print(short(outcome))
    claim("all three guests were frozen when it failed", held_by(outcome) == 3)  # noqa: PLR2004
    SCREEN.print(f"  guests frozen: {', '.join(sites.a.frozen) or 'none'}")
    SCREEN.print(f"  left behind: {', '.join(left) or 'nothing'}")
    claim(
        "it was rolled back, with nobody frozen and nothing left behind",
        outcome.verdict is vnfdr.Verdict.COMPENSATED
        and not sites.a.frozen
        and sites.a.made == before,
    )


def close(outcome: vnfdr.Outcome) -> None:
    """Say what to do next."""
    part(
        "7. What to do next",
        f"Recovery point {point_of(outcome).id}, and all else above, was made through"
        " real HTTP, of real bytes. The same calls protect your own servers.",
    )
    SCREEN.print(
        "  README.md                                what to install, and to write",
        "  docs/tutorial/first-recovery-point.md    a first point of a real cloud",
        "  make demo KEEP=1                         these clouds, to play with",
        "  .venv/bin/vnfdr sandbox                  new ones, until Ctrl-C",
        sep="\n",
    )


def stay(sites: Sites, vnf: Vnf) -> None:
    """Leave the clouds up until somebody interrupts."""
    group = sites.directory / "ims.yaml"
    group.write_text(dump_group(vnf.group))
    protect_it = f"{Path(sys.executable).with_name('vnfdr')} protect {group}"
    with vnfdr.stop_on_signals() as heard:
        part("The clouds stay until Ctrl-C", "In another shell:")
        for line in (
            "pip install python-openstackclient",
            f"export OS_CLIENT_CONFIG_FILE={sites.clouds_yaml}",
            "openstack --os-cloud site-a server list",
            "openstack --os-cloud site-a volume backup list",
            f"{protect_it} --os-cloud site-a",
        ):
            SCREEN.print(f"  {line}", soft_wrap=True)
        heard.wait()
    SCREEN.print("The clouds are gone.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted: the clouds are gone")
