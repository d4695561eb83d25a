"""The phases of a session as a table, and the clocks that run in them.

idle → preflight → heat_up → hold → cool_down → ended, beside retention, paused, interrupted and
tripped. Whatever is not in the table does not happen; only START and RESUME lead to heat.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class Phase(StrEnum):
    """Where a session stands."""

    IDLE = "idle"
    PREFLIGHT = "preflight"  # the checklist; heats no patient
    HEAT_UP = "heat_up"
    HOLD = "hold"
    RETENTION = "retention"  # no power, patient stays wrapped
    COOL_DOWN = "cool_down"  # supervised until core < 38.0 °C and staff close it
    ENDED = "ended"
    PAUSED = "paused"  # staff paused; a person resumes
    INTERRUPTED = "interrupted"  # something ended the epoch; a person resumes, with a reason
    TRIPPED = "tripped"  # latched; a person resets, then resumes


class Event(StrEnum):
    """What can move a session on."""

    # people's acts
    CREATE = "create"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    CLOSE = "close"
    RESET = "reset"
    # the course of things, and what alarm rows bring about
    IN_BAND = "in_band"  # core is first within 0.1 °C of the target
    HOLD_DONE = "hold_done"
    RETAIN = "retain"  # the same, and the patient stays wrapped
    END_HEATING = "end_heating"  # an alarm row: heating is over for this session
    PAUSE_DUE = "pause_due"  # an alarm row pauses: nobody confirmed to be there
    PAUSED_TOO_LONG = "paused_too_long"
    INTERRUPT = "interrupt"
    TRIP = "trip"


HEATING: Final = frozenset({Phase.HEAT_UP, Phase.HOLD})
# A hold that has begun runs on while heat is only suspended: "min since first in band".
_HOLD_RUNS: Final = HEATING | {Phase.PAUSED, Phase.INTERRUPTED, Phase.TRIPPED}
UNDER_WAY: Final = frozenset(
    {
        Phase.HEAT_UP,
        Phase.HOLD,
        Phase.RETENTION,
        Phase.COOL_DOWN,
        Phase.PAUSED,
        Phase.INTERRUPTED,
        Phase.TRIPPED,
    }
)
PAUSE_S_MAX: Final = 20.0 * 60.0  # SAFETY.md section 5: a pause lasts at most 20 min

TRANSITIONS: Final[Mapping[tuple[Phase, Event], Phase]] = MappingProxyType(
    {
        (Phase.IDLE, Event.CREATE): Phase.PREFLIGHT,
        (Phase.ENDED, Event.CREATE): Phase.PREFLIGHT,
        (Phase.PREFLIGHT, Event.CREATE): Phase.PREFLIGHT,  # check again
        (Phase.PREFLIGHT, Event.START): Phase.HEAT_UP,
        (Phase.PREFLIGHT, Event.STOP): Phase.ENDED,
        (Phase.HEAT_UP, Event.IN_BAND): Phase.HOLD,
        (Phase.HEAT_UP, Event.END_HEATING): Phase.RETENTION,
        (Phase.HOLD, Event.HOLD_DONE): Phase.COOL_DOWN,
        (Phase.HOLD, Event.RETAIN): Phase.RETENTION,
        (Phase.HOLD, Event.END_HEATING): Phase.COOL_DOWN,
        # Heat pauses, and only a person's RESUME brings it back.
        (Phase.HEAT_UP, Event.PAUSE): Phase.PAUSED,
        (Phase.HOLD, Event.PAUSE): Phase.PAUSED,
        (Phase.HEAT_UP, Event.PAUSE_DUE): Phase.PAUSED,
        (Phase.HOLD, Event.PAUSE_DUE): Phase.PAUSED,
        (Phase.HEAT_UP, Event.INTERRUPT): Phase.INTERRUPTED,
        (Phase.HOLD, Event.INTERRUPT): Phase.INTERRUPTED,
        (Phase.PAUSED, Event.RESUME): Phase.HEAT_UP,
        (Phase.INTERRUPTED, Event.RESUME): Phase.HEAT_UP,
        (Phase.TRIPPED, Event.RESET): Phase.PAUSED,
        # Whoever pauses too long, or has had what a session may have, is cooled.
        (Phase.PAUSED, Event.PAUSED_TOO_LONG): Phase.COOL_DOWN,
        (Phase.PAUSED, Event.END_HEATING): Phase.COOL_DOWN,
        (Phase.INTERRUPTED, Event.END_HEATING): Phase.COOL_DOWN,
        (Phase.TRIPPED, Event.END_HEATING): Phase.COOL_DOWN,
        # Stop is possible wherever a patient is not yet being cooled, latched or not.
        (Phase.HEAT_UP, Event.STOP): Phase.COOL_DOWN,
        (Phase.HOLD, Event.STOP): Phase.COOL_DOWN,
        (Phase.RETENTION, Event.STOP): Phase.COOL_DOWN,
        (Phase.PAUSED, Event.STOP): Phase.COOL_DOWN,
        (Phase.INTERRUPTED, Event.STOP): Phase.COOL_DOWN,
        (Phase.TRIPPED, Event.STOP): Phase.COOL_DOWN,
        (Phase.COOL_DOWN, Event.CLOSE): Phase.ENDED,
        (Phase.RETENTION, Event.CLOSE): Phase.ENDED,
        # A trip ends heat. Where heat is over for this session it stays over: cool-down goes on,
        # and the latch alone keeps the next session from starting.
        (Phase.PREFLIGHT, Event.TRIP): Phase.ENDED,
        (Phase.HEAT_UP, Event.TRIP): Phase.TRIPPED,
        (Phase.HOLD, Event.TRIP): Phase.TRIPPED,
        (Phase.PAUSED, Event.TRIP): Phase.TRIPPED,
        (Phase.INTERRUPTED, Event.TRIP): Phase.TRIPPED,
        (Phase.RETENTION, Event.TRIP): Phase.COOL_DOWN,
    }
)


def after(phase: Phase, event: Event) -> Phase | None:
    """The phase that `event` leads to; None where it changes nothing."""
    return TRANSITIONS.get((phase, event))


class Clocks(NamedTuple):
    """How long what has been going on, in seconds. A pause stops the heat and ramp clocks, never
    the others.
    """

    phase_s: float = 0.0
    heat_s: float = 0.0  # power > 0
    heat_up_s: float = 0.0  # of heat before the core is first in band
    ramp_s: float = 0.0
    span_s: float | None = None  # since the first heat; None before it
    hold_s: float | None = None  # since first in band; None before it
    in_band_s: float = 0.0
    presence_s: float = 0.0  # since staff last confirmed that they are there
    manual_check_s: float = 0.0  # since staff last measured the core by hand
    at_target_s: float = 0.0  # of consecutive time at target


def run_clocks(
    clocks: Clocks,
    phase: Phase,
    *,
    heating: bool,
    may_heat: bool,
    in_band: bool,
    at_target: bool = False,
    dt_s: float,
) -> Clocks:
    """Let `dt_s` pass. `heating`: power > 0 now; `may_heat`: the guard permits it."""
    under_way, heating_phase = phase in UNDER_WAY, phase in HEATING
    before_band = phase is Phase.HEAT_UP and clocks.hold_s is None
    span_s, hold_s = clocks.span_s, clocks.hold_s
    if span_s is None and heating and heating_phase:
        span_s = 0.0
    elif span_s is not None and under_way:
        span_s += dt_s
    if hold_s is not None and phase in _HOLD_RUNS:
        hold_s += dt_s
    return Clocks(
        clocks.phase_s + dt_s,
        clocks.heat_s + (dt_s if heating and under_way else 0.0),
        clocks.heat_up_s + (dt_s if heating and before_band else 0.0),
        clocks.ramp_s + (dt_s if may_heat and heating_phase else 0.0),
        span_s,
        hold_s,
        clocks.in_band_s + (dt_s if in_band and heating_phase else 0.0),
        clocks.presence_s + (dt_s if under_way else 0.0),
        clocks.manual_check_s + (dt_s if under_way else 0.0),
        clocks.at_target_s + dt_s if at_target and heating_phase else 0.0,
    )
