"""From core temperature to heater power: two simple-pid loops, one inside the other.

The outer loop compares the set-point with a *forecast* of the core, because the rectal probe trails
the blood and the dome cannot cool: all overshoot must be prevented. It asks for a dome-air
temperature. The inner loop turns the heater up or down to reach that air temperature. Both are
folded back before a limit is met.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from controllers.pid import DT_S_MAX, DT_S_MIN, Gains, Regulated, regulate


@dataclass(frozen=True, slots=True)
class Tuning:
    """The two loops' numbers; found on the simulated nominal body, see controllers/README.md."""

    outer: Gains = Gains(per_c=60.0, per_c_s=0.004, output_min=30.0, output_max=60.0)
    inner: Gains = Gains(per_c=8.0, per_c_s=0.02, output_min=0.0, output_max=100.0)
    # about the rectal probe's lag behind the blood and the dead time after heat-off, 3-6 min
    forecast_s: float = 500.0
    air_start_c: float = 43.0  # the dome climate that about holds a patient at target, 41-46 °C
    air_slew_c_per_s: float = 0.05  # a set-point step would overshoot the air by 7-8 °C
    skin_soft_c: float = 40.3  # from here the air set-point is lowered …
    skin_hard_c: float = 40.8  # … and here the air may be no warmer than `air_start_c`
    rise_soft_c_per_min: float = 0.033  # the same for the core's rise
    rise_hard_c_per_min: float = 0.038


class Regulator(NamedTuple):
    """What the regulator must remember from one cycle to the next."""

    outer_integral: float
    inner_integral: float
    air_setpoint_c: float | None  # None: start from the air as it is
    at_s: float | None  # when it last ran; None after a reset


class Wanted(NamedTuple):
    """The power wanted and the working behind it."""

    power_pct: float
    because: str
    forecast_c: float | None = None
    air_setpoint_c: float | None = None
    outer_p: float = 0.0
    outer_i: float = 0.0
    inner_p: float = 0.0
    inner_i: float = 0.0


def within(tuning: Tuning, *, air_setpoint_c_max: float, skin_keep_c: float) -> Tuning:
    """The tuning of a site with tighter limits: what it asks of air and skin stays below them."""
    outer = replace(tuning.outer, output_max=min(tuning.outer.output_max, air_setpoint_c_max))
    lower_delta_c = max(0.0, tuning.skin_hard_c - skin_keep_c)
    return replace(
        tuning,
        outer=outer,
        skin_soft_c=tuning.skin_soft_c - lower_delta_c,
        skin_hard_c=tuning.skin_hard_c - lower_delta_c,
    )


def fresh(tuning: Tuning) -> Regulator:
    """A regulator that has seen nothing."""
    return Regulator(tuning.air_start_c, 0.0, None, None)


def rest(regulator: Regulator, tuning: Tuning) -> Regulator:
    """Forget what must not outlive a pause, but keep the climate that was learnt to hold this
    patient.
    """
    if regulator.at_s is None:
        return regulator
    return Regulator(regulator.outer_integral, 0.0, None, None)


