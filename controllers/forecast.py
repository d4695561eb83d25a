"""Where the core would go if the heater went off now: the figure that the outer loop holds.

The dome cannot cool, so whatever heat its elements, its lining and the blood have stored reaches
the rectal probe. The forecast runs dome and body on without power until the blood has come down to
the core and no heat is left to lift it again, and gives the highest core on the way. How unsure it
is follows from what the observer is unsure of: the longer the dome takes to cool down to what holds
this patient, the more a wrong `hold` or `gain` counts.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import NamedTuple

from controllers import dome as domes
from controllers.body import COOLED_DELTA_C_MAX, HOLD_RISES, SKIN_S, Body
from controllers.dome import Dome

STEP_S = 60.0
STEPS_MAX = 75
_ELEMENTS_STAY = exp(-STEP_S / domes.ELEMENTS_S)
_ELEMENTS_GIVE = (1.0 - _ELEMENTS_STAY) * domes.ELEMENTS_S / STEP_S  # mean over a step
_AIR_STAYS = exp(-STEP_S / domes.AIR_S)
_SKIN_FOLLOWS = 1.0 - exp(-STEP_S / SKIN_S)
# So much of what the blood is ahead counts as still to come, however fast the dome cools: at the
# end the core closes in on its target with a time constant of this share of its lag.
NEAR_SHARE = 0.6
# Skin above core in people who sweat, by how far the climate is above the core: fitted to 122
# simulated bodies from 37.6 °C on, heated, coasting and held.
SKIN_AT_CORE_DELTA_C = -0.34
SKIN_PER_C = 0.067
SKIN_PER_C2 = 0.0044  # in a climate above the core
HOT_SKIN_SHARE = 0.35  # of what the skin is hotter than that is still to come
HOT_SKIN_DELTA_C_MAX = 0.2
HOT_SKIN_S = 1800.0  # of coasting still before it; less and less of it as that runs out


class Forecast(NamedTuple):
    """The highest core temperature yet to come without power, and when."""

    core_temp_c: float
    in_s: float
    sd_c: float  # how unsure, one standard deviation


def coast(body: Body, dome: Dome, felt_temp_c: float, air_temp_c: float) -> Forecast:
    """Heater off from now on."""
    core_c, blood_c, hold_c = body.core_temp_c, body.blood_temp_c, body.hold_temp_c
    gain, follows = STEP_S * body.gain_per_s, 1.0 - exp(-STEP_S / body.lag_s)
    lining_c, around_c = dome.lining_temp_c, dome.around_temp_c
    # Just after a burst of heat the air has yet to come to where the elements drive it.
    driven_c = domes.DRIVES * dome.lift_c * dome.elements_pct / 100.0
    beside_c = air_temp_c - lining_c - driven_c
    warms, elements = STEP_S * dome.warming_c_per_s, dome.elements_pct / 100.0
    highest_c = max(core_c + NEAR_SHARE * (blood_c - core_c), core_c)  # no number stays none
    warmed_c, passed_s, share = 0.0, 0.0, 1.0 - domes.LINING_SHARE
    for _ in range(STEPS_MAX):
        beside_c *= _AIR_STAYS
        driven_c *= _ELEMENTS_STAY
        lining_c += warms * (elements * _ELEMENTS_GIVE - (lining_c - around_c) / domes.TOP_DELTA_C)
        elements *= _ELEMENTS_STAY
        felt_more_c = _SKIN_FOLLOWS * (lining_c + share * (driven_c + beside_c) - felt_temp_c)
        felt_temp_c += felt_more_c
        above_c = felt_temp_c - hold_c
        if not above_c > -COOLED_DELTA_C_MAX:
            above_c = -COOLED_DELTA_C_MAX
        step_c = gain * above_c
        blood_c += step_c
        hold_c += HOLD_RISES * step_c
        # Blood that is still below the core, in a dome already hot, has its highest core to come.
        if not (blood_c > core_c or step_c > 0.0 or felt_more_c > 0.0):
            break
        core_c += follows * (blood_c - core_c)
        highest_c = max(highest_c, core_c)
        warmed_c += step_c
        passed_s += STEP_S
    by_hold = -body.gain_per_s * passed_s
    return Forecast(highest_c, passed_s, _sd_c(body, by_hold, warmed_c))


def hot_skin_delta_c(
    forecast: Forecast, skin_temp_c: float, core_temp_c: float, climate_temp_c: float
) -> float:
    """What to add to the forecast of a patient whose skin is hot for this climate.

    Who hardly sweats sheds less heat than the observer can know before the core is near its target.
    Never negative: a cool skin proves nothing, since nobody knows where the probes lie.
    """
    above_c = climate_temp_c - core_temp_c
    usual_delta_c = SKIN_AT_CORE_DELTA_C + SKIN_PER_C * above_c
    usual_delta_c += SKIN_PER_C2 * above_c * max(0.0, above_c)
    hot_delta_c = skin_temp_c - core_temp_c - usual_delta_c
    if hot_delta_c <= 0.0:
        return 0.0
    added_c = min(HOT_SKIN_SHARE * hot_delta_c, HOT_SKIN_DELTA_C_MAX)
    return added_c * min(forecast.in_s / HOT_SKIN_S, 1.0)


def _sd_c(body: Body, by_hold: float, by_gain_c: float) -> float:
    """What blood, hold and gain being unsure makes of the end: first order."""
    bb, bh, bg, hh, hg, gg = (body.spread[place] for place in (5, 6, 7, 9, 10, 12))
    variance = bb + by_hold * by_hold * hh + by_gain_c * by_gain_c * gg
    variance += 2.0 * (by_hold * bh + by_gain_c * bg + by_hold * by_gain_c * hg)
    return sqrt(variance) if variance > 0.0 else 0.0
