"""The faults that are known to happen, and what shows how each of them ends.

``ROW in TABLE`` is a row of the matrix; the rest are tests, by file and name.
"""

from collections.abc import Sequence

from attrs import frozen

DISKS = "tests/plan/test_bad_disks.py::"
FAILSAFE = "tests/failsafe/test_failsafe.py::"
JOURNAL = "tests/plan/test_journal.py::"
LAB_CRASHES = "tests/lab/test_crashes.py::"
LAB_DISASTERS = "tests/lab/test_disasters.py::"
LAB_FAILURES = "tests/lab/test_failures.py::"
LAB_SECOND_LINE = "tests/lab/test_second_line.py::"
POOL = "tests/openstack/test_pool.py::"
THAW = "tests/backends/test_libvirt_thaw.py::"
CHECKS = "tests/steps/test_checks.py::"
WINDOW = "tests/plan/test_window.py::"


@frozen
class Known:
    """A fault.

    Args:
        words: what happens.
        rows: the rows of the matrix that show it, each with its table.
        tests: other tests that do.
        note: what is not shown, and why.
    """

    words: str
    rows: Sequence[str] = ()
    tests: Sequence[str] = ()
    note: str = ""


KNOWN: Sequence[Known] = (
    Known(
        "the controller is killed",
        ("process/controller-killed", "run/crash"),
        (LAB_CRASHES + "test_killed_in_the_window",),
    ),
    Known(
        "two of the three processes die at once",
        ("process/worker-failsafe",),
        (
            FAILSAFE + "test_each_of_the_three_is_enough_to_thaw",
            FAILSAFE + "test_without_both_the_controller_thaws",
        ),
    ),
    Known(
        "the controller is stopped, swapped out or otherwise late",
        ("process/controller-stopped", "process/worker-stopped"),
        (FAILSAFE + "test_a_paused_worker_is_killed_when_the_lease_is_over",),
    ),
    Known(
        "the machine of the controller loses its power",
        ("run/crash", "run/journal-crash-after"),
        (
            JOURNAL + "test_a_changed_entry_is_named_by_its_number",
            LAB_SECOND_LINE + "test_the_whole_controller_is_lost",
        ),
        "All three processes are on it: guests stay frozen until a timer on their "
        "hosts or in them thaws them, the run is resumed, or somebody else thaws them.",
    ),
    Known(
        "the network to a hypervisor or to the API is cut",
        ("wire/hang", "wire/drop", "call/lost-always", "call/fail-always"),
        (THAW + "test_a_host_that_hangs_does_not_hang_the_thaw",),
    ),
    Known(
        "a freeze times out: it did nothing, or was done, or comes late",
        ("call/hang", "call/hang-after", "call/late", "guest/late-freeze"),
        (LAB_FAILURES + "test_an_agent_that_hangs",),
    ),
    Known("an agent hangs before the window", ("guest/hung",)),
    Known(
        "an agent dies while its guest is frozen",
        ("guest/dead",),
        (LAB_FAILURES + "test_an_agent_that_is_gone",),
        "In the sandbox nobody starts it again; in a real guest its init does.",
    ),
    Known(
        "a freeze hangs in the guest's kernel",
        ("guest/hung", "call/hang"),
        note="No thaw is possible then. The others are thawed, and the guest is named; "
        "no kernel was made to hang for a test.",
    ),
    Known("somebody else has frozen a guest", ("guest/freeze", "guest/fsfreeze")),
    Known(
        "somebody else thaws a guest in the window", ("guest/thaw", "guest/miscount")
    ),
    Known(
        "a request is not answered, or answered with an error, and was done",
        ("call/lost-after", "wire/drop-after", "wire/answer-after"),
    ),
    Known(
        "something is made when nobody waits for it any more",
        ("call/late", "run/crash-late"),
    ),
    Known("a snapshot ends in error", ("call/error", "wire/error")),
    Known(
        "a snapshot stays as it is",
        ("call/stuck",),
        (LAB_FAILURES + "test_storage_that_hangs",),
    ),
    Known(
        "a quota is used up",
        ("call/quota",),
        (
            LAB_FAILURES + "test_a_quota_that_fills_up_in_the_window",
            CHECKS + "test_every_quota_that_is_too_small_is_told",
        ),
    ),
    Known("the token expires", ("wire/expire",)),
    Known(
        "Keystone or Nova is down when guests are to be thawed",
        ("wire/drop", "call/retryable"),
        (THAW + "test_whoever_has_the_journal_can_thaw",),
    ),
    Known(
        "a guest moves to another host in the window",
        ("guest/migrate",),
        (THAW + "test_a_thaw_follows_a_guest_that_moved",),
    ),
    Known("a guest is rebooted in the window", ("guest/reboot",)),
    Known(
        "a volume comes to a member, or another server to a shared volume",
        tests=(
            WINDOW + "test_a_volume_that_came_to_a_server_stops_the_run",
            WINDOW + "test_a_stranger_who_came_to_a_shared_volume_stops_the_run",
            WINDOW + "test_a_volume_that_comes_in_the_window_voids_the_point",
            WINDOW + "test_a_stranger_who_comes_in_the_window_voids_the_point",
        ),
    ),
    Known(
        "a run is carried out twice, on one machine",
        tests=(JOURNAL + "test_two_processes_do_not_carry_out_one_run",),
    ),
    Known(
        "a group is protected twice, from two machines",
        ("guest/freeze",),
        note="The agents refuse the second freeze: the first run is the somebody else.",
    ),
    Known(
        "the journal is damaged",
        tests=(
            JOURNAL + "test_a_changed_entry_is_named_by_its_number",
            JOURNAL + "test_a_changed_plan_is_noticed",
        ),
    ),
    Known(
        "the disk of the journal is full, or fails",
        ("run/journal-full", "run/journal-full-always", "run/journal-slow"),
        (
            DISKS + "test_a_disk_that_fills_up_in_the_window_holds_no_guest",
            DISKS + "test_a_disk_that_cannot_be_written_keeps_no_guest_frozen",
        ),
    ),
    Known(
        "the clock of the machine jumps",
        tests=(DISKS + "test_a_clock_that_jumps_back_ends_no_window",),
        note="Every limit is measured on the monotonic clock; dates are for people.",
    ),
    Known(
        "the failsafe dies, or cannot start",
        ("process/failsafe-killed", "process/failsafe-stopped"),
        (FAILSAFE + "test_without_a_failsafe_nothing_is_frozen",),
    ),
    Known("something cannot be undone", ("call/fail-always", "call/stuck")),
    Known("Ctrl-C", ("run/stop",)),
    Known(
        "a connection is closed by the other end before it is used",
        ("wire/drop",),
        (POOL + "test_a_connection_that_breaks_is_a_lost_answer",),
    ),
    Known(
        "a volume or a backup fails after the window",
        ("call/error", "call/stuck", "wire/error"),
        (LAB_FAILURES + "test_a_backup_service_that_dies",),
    ),
    Known(
        "a point would be called consistent, and is not",
        tests=("tests/core/test_judge.py::test_a_broken_promise_is_found_out",),
        note="Every case compares each certificate with the bytes.",
    ),
)

