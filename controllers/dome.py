"""The dome, from heater power to the climate that a body feels in it.

Power heats the elements, the elements heat the air within a minute and the lining by and by. So the
air stands above the lining by what follows the power; when the power goes, the air still rises for
a minute, falls to the lining within ten and with it for an hour. Nothing cools a dome but its room
and the body in it.

An extended Kalman filter estimates three things from the air and the measured power: the lining's
temperature, how far full power lifts the air above it, and how fast full power warms it. The
warm-up of each session tells. A body feels air and lining together, by convection and by radiation
(operative temperature, ASHRAE Handbook of Fundamentals).
"""

from __future__ import annotations

from math import exp, inf, sqrt
from typing import Final, NamedTuple

# The elements' own lag, 3 kg of sheet at 12 W/K, and behind them that of the air and its probe.
ELEMENTS_S: Final = 200.0
AIR_S: Final = 60.0
DRIVES: Final = ELEMENTS_S / (ELEMENTS_S - AIR_S)  # air, against elements that it fades behind
LINING_SHARE: Final = 0.5  # of what a body feels; somewhat more than half: the lining also wets it
# Full power held for ever would bring the lining this far above its surroundings.
TOP_DELTA_C: Final = 62.0
# What the lining cools towards lies between the room and the body inside, which is at 37 °C.
BODY_C: Final = 37.0
BODY_SHARE: Final = 0.49

LIFT_C: Final = 28.0  # of the air above the lining at full power, before anything is known
LIFT_C_MIN: Final = 3.0
LIFT_C_MAX: Final = 80.0
WARMING_C_PER_S: Final = 0.038  # of the lining at full power, likewise
WARMING_C_PER_S_MIN: Final = 0.003
WARMING_C_PER_S_MAX: Final = 0.08

# How unsure these are, and by how much they may wander in 10 s. Shares are natural logarithms.
LINING_SD_C: Final = 0.5
LIFT_SD_SHARE: Final = 0.25
WARMING_SD_SHARE: Final = 0.5
AIR_SD_C: Final = 1.0  # of the air around its law: probe, draught, power within its window
LINING_WANDERS_C: Final = 0.35
LIFT_WANDERS_SHARE: Final = 0.001
WARMING_WANDERS_SHARE: Final = 0.001
STEP_S: Final = 10.0
LINING_AFTER_GAP_SD_C: Final = 5.0
POWER_PCT_MAX: Final = 200.0  # more than any heater gives is no measurement
GATE_SD: Final = 6.0  # an air temperature further off than this counts as this far off

Spread = tuple[float, float, float, float, float, float]  # upper triangle: lining, lift, warming


class Dome(NamedTuple):
    """What is known of the dome now."""

    elements_pct: float  # heater power as the elements give it on, behind their lag
    lifted_pct: float  # and as the air shows it, behind its own
    lining_temp_c: float
    lift_c: float  # air above lining at full power
    warming_c_per_s: float  # of the lining at full power
    around_temp_c: float  # what the lining cools towards
    spread: Spread

    @property
    def air_temp_c(self) -> float:
        """The air by this model."""
        return self.lining_temp_c + self.lift_c * self.lifted_pct / 100.0


def begin(air_temp_c: float) -> Dome:
    """A dome at rest: lining and air are alike."""
    around_temp_c = air_temp_c + BODY_SHARE * (BODY_C - air_temp_c)
    spread = (LINING_SD_C**2, 0.0, 0.0, LIFT_SD_SHARE**2, 0.0, WARMING_SD_SHARE**2)
    return Dome(0.0, 0.0, air_temp_c, LIFT_C, WARMING_C_PER_S, around_temp_c, spread)


def run_on(dome: Dome, power_pct: float, dt_s: float) -> Dome:
    """Let `dt_s` pass at this measured power, without a look at the air."""
    warming, ahead_pct = dome.warming_c_per_s, dome.elements_pct - power_pct
    lifted_pct = power_pct + _faded_pct(dome.lifted_pct - power_pct, ahead_pct, dt_s)
    share = (power_pct + ahead_pct * exp(-dt_s / ELEMENTS_S)) / 100.0
    above_c = dome.lining_temp_c - dome.around_temp_c
    warmed_c = dt_s * warming * (share - above_c / TOP_DELTA_C)
    keeps = 1.0 - dt_s * warming / TOP_DELTA_C
    ll, lr, lc, rr, rc, cc = dome.spread
    by_lining, by_lift = keeps * ll + warmed_c * lc, keeps * lr + warmed_c * rc
    by_warming = keeps * lc + warmed_c * cc
    steps = dt_s / STEP_S
    return Dome(
        100.0 * share,
        lifted_pct,
        dome.lining_temp_c + warmed_c,
        dome.lift_c,
        warming,
        dome.around_temp_c,
        (
            keeps * by_lining + warmed_c * by_warming + steps * LINING_WANDERS_C**2,
            by_lift,
            by_warming,
            rr + steps * LIFT_WANDERS_SHARE**2,
            rc,
            cc + steps * WARMING_WANDERS_SHARE**2,
        ),
    )


