"""The command ``vnfdr sandbox``: its options, and its end.

The sandbox itself is imported when the command runs: it needs an extra, and the rest
of the command line does not wait for it.
"""

from pathlib import Path

import click

from vnfdr.errors import InputError
from vnfdr.signals import stop_on_signals

PORT_MAX = 65534
EXTRA = {"starlette", "uvicorn"}


@click.command()
@click.option(
    "--group",
    "vnfs",
    metavar="NAME",
    multiple=True,
    default=["ims"],
    show_default=True,
    help="A VNF of three servers to begin with; may be given several times.",
)
@click.option(
    "--port",
    type=click.IntRange(0, PORT_MAX),
    default=0,
    help="Serve site-a there, and site-b at the next one.  [default: any]",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    help="Have its files there while it runs.  [default: a temporary place]",
)
@click.option(
    "--clouds-file",
    type=click.Path(path_type=Path),
    help="Put the clouds.yaml there.  [default: among its files]",
)
@click.option(
    "--latency",
    default="fast",
    show_default=True,
    help="How slow it is: fast, or small-cloud.",
)
@click.option("--seed", type=int, default=0, help="What all that is random comes from.")
@click.option(
    "--no-quiesce", is_flag=True, help="Leave the quiesce API of the nova-spec out."
)
def sandbox(  # noqa: PLR0913 - one for each thing a shell may say
    *,
    vnfs: tuple[str, ...],
    port: int,
    directory: Path | None,
    clouds_file: Path | None,
    latency: str,
    seed: int,
    no_quiesce: bool,
) -> None:
    """Serve two OpenStack sites for trying things out, until interrupted.

    Ctrl-C or TERM ends it: everything is removed, and the exit status is 0.
    """
    with stop_on_signals() as interrupted:
        try:
            # It needs an extra, and takes a while.
            from vnfdr.sandbox.opened import Wishes, opened  # noqa: PLC0415
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing not in EXTRA:
                raise
            raise InputError(
                f"the sandbox needs {missing}, which is not installed:"
                " pip install 'vnfdr[sandbox]'"
            ) from error
        wishes = Wishes(
            vnfs=vnfs,
            latency=latency,
            seed=seed,
            port=port,
            directory=directory,
            clouds_file=clouds_file,
            offers_quiesce=not no_quiesce,
        )
        with opened(wishes) as told:
            click.echo(told)
            interrupted.wait()
