"""The plain methods, on the same bodies and judged the same way: what practice does, and what plain
loops would do.

They have no alarms, no guard and no session; they only keep the dome air at 60 °C at most, as a
thermostat would. Each one sees the first core probe's reading and the air probe's, nothing else.
Gains are those that somebody would try first; none is tuned on a population.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simple_pid import PID

from controllers.protocol import Protocol
from thermod.sim.bodies import Bodies
from thermod.sim.plant import Plant
from thermod.sim.score import Course, Scorer

PERIOD_S = 1.0
AIR_MAX_C = 60.0
AIR_BAND_C = 1.0  # the thermostat's, to either side
HEAT_UP_S_MAX = 130 * 60.0  # nobody heats longer: safety concept, heat-up
AFTER_S = 30 * 60.0
# Gains that look plausible on a core that moves 1 °C in an hour: full power at 0.5 °C of error,
# integral time 20 min.
PID_PCT_PER_C, PID_INTEGRAL_S = 200.0, 1200.0
# The cascade: 60 °C of air at 0.3 °C of error, integral time 20 min, from the dome climate that
# about holds a patient; full power at 10 °C of air error, integral time 5 min.
OUTER_C_PER_C, OUTER_INTEGRAL_S = 60.0, 1200.0
INNER_PCT_PER_C, INNER_INTEGRAL_S = 10.0, 300.0
AIR_MIN_C, AIR_START_C = 30.0, 43.0

Method = Callable[[float, float, float], float]  # (core °C, air °C, time step s) → power, %


def manual(target_c: float) -> Method:
    """Full power until the reading says target, then off for good: published practice."""
    reached = False

    def power_pct(core_c: float, air_c: float, dt_s: float) -> float:
        nonlocal reached
        reached = reached or core_c >= target_c
        return 0.0 if reached else 100.0

    return power_pct


def pid(target_c: float) -> Method:
    """One PI loop from core temperature to power, as the library comes."""
    loop = PID(
        PID_PCT_PER_C,
        PID_PCT_PER_C / PID_INTEGRAL_S,
        0.0,
        setpoint=target_c,
        sample_time=None,
        output_limits=(0.0, 100.0),
    )

    def power_pct(core_c: float, air_c: float, dt_s: float) -> float:
        output = loop(core_c, dt=dt_s)
        return 0.0 if output is None else float(output)

    return power_pct


def cascade(target_c: float) -> Method:
    """Two PI loops: from core temperature to a dome-air set-point, from dome air to power."""
    outer = _Loop(OUTER_C_PER_C, OUTER_INTEGRAL_S, (AIR_MIN_C, AIR_MAX_C), AIR_START_C)
    inner = _Loop(INNER_PCT_PER_C, INNER_INTEGRAL_S, (0.0, 100.0), 0.0)

    def power_pct(core_c: float, air_c: float, dt_s: float) -> float:
        return inner.output(outer.output(target_c, core_c, dt_s), air_c, dt_s)

    return power_pct


class _Loop:
    """simple-pid as PI, with an integral that stands still while the output is at a bound."""

    def __init__(
        self, per_c: float, integral_s: float, bounds: tuple[float, float], start: float
    ) -> None:
        self._pid = PID(
            per_c, 0.0, 0.0, sample_time=None, output_limits=bounds, starting_output=start
        )
        self._per_c_s, self._bounds = per_c / integral_s, bounds

    def output(self, setpoint_c: float, measured_c: float, dt_s: float) -> float:
        loop, (low, high) = self._pid, self._bounds
        error_c = setpoint_c - measured_c
        wanted = loop.Kp * error_c + loop.components[1]
        at_bound = wanted >= high if error_c > 0.0 else wanted <= low
        loop.Ki = 0.0 if at_bound else self._per_c_s
        loop.setpoint = setpoint_c
        output = loop(measured_c, dt=dt_s)
        return low if output is None else float(output)


METHODS: Mapping[str, Callable[[float], Method]] = {
    "manual": manual,
    "pid": pid,
    "cascade": cascade,
}


def one_session(name: str, bodies: Bodies, seed: int, protocol: Protocol) -> Course:
    """Heat up, hold for the protocol's time, 30 min of cool-down. No reading, no heat."""
    plant = bodies.made(seed)
    method = METHODS[name](protocol.target_c)
    scorer = Scorer(protocol.target_c, protocol.hold_min, bodies.bias_of(plant))
    core, air = _first(plant, "core"), _first(plant, "air")
    now_s = 0.0
    ends_s: float | None = None  # when heating ends
    while ends_s is None or now_s < ends_s + AFTER_S:
        readings = plant.readings()
        core_c, air_c = readings.get(core), readings.get(air)
        heating = ends_s is None or now_s < ends_s
        power_pct = 0.0
        if heating and core_c is not None and air_c is not None:
            power_pct = method(core_c, air_c, PERIOD_S) * _thermostat(air_c)
        plant.step(power_pct / 100.0 * plant.heater_w_max, PERIOD_S)
        now_s += PERIOD_S
        truth = plant.truth()
        scorer.see(now_s, PERIOD_S, truth, power_pct, heating_phase=heating, phase=name)
        if ends_s is None and truth["core_temp_c"] >= protocol.target_c - 0.1:
            ends_s = now_s + protocol.hold_min * 60.0
        elif ends_s is None and now_s >= HEAT_UP_S_MAX:
            ends_s = now_s
    score = scorer.score(
        seed=seed,
        name=plant.name,
        now_s=now_s,
        ended_by="time",
        trips=[],
        alarms=[],
        disturbance=bodies.disturbance,
    )
    return Course(score, tuple(scorer.points))


def _thermostat(air_c: float) -> float:
    """1 up to 59 °C, 0 from 61 °C, a straight line between: full *allowed* power. The air then
    stands at about 60 °C, the warmest that our own set-point may be.
    """
    return min(1.0, max(0.0, (AIR_MAX_C + AIR_BAND_C - air_c) / (2.0 * AIR_BAND_C)))


def _first(plant: Plant, role: str) -> str:
    return next(probe_id for probe_id, its_role in plant.probes.items() if its_role == role)
