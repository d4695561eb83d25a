"""From core temperature to heater power: two simple-pid loops, one inside the other.

The outer loop compares the set-point with a *forecast* of the core, because the rectal probe trails
the blood and the dome cannot cool: all overshoot must be prevented. It asks for a dome-air
temperature. The inner loop turns the heater up or down to reach that air temperature. Both are
folded back before a limit is met.

The forecast is the observer's. Where the observer cannot be used the loops go on as a plain
cascade, on core and slope alone, and where the air probe is lost on the dome's model; both say so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Final, NamedTuple

from controllers.forecast import hot_skin_delta_c
from controllers.observer import AIR_LOST_S_MAX, AIR_SEEN_S_MIN, Observer
from controllers.pid import DT_S_MAX, DT_S_MIN, Gains, Regulated, regulate

OBSERVED: Final = "observer"
PLAIN: Final = "plain cascade"
NO_AIR: Final = "no air probe"
NO_AIR_PCT_MAX: Final = 30.0  # SAFETY.md section 4: air lost
# Enough to show whether an air probe that fell follows the heater: a stuck one looks like a lid.
LID_PCT_MAX: Final = 45.0
BESIDE_DELTA_C: Final = 0.03  # more than readings lie around the observer's core
FAR_DELTA_C: Final = 0.3  # a forecast this far below what is aimed at: heat flat out for minutes
# What a dome's own inner loop may be, whatever a fit or a file says: % per °C, integral time in s.
PER_C_MIN: Final = 1.0
PER_C_MAX: Final = 20.0
INTEGRAL_S_MIN: Final = 120.0
INTEGRAL_S_MAX: Final = 1200.0


@dataclass(frozen=True, slots=True)
class Tuning:
    """The loops' numbers; controllers/README.md says where each comes from."""

    # On the observer's forecast. No integral: its bias is the climate that holds this patient.
    aim: Gains = Gains(per_c=550.0, per_c_s=0.0, output_min=30.0, output_max=60.0)
    # What the mean of two calibrated probes is off, one standard deviation (0.03 °C / √2), and what
    # a hold swings by.
    aim_below_delta_c: float = 0.028
    # So many standard deviations of the forecast are added to it, and such a share of what is still
    # to come: of that it is wrong by about 0.2 at any time after heat-off (simulated bodies).
    caution: float = 0.06
    caution_share: float = 0.08
    # The plain cascade, with a forecast of its own: about the rectal probe's lag behind the blood
    # and the dead time after heat-off, 3-6 min.
    outer: Gains = Gains(per_c=60.0, per_c_s=0.004, output_min=30.0, output_max=60.0)
    forecast_s: float = 500.0
    inner: Gains = Gains(per_c=12.0, per_c_s=0.03, output_min=0.0, output_max=100.0)
    air_start_c: float = 43.0  # the dome climate that about holds a patient at target, 41-46 °C
    air_slew_c_per_s: float = 0.3  # up; a step of the set-point would overshoot the air
    # Where the inner integral starts, far below the target: with the air at 60 °C full power comes
    # down to about this, and an integral that has to grow there holds the air below it for minutes.
    inner_start_pct: float = 60.0
    skin_soft_c: float = 40.3  # from here the air set-point is lowered …
    skin_hard_c: float = 40.8  # … and here the air may be no warmer than what holds the patient
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
    mode: str = ""  # which of the three ways; empty without heat to want


class Aim(NamedTuple):
    """What the loops act on in this cycle, by whichever way."""

    mode: str
    gains: Gains
    hold_air_c: float  # the outer loop's bias: the air that holds this patient
    forecast_c: float
    forecast_in_s: float | None
    air_temp_c: float
    rise_c_per_min: float
    power_pct_max: float
    note: str  # what staff are told of the way, when it is not the first


def within(tuning: Tuning, *, air_setpoint_c_max: float, skin_keep_c: float) -> Tuning:
    """The tuning of a site with tighter limits: what it asks of air and skin stays below them."""
    lower_delta_c = max(0.0, tuning.skin_hard_c - skin_keep_c)
    return replace(
        tuning,
        aim=replace(tuning.aim, output_max=min(tuning.aim.output_max, air_setpoint_c_max)),
        outer=replace(tuning.outer, output_max=min(tuning.outer.output_max, air_setpoint_c_max)),
        skin_soft_c=tuning.skin_soft_c - lower_delta_c,
        skin_hard_c=tuning.skin_hard_c - lower_delta_c,
    )


