"""From a recorded step of heater power to a model of the dome, and from the model to the gains of
the inner loop. It only looks at what was recorded: nothing here heats, and nobody lies in the dome.

The model has two time constants behind one delay, because a dome does: air and heating elements
follow within minutes, the lining and what lies inside over an hour.

    air(t) = start + slow drift + Σ over both parts:  K_i · lag(power, τ_i, delay)

For given time constants and delay the rest is linear, so the fit is a search over three numbers
with a least-squares solution inside. The gains are those of SIMC (Skogestad 2003, J. Process
Control 13:291): the fast part taken as what the loop must answer within its closed-loop time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, inf
from typing import Final

import numpy as np
import numpy.typing as npt

from controllers.regulator import INTEGRAL_S_MAX, INTEGRAL_S_MIN, PER_C_MAX, PER_C_MIN

Array = npt.NDArray[np.float64]

GRID_S: Final = 5.0  # the record is brought onto a grid of this step before it is fitted
RECORD_S_MIN: Final = 15.0 * 60.0  # shorter records cannot tell the slow part from a drift
STEP_PCT_MIN: Final = 10.0  # power must change by at least this much
RISE_DELTA_C_MIN: Final = 3.0  # and move the air by this much
GAP_S_MAX: Final = 30.0
FAST_S: Final = (20.0, 30.0, 45.0, 70.0, 100.0, 150.0, 220.0, 330.0, 500.0)
SLOW_S: Final = (300.0, 500.0, 800.0, 1300.0, 2100.0, 3400.0, 5500.0)
DELAY_S: Final = (0.0, 5.0, 10.0, 20.0, 35.0, 60.0, 90.0)
EXPLAINED_PCT_MIN: Final = 98.0  # of the variance: below it the record is no clean step
CLOSED_LOOP_S_MIN: Final = 60.0  # no answer is asked of a dome that comes faster than this
FILTER_S: Final = 10.0  # the lag of an air probe, beside the delay that the fit finds


class RecordError(ValueError):
    """A record that cannot be fitted: says why, and what a good one looks like."""


@dataclass(frozen=True, slots=True)
class Record:
    """A step of an empty dome, or of one with a water phantom, as it was recorded."""

    name: str
    at_s: tuple[float, ...]  # rising
    power_pct: tuple[float, ...]  # measured at the heater, of its rated power
    air_temp_c: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DomeModel:
    """What one record says of the dome. Gains are °C of air per percent of rated power."""

    name: str
    start_c: float
    fast_c_per_pct: float
    fast_s: float
    slow_c_per_pct: float
    slow_s: float
    delay_s: float
    rms_delta_c: float  # what the model does not explain
    explained_pct: float  # of the variance of the air
    at_s: tuple[float, ...]
    measured_c: tuple[float, ...]
    fitted_c: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Gains of the inner loop: percent of power per °C of dome air, and per °C and second."""

    per_c: float
    per_c_s: float
    closed_loop_s: float
    from_record: str  # the record that asked for the gentlest loop
    bounded: bool  # a bound of the regulator holds them, not the fit


def identify(record: Record) -> DomeModel:
    """Fit the model. Raises RecordError for a record that says too little."""
    at_s, power_pct, air_c = _on_grid(record)
    best: tuple[float, tuple[float, float, float], Array, Array] | None = None
    for fast_s, slow_s, delay_s in product(FAST_S, SLOW_S, DELAY_S):
        if slow_s < 3.0 * fast_s:
            continue
        shapes = _shapes(power_pct, fast_s, slow_s, delay_s)
        found: Array = np.asarray(np.linalg.lstsq(shapes, air_c, rcond=None)[0], dtype=np.float64)
        if not (found[1] > 0.0 and found[2] > 0.0):
            continue
        fitted: Array = np.asarray(shapes @ found)
        rms = float(np.sqrt(np.mean((air_c - fitted) ** 2)))
        if best is None or rms < best[0]:
            best = (rms, (fast_s, slow_s, delay_s), found, fitted)
    if best is None:
        raise RecordError(f"{record.name}: the air does not follow the heater in any way we know")
    rms, (fast_s, slow_s, delay_s), found, fitted = best
    explained_pct = 100.0 * (1.0 - rms**2 / float(np.var(air_c)))
    if not explained_pct >= EXPLAINED_PCT_MIN:
        raise RecordError(
            f"{record.name}: the best fit explains {explained_pct:.1f} % of what the air did, less"
            f" than {EXPLAINED_PCT_MIN:.0f} %. Keep lid, room and fan as they are during it."
        )
    return DomeModel(
        record.name,
        *(float(found[0]), float(found[1]), fast_s, float(found[2]), slow_s, delay_s),
        *(rms, explained_pct, tuple(at_s.tolist()), tuple(air_c.tolist()), tuple(fitted.tolist())),
    )


def propose(models: Sequence[DomeModel]) -> Proposal:
    """The gentlest of what the records ask for: a loop must suit the dome empty and filled.

    Raises ValueError without a model.
    """
    if not models:
        raise ValueError("no record was given")
    return min((_simc(model) for model in models), key=lambda each: (each.per_c, each.per_c_s))


