"""How a plant answers to heat, measured as a controller would meet it: for test_plant.py and
test_patients.py.

"Full allowed power" is what a controller may give at most: the whole heater until the dome air has
60 °C, then as much as holds 60 °C.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thermod.sim.plant import DomePlant

FloatArray = NDArray[np.float64]

DT_S = 4.0
TARGET_C = 38.5


class Thermostat:
    """Full power until the air is warm, then hold it: as a controller would under its air limit."""

    def __init__(self, air_temp_c: float) -> None:
        self.air_temp_c = air_temp_c
        self.held_w = 0.0

    def heater_w(self, plant: DomePlant) -> float:
        error_c = self.air_temp_c - plant.truth()["air_temp_c"]
        wanted_w = self.held_w + 300.0 * error_c
        if 0.0 < wanted_w < plant.heater_w_max:
            self.held_w = max(0.0, self.held_w + error_c * DT_S)
        return max(0.0, min(plant.heater_w_max, wanted_w))


@dataclass
class HeatUp:
    """A plant brought to the target at full allowed power, and what was seen on the way."""

    plant: DomePlant
    thermostat: Thermostat
    core_c: list[float]
    air_c: list[float]
    skin_c_max: float = 0.0

    @property
    def minutes(self) -> float:
        return (len(self.core_c) - 1) * DT_S / 60.0

    @property
    def rise_c_per_min_max(self) -> float:
        ten_min = round(600.0 / DT_S)
        pairs = zip(self.core_c, self.core_c[ten_min:], strict=False)
        return max(later - earlier for earlier, later in pairs) / 10.0

    @property
    def rise_at_the_end_c_per_h(self) -> float:
        return 6.0 * (self.core_c[-1] - self.core_c[-1 - round(600.0 / DT_S)])

    def minutes_to(self, temp_c: float) -> float:
        return next(n for n, core in enumerate(self.core_c) if core >= temp_c) * DT_S / 60.0


def core_c(plant: DomePlant) -> float:
    return plant.truth()["core_temp_c"]


def heat_up(plant: DomePlant, lid_open_min: tuple[float, float] = (0.0, 0.0)) -> HeatUp:
    up = HeatUp(plant, Thermostat(60.0), [core_c(plant)], [plant.truth()["air_temp_c"]])
    while up.core_c[-1] < TARGET_C and up.minutes < 240.0:
        plant.lid_open = lid_open_min[0] <= up.minutes < lid_open_min[1]
        plant.step(0.0 if plant.lid_open else up.thermostat.heater_w(plant), DT_S)
        truth = plant.truth()
        up.core_c.append(truth["core_temp_c"])
        up.skin_c_max = max(up.skin_c_max, truth["skin_temp_c_max"])
        up.air_c.append(truth["air_temp_c"])
    return up


def minutes_until(plant: DomePlant, heater_w: float, done: Callable[[DomePlant], bool]) -> float:
    steps = 0
    while not done(plant) and steps * DT_S < 6 * 3600.0:
        plant.step(heater_w, DT_S)
        steps += 1
    return steps * DT_S / 60.0


def after_rise_c(plant: DomePlant) -> float:
    """Heat off now: how far does the core still rise?"""
    peak_c = core_c(plant)
    for _ in range(round(3600.0 / DT_S)):
        plant.step(0.0, DT_S)
        peak_c = max(peak_c, core_c(plant))
    return peak_c - TARGET_C


def dead_time_cold_min(core: list[float]) -> float:
    """From heat-on until the core is 0.02 °C above its start, and stays there."""
    return max(i for i, c in enumerate(core) if c <= core[0] + 0.02) * DT_S / 60.0


def dead_time_off_min(plant: DomePlant) -> float:
    """From heat-off until the rise, minute by minute, has lost a tenth of its rate."""
    minute = round(60.0 / DT_S)
    core = [core_c(plant)]
    for _ in range(20 * minute):
        plant.step(0.0, DT_S)
        core.append(core_c(plant))
    rise = [later - earlier for earlier, later in zip(core, core[minute:], strict=False)]
    return (next(i for i, r in enumerate(rise) if r < 0.9 * rise[0]) + minute / 2) * DT_S / 60.0


def hold(plant: DomePlant, minutes: float, lag_s: float) -> tuple[list[float], list[float]]:
    """Hold the target with the true slope in hand, looking `lag_s` ahead; returns air and core."""
    thermostat = Thermostat(43.5)
    air, core = [plant.truth()["air_temp_c"]], [core_c(plant)]
    minute = round(60.0 / DT_S)
    for _ in range(round(minutes * 60.0 / DT_S)):
        before_c = core[-1 - minute] if len(core) > minute else core[0]
        forecast_c = core[-1] + (core[-1] - before_c) / 60.0 * lag_s
        thermostat.air_temp_c = 43.5 + 25.0 * (TARGET_C - forecast_c)
        plant.step(thermostat.heater_w(plant), DT_S)
        truth = plant.truth()
        air.append(truth["air_temp_c"])
        core.append(truth["core_temp_c"])
    return air, core


class TwoStates(NamedTuple):
    """A blood `b` that heats up at g·(air − hold), and a core that follows it with a lag."""

    g_per_h: float
    hold_c: float
    lag_s: float
    start_c: float

    def core_c(self, air_c: FloatArray, dt_s: float, from_c: float) -> FloatArray:
        warmed_c = np.cumsum(self.g_per_h / 3600.0 * dt_s * (air_c[:-1] - self.hold_c))
        blood_c = self.start_c + np.concatenate(([0.0], warmed_c))
        core, share = [from_c], dt_s / (self.lag_s + dt_s)
        for blood in blood_c[1:]:
            core.append(core[-1] + share * (blood - core[-1]))
        return np.array(core)


def fitted(air: list[float], core: list[float]) -> tuple[TwoStates, float]:
    """The two states that fit best, by least squares, and the rms they leave, °C."""
    every = round(20.0 / DT_S)
    air_c, core_c, dt_s = np.array(air[::every]), np.array(core[::every]), every * DT_S

    def off_c(values: FloatArray) -> FloatArray:
        return TwoStates(*values).core_c(air_c, dt_s, core_c[0]) - core_c

    best, steps, damping = np.array([0.1, 43.0, 600.0, core_c[0]]), (1e-4, 0.01, 1.0, 0.01), 1e-3
    left = off_c(best)
    for _ in range(60):
        nudged = [off_c(best + step * unit) for step, unit in zip(steps, np.eye(4), strict=True)]
        slopes = np.stack([(n - left) / step for n, step in zip(nudged, steps, strict=True)], 1)
        square = slopes.T @ slopes
        move = np.linalg.solve(square + damping * np.diag(np.diag(square)), -slopes.T @ left)
        tried = np.maximum(best + move, (0.01, 20.0, 60.0, 30.0))
        if (off_tried := off_c(tried)) @ off_tried < left @ left:
            best, left, damping = tried, off_tried, damping / 3.0
        else:
            damping *= 4.0
    return TwoStates(*best), float(np.sqrt(left @ left / len(left)))