def with_inner(tuning: Tuning, per_c: float, per_c_s: float) -> Tuning:
    """The tuning of a dome whose inner loop was identified: % per °C, and % per °C and second.

    Raises ValueError for gains that no dome needs.
    """
    if not PER_C_MIN <= per_c <= PER_C_MAX:
        raise ValueError(f"per_c = {per_c} is not within {PER_C_MIN:g} to {PER_C_MAX:g} % per °C")
    integral_s = per_c / per_c_s if per_c_s > 0.0 else inf
    if not INTEGRAL_S_MIN <= round(integral_s, 0) <= INTEGRAL_S_MAX:
        raise ValueError(
            f"per_c / per_c_s = {integral_s:.0f} s is not an integral time within"
            f" {INTEGRAL_S_MIN:g} to {INTEGRAL_S_MAX:g} s"
        )
    return replace(tuning, inner=replace(tuning.inner, per_c=per_c, per_c_s=per_c_s))


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
    observer: Observer,
    *,
    setpoint_c: float,
    setpoint_then_c: float,
    core_temp_c: float | None,
    core_slope_c_per_s: float | None,
    skin_temp_c: float | None,
    air_temp_c: float | None,
    power_known: bool,
    frozen: bool,
    now_s: float,
) -> tuple[Regulator, Wanted]:
    """One cycle. `setpoint_then_c` is the set-point of the moment that the observer's forecast is
    for. `frozen` holds both integrals (lid open, heat withheld): they must not learn from a dome
    they do not drive.

    A missing core temperature, an air temperature that nothing can stand in for, or an answer that
    is no power gives no heat and a regulator that starts afresh.
    """
    if core_temp_c is None:
        return rest(regulator, tuning), Wanted(0.0, "no core temperature to act on")
    aim = _aim(
        regulator, tuning, observer, core_temp_c, core_slope_c_per_s, air_temp_c, power_known,
        skin_temp_c,
    )  # fmt: skip
    if isinstance(aim, str):
        return rest(regulator, tuning), Wanted(0.0, aim)
    aimed_c = setpoint_c if aim.mode == PLAIN else setpoint_then_c - tuning.aim_below_delta_c
    dt_s = 0.0 if regulator.at_s is None else now_s - regulator.at_s
    if not DT_S_MIN <= dt_s <= DT_S_MAX:  # the first cycle, one after a gap, or a clock gone mad
        is_far = aimed_c - aim.forecast_c >= FAR_DELTA_C
        integral = tuning.inner_start_pct if is_far else 0.0
        started = Regulator(regulator.outer_integral, integral, None, now_s)
        return started, Wanted(0.0, "the regulator starts", mode=aim.mode)
    outer = regulate(aim.gains, aim.hold_air_c, aimed_c, aim.forecast_c, dt_s)
    if outer is None:
        return fresh(tuning), Wanted(0.0, "the outer loop gave no answer", mode=aim.mode)
    ceiling_c = _air_ceiling_c(tuning, aim, skin_temp_c)
    before_c = regulator.air_setpoint_c
    if frozen or before_c is None:  # a set-point that ran ahead of the air would overshoot
        before_c = aim.air_temp_c
    lid_open = observer.lid.open_s is not None
    rises_c = 0.0 if lid_open else tuning.air_slew_c_per_s * dt_s
    wanted_c = min(outer.output, ceiling_c)
    air_setpoint_c = _slewed(before_c, wanted_c, aim.air_temp_c, rises_c)
    frozen = frozen or lid_open
    return _heat(regulator, tuning, aim, outer, air_setpoint_c, ceiling_c, frozen, aimed_c, now_s)


def _heat(
    regulator: Regulator,
    tuning: Tuning,
    aim: Aim,
    outer: Regulated,
    air_setpoint_c: float,
    ceiling_c: float,
    frozen: bool,
    aimed_c: float,
    now_s: float,
) -> tuple[Regulator, Wanted]:
    """The inner loop, and what is remembered of both."""
    dt_s = now_s - (regulator.at_s or now_s)
    integral = regulator.inner_integral
    inner = regulate(tuning.inner, integral, air_setpoint_c, aim.air_temp_c, dt_s)
    if inner is None:
        return fresh(tuning), Wanted(0.0, "the inner loop gave no answer", mode=aim.mode)
    keeps_outer = frozen or (aim.mode == PLAIN and _winds_up(aim, outer, ceiling_c))
    keeps_inner = frozen or _is_saturated(tuning.inner, inner, integral)
    memory = Regulator(
        regulator.outer_integral if keeps_outer else outer.integral,
        integral if keeps_inner else inner.integral,
        air_setpoint_c,
        now_s,
    )
    power_pct = min(inner.output, aim.power_pct_max)
    return memory, Wanted(
        power_pct, _because(aim, aimed_c, outer, ceiling_c), aim.forecast_c, air_setpoint_c,
        outer.proportional, outer.integral, inner.proportional, inner.integral, aim.mode,
    )  # fmt: skip


