"""The phases of a session as a table, and the clocks that run in them.

idle → preflight → heat_up → hold → cool_down → ended, beside retention, paused, interrupted and
tripped. Whatever is not in the table does not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """What can move a session on. The first row are people's acts."""

    CREATE = "create"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    CLOSE = "close"
    RESET = "reset"
    IN_BAND = "in_band"  # core is first within 0.1 °C of the target
    HOLD_DONE = "hold_done"
    END_HEATING = "end_heating"  # an alarm row ends heating without a latch
    PAUSE_DUE = "pause_due"  # an alarm row pauses: nobody confirmed to be there
    PAUSED_TOO_LONG = "paused_too_long"
    INTERRUPT = "interrupt"
    TRIP = "trip"


HEATING = frozenset({Phase.HEAT_UP, Phase.HOLD})
UNDER_WAY = frozenset(
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
PAUSE_S_MAX = 20.0 * 60.0  # safety.md section 5: a pause lasts at most 20 min, then cool-down

TRANSITIONS: dict[tuple[Phase, Event], Phase] = {
    (Phase.IDLE, Event.CREATE): Phase.PREFLIGHT,
    (Phase.ENDED, Event.CREATE): Phase.PREFLIGHT,
    (Phase.PREFLIGHT, Event.CREATE): Phase.PREFLIGHT,  # check again
    (Phase.PREFLIGHT, Event.START): Phase.HEAT_UP,
    (Phase.PREFLIGHT, Event.STOP): Phase.ENDED,
    (Phase.HEAT_UP, Event.IN_BAND): Phase.HOLD,
    (Phase.HEAT_UP, Event.END_HEATING): Phase.RETENTION,
    (Phase.HOLD, Event.END_HEATING): Phase.COOL_DOWN,
    (Phase.HOLD, Event.HOLD_DONE): Phase.COOL_DOWN,
    (Phase.HEAT_UP, Event.STOP): Phase.COOL_DOWN,
    (Phase.HOLD, Event.STOP): Phase.COOL_DOWN,
    (Phase.RETENTION, Event.STOP): Phase.COOL_DOWN,
    (Phase.PAUSED, Event.STOP): Phase.COOL_DOWN,
    (Phase.INTERRUPTED, Event.STOP): Phase.COOL_DOWN,
    (Phase.HEAT_UP, Event.PAUSE): Phase.PAUSED,
    (Phase.HOLD, Event.PAUSE): Phase.PAUSED,
    (Phase.HEAT_UP, Event.PAUSE_DUE): Phase.PAUSED,
    (Phase.HOLD, Event.PAUSE_DUE): Phase.PAUSED,
    (Phase.PAUSED, Event.PAUSED_TOO_LONG): Phase.COOL_DOWN,
    (Phase.PAUSED, Event.RESUME): Phase.HEAT_UP,
    (Phase.INTERRUPTED, Event.RESUME): Phase.HEAT_UP,
    (Phase.HEAT_UP, Event.INTERRUPT): Phase.INTERRUPTED,
    (Phase.HOLD, Event.INTERRUPT): Phase.INTERRUPTED,
    (Phase.TRIPPED, Event.RESET): Phase.PAUSED,
    (Phase.COOL_DOWN, Event.CLOSE): Phase.ENDED,
    (Phase.RETENTION, Event.CLOSE): Phase.ENDED,
    # A trip ends whatever was going on. Where no patient is being treated there is no session to
    # trip: the latch alone
    # keeps the next one from starting.
    **{(phase, Event.TRIP): Phase.TRIPPED for phase in UNDER_WAY},
    (Phase.PREFLIGHT, Event.TRIP): Phase.ENDED,
}


def after(phase: Phase, event: Event) -> Phase | None:
    """The phase that `event` leads to, or None where it leads nowhere."""
    return TRANSITIONS.get((phase, event))


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long what has been going on, in seconds. Pausing stops the heat and ramp clocks, never
    the others.
    """

    phase_s: float = 0.0
    heat_s: float = 0.0  # measured or commanded power > 0
    heat_up_s: float = 0.0  # of heat before the core is first in band
    ramp_s: float = 0.0
    span_s: float | None = None  # since the first heat; None before it
    hold_s: float | None = None  # since first in band; None before it
    in_band_s: float = 0.0
    presence_s: float = 0.0  # since staff last confirmed that they are there


def run_clocks(
    clocks: Clocks, phase: Phase, *, heating: bool, may_heat: bool, in_band: bool, dt_s: float
) -> Clocks:
    """Let `dt_s` pass. `heating`: power > 0 now; `may_heat`: the guard permits it."""
    under_way = phase in UNDER_WAY
    span_s = clocks.span_s
    if span_s is not None:
        span_s += dt_s if under_way else 0.0
    elif heating and phase in HEATING:
        span_s = 0.0
    return Clocks(
        clocks.phase_s + dt_s,
        clocks.heat_s + (dt_s if heating and under_way else 0.0),
        clocks.heat_up_s
        + (dt_s if heating and phase is Phase.HEAT_UP and clocks.hold_s is None else 0.0),
        clocks.ramp_s + (dt_s if may_heat and phase in HEATING else 0.0),
        span_s,
        None
        if clocks.hold_s is None
        else clocks.hold_s + (dt_s if phase in HEATING or phase is Phase.PAUSED else 0.0),
        clocks.in_band_s + (dt_s if in_band and phase in HEATING else 0.0),
        clocks.presence_s + (dt_s if phase in UNDER_WAY else 0.0),
    )
