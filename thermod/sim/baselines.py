"""The plain methods, on the same bodies and judged the same way: what practice does, and what a
plain loop would do.

They have no alarms, no guard and no session; they only keep the dome air at 60 °C at most, as a
thermostat would. Each one sees the first core probe's reading and the air probe's, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simple_pid import PID

from controllers.protocol import Protocol
from thermod.sim.bodies import Bodies
from thermod.sim.plant import Plant
from thermod.sim.score import PatientScore, Scorer

PERIOD_S = 0.5
AIR_MAX_C = 60.0
HEAT_UP_S_MAX = 130 * 60.0  # nobody heats longer: safety concept, heat-up
AFTER_S = 30 * 60.0
# Gains that look plausible on a core that moves 1 °C in an hour: full power at 0.5 °C of error,
# integral time 20 min.
PID_PCT_PER_C, PID_INTEGRAL_S = 200.0, 1200.0

Method = Callable[[float, float], float]  # (core °C, time step s) → power, %


def manual(target_c: float) -> Method:
    """Full power until the reading says target, then off for good: published practice."""
    reached = False

    def power_pct(core_c: float, dt_s: float) -> float:
        nonlocal reached
        reached = reached or core_c >= target_c
        return 0.0 if reached else 100.0

    return power_pct


def pid(target_c: float) -> Method:
    """One PI loop from core temperature to power."""
    loop = PID(
        PID_PCT_PER_C,
        PID_PCT_PER_C / PID_INTEGRAL_S,
        0.0,
        setpoint=target_c,
        sample_time=None,
        output_limits=(0.0, 100.0),
    )

    def power_pct(core_c: float, dt_s: float) -> float:
        output = loop(core_c, dt=dt_s)
        return 0.0 if output is None else float(output)

    return power_pct


METHODS: Mapping[str, Callable[[float], Method]] = {"manual": manual, "pid": pid}


def one_session(name: str, bodies: Bodies, seed: int, protocol: Protocol) -> PatientScore:
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
            power_pct = method(core_c, PERIOD_S) * _thermostat(air_c)
        plant.step(power_pct / 100.0 * plant.heater_w_max, PERIOD_S)
        now_s += PERIOD_S
        truth = plant.truth()
        scorer.see(now_s, PERIOD_S, truth, power_pct, heating_phase=heating, phase=name)
        if ends_s is None and truth["core_temp_c"] >= protocol.target_c - 0.1:
            ends_s = now_s + protocol.hold_min * 60.0
        elif ends_s is None and now_s >= HEAT_UP_S_MAX:
            ends_s = now_s
    return scorer.score(
        seed=seed,
        name=plant.name,
        now_s=now_s,
        ended_by="time",
        trips=[],
        alarms=[],
        disturbance=bodies.disturbance,
    )


def _thermostat(air_c: float) -> float:
    """1 below 60 °C, 0 from 62 °C, a straight line between: full *allowed* power."""
    return min(1.0, max(0.0, (AIR_MAX_C + 2.0 - air_c) / 2.0))


def _first(plant: Plant, role: str) -> str:
    return next(probe_id for probe_id, its_role in plant.probes.items() if its_role == role)
