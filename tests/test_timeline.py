"""The timeline: what it draws is what the certificate says, in 80 columns."""

import io
import re

import pytest
from attrs import evolve
from rich.cells import cell_len
from rich.console import Console

from vnfdr.display import Timeline
from vnfdr.model import Level, Policy
from vnfdr.point import Certificate, CutEvidence, GuestEvidence

DRAWN = """\
consistent: all held together for 4.00 s of a window of 10.00 s
            0 s         2           4          6           8
            ┬───────────┬───────────┬──────────┬───────────┬───────────
db          ░░░░░░███████████████████████████████████████████████░░░░░░  10.00 s
app                    ░░░░░░░███████████████████████░░░░░░░░░░░░░        7.00 s
2 snapshots                        ━━━━━━━━━━━━━                          2.00 s
all held                      ═══════════════════════                     4.00 s
░ on its way, or in doubt  █ held  ━ snapshots being taken  ═ all held"""


def guest(name, *times, **more):
    """A guest whose freeze and thaw were asked for, and proven, at these times."""
    asked, frozen, thaw, thawed = times or (None,) * 4
    return GuestEvidence(
        f"p:freeze:{name}",
        name,
        Level.FILESYSTEM,
        Level.FILESYSTEM,
        Policy.REQUIRE,
        freeze_asked_at=asked,
        frozen_at=frozen,
        thaw_asked_at=thaw,
        thawed_at=thawed,
        before="boot 1",
        after="boot 1",
        **{"froze": 2, "thawed": 2, **more},
    )


def certificate(*guests, cuts=((4.0, 6.0), (4.5, 5.0))):
    return Certificate(
        "p",
        "vnf",
        "2026-01-31T00:00:00Z",
        guests,
        tuple(
            CutEvidence(f"p:snapshot:{n}", tuple(g.key for g in guests), *cut)
            for n, cut in enumerate(cuts)
        ),
        60.0,
    )


DB, APP = guest("db", 0.0, 1.0, 9.0, 10.0), guest("app", 2.0, 3.0, 7.0, 9.0)
GOOD = certificate(DB, APP)


def printed(timeline, width=80, **more):
    """What a rich console makes of it."""
    page = io.StringIO()
    Console(file=page, width=width, **more).print(timeline)
    return page.getvalue().rstrip("\n")


def row(timeline, label):
    """The line of somebody."""
    (line,) = (x for x in str(timeline).splitlines() if x.startswith(f"{label} "))
    return line


def test_a_window_is_drawn():
    """Freezes, thaws, snapshots and the common moment stand below their seconds."""
    assert str(Timeline(GOOD)) == DRAWN


@pytest.mark.parametrize("label", ["db", "app", "2 snapshots", "all held"])
def test_what_is_solid_is_proven(label):
    """No bar begins before the freeze was proven, nor ends after the thaw was sent."""
    drawn = str(Timeline(GOOD)).splitlines()
    zero, end = drawn[2].index("┬"), len(drawn[2])
    begin, until = {"db": (1, 9), "app": (3, 7), "all held": (3, 7)}.get(label, (4, 6))
    solid = [at for at, cell in enumerate(row(Timeline(GOOD), label)) if cell in "█═━"]

    seconds = [(at - zero) * 10 / (end - zero) for at in (solid[0], solid[-1] + 1)]

    if label == "2 snapshots":
        assert seconds[0] <= begin
        assert seconds[1] >= until
    else:
        assert seconds[0] >= begin
        assert seconds[1] <= until


def test_it_is_plain_where_there_is_no_terminal():
    """A file or a pipe gets text, without anything that only a terminal understands."""
    assert printed(Timeline(GOOD)) == str(Timeline(GOOD))
    assert "\x1b" not in str(Timeline(GOOD))


def test_colour_changes_nothing_else():
    """A terminal shows the same text, in colours."""
    coloured = printed(Timeline(GOOD), force_terminal=True, color_system="standard")

    assert "\x1b[34m█" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == str(Timeline(GOOD))


