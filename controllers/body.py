"""The body behind the rectal probe, as an extended Kalman filter sees it.

From the climate in the dome to the rectal temperature a body is close to two states
(`thermod/decisions/0008`):

    d blood / dt  = gain · (felt − hold)        the blood heads up while it is felt above `hold`
    d rectal / dt = (blood − rectal) / lag      the rectal site follows

`felt` is the climate behind the skin's short lag, `hold` the climate that just holds this
patient. A warmer body sheds more heat, so `hold` rises with the blood. `blood` is not a place: it
is where the rectal temperature is heading. Each 10 s the filter estimates all five of rectal,
blood, hold, gain and lag, and how unsure it is of each.

Every number has bounds, and what is no number fails `is_sound`: the regulator then goes on without
an observer.
"""

from __future__ import annotations

from math import exp, inf, sqrt
from typing import Final, NamedTuple

STEP_S: Final = 10.0  # the filter runs this often; 5-10 s suffice, 60 s is worse
SKIN_S: Final = 30.0  # the skin's lag behind the climate
SKIN_AT_REST_C: Final = 34.0  # of somebody who has just lain down, whatever the dome is like
HOLD_RISES: Final = 1.7  # °C of climate per °C of blood: sweat and blood flow to the skin
COOLED_DELTA_C_MAX: Final = 0.5  # in a colder dome vessels close: it cools no more than this

# Before anything is known, with how unsure that is. Climates in °C, gain 0.03-0.35 per hour.
HOLD_C: Final = 39.3
HOLD_C_MIN: Final = 30.0  # no true one is below the body; as told by an air probe 8 °C low it is
HOLD_C_MAX: Final = 56.0
HOLD_SD_C: Final = 1.5
GAIN_PER_S: Final = 0.08 / 3600.0
GAIN_PER_S_MIN: Final = 0.03 / 3600.0
GAIN_PER_S_MAX: Final = 0.35 / 3600.0
GAIN_SD_SHARE: Final = 0.3  # shares are natural logarithms
LAG_S: Final = 460.0
LAG_S_MIN: Final = 250.0  # ISO 7933: 4.6 min
LAG_S_MAX: Final = 2500.0
LAG_SD_SHARE: Final = 0.45
CORE_AT_FIRST_SD_C: Final = 0.02
BLOOD_SD_C: Final = 0.05
BLOOD_AHEAD_C_MAX: Final = 1.0
BLOOD_AFTER_GAP_SD_C: Final = 0.1

CORE_SD_C: Final = 0.0053  # of a 10 s mean of readings around the model
CORE_WANDERS_C: Final = 0.00065  # by how much each may wander in 10 s
# What the climate does within minutes and this model does not explain is the blood's: charged to
# hold, it would make hold swing as the air does, and heat end early and come back.
BLOOD_WANDERS_C: Final = 0.003
HOLD_WANDERS_C: Final = 0.2
GAIN_WANDERS_SHARE: Final = 0.012
LAG_WANDERS_SHARE: Final = 0.002
GATE_SD: Final = 4.0  # a reading further off than this counts as this far off

# The upper triangle of the covariance of rectal, blood, hold, log gain, log lag, row by row.
Spread = tuple[
    float, float, float, float, float, float, float, float, float, float,
    float, float, float, float, float,
]  # fmt: skip


class Body(NamedTuple):
    """The patient as estimated now."""

    core_temp_c: float
    blood_temp_c: float
    hold_temp_c: float  # of the climate that just holds this patient
    gain_per_s: float  # °C of blood per second and °C of climate above hold
    lag_s: float
    spread: Spread

    @property
    def blood_sd_c(self) -> float:
        """How unsure, one standard deviation."""
        return sqrt(self.spread[5])

    @property
    def hold_sd_c(self) -> float:
        """As above."""
        return sqrt(self.spread[9])

    @property
    def gain_sd_share(self) -> float:
        """As a share of the gain."""
        return sqrt(self.spread[12])

    @property
    def lag_sd_share(self) -> float:
        """As a share of the lag."""
        return sqrt(self.spread[14])


