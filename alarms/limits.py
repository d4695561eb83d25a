"""How hot, how fast, how long: every limit a session runs under, and the ceilings no file passes.

The figures are those of SAFETY.md section 4: engineering defaults for research use, which want a
named clinical and a named engineering reviewer. A limit is named quantity, column, unit, as in
`core_off_c`. The columns, from mild to final:

    keep    control stays below it by its own doing
    warn    staff are told
    curb    at most 30 % power
    off     heat off, clears by itself
    cut     heat off, latched until a person resets it

Each one is an upper bound, so smaller is stricter, and a file may only make it smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from math import inf
from types import MappingProxyType
from typing import Final, NewType

TARGET_C_CEILING: Final = 38.6
TARGET_C_FLOOR: Final = 37.0  # below it the cut-off, target + 0.5, would trip on a resting body

CORE_CEILING_C: Final = 39.5
CORE_RISE_CEILING_C_PER_MIN: Final = 0.08
NO_RESPONSE_CEILING_MIN: Final = 50.0
SKIN_CEILING_C: Final = 43.0
SKIN_DOSE_CEILING_CEM43_MIN: Final = 21.0
AIR_CEILING_C: Final = 80.0
CORE_SPREAD_CEILING_DELTA_C: Final = 1.0
CORE_AGE_CEILING_S: Final = 60.0
HEAT_UP_CEILING_MIN: Final = 150.0
HOLD_CEILING_MIN: Final = 90.0
HEAT_SPAN_CEILING_MIN: Final = 240.0
PRESENCE_CEILING_MIN: Final = 60.0
MANUAL_CHECK_CEILING_MIN: Final = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a site; the defaults are the table. Raises ValueError for a looser one."""

    # Core temperature: any sample in range, a suspect probe's too. `in_force` lowers them.
    core_keep_c: float = 38.6
    core_warn_c: float = 38.7
    core_off_c: float = 38.9
    core_cut_c: float = 39.0  # on 2 samples
    core_single_c: float = 39.3  # one: no heat in that cycle; two, at least 0.4 s apart: cut-off

    # Rise of core over a full 10 min of good samples, in heating phases.
    core_rise_keep_c_per_min: float = 0.038
    core_rise_warn_c_per_min: float = 0.040  # for 2 min
    core_rise_curb_c_per_min: float = 0.045
    core_rise_off_c_per_min: float = 0.050
    core_rise_clear_c_per_min: float = 0.040  # `off` ends below it
    core_rise_cut_c_per_min: float = 0.06  # for 5 min

    # Heat goes in, core does not answer: mean power >= 50 % since its last +0.1 °C.
    no_response_warn_min: float = 30.0
    no_response_off_min: float = 40.0

    # The hottest skin probe; the dose of each skin site in a day.
    skin_dosed_c: float = 40.5  # control stays below it once the dose has reached `curb`
    skin_keep_c: float = 40.8
    skin_warn_c: float = 41.0
    skin_off_c: float = 42.0
    skin_cut_c: float = 43.0
    skin_dose_warn_cem43_min: float = 1.0  # low priority
    skin_dose_curb_cem43_min: float = 5.0
    skin_dose_cut_cem43_min: float = 10.0

    # Dome air.
    air_setpoint_c_max: float = 60.0  # the most that control may ask of the air
    air_keep_c: float = 64.0
    air_warn_c: float = 65.0
    air_off_c: float = 70.0
    air_cut_c: float = 75.0

    # Two good core probes of one site differ, median of 2 min.
    core_spread_warn_delta_c: float = 0.3  # low priority
    core_spread_curb_delta_c: float = 0.5
    core_spread_cut_delta_c: float = 0.8  # for 60 s

    # Age of the newest good core sample: heat goes first, then staff are told.
    core_age_off_s: float = 2.5  # no alarm
    core_age_warn_s: float = 5.0  # medium priority
    core_age_high_s: float = 15.0  # high priority
    core_age_cut_s: float = 60.0  # the session is interrupted

    # Minutes of power > 0 before core is first in band; of hold from then; first to last heat.
    heat_up_warn_min: float = 110.0
    heat_up_off_min: float = 130.0  # heat-up ends in retention, nothing latches
    heat_up_cut_min: float = 140.0
    hold_over_warn_min: float = 2.0  # beyond the protocol's hold
    hold_over_off_min: float = 5.0  # beyond the protocol's hold
    hold_cut_min: float = 75.0
    heat_span_warn_min: float = 170.0
    heat_span_off_min: float = 185.0
    heat_span_cut_min: float = 200.0
    pause_min_max: float = 20.0  # then cool-down
    cool_down_warn_min: float = 75.0  # and still not below 38.0 °C

    # Power measured at the heater, percent of rated power.
    stuck_on_cut_pct: float = 5.0  # commanded 0 for the window + 1 s, this much for 3 s
    power_error_warn_pct: float = 15.0  # measured against commanded, for 10 s

    # Nobody has confirmed that they are there.
    presence_warn_min: float = 20.0
    presence_off_min: float = 25.0  # pauses; a person resumes
    presence_cut_min: float = 30.0

    # On one core probe a person measures the core by hand as well: how often, and how far off.
    manual_check_warn_min: float = 30.0
    manual_check_off_min: float = 35.0  # pauses; a person resumes
    manual_check_off_delta_c: float = 0.5  # hand and probe differ: pauses

    def __post_init__(self) -> None:
        found = problems({name: getattr(self, name) for name in TABLE})
        if found:
            raise ValueError("; ".join(str(problem) for problem in found))


