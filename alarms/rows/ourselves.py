"""What people, the guard and the control process itself bring about."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from alarms.model import During, Effect, Rule, Seen
from alarms.rows.common import (
    CLEAR_S,
    HIGH,
    LINK_LOST_S,
    LOW,
    MEDIUM,
    NOT_CONTROLLING_S,
    is_true,
)

DISK_FREE_MB_MIN: Final = 500.0  # SAFETY.md H20


def latched_at_boot(seen: Seen) -> float:
    """Never begins in a running process: it is latched before the first cycle."""
    return 0.0


def _disk_short_mb(seen: Seen) -> float | None:
    return None if seen.disk_free_mb is None else DISK_FREE_MB_MIN - seen.disk_free_mb


PEOPLE_AND_GUARD: Final[tuple[Rule, ...]] = (
    Rule(
        "stopped",
        lambda seen: bool(seen.stopped_by),
        is_true,
        HIGH,
        "STOP was pressed by {stopped_by}",
        "See to the patient. Reset when the reason is gone, then resume or end the session.",
        Effect.TRIP,
    ),
    Rule(
        "guard_silent",
        attrgetter("guard_age_s"),
        lambda limits: NOT_CONTROLLING_S,
        HIGH,
        "The guard has been silent for {value:.1f} s, longer than {limit:.1f} s: heat is off",
        "Start the guard process, then resume.",
        Effect.HEAT_OFF,
        during=During.HEATING,
        unit="s",
    ),
    Rule(
        "guard_unheard",
        attrgetter("guard_age_s"),
        lambda limits: LINK_LOST_S,
        LOW,
        "The guard has not been heard for {value:.1f} s, longer than {limit:.1f} s",
        "Start the guard process.",
        signals=False,  # in any phase, and for the sound alone: guard_silent tells
        unmutes=True,
        unit="s",
    ),
    Rule(
        "guard_tripped",
        lambda seen: bool(seen.guard_tripped_by),
        is_true,
        HIGH,
        "The guard tripped: {guard_tripped_by}",
        "Find out why, then reset.",
        Effect.TRIP,
        during=During.UNDER_WAY,
    ),
    Rule(
        "heat_withheld",
        attrgetter("withheld_s"),
        lambda limits: NOT_CONTROLLING_S,
        MEDIUM,
        "Heat has been withheld for {value:.1f} s, longer than {limit:.1f} s: {withheld_why}",
        "See what the guard names. Heat returns within 60 s or the session is interrupted.",
        during=During.HEATING,
        unit="s",
    ),
    Rule(
        "interrupted",
        lambda seen: bool(seen.interrupted_by),
        is_true,
        HIGH,
        "Heating was interrupted: {interrupted_by}",
        "See to the patient and the cause; then resume with a reason, or stop the session.",
        Effect.INTERRUPT,
    ),
    Rule(
        "state_lost",
        lambda seen: bool(seen.state_lost),
        is_true,
        HIGH,
        "What was latched before cannot be read: {state_lost}",
        "Check the disk; find out how the last session ended; then reset.",
        Effect.TRIP,
    ),
    Rule(
        "second_controller",
        lambda seen: bool(seen.foreign_controller),
        is_true,
        HIGH,
        "Another controller ({foreign_controller}) speaks on this dome",
        "Find and stop the second control process; then reset.",
        Effect.TRIP,
    ),
    Rule(
        "second_guard",
        lambda seen: bool(seen.foreign_guard),
        is_true,
        HIGH,
        "Another guard ({foreign_guard}) speaks on this dome",
        "Find and stop the second guard process; then reset.",
        Effect.TRIP,
    ),
    Rule(
        "second_dome",
        lambda seen: bool(seen.foreign_dome),
        is_true,
        HIGH,
        "Another node (boot {foreign_dome}) speaks as this dome",
        "Find and stop what speaks in the dome's name; then reset.",
        Effect.TRIP,
    ),
)

PROCESS: Final[tuple[Rule, ...]] = (
    Rule(
        "crash_loop",
        latched_at_boot,
        is_true,
        HIGH,
        "Control has ended without being asked three times in 10 min",
        "Look into the log before you use the dome again; then reset.",
        Effect.TRIP,
    ),
    Rule(
        "clock_jump",
        attrgetter("clock_jump_s"),
        lambda limits: 2.0,
        MEDIUM,
        "The control process stood still for {value:.1f} s, longer than {limit:.1f} s",
        "Check the computer's load; the regulator started afresh.",
        during=During.UNDER_WAY,
        latches=True,
        unit="s",
    ),
    Rule(
        "loop_overrun",
        attrgetter("overrun"),
        is_true,
        LOW,
        "A control cycle came late",
        "Check the computer's load if this comes again.",
        during=During.UNDER_WAY,
        inside_s=CLEAR_S,
    ),
    Rule(
        "record_failing",
        lambda seen: bool(seen.journal_error),
        is_true,
        MEDIUM,
        "The journal cannot be written: {journal_error}",
        "Free or replace the disk. The session goes on, a new one cannot start.",
        inside_s=5.0,
    ),
    Rule(
        "disk_low",
        _disk_short_mb,
        lambda limits: 0.0,
        MEDIUM,
        "The disk is {value:.0f} MB short of the 500 MB that must be free",
        "Free the disk. A new session cannot start.",
        inside_delta=50.0,
        unit="MB",
    ),
)
