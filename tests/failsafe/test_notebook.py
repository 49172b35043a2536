"""A real Jupyter kernel that is interrupted, or restarted, while guests are frozen."""

import pytest
from jupyter_client.manager import start_new_kernel

import vnfdr

SECONDS = 300.0


@pytest.fixture
def notebook(no_orphans, usual_signals):
    """A kernel and the client of its notebook; it is gone at the end of the test."""
    manager, client = start_new_kernel()
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def plan(site, group, tmp_path):
    """A plan, in a file."""
    plan = vnfdr.protect(site, group)
    (tmp_path / "plan.json").write_text(vnfdr.dump_plan(plan))
    return plan


@pytest.fixture
def run_cell(plan, tmp_path, journal):
    """A cell that carries the plan out."""
    return f"""
import vnfdr
plan = vnfdr.load_plan(open({str(tmp_path / "plan.json")!r}).read())
outcome = vnfdr.run(plan, vnfdr.connect("site-a"), journal={str(journal)!r})
"""


def printed(client, cell):
    """Work a cell to its end; return what it printed."""
    told = []

    def hear(message):
        if message["content"].get("name") == "stdout":
            told.append(message["content"]["text"])

    client.execute_interactive(cell, timeout=SECONDS, output_hook=hear)
    return "".join(told)


def test_an_interrupted_cell_has_its_outcome(notebook, run_cell, a, until):
    """Guests go on, all is taken back, and the notebook goes on, too."""
    manager, client = notebook
    client.execute(run_cell)
    until(lambda: len(a.frozen) == 3)

    manager.interrupt_kernel()

    assert printed(client, "print(outcome.verdict.value)") == "compensated\n"
    assert (a.frozen, a.made) == ([], [])


@pytest.mark.parametrize("now", [False, True], ids=["asked to end", "killed"])
def test_a_restarted_kernel_leaves_nobody_frozen(
    notebook, run_cell, plan, a, journal, until, deeds, now
):
    """Guests go on at once; what the old kernel did not take back, the new one does."""
    manager, client = notebook
    client.execute(run_cell)
    until(lambda: len(a.frozen) == 3)

    manager.restart_kernel(now=now)

    until(lambda: not a.frozen)
    until(lambda: deeds(plan)[-1] in {"thawed", "disarmed"})
    client.wait_for_ready(SECONDS)
    told = printed(
        client,
        "import vnfdr\n"
        f"journals = vnfdr.open_journals({str(journal)!r})\n"
        "vnfdr.recover_runs(journals)\n"
        "for run in journals.summaries(): print(run.state)",
    )
    assert told == "compensated\n"
    assert (a.frozen, a.made) == ([], [])