REAL: Sequence[Known] = (
    Known(
        "real guests with their agents, and a controller killed while they freeze",
        tests=(
            LAB_CRASHES + "test_killed_in_the_window",
            LAB_DISASTERS + "test_killed_at_any_instant",
        ),
        note="The sandbox's guests have no kernel.",
    ),
    Known(
        "a controller killed outside the window, and `vnfdr resume` from a shell",
        tests=(LAB_CRASHES + "test_killed_outside_the_window",),
        note="What Cinder does with what it was asked for last is its own.",
    ),
    Known(
        "an agent that is killed, and started again by the guest's init",
        tests=(LAB_FAILURES + "test_an_agent_that_is_gone",),
        note="The sandbox has no init.",
    ),
    Known(
        "an agent that hangs, and carries a freeze out when it wakes up",
        tests=(
            LAB_FAILURES + "test_an_agent_that_hangs",
            LAB_DISASTERS + "test_an_agent_that_hangs_in_the_window",
        ),
        note="libvirt waits for an agent as libvirt does.",
    ),
    Known(
        "a quota of Cinder's own that fills up",
        tests=(
            LAB_FAILURES + "test_a_quota_that_is_too_small_is_seen_first",
            LAB_FAILURES + "test_a_quota_that_fills_up_in_the_window",
        ),
        note="How Cinder counts is its own.",
    ),
    Known(
        "a volume in a wrong state, and a server that is gone",
        tests=(
            LAB_FAILURES + "test_a_volume_in_a_wrong_state",
            LAB_FAILURES + "test_a_server_that_is_gone",
        ),
        note="They need an administrator's hand in a real database.",
    ),
    Known(
        "cinder-backup dies with a backup on its way",
        tests=(LAB_FAILURES + "test_a_backup_service_that_dies",),
        note="The sandbox's services are one process.",
    ),
    Known(
        "cinder-volume hangs, and makes its snapshots when it wakes up",
        tests=(LAB_FAILURES + "test_storage_that_hangs",),
        note="The sandbox has no storage of its own that could hang.",
    ),
    Known(
        "storage that hangs under a guest, which freezes when the freeze has timed out",
        tests=(LAB_DISASTERS + "test_a_freeze_that_comes_late_is_thawed_all_the_same",),
        note="A freeze waits for what was written in a kernel, or it does not.",
    ),
    Known(
        "libvirtd that is stopped and started in the window",
        tests=(LAB_DISASTERS + "test_a_hypervisor_daemon_that_restarts_in_the_window",),
        note="The sandbox has no hypervisor.",
    ),
    Known(
        "controller and worker that are stopped for longer than their lease",
        tests=(
            LAB_DISASTERS
            + "test_a_controller_that_is_stopped_for_longer_than_its_lease",
            LAB_DISASTERS + "test_a_worker_that_is_stopped_is_killed_and_thawed_behind",
        ),
        note="Shown above, too; here guests tell by their own records.",
    ),
    Known(
        "the whole controller lost, with timers on the compute hosts",
        tests=(LAB_SECOND_LINE + "test_the_whole_controller_is_lost",),
        note="A timer thaws through the host's own libvirt.",
    ),
    Known(
        "an API process that is killed, and a network that is cut, in the window",
        tests=(
            LAB_DISASTERS + "test_an_api_that_is_killed_during_the_snapshots",
            LAB_DISASTERS + "test_a_network_that_is_cut_during_the_snapshots",
        ),
        note="What a real Cinder does with half a request is its own.",
    ),
    Known(
        "a guest that has another host after the window than before",
        tests=(LAB_DISASTERS + "test_a_guest_that_changes_its_host_is_found_out",),
        note="What Nova says of a host is its own.",
    ),
)
