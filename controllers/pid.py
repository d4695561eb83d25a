"""simple-pid behind a gate.

The library keeps its integral inside, and one NaN, one absurd reading or one long gap spoils it for
good. So each call here builds a regulator from a state handed in, checks what goes in and what
comes out, and hands the new state back: a pure function over a stateful library.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from simple_pid import PID

DT_S_MIN: Final = 0.05  # a cycle that comes soon after a late one still counts as it is
# A longer gap would integrate as one step of error: the caller starts afresh instead.
DT_S_MAX: Final = 2.0
TEMP_C_MIN: Final = -50.0  # -127 °C, a broken probe's word, lies outside; the fine judgement of
TEMP_C_MAX: Final = 150.0  # readings is not made here


@dataclass(frozen=True, slots=True)
class Gains:
    """A PI regulator on an error in °C. No derivative: the forecast carries the slope."""

    per_c: float  # output per °C of error
    per_c_s: float  # output per °C of error and second
    output_min: float
    output_max: float


class Regulated(NamedTuple):
    """The output with its two parts. `integral` is the state to hand back next time."""

    output: float
    proportional: float
    integral: float


def regulate(
    gains: Gains, integral: float, setpoint_c: float, measured_c: float, dt_s: float
) -> Regulated | None:
    """One step of the PI regulator.

    None means "no answer": an input or a gain was no plausible number, `dt_s` lies outside
    0.05-2 s, or the result is not within the output limits. The caller then sends no heat and
    starts from a fresh integral.
    """
    plausible = (
        TEMP_C_MIN <= measured_c <= TEMP_C_MAX
        and TEMP_C_MIN <= setpoint_c <= TEMP_C_MAX
        and gains.output_min <= integral <= gains.output_max
        and 0.0 <= gains.per_c < inf  # a negative gain would heat the more, the hotter it is
        and 0.0 <= gains.per_c_s < inf
        and DT_S_MIN <= dt_s <= DT_S_MAX
    )
    if not plausible:  # NaN lands here too
        return None
    pid = PID(
        gains.per_c,
        gains.per_c_s,
        0.0,
        setpoint=setpoint_c,
        sample_time=None,  # with one, a call that comes early returns the old output
        output_limits=(gains.output_min, gains.output_max),
        time_fn=_no_clock,
        starting_output=integral,
    )
    output = pid(measured_c, dt=dt_s)
    proportional, new_integral, _ = pid.components
    if output is None or not gains.output_min <= output <= gains.output_max:
        return None
    if not -inf < proportional < inf or not gains.output_min <= new_integral <= gains.output_max:
        return None
    return Regulated(float(output), float(proportional), float(new_integral))


def _no_clock() -> float:
    """The library asks for the time even when it is told `dt`; it shall not find out."""
    return 0.0
