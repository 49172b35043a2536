"""The commands that bring a group back: ``recover``, ``rehearse`` and ``clone``."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vnfdr import comeback, runs
from vnfdr.cloud import Site
from vnfdr.display import Progress
from vnfdr.journals import DirectoryJournals, open_journals
from vnfdr.mappings import load_mapping
from vnfdr.plan import Lasting, Plan
from vnfdr.points import load_point
from vnfdr.report import Report, Stopwatch, report_of
from vnfdr.shell import (
    cloud_option,
    group_option,
    journal_option,
    json_option,
    open_gates_option,
)
from vnfdr.signals import stop_on_signals
from vnfdr.terminal import gatekeeper_at_terminal
from vnfdr.told import (
    complain,
    show_plan,
    status_of_run,
    tell_outcome,
    tell_problems,
    tell_result,
)

Command = Callable[..., Any]
SUFFIX = ".report.json"


def _options(*, needs_mapping: bool) -> Callable[[Command], Command]:
    """Return the arguments and options that all these commands have."""
    having = (
        click.argument("place"),
        click.argument("point"),
        group_option,
        click.option(
            "--mapping",
            "mapping_file",
            type=click.Path(path_type=Path),
            required=needs_mapping,
            help="The file that says how names translate to those of the site.",
        ),
        cloud_option(required=True),
        journal_option,
        json_option,
        click.option(
            "--dry-run", is_flag=True, help="Print the plan, and what preflight finds."
        ),
        click.option(
            "--allow-inconsistent",
            is_flag=True,
            help="Take a point that is not consistent.",
        ),
        open_gates_option,
    )

    def decorate(command: Command) -> Command:
        for option in reversed(having):
            command = option(command)
        return command

    return decorate


_shared_keys = click.option(
    "--shared-keys",
    is_flag=True,
    help="Both sites share a key manager, and the ids of volume types.",
)
_at_once = click.option(
    "--restores-at-once",
    type=click.IntRange(min=1),
    default=comeback.RESTORES_AT_ONCE,
    show_default=True,
    help="How many backups are restored at the same time.",
)


@click.command()
@_options(needs_mapping=True)
@_shared_keys
@_at_once
def recover(  # noqa: PLR0913 - one for each thing a shell may say
    place: str,
    point: str,
    group: str | None,
    mapping_file: Path,
    cloud: str,
    *,
    allow_inconsistent: bool,
    shared_keys: bool,
    restores_at_once: int,
    **how: Any,  # noqa: ANN401 - what `_carry_out` takes
) -> int:
    """Bring POINT, whose manifest is at PLACE, back at a site, for real.

    What is made is provisional: `vnfdr commit RUN` keeps it, and `vnfdr take-back RUN`
    removes it again. Make sure first that the group is down where it was.
    """
    manifest, mapping = load_point(place, point, group), load_mapping(mapping_file)
    site = runs.connect(cloud)
    made = comeback.recover(
        manifest,
        site,
        mapping,
        allow_inconsistent=allow_inconsistent,
        shared_keys=shared_keys,
        restores_at_once=restores_at_once,
    )
    return _carry_out(made, site, **how)


@click.command()
@_options(needs_mapping=True)
@_shared_keys
@_at_once
@click.option(
    "--report",
    "report_file",
    type=click.Path(path_type=Path),
    help="Where to keep the report, as JSON; by default beside the journal.",
)
def rehearse(  # noqa: PLR0913 - one for each thing a shell may say
    place: str,
    point: str,
    group: str | None,
    mapping_file: Path,
    cloud: str,
    *,
    allow_inconsistent: bool,
    shared_keys: bool,
    restores_at_once: int,
    report_file: Path | None,
    **how: Any,  # noqa: ANN401 - what `_carry_out` takes
) -> int:
    """Bring POINT back where nobody sees it, take the time, and remove it again.

    The report says how long a failover would take, and where the time goes.
    """
    manifest, mapping = load_point(place, point, group), load_mapping(mapping_file)
    site = runs.connect(cloud)
    made = comeback.rehearse(
        manifest,
        site,
        mapping,
        allow_inconsistent=allow_inconsistent,
        shared_keys=shared_keys,
        restores_at_once=restores_at_once,
    )
    return _carry_out(made, site, report_file=report_file, **how)


@click.command()
@_options(needs_mapping=False)
@click.option(
    "--at-work",
    is_flag=True,
    help="Put it on the networks that the mapping names, not on isolated ones.",
)
def clone(  # noqa: PLR0913 - one for each thing a shell may say
    place: str,
    point: str,
    group: str | None,
    mapping_file: Path | None,
    cloud: str,
    *,
    allow_inconsistent: bool,
    at_work: bool,
    **how: Any,  # noqa: ANN401 - what `_carry_out` takes
) -> int:
    """Make a second group of what POINT kept at its own site, on isolated networks.

    It is provisional, as after `vnfdr recover`.
    """
    manifest = load_point(place, point, group)
    mapping = load_mapping(mapping_file) if mapping_file else None
    site = runs.connect(cloud)
    made = comeback.clone(
        manifest,
        site,
        mapping,
        allow_inconsistent=allow_inconsistent,
        isolated=not at_work,
    )
    return _carry_out(made, site, **how)


def _carry_out(  # noqa: PLR0913 - one for each thing a shell may say
    plan: Plan,
    site: Site,
    *,
    journal: str | None,
    as_json: bool,
    dry_run: bool,
    open_gates: bool,
    report_file: Path | None = None,
) -> int:
    if dry_run:
        shown = show_plan(plan, as_json=as_json)
        always = gatekeeper_at_terminal(threading.Event(), open_gates=True)
        return tell_problems(runs.preflight(plan, site, gatekeeper=always)) or shown
    if not as_json:
        complain(plan)
    watch = Stopwatch()
    with stop_on_signals() as heard:
        with Progress(plan) as progress:
            outcome = runs.run(
                plan,
                site,
                journal=journal,
                listeners=(progress, watch),
                stop=heard,
                gatekeeper=gatekeeper_at_terminal(
                    heard, open_gates=open_gates, pause=progress.paused
                ),
            )
        if plan.lasting is not Lasting.TRIAL:
            return tell_outcome(outcome, as_json=as_json, heard=heard.number)
        report = report_of(outcome, plan, watch)
        _keep(report, report_file, journal)
        told = report.to_json() if as_json else report
        tell_result(told, f"the report of run {outcome.run}, {outcome.verdict.value},")
        return status_of_run(outcome, heard=heard.number)


def _keep(report: Report, file: Path | None, journal: str | None) -> None:
    """Write a report to a file, or beside the journal where that is a directory."""
    journals = open_journals(journal)
    if file is None and isinstance(journals, DirectoryJournals):
        file = journals.directory / f"{report.run}{SUFFIX}"
    if file is None:
        return
    try:
        file.write_text(report.to_json() + "\n", encoding="utf-8")
    except OSError as error:
        complain(f"vnfdr: the report is not kept: {error}")
    else:
        complain(f"the report is in {file}")