def looked_at(dome: Dome, air_temp_c: float, *, learns: bool) -> Dome:
    """Correct the dome by the air as it is; where it does not learn, its lining only."""
    lifted_c = dome.lift_c * dome.lifted_pct / 100.0
    ll, lr, lc, rr, rc, cc = dome.spread
    by_lining, by_lift, by_warming = ll + lifted_c * lr, lr + lifted_c * rr, lc + lifted_c * rc
    variance = max(by_lining + lifted_c * by_lift + AIR_SD_C**2, AIR_SD_C**2)
    gate_c = GATE_SD * sqrt(variance)
    off_c = _within(air_temp_c - dome.air_temp_c, -gate_c, gate_c)
    kl, kr, kc = by_lining / variance, by_lift / variance, by_warming / variance
    if not learns:
        kr = kc = 0.0
    return Dome(
        dome.elements_pct,
        dome.lifted_pct,
        dome.lining_temp_c + kl * off_c,
        _grown(dome.lift_c, kr * off_c, LIFT_C_MIN, LIFT_C_MAX),
        _grown(dome.warming_c_per_s, kc * off_c, WARMING_C_PER_S_MIN, WARMING_C_PER_S_MAX),
        dome.around_temp_c,
        (
            ll - kl * by_lining, lr - kl * by_lift, lc - kl * by_warming,
            rr - kr * by_lift, rc - kr * by_warming, cc - kc * by_warming,
        ),
    )  # fmt: skip


def carried_over(dome: Dome) -> Dome:
    """After a gap: what the dome is like stands, where its lining went is not known."""
    _, _, _, rr, rc, cc = dome.spread
    return dome._replace(spread=(LINING_AFTER_GAP_SD_C**2, 0.0, 0.0, rr, rc, cc))


def moved_lining(dome: Dome, by_delta_c: float) -> Dome:
    """The same dome, where its air is told on a scale that has moved."""
    return dome._replace(
        lining_temp_c=dome.lining_temp_c + by_delta_c,
        around_temp_c=dome.around_temp_c + by_delta_c,
    )


def is_air(temp_c: float) -> bool:
    """A number that dome air can have."""
    return -10.0 <= temp_c <= 120.0


def is_sound(dome: Dome) -> bool:
    """False where anything is no number or no dome: then it must not be used."""
    ll, _, _, rr, _, cc = dome.spread
    return (
        -20.0 <= dome.lining_temp_c <= 120.0
        and 0.0 <= dome.elements_pct <= 200.0
        and 0.0 <= dome.lifted_pct <= 200.0
        and LIFT_C_MIN <= dome.lift_c <= LIFT_C_MAX
        and WARMING_C_PER_S_MIN <= dome.warming_c_per_s <= WARMING_C_PER_S_MAX
        and -20.0 <= dome.around_temp_c <= 120.0
        and all(0.0 <= variance < inf for variance in (ll, rr, cc))
    )


def climate_c(air_temp_c: float, lining_temp_c: float) -> float:
    """What a body feels: operative temperature, °C."""
    return air_temp_c + LINING_SHARE * (lining_temp_c - air_temp_c)


def _faded_pct(lifted_pct: float, elements_pct: float, dt_s: float) -> float:
    """What is left of the air's lift after `dt_s` in which the elements are given nothing."""
    driven_pct = DRIVES * elements_pct
    return (lifted_pct - driven_pct) * exp(-dt_s / AIR_S) + driven_pct * exp(-dt_s / ELEMENTS_S)


def _within(value: float, low: float, high: float) -> float:
    return low if not value >= low else high if not value <= high else value


def _grown(value: float, share: float, low: float, high: float) -> float:
    """By this share, a natural logarithm; at most by a factor of e at once."""
    return _within(value * exp(_within(share, -1.0, 1.0)), low, high)