# The limits of one session, by its target. The site's own are not to be judged by.
InForce = NewType("InForce", Limits)


@dataclass(frozen=True, slots=True)
class LimitProblem:
    """A limit that cannot stand: what is wrong with it and what would be right."""

    name: str
    value: object
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.name} = {self.value} {self.what}. {self.do}"


TABLE: Final[Mapping[str, float]] = MappingProxyType(
    {each.name: each.default for each in fields(Limits) if isinstance(each.default, float)}
)

# Each chain rises strictly, so that whoever is told earlier is told at a lower value, and stays at
# or below the ceiling behind it.
_CHAINS: Final[tuple[tuple[tuple[str, ...], float], ...]] = (
    (("core_keep_c", "core_warn_c", "core_off_c", "core_cut_c", "core_single_c"), CORE_CEILING_C),
    (
        (
            "core_rise_keep_c_per_min",
            "core_rise_warn_c_per_min",
            "core_rise_curb_c_per_min",
            "core_rise_off_c_per_min",
            "core_rise_cut_c_per_min",
        ),
        CORE_RISE_CEILING_C_PER_MIN,
    ),
    (("core_rise_clear_c_per_min", "core_rise_off_c_per_min"), CORE_RISE_CEILING_C_PER_MIN),
    (("no_response_warn_min", "no_response_off_min"), NO_RESPONSE_CEILING_MIN),
    (("skin_dosed_c", "skin_keep_c", "skin_warn_c", "skin_off_c", "skin_cut_c"), SKIN_CEILING_C),
    (
        ("skin_dose_warn_cem43_min", "skin_dose_curb_cem43_min", "skin_dose_cut_cem43_min"),
        SKIN_DOSE_CEILING_CEM43_MIN,
    ),
    (
        ("air_setpoint_c_max", "air_keep_c", "air_warn_c", "air_off_c", "air_cut_c"),
        AIR_CEILING_C,
    ),
    (
        ("core_spread_warn_delta_c", "core_spread_curb_delta_c", "core_spread_cut_delta_c"),
        CORE_SPREAD_CEILING_DELTA_C,
    ),
    (
        ("core_age_off_s", "core_age_warn_s", "core_age_high_s", "core_age_cut_s"),
        CORE_AGE_CEILING_S,
    ),
    (("heat_up_warn_min", "heat_up_off_min", "heat_up_cut_min"), HEAT_UP_CEILING_MIN),
    (("hold_over_warn_min", "hold_over_off_min", "hold_cut_min"), HOLD_CEILING_MIN),
    (("heat_span_warn_min", "heat_span_off_min", "heat_span_cut_min"), HEAT_SPAN_CEILING_MIN),
    (("presence_warn_min", "presence_off_min", "presence_cut_min"), PRESENCE_CEILING_MIN),
    (("manual_check_warn_min", "manual_check_off_min"), MANUAL_CHECK_CEILING_MIN),
)
CEILINGS: Final[Mapping[str, float]] = MappingProxyType(
    {name: ceiling for chain, ceiling in _CHAINS for name in chain}
)

