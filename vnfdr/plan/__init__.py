"""Plans: what they are made of, how they run, how they are taken back.

Nothing in this package knows what a snapshot is.
"""

from vnfdr.plan.clock import Clock, SystemClock
from vnfdr.plan.codec import dump_plan, dump_value, load_plan, load_value
from vnfdr.plan.course import Conditions
from vnfdr.plan.elapsed import PhaseTime
from vnfdr.plan.events import Event, Happening, Listener
from vnfdr.plan.journal import Entry, Fact, Journal, MemoryJournal, Past
from vnfdr.plan.outcome import Leftover, Outcome, Verdict
from vnfdr.plan.phase import Phase, Together, Window
from vnfdr.plan.plan import Lasting, Plan
from vnfdr.plan.preview import HeldFor, Preview, Timings
from vnfdr.plan.run import Manner
from vnfdr.plan.runner import run
from vnfdr.plan.step import (
    Call,
    Cut,
    CutState,
    Hold,
    Part,
    Receipt,
    Receipts,
    Requirement,
    Seen,
    Step,
    Watch,
)
from vnfdr.plan.stopping import Stop, StopEvent
from vnfdr.plan.window import release

__all__ = [
    "Call",
    "Clock",
    "Conditions",
    "Cut",
    "CutState",
    "Entry",
    "Event",
    "Fact",
    "Happening",
    "HeldFor",
    "Hold",
    "Journal",
    "Lasting",
    "Leftover",
    "Listener",
    "Manner",
    "MemoryJournal",
    "Outcome",
    "Part",
    "Past",
    "Phase",
    "PhaseTime",
    "Plan",
    "Preview",
    "Receipt",
    "Receipts",
    "Requirement",
    "Seen",
    "Step",
    "Stop",
    "StopEvent",
    "SystemClock",
    "Timings",
    "Together",
    "Verdict",
    "Watch",
    "Window",
    "dump_plan",
    "dump_value",
    "load_plan",
    "load_value",
    "release",
    "run",
]
