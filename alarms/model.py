"""The words alarms are made of, as IEC 60601-1-8 uses them: condition, signal, priority, latching,
acknowledge, audio pause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from alarms.limits import Limits


class Priority(IntEnum):
    """How soon somebody must act. Higher sorts first."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Effect(StrEnum):
    """What a row does to heat, from nothing to all."""

    NONE = "none"
    CAP_50 = "cap_50"  # at most half the power
    CAP_30 = "cap_30"
    HEAT_OFF = "heat_off"  # clears by itself
    END_HEATING = "end_heating"  # heating is over for this session; nothing latches
    PAUSE = "pause"  # a person resumes
    INTERRUPT = "interrupt"  # the epoch ends; a person resumes, with a reason
    TRIP = "trip"  # latched; only a person resets


CAP_PCT: Final[Mapping[Effect, float]] = MappingProxyType(
    {
        Effect.NONE: 100.0,
        Effect.CAP_50: 50.0,
        Effect.CAP_30: 30.0,
        Effect.HEAT_OFF: 0.0,
        Effect.END_HEATING: 0.0,
        Effect.PAUSE: 0.0,
        Effect.INTERRUPT: 0.0,
        Effect.TRIP: 0.0,
    }
)


class During(IntEnum):
    """When a row may begin. Outside it the condition is over, whatever the value says."""

    ALWAYS = 0
    UNDER_WAY = 1  # a patient is being treated or cools down
    FROM_HEATING = 2  # begins in heat_up or hold; once active it is judged on to the session's end
    HEATING = 3  # in heat_up and hold


class Seen(NamedTuple):
    """All that the rows may judge, of one cycle. None means "cannot tell". Times in seconds or
    minutes as named.
    """

    core_temp_c: float | None = None  # the highest core sample in range, also of a suspect probe
    core_twice_c: float | None = None  # reached by two core samples: see alarms/evidence.py
    core_rise_c_per_min: float | None = None  # over a full 10 min of good samples
    core_age_s: float | None = None  # of the newest good core sample; None: never seen one
    core_spread_delta_c: float | None = None
    core_unresponsive_min: float = 0.0
    core_good: int = 0
    core_bad: int = 0  # configured core probes that are suspect or out
    manual_check_min: float | None = None  # since the core was last measured by hand; on one probe
    manual_off_delta_c: float | None = None  # how far the hand and the probe differed, unsigned
    skin_temp_c: float | None = None
    skin_good: int = 0
    skin_dose_cem43_min: float = 0.0
    air_temp_c: float | None = None
    air_good: int = 0
    room_temp_c: float | None = None
    heating_phase: bool = False  # heat_up or hold
    under_way: bool = False  # a patient is being treated or cooling down
    heat_up_min: float = 0.0
    hold_over_min: float = 0.0  # minutes of hold beyond the protocol's
    hold_min: float = 0.0
    span_min: float = 0.0  # first to last heat
    cool_down_min: float = 0.0  # of cool-down with the core not below 38.0 °C
    presence_min: float = 0.0  # since staff last confirmed
    stuck_on_s: float = 0.0  # how long measured power contradicts a command of nothing
    mismatch_s: float = 0.0  # how long measured power differs by > 15 % of rated
    weak_s: float = 0.0  # how long measured power is < 60 % of the command
    echo_missing_s: float = 0.0  # how long the dome has reported without obeying a newer command
    lid_open: bool = False
    fan_dead_s: float = 0.0
    node_age_s: float | None = None
    guard_age_s: float | None = None
    guard_tripped_by: str = ""
    withheld_s: float = 0.0
    withheld_why: str = ""
    interrupted_by: str = ""
    dome_restarted: bool = False
    stopped_by: str = ""
    state_lost: str = ""
    foreign_controller: str = ""
    foreign_guard: str = ""
    foreign_dome: str = ""
    overrun: bool = False
    clock_jump_s: float = 0.0
    journal_error: str = ""
    disk_free_mb: float | None = None
    core_probe_highest: str = "no core probe"  # the ids to name in texts
    core_probes_bad: str = ""
    skin_probe_highest: str = "no skin probe"
    skin_probes_bad: str = ""
    skin_dose_site: str = "no skin probe"
    air_probe_highest: str = "no air probe"
    air_probes_bad: str = ""


# The fields of Seen that hold the ids of probes, for texts and for the log.
PROBES: Final = (
    *("core_probe_highest", "core_probes_bad"),
    *("skin_probe_highest", "skin_probes_bad", "skin_dose_site"),
    *("air_probe_highest", "air_probes_bad"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. Its condition is `not (value <= limit)`, so NaN raises it; a value of None cannot
    tell.

    A row that cannot tell keeps its timer: a probe flapping between 39.6 °C and nothing still
    raises its alarm.
    """

    alarm_id: str
    value: Callable[[Seen], float | None]
    limit: Callable[[Limits], float]
    priority: Priority
    say: str  # may use {value}, {limit} and any name of Seen
    do: str
    effect: Effect = Effect.NONE
    during: During = During.ALWAYS
    for_s: float = 0.0  # on-delay: the condition must last this long
    inside_delta: float = 0.0  # deadband: how far below the limit counts as gone …
    inside_s: float = 0.0  # … and for how long
    clears_at: Callable[[Limits], float] | None = None  # instead of a deadband: gone at or below it
    latches: bool = False  # the signal stays until a person resets it; always so for a trip
    signals: bool = True  # False: acts on heat without telling, below the alarm of the same family
    unmutes: bool = False  # a quiet row that breaks every audio pause, as one that signals does
    unit: str = ""  # of value and limit; empty where the row judges a fact

    def probe(self, seen: Seen) -> str:
        """The probes that its text names, for the log; empty where it names none."""
        named = (getattr(seen, name) for name in PROBES if f"{{{name}}}" in self.say)
        return ", ".join(text for text in named if text)

    @property
    def trips(self) -> bool:
        """True where only a person's reset ends it."""
        return self.effect is Effect.TRIP