def begin(core_temp_c: float) -> Body:
    """A body at rest, of which nothing else is known."""
    spread = unrelated(
        CORE_AT_FIRST_SD_C,
        BLOOD_SD_C,
        HOLD_SD_C,
        gain_sd_share=GAIN_SD_SHARE,
        lag_sd_share=LAG_SD_SHARE,
    )
    return Body(core_temp_c, core_temp_c, HOLD_C, GAIN_PER_S, LAG_S, spread)


def unrelated(
    core_sd_c: float,
    blood_sd_c: float,
    hold_sd_c: float,
    *,
    gain_sd_share: float,
    lag_sd_share: float,
) -> Spread:
    """As unsure as this of each, and of none because of another."""
    return (
        core_sd_c**2, 0.0, 0.0, 0.0, 0.0, blood_sd_c**2, 0.0, 0.0, 0.0,
        hold_sd_c**2, 0.0, 0.0, gain_sd_share**2, 0.0, lag_sd_share**2,
    )  # fmt: skip


def run_on(body: Body, felt_temp_c: float, dt_s: float) -> Body:
    """Let `dt_s` pass in a climate that is felt so, without a look at the probe."""
    core_c, blood_c, hold_c, gain_per_s, lag_s, spread = body
    ahead_c, passed = blood_c - core_c, dt_s / lag_s
    stays = exp(-passed)
    follows = 1.0 - stays
    above_c = felt_temp_c - hold_c
    is_cold = not above_c > -COOLED_DELTA_C_MAX
    if is_cold:
        above_c = -COOLED_DELTA_C_MAX
    warmed_c = dt_s * gain_per_s * above_c
    # Jacobian: core by core, blood and log lag; blood by hold and log gain.
    by_lag, by_hold = -passed * stays * ahead_c, 0.0 if is_cold else -dt_s * gain_per_s
    cc, cb, ch, cg, cl, bb, bh, bg, bl, hh, hg, hl, gg, gl, ll = spread
    c_c, c_b = stays * cc + follows * cb + by_lag * cl, stays * cb + follows * bb + by_lag * bl
    c_h, c_g = stays * ch + follows * bh + by_lag * hl, stays * cg + follows * bg + by_lag * gl
    c_l = stays * cl + follows * bl + by_lag * ll
    b_b, b_h = bb + by_hold * bh + warmed_c * bg, bh + by_hold * hh + warmed_c * hg
    b_g, b_l = bg + by_hold * hg + warmed_c * gg, bl + by_hold * hl + warmed_c * gl
    steps = dt_s / STEP_S
    return Body(
        core_c + follows * ahead_c, blood_c + warmed_c,
        _within(hold_c + HOLD_RISES * warmed_c, HOLD_C_MIN, HOLD_C_MAX),
        gain_per_s, lag_s,
        (
            stays * c_c + follows * c_b + by_lag * c_l + steps * CORE_WANDERS_C**2,
            c_b + by_hold * c_h + warmed_c * c_g, c_h, c_g, c_l,
            b_b + by_hold * b_h + warmed_c * b_g + steps * BLOOD_WANDERS_C**2, b_h, b_g, b_l,
            hh + steps * HOLD_WANDERS_C**2, hg, hl,
            gg + steps * GAIN_WANDERS_SHARE**2, gl, ll + steps * LAG_WANDERS_SHARE**2,
        ),
    )  # fmt: skip


