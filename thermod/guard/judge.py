"""What must hold for heat. Pure: a view of one dome goes in, the names of what is broken come out.

Each row says what must hold, never what must not happen, so a missing fact or a NaN breaks it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from thermod.guard.limits import RANGES_C, Limits
from thermod.guard.probes import RoleView
from thermod.guard.times import (
    AIR_LOST_S_MAX,
    ANSWER_AGE_S_MAX,
    ECHO_AGE_S_MAX,
    FAN_STOPPED_S_MAX,
    FAST_RISE_MIN_MAX,
    NODE_AGE_S_MAX,
    PROBE_AGE_S_MAX,
)


class View(NamedTuple):
    """One dome at one moment, as far as the guard can see it. Ages are on the guard's clock."""

    core: RoleView
    skin: RoleView
    air: RoleView
    core_limit_c: float
    air_lost_s: float | None  # in an epoch that began with air; None: air is needed now
    node_age_s: float | None
    lid_is_closed: bool
    fan_stopped_s: float | None
    answer_age_s: float | None
    wrong_answers: int  # in a row
    controllers_heard: int
    other_dome_heard: bool
    other_guard_heard: bool
    heater_stuck_on: bool
    echo_age_s: float | None  # None: no epoch is open, so there is nothing to echo
    fast_rise_min: float
    skin_dose_cem43_min: float
    heat_span_min: float
    core_missing_s: float  # while the node was heard
    control_silent_s: float  # while the node was heard


@dataclass(frozen=True, slots=True)
class MustHold:
    """One condition of heat: its name on the wire, the condition, and what to tell people."""

    name: str
    holds: Callable[[View, Limits], bool]
    otherwise: str


MUST_HOLD: Final[tuple[MustHold, ...]] = (
    MustHold(
        "core_fresh",  # some core probe speaks; whether it makes sense is the next row's
        lambda v, m: v.core.bad or _within(v.core.age_s, PROBE_AGE_S_MAX),
        "no core reading for 3 s: check the core probes and their cables",
    ),
    MustHold(
        "core_in_range",  # one core probe may talk nonsense while another one is good
        lambda v, m: not v.core.bad or _within(v.core.age_s, PROBE_AGE_S_MAX),
        "no usable core reading: check that the core probe is in place",
    ),
    MustHold(
        "skin_fresh",
        lambda v, m: _within(v.skin.age_s, PROBE_AGE_S_MAX),
        "no usable skin reading: check the skin probes",
    ),
    MustHold(
        "air_fresh",
        lambda v, m: _within(v.air.age_s, PROBE_AGE_S_MAX) or _within(v.air_lost_s, AIR_LOST_S_MAX),
        "no usable air reading: check the air probe",
    ),
    MustHold(
        "core_below",
        lambda v, m: _below(v.core.temp_c, "core", v.core_limit_c),
        "the core is at its limit: no heat until it is lower",
    ),
    MustHold(
        "skin_below",
        lambda v, m: _below(v.skin.temp_c, "skin", m.skin_temp_c_max),
        "the skin is at its limit: look at the patient's skin",
    ),
    MustHold(
        "air_below",
        lambda v, m: _below(v.air.temp_c, "air", m.air_temp_c_max),
        "the dome air is at its limit: open the dome",
    ),
    MustHold(
        "node_fresh",
        lambda v, m: _within(v.node_age_s, NODE_AGE_S_MAX),
        "the dome is not heard: check its power and network",
    ),
    MustHold(
        "one_dome",
        lambda v, m: not v.other_dome_heard,
        "two nodes speak as this dome: stop one",
    ),
    MustHold("lid_closed", lambda v, m: v.lid_is_closed, "the lid is not known to be closed"),
    MustHold(
        "fan_running",
        lambda v, m: _within(v.fan_stopped_s, FAN_STOPPED_S_MAX),
        "the fan does not run: check the fan",
    ),
    MustHold(
        "control_answers",
        lambda v, m: _within(v.answer_age_s, ANSWER_AGE_S_MAX) and v.wrong_answers < 2,
        "control does not answer: see whether it runs",
    ),
    MustHold(
        "one_controller",  # that there is one at all is the row above
        lambda v, m: v.controllers_heard <= 1,
        "two controllers were heard on this dome: stop one",
    ),
    MustHold(
        "one_guard",
        lambda v, m: not v.other_guard_heard,
        "another guard was heard on this dome: stop one",
    ),
    MustHold(
        "heater_matches",
        lambda v, m: not v.heater_stuck_on,
        "the heater is on while it must be off: pull the plug",
    ),
    MustHold(
        "node_echo",
        lambda v, m: v.echo_age_s is None or _within(v.echo_age_s, ECHO_AGE_S_MAX),
        "the dome does not take the permit: check its network",
    ),
    MustHold(
        "rise_below",
        lambda v, m: v.fast_rise_min < FAST_RISE_MIN_MAX,
        "the core has risen too fast for 5 min",
    ),
    MustHold(
        "dose_below",
        lambda v, m: v.skin_dose_cem43_min < m.skin_dose_cem43_min_max,
        "a skin site has had its dose of this day",
    ),
    MustHold(
        "span_below",
        lambda v, m: v.heat_span_min < m.heat_span_min_max,
        "this session has been heated for its longest time",
    ),
)
OTHERWISE: Final = {row.name: row.otherwise for row in MUST_HOLD}


def judge(view: View, limits: Limits) -> tuple[str, ...]:
    """The names of what must hold and does not, in the order of the table. Empty: heat may be."""
    return tuple([row.name for row in MUST_HOLD if not row.holds(view, limits)])


def _within(age_s: float | None, age_s_max: float) -> bool:
    """An age from the future is no age."""
    return age_s is not None and 0.0 <= age_s <= age_s_max


def _below(temp_c: float | None, role: str, limit_c: float) -> bool:
    """A role that never spoke is another row's; one that speaks must be a body below the limit."""
    return temp_c is None or RANGES_C[role][0] <= temp_c < limit_c