def want(
    regulator: Regulator,
    tuning: Tuning,
    *,
    setpoint_c: float,
    core_temp_c: float | None,
    core_slope_c_per_s: float | None,
    skin_temp_c: float | None,
    air_temp_c: float | None,
    frozen: bool,
    now_s: float,
) -> tuple[Regulator, Wanted]:
    """One cycle. `frozen` holds both integrals (lid open, heat withheld): they must not learn from
    a dome they do not drive.

    A missing core or air temperature, or an answer that is no power, gives no heat and a regulator
    that starts afresh.
    """
    if core_temp_c is None or core_slope_c_per_s is None:
        what = "core temperature" if core_temp_c is None else "slope of the core temperature yet"
        return rest(regulator, tuning), Wanted(0.0, f"no {what} to act on")
    if air_temp_c is None:
        return rest(regulator, tuning), Wanted(0.0, "no air temperature to act on")
    dt_s = 0.0 if regulator.at_s is None else now_s - regulator.at_s
    if not DT_S_MIN <= dt_s <= DT_S_MAX:  # the first cycle, one after a gap, or a clock gone mad
        started = Regulator(regulator.outer_integral, 0.0, None, now_s)
        return started, Wanted(0.0, "the regulator starts")
    forecast_c = core_temp_c + tuning.forecast_s * core_slope_c_per_s
    outer = regulate(tuning.outer, regulator.outer_integral, setpoint_c, forecast_c, dt_s)
    if outer is None:
        return fresh(tuning), Wanted(0.0, "the outer loop gave no answer")
    ceiling_c = _air_ceiling_c(tuning, skin_temp_c, core_slope_c_per_s * 60.0)
    before_c = regulator.air_setpoint_c
    if frozen or before_c is None:  # a set-point that ran ahead of the air would overshoot
        before_c = air_temp_c
    air_setpoint_c = _slewed(before_c, min(outer.output, ceiling_c), tuning, dt_s)
    inner = regulate(tuning.inner, regulator.inner_integral, air_setpoint_c, air_temp_c, dt_s)
    if inner is None:
        return fresh(tuning), Wanted(0.0, "the inner loop gave no answer")
    keeps_outer = frozen or _winds_up(tuning, regulator, outer, ceiling_c)
    outer_integral = regulator.outer_integral if keeps_outer else outer.integral
    inner_integral = regulator.inner_integral if frozen else inner.integral
    memory = Regulator(outer_integral, inner_integral, air_setpoint_c, now_s)
    because = _because(setpoint_c, forecast_c, outer, ceiling_c)
    return memory, Wanted(
        inner.output, because, forecast_c, air_setpoint_c,
        outer.proportional, outer.integral, inner.proportional, inner.integral,
    )  # fmt: skip


def _winds_up(tuning: Tuning, before: Regulator, outer: Regulated, ceiling_c: float) -> bool:
    """True where the integral would only grow against a bound: the air set-point cannot follow it
    there.
    """
    top_c = min(tuning.outer.output_max, ceiling_c)
    if outer.proportional + before.outer_integral >= top_c:
        return outer.integral > before.outer_integral
    if outer.proportional + before.outer_integral <= tuning.outer.output_min:
        return outer.integral < before.outer_integral
    return False


def _air_ceiling_c(tuning: Tuning, skin_temp_c: float | None, rise_c_per_min: float) -> float:
    """How warm the air may be: folded back smoothly between soft and hard, by skin and by rise."""
    top_c, low_c = tuning.outer.output_max, tuning.air_start_c
    fold = _fold(rise_c_per_min, tuning.rise_soft_c_per_min, tuning.rise_hard_c_per_min)
    if skin_temp_c is not None:
        fold = max(fold, _fold(skin_temp_c, tuning.skin_soft_c, tuning.skin_hard_c))
    return top_c - fold * (top_c - low_c)


def _fold(value: float, soft: float, hard: float) -> float:
    """0 up to `soft`, 1 from `hard`, a straight line between."""
    if value <= soft:
        return 0.0
    return 1.0 if not value < hard else (value - soft) / (hard - soft)


def _slewed(before_c: float, wanted_c: float, tuning: Tuning, dt_s: float) -> float:
    """Raise the air set-point no faster than the slew rate; lower it at once."""
    if wanted_c <= before_c:
        return wanted_c
    return min(wanted_c, before_c + tuning.air_slew_c_per_s * dt_s)


def _because(setpoint_c: float, forecast_c: float, outer: Regulated, ceiling_c: float) -> str:
    if ceiling_c < outer.output:
        return f"air held to {ceiling_c:.1f} °C by skin temperature or rise rate"
    if forecast_c >= setpoint_c:
        return f"holding back: forecast {forecast_c:.2f} °C against {setpoint_c:.2f} °C"
    return f"heating: forecast {forecast_c:.2f} °C below {setpoint_c:.2f} °C"