def test_a_terminal_may_know_ascii_alone():
    """Where blocks and lines cannot be written, other signs stand for them."""
    page = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(file=page, width=80).print(Timeline(GOOD))
    page.flush()

    drawn = page.buffer.getvalue().decode("ascii")

    assert "#####" in drawn
    assert "*****" in drawn


@pytest.mark.parametrize("count", [1, 2, 20, 21, 99, 200])
def test_any_number_of_guests_fits(count):
    """No line is longer than 80 columns, and nobody is left out."""
    many = [
        guest(f"application-{n}", n / 9, n / 9 + 0.1, 50 - n / 9, 50.1 - n / 9)
        for n in range(count)
    ]

    drawn = str(Timeline(certificate(*many, cuts=[(24.0, 26.0)]))).splitlines()

    shared = [re.search(r"^\S+(?: \+(\d+))?", x)[1] for x in drawn if x[:3] == "app"]
    assert len(shared) <= 20
    assert len(shared) + sum(int(more or 0) for more in shared) == count
    assert max(map(cell_len, drawn)) <= 80
    assert all("█" in line for line in drawn if line.startswith("app"))


def test_a_row_that_many_share_is_solid_while_all_were_held():
    """It begins with the first freeze, and is solid from the last."""
    alone = row(Timeline(GOOD), "all held")

    shared = row(Timeline(GOOD, rows_max=1), "db +1")

    assert shared.count("█") == alone.count("═")
    assert shared.endswith("10.00 s")


@pytest.mark.parametrize(
    ("doubtful", "note"),
    [
        (guest("app"), "not frozen"),
        (guest("app", 2.0, 3.0, 7.0, None), "not thawed"),
        (guest("app", 2.0, 3.0, 7.0, 9.0, thawed=1), "in doubt"),
        (guest("app", holds=False), "left running"),
    ],
)
def test_a_guest_in_doubt_is_never_solid(doubtful, note):
    """It says why, and there was no moment at which all were held."""
    timeline = Timeline(certificate(DB, doubtful))

    assert str(timeline).startswith("NOT CONSISTENT: app: ")
    assert "█" not in row(timeline, "app")
    assert row(timeline, "app").endswith(note)
    assert row(timeline, "all held").split() == ["all", "held", "never"]
    assert "1 in doubt" in row(Timeline(timeline.certificate, rows_max=1), "db +1")


def test_a_guest_that_was_not_proven_thawed_is_drawn_to_the_end():
    """Nobody knows when it was let go, if it was."""
    timeline = Timeline(certificate(DB, evolve(APP, thawed_at=None)))

    assert row(timeline, "app").rindex("░") == row(timeline, "db").rindex("░")


def test_a_snapshot_that_never_came_is_told():
    """The span goes on to the end, and the row says how many are missing."""
    timeline = Timeline(certificate(DB, APP, cuts=[(4.0, 5.0), (4.0, None)]))

    assert row(timeline, "2 snapshots").endswith("1 missing")
    assert row(timeline, "2 snapshots").rindex("━") == row(timeline, "db").rindex("░")


def test_a_window_in_which_nothing_happened_is_drawn():
    """There is nothing to see, and that is what is seen."""
    drawn = str(Timeline(certificate(guest("db"), cuts=[(None, None)])))

    assert "NOT CONSISTENT" in drawn
    assert not set("░█━═") & set(drawn)


def test_names_are_the_users_own():
    """What a terminal would act on is spelt out; wide letters keep the bars even."""
    wide = str(Timeline(certificate(evolve(DB, name="日本語"), evolve(APP, name="x"))))
    wild = str(Timeline(certificate(evolve(DB, name="\x1b[2J" + "y" * 90), APP)))

    lines = wide.splitlines()
    assert cell_len(lines[3]) == cell_len(lines[4]) == 80
    assert "\x1b" not in wild
    assert max(map(cell_len, wild.splitlines())) <= 80
    assert printed(Timeline(GOOD), width=40).count("█") > 5
