"""When will the core be in band? An estimate with an interval, for staff to plan by.

What is left of the rise is divided by the rate at which the rest of it will go. Three things tell
that rate: what is usual, the slope of the core, and the observer's patient in the warmest climate
that the limits allow. Each counts by how sure it is, so at first the answer is what is usual, and
half-way up it is mostly this patient's.

It is told and never acted on.
"""

from __future__ import annotations

from math import exp, hypot, log, sqrt
from typing import Final, NamedTuple

from controllers import dome as domes
from controllers.body import is_core
from controllers.observer import Observer
from controllers.protocol import IN_BAND_DELTA_C


class Rate(NamedTuple):
    """Of the core over the rest of the rise, and one standard deviation of it."""

    c_per_s: float
    sd_pct: float


# The mean rate of what is left, over simulated bodies in heat-up: 0.022 °C/min, a tenth either way.
# Published sessions rise by 0.013-0.047, so it is taken as less sure than that.
USUAL: Final = Rate(0.022 / 60.0, 25.0)
DEAD_S: Final = 720.0  # of heat until a core begins to rise; published: 12-18 min
TELLING_S: Final = 1500.0  # after that a body tells more and more, and all after so long
# Of the rise in full heat this much is left on average to the end: the approach is gentle …
APPROACH_SHARE: Final = 0.80
APPROACH_S: Final = 120.0  # … and the last tenth of a degree takes so much longer.
SLOPE_SD_PCT: Final = 18.0
MODEL_SD_PCT: Final = 20.0  # what the observer's own spread leaves out
RISE_C_PER_S_MIN: Final = 0.004 / 60.0  # a slower one tells nothing
WARM_LINING_C: Final = 44.0  # of a dome in full heat, half-way up
SURE_SD: Final = 1.3  # four of five fall inside
SURE_S_MIN: Final = 180.0


class Eta(NamedTuple):
    """From now, seconds."""

    in_s: float
    low_s: float
    high_s: float


def until_in_band(
    observer: Observer,
    *,
    core_temp_c: float | None,
    core_slope_c_per_s: float | None,
    target_c: float,
    air_temp_c_max: float,
    rise_c_per_s_max: float,
    heat_s: float,
    ramp_left_s: float = 0.0,
) -> Eta | None:
    """Heat going on as the limits allow, after `heat_s` of it. `ramp_left_s`: until the set-point
    itself is there.

    None when nothing can be said: no core temperature, or one that should rise by now and does not.
    """
    if core_temp_c is None or not is_core(core_temp_c):
        return None
    left_c = target_c - IN_BAND_DELTA_C - core_temp_c
    if left_c <= 0.0:
        return Eta(0.0, 0.0, 0.0)
    rate = USUAL
    begun = min(1.0, (heat_s - DEAD_S) / TELLING_S)
    if begun > 0.0:
        by_slope = _by_slope(core_slope_c_per_s, begun)
        by_observer = _by_observer(observer, air_temp_c_max, left_c, rise_c_per_s_max, begun)
        if by_slope is None and by_observer is None:
            return None
        rate = _together(_together(rate, by_slope), by_observer)
    waits_s, rises_s = max(0.0, DEAD_S - heat_s), APPROACH_S + left_c / rate.c_per_s
    factor = exp(SURE_SD * rate.sd_pct / 100.0)
    low_s, high_s = waits_s + rises_s / factor, waits_s + rises_s * factor
    in_s = waits_s + rises_s
    return Eta(
        max(in_s, ramp_left_s),
        max(0.0, min(low_s, in_s - SURE_S_MIN), ramp_left_s),
        max(high_s, in_s + SURE_S_MIN, ramp_left_s),
    )


def _by_slope(core_slope_c_per_s: float | None, begun: float) -> Rate | None:
    if core_slope_c_per_s is None or not core_slope_c_per_s >= RISE_C_PER_S_MIN:
        return None
    return Rate(APPROACH_SHARE * core_slope_c_per_s, SLOPE_SD_PCT / begun)


def _by_observer(
    observer: Observer, air_temp_c: float, left_c: float, rise_c_per_s_max: float, begun: float
) -> Rate | None:
    """This patient, in the climate of a dome with this air."""
    body, dome = observer.body, observer.dome
    if body is None or dome is None or observer.trust.doubt:
        return None
    climate_c = domes.climate_c(air_temp_c, max(dome.lining_temp_c, WARM_LINING_C))
    # `hold` rises by about twice what the blood does, so by `left_c` on average.
    above_c = climate_c - body.hold_temp_c - left_c
    rise_c_per_s = min(body.gain_per_s * above_c, rise_c_per_s_max)
    if not rise_c_per_s >= RISE_C_PER_S_MIN:
        return None
    variance = (
        (body.hold_sd_c / above_c) ** 2
        + body.gain_sd_share**2
        - 2.0 * body.spread[10] / above_c  # hold and gain are not unsure apart
    )
    sd_pct = hypot(100.0 * sqrt(max(variance, 0.0)), MODEL_SD_PCT)
    return Rate(APPROACH_SHARE * rise_c_per_s, sd_pct / begun)


def _together(one: Rate, other: Rate | None) -> Rate:
    """Each counts by how sure it is."""
    if other is None:
        return one
    weight, weight_other = one.sd_pct**-2, other.sd_pct**-2
    sum_log = weight * log(one.c_per_s) + weight_other * log(other.c_per_s)
    return Rate(exp(sum_log / (weight + weight_other)), (weight + weight_other) ** -0.5)