def _aim(
    regulator: Regulator,
    tuning: Tuning,
    observer: Observer,
    core_temp_c: float,
    core_slope_c_per_s: float | None,
    air_temp_c: float | None,
    power_known: bool,
    skin_temp_c: float | None,
) -> Aim | str:
    """By observer if it can be trusted, else by plain cascade; or why by neither."""
    body, dome, forecast = observer.body, observer.dome, observer.forecast
    careful = LID_PCT_MAX if observer.lid.open_s is not None else 100.0
    note = "the lid seems open: power held low; " if observer.lid.open_s is not None else ""
    if body is None or dome is None or forecast is None or observer.trust.doubt:
        if air_temp_c is None:
            return "no air temperature to act on"
        if core_slope_c_per_s is None:
            return "no slope of the core temperature yet to act on"
        note = f"{note}{PLAIN}: {observer.trust.doubt or 'the observer has not begun'}; "
        forecast_c = core_temp_c + tuning.forecast_s * core_slope_c_per_s
        bias = regulator.outer_integral
        rise = core_slope_c_per_s * 60.0
        return Aim(PLAIN, tuning.outer, bias, forecast_c, None, air_temp_c, rise, careful, note)
    mode = OBSERVED
    if air_temp_c is None:
        if not _is_known(observer):
            return "no air temperature to act on"
        mode, air_temp_c, careful = NO_AIR, dome.air_temp_c, NO_AIR_PCT_MAX
        note = f"{note}{NO_AIR}: air taken from heater power; "
    if not power_known:
        note = f"{note}heater power not measured: taken as commanded; "
    gains = tuning.aim
    holds_c = body.hold_temp_c + air_temp_c - observer.climate_temp_c
    bias = min(max(holds_c, gains.output_min), gains.output_max)
    to_come_c = forecast.core_temp_c - body.core_temp_c
    forecast_c = forecast.core_temp_c + tuning.caution_share * to_come_c
    forecast_c += tuning.caution * forecast.sd_c
    # A probe that is not trusted, and so teaches the observer nothing, may still read higher.
    forecast_c += max(0.0, core_temp_c - body.core_temp_c - BESIDE_DELTA_C)
    if skin_temp_c is not None:
        forecast_c += hot_skin_delta_c(forecast, skin_temp_c, core_temp_c, observer.climate_temp_c)
    rise = 60.0 * (body.blood_temp_c - body.core_temp_c) / body.lag_s
    return Aim(
        mode, gains, bias, forecast_c, forecast.in_s, air_temp_c, rise,
        careful, note,
    )  # fmt: skip


def _is_known(observer: Observer) -> bool:
    """Was the air seen for long enough, and not too long ago, for the dome's model to stand in?"""
    return observer.air_seen_s >= AIR_SEEN_S_MIN and observer.air_lost_s <= AIR_LOST_S_MAX


def _winds_up(aim: Aim, outer: Regulated, ceiling_c: float) -> bool:
    """True where the integral would only grow against a bound: the air set-point cannot follow it
    there.
    """
    if outer.proportional + aim.hold_air_c >= min(aim.gains.output_max, ceiling_c):
        return outer.integral > aim.hold_air_c
    if outer.proportional + aim.hold_air_c <= aim.gains.output_min:
        return outer.integral < aim.hold_air_c
    return False


def _is_saturated(gains: Gains, inner: Regulated, before: float) -> bool:
    """The same for the heater: flat out it cannot follow, and off it cannot cool."""
    if inner.proportional + before >= gains.output_max:
        return inner.integral > before
    if inner.proportional + before <= gains.output_min:
        return inner.integral < before
    return False


def _air_ceiling_c(tuning: Tuning, aim: Aim, skin_temp_c: float | None) -> float:
    """How warm the air may be: folded back smoothly between soft and hard, by skin and by rise."""
    top_c, low_c = aim.gains.output_max, min(tuning.air_start_c, aim.gains.output_max)
    fold = _fold(aim.rise_c_per_min, tuning.rise_soft_c_per_min, tuning.rise_hard_c_per_min)
    if skin_temp_c is not None:
        fold = max(fold, _fold(skin_temp_c, tuning.skin_soft_c, tuning.skin_hard_c))
    return top_c - fold * (top_c - low_c)


def _fold(value: float, soft: float, hard: float) -> float:
    """0 up to `soft`, 1 from `hard`, a straight line between."""
    if value <= soft:
        return 0.0
    return 1.0 if not value < hard else (value - soft) / (hard - soft)


def _slewed(before_c: float, wanted_c: float, air_temp_c: float, rises_c: float) -> float:
    """Raise the air set-point by so much at most, from the air at least; lower it at once."""
    if wanted_c <= before_c or not rises_c > 0.0:
        return min(wanted_c, before_c)
    return min(wanted_c, max(before_c, air_temp_c) + rises_c)


def _because(aim: Aim, aimed_c: float, outer: Regulated, ceiling_c: float) -> str:
    if ceiling_c < outer.output:
        return f"{aim.note}air held to {ceiling_c:.1f} °C by skin temperature or rise rate"
    if not aim.forecast_c >= aimed_c:
        return f"{aim.note}heating: forecast {aim.forecast_c:.2f} °C below {aimed_c:.2f} °C"
    when = "" if not aim.forecast_in_s else f" in {aim.forecast_in_s / 60.0:.0f} min"
    return (
        f"{aim.note}holding back: forecast {aim.forecast_c:.2f} °C{when} against {aimed_c:.2f} °C"
    )