def looked_at(
    body: Body, core_temp_c: float, core_sd_c: float, *, learns: bool
) -> tuple[Body, float]:
    """Correct the body by the core as it reads, `core_sd_c` around the truth; say how far off it
    read, in standard deviations. Where it does not learn (the lid is open), only the temperatures
    are corrected.
    """
    cc, cb, ch, cg, cl, bb, bh, bg, bl, hh, hg, hl, gg, gl, ll = body.spread
    variance = max(cc + core_sd_c * core_sd_c, CORE_SD_C**2)
    sd_c = sqrt(variance)
    off_sd = (core_temp_c - body.core_temp_c) / sd_c
    off_c = _within(off_sd, -GATE_SD, GATE_SD) * sd_c
    kc, kb = cc / variance, cb / variance
    kh, kg, kl = (ch / variance, cg / variance, cl / variance) if learns else (0.0, 0.0, 0.0)
    core_c = body.core_temp_c + kc * off_c
    blood_c = body.blood_temp_c + kb * off_c
    return Body(
        core_c,
        _within(blood_c, core_c - BLOOD_AHEAD_C_MAX, core_c + BLOOD_AHEAD_C_MAX),
        _within(body.hold_temp_c + kh * off_c, HOLD_C_MIN, HOLD_C_MAX),
        _grown(body.gain_per_s, kg * off_c, GAIN_PER_S_MIN, GAIN_PER_S_MAX),
        _grown(body.lag_s, kl * off_c, LAG_S_MIN, LAG_S_MAX),
        (
            cc - kc * cc, cb - kc * cb, ch - kc * ch, cg - kc * cg, cl - kc * cl,
            bb - kb * cb, bh - kb * ch, bg - kb * cg, bl - kb * cl,
            hh - kh * ch, hg - kh * cg, hl - kh * cl, gg - kg * cg, gl - kg * cl, ll - kl * cl,
        ),
    ), off_sd  # fmt: skip


def carried_over(body: Body, core_temp_c: float) -> Body:
    """After a gap: what was learnt of the patient stands, where the temperatures went does not."""
    spread = unrelated(
        CORE_AT_FIRST_SD_C,
        BLOOD_AFTER_GAP_SD_C,
        body.hold_sd_c,
        gain_sd_share=body.gain_sd_share,
        lag_sd_share=body.lag_sd_share,
    )
    blood_c = core_temp_c + (body.blood_temp_c - body.core_temp_c)
    return body._replace(core_temp_c=core_temp_c, blood_temp_c=blood_c, spread=spread)


def felt_temp_c(before_c: float, climate_temp_c: float, dt_s: float) -> float:
    """How the climate is felt after `dt_s` of it: behind the skin's lag."""
    return before_c + (1.0 - exp(-dt_s / SKIN_S)) * (climate_temp_c - before_c)


def moved_hold(body: Body, by_delta_c: float) -> Body:
    """The same body, where the climate is told on a scale that has moved."""
    hold_c = _within(body.hold_temp_c + by_delta_c, HOLD_C_MIN, HOLD_C_MAX)
    return body._replace(hold_temp_c=hold_c)


def moved_core(body: Body, by_delta_c: float) -> Body:
    """The same body, read by other probes: its level is another, its course is not."""
    return body._replace(
        core_temp_c=body.core_temp_c + by_delta_c, blood_temp_c=body.blood_temp_c + by_delta_c
    )


def is_core(temp_c: float) -> bool:
    """A number that a core can have."""
    return 30.0 <= temp_c <= 43.0


def is_sound(body: Body) -> bool:
    """False where anything is no number or no body: then it must not be used."""
    spread = body.spread
    return (
        25.0 <= body.core_temp_c <= 45.0
        and 25.0 <= body.blood_temp_c <= 45.0
        and HOLD_C_MIN <= body.hold_temp_c <= HOLD_C_MAX
        and GAIN_PER_S_MIN <= body.gain_per_s <= GAIN_PER_S_MAX
        and LAG_S_MIN <= body.lag_s <= LAG_S_MAX
        and all(-inf < covariance < inf for covariance in spread)
        and all(spread[place] >= 0.0 for place in (0, 5, 9, 12, 14))
    )


def _within(value: float, low: float, high: float) -> float:
    return low if not value >= low else high if not value <= high else value


def _grown(value: float, share: float, low: float, high: float) -> float:
    """By this share, a natural logarithm; at most by a factor of e at once."""
    return _within(value * exp(_within(share, -1.0, 1.0)), low, high)