# How far past the target a core limit may lie; at 38.5 °C these are the table's own figures.
# SAFETY.md names the middle three; `keep` and `single` follow their spacing.
_PAST_TARGET_DELTA_C: Final = {
    "core_keep_c": 0.1,
    "core_warn_c": 0.2,
    "core_off_c": 0.4,
    "core_cut_c": 0.5,
    "core_single_c": 0.8,
}

# What the guard publishes by the wire contract, and the cut-off of ours that it must enclose.
_GUARD_ENCLOSES: Final = {
    "core_temp_c_max": "core_cut_c",
    "core_rise_c_per_min_max": "core_rise_cut_c_per_min",
    "skin_temp_c_max": "skin_cut_c",
    "air_temp_c_max": "air_cut_c",
    "skin_dose_cem43_min_max": "skin_dose_cut_cem43_min",
    "heat_span_min_max": "heat_span_cut_min",
    "core_age_s_max": "core_age_cut_s",
}


def in_force(limits: Limits, target_c: float) -> InForce:
    """The limits of a session with this target: a lower target brings the core limits down with it.

    Raises ValueError for a target that no protocol may have, NaN included.
    """
    if not TARGET_C_FLOOR <= target_c <= TARGET_C_CEILING:
        allowed = f"{TARGET_C_FLOOR}…{TARGET_C_CEILING} °C"
        raise ValueError(f"the target is {target_c} °C; it must lie within {allowed}")
    lowered = {
        name: min(getattr(limits, name), round(target_c + past_delta_c, 6))
        for name, past_delta_c in _PAST_TARGET_DELTA_C.items()
    }
    return InForce(replace(limits, **lowered))


def problems(values: Mapping[str, object]) -> tuple[LimitProblem, ...]:
    """All that is wrong with these limits, where the table stands in for those not named."""
    found = [problem for name, value in values.items() if (problem := _problem(name, value))]
    refused = {problem.name for problem in found}
    named = {
        name: float(value)
        for name, value in values.items()
        if name not in refused and isinstance(value, int | float)
    }
    known = {**TABLE, **named}
    for chain, _ in _CHAINS:
        for lower, upper in zip(chain, chain[1:], strict=False):
            if not known[lower] < known[upper]:
                found.append(_out_of_order(lower, upper, known, named))
    return tuple(found)


def not_enclosed(limits: Limits, guard_limits: Mapping[str, float]) -> tuple[str, ...]:
    """What speaks against the guard's limits: a session may start only if nothing does."""
    found = []
    for name, ours in _GUARD_ENCLOSES.items():
        theirs, cut, ceiling = guard_limits.get(name), getattr(limits, ours), CEILINGS[ours]
        if theirs is None or not cut <= theirs <= ceiling:  # NaN lands here too
            found.append(f"the guard's {name} is {theirs}; it must lie within {cut}…{ceiling}")
    return tuple(found)


def _problem(name: str, value: object) -> LimitProblem | None:
    if name not in TABLE:
        near = get_close_matches(name, TABLE, n=1)
        do = f"Did you mean {near[0]}?" if near else "`thermod config show` prints all limits."
        return LimitProblem(name, value, "is not a limit", do)
    do = f"Write {TABLE[name]} or less."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return LimitProblem(name, value, "is not a number", do)
    if not 0.0 < value < inf:  # NaN lands here too
        return LimitProblem(name, value, "is not a positive number", do)
    ceiling = CEILINGS.get(name, inf)
    if not value <= ceiling:
        return LimitProblem(name, value, f"lies above the hard ceiling {ceiling}", do)
    if not value <= TABLE[name]:
        what = f"is looser than the built-in {TABLE[name]}, and a file may only tighten"
        return LimitProblem(name, value, what, do)
    return None


def _out_of_order(
    lower: str, upper: str, known: Mapping[str, float], named: Mapping[str, float]
) -> LimitProblem:
    """Laid on the limit that the file names, and on the upper one if it names both."""
    if upper in named:
        what = f"must lie above {lower} = {known[lower]}"
        return LimitProblem(upper, known[upper], what, f"Lower {lower} too.")
    what = f"must lie below {upper} = {known[upper]}"
    return LimitProblem(lower, known[lower], what, f"Lower it below {known[upper]}.")