def _simc(model: DomeModel) -> Proposal:
    """PI for a lag with delay: per_c = τ / (K (τc + θ)), integral time min(τ, 4 (τc + θ))."""
    delay_s = model.delay_s + FILTER_S
    closed_loop_s = max(CLOSED_LOOP_S_MIN, 3.0 * delay_s)
    slope = model.fast_c_per_pct / model.fast_s + model.slow_c_per_pct / model.slow_s
    per_c = 1.0 / (slope * (closed_loop_s + delay_s))
    integral_s = min(model.slow_s, 4.0 * (closed_loop_s + delay_s))
    kept_c = min(max(per_c, PER_C_MIN), PER_C_MAX)
    kept_s = min(max(integral_s, INTEGRAL_S_MIN), INTEGRAL_S_MAX)
    bounded = kept_c != per_c or kept_s != integral_s
    return Proposal(kept_c, kept_c / kept_s, closed_loop_s, model.name, bounded)


def answer(
    model: DomeModel, proposal: Proposal, step_c: float = 20.0, lasts_s: float = 3600.0
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """What the model does under the proposed loop: seconds, air above its start, power in percent.

    The set-point climbs at 0.05 °C/s by `step_c`, as in a session; the integral stops at the ends.
    """
    steps = round(lasts_s / GRID_S)
    fast = slow = integral = 0.0
    waiting = [0.0] * (round((model.delay_s + FILTER_S) / GRID_S) + 1)
    at_s: list[float] = []
    air_c: list[float] = []
    power: list[float] = []
    for step in range(steps):
        wanted_c = min(step_c, 0.05 * GRID_S * step)
        error_c = wanted_c - (fast + slow)
        raw = proposal.per_c * error_c + integral
        pct = min(100.0, max(0.0, raw))
        if pct == raw or (raw > 100.0) == (error_c < 0.0):
            integral += proposal.per_c_s * error_c * GRID_S
        waiting.append(pct)
        arrived = waiting.pop(0)
        fast += _follows(GRID_S, model.fast_s) * (model.fast_c_per_pct * arrived - fast)
        slow += _follows(GRID_S, model.slow_s) * (model.slow_c_per_pct * arrived - slow)
        at_s.append(step * GRID_S)
        air_c.append(fast + slow)
        power.append(pct)
    return tuple(at_s), tuple(air_c), tuple(power)


def _on_grid(record: Record) -> tuple[Array, Array, Array]:
    at_s = np.asarray(record.at_s, dtype=np.float64)
    power_pct = np.asarray(record.power_pct, dtype=np.float64)
    air_c = np.asarray(record.air_temp_c, dtype=np.float64)
    if not len(at_s) == len(power_pct) == len(air_c) or len(at_s) < 2:
        raise RecordError(f"{record.name}: needs rows of time, power and air temperature")
    if not np.isfinite(np.concatenate((at_s, power_pct, air_c))).all():
        raise RecordError(f"{record.name}: a time, power or temperature is not a number")
    gaps_s = np.diff(at_s)
    if not gaps_s.min() > 0.0:
        raise RecordError(f"{record.name}: its times do not rise from row to row")
    if not gaps_s.max() <= GAP_S_MAX:
        raise RecordError(f"{record.name}: a gap of {gaps_s.max():.0f} s; at most {GAP_S_MAX:.0f}")
    if not at_s[-1] - at_s[0] >= RECORD_S_MIN:
        lasted_min = (at_s[-1] - at_s[0]) / 60.0
        raise RecordError(
            f"{record.name}: lasts {lasted_min:.0f} min; at least {RECORD_S_MIN / 60.0:.0f} min"
        )
    if not (power_pct.min() >= -1.0 and power_pct.max() <= 200.0):
        raise RecordError(f"{record.name}: power is not in percent of rated power")
    if not np.ptp(power_pct) >= STEP_PCT_MIN:
        raise RecordError(f"{record.name}: power changes by less than {STEP_PCT_MIN:.0f} %")
    if not np.ptp(air_c) >= RISE_DELTA_C_MIN:
        raise RecordError(f"{record.name}: the air moves by less than {RISE_DELTA_C_MIN:.0f} °C")
    grid_s = np.arange(at_s[0], at_s[-1], GRID_S)
    return (
        grid_s - grid_s[0],
        np.interp(grid_s, at_s, power_pct),
        np.interp(grid_s, at_s, air_c),
    )


def _shapes(power_pct: Array, fast_s: float, slow_s: float, delay_s: float) -> Array:
    """One column per unknown: the start, and what each part would do at 1 °C per percent."""
    shift = round(delay_s / GRID_S)
    delayed = np.concatenate((np.full(shift, power_pct[0]), power_pct[: len(power_pct) - shift]))
    delayed = delayed - power_pct[0]  # the record begins at rest, whatever the power then
    return np.column_stack(
        (np.ones(len(delayed)), _lagged(delayed, fast_s), _lagged(delayed, slow_s))
    )


def _lagged(power_pct: Array, lag_s: float) -> Array:
    """A first-order lag. By its impulse response, since a loop over the record would be slow."""
    share = _follows(GRID_S, lag_s)
    steps = np.arange(len(power_pct), dtype=np.float64)
    response = share * (1.0 - share) ** steps
    size = 2 * len(power_pct)
    spectrum = np.fft.rfft(power_pct, size) * np.fft.rfft(response, size)
    lagged: Array = np.fft.irfft(spectrum, size)[: len(power_pct)]
    return lagged


def _follows(dt_s: float, lag_s: float) -> float:
    return 1.0 - exp(-dt_s / lag_s) if lag_s > 0.0 else inf
