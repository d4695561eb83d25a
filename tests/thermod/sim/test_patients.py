"""The detailed patients: the figures they are calibrated to, and who is in a population.

`python tests/thermod/sim/test_patients.py` prints the nominal patient's figures with their bounds;
with a number, those of that many seeds of each population.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import fields
from functools import cache, partial
from random import Random

import numpy as np
import pytest

from tests.thermod.sim.heating import (
    DT_S,
    after_rise_c,
    core_c,
    dead_time_cold_min,
    dead_time_off_min,
    fitted,
    heat_up,
    hold,
    minutes_until,
)
from thermod.sim import patients, population
from thermod.sim.body import saturated_kpa
from thermod.sim.jos3_body import PersonSpec
from thermod.sim.plant import PROBES, DomePlant, Plant
from thermod.sim.population import CORNERS, CORNERS_EACH, Case

LAG_S = 600.0  # about what the fit below finds

# What is known of such sessions: thermod/decisions/0008, and the limits of SAFETY.md section 4.
BOUNDS: dict[str, tuple[float, float]] = {
    "full allowed power to 38.5, min": (47.0, 87.0),
    "… to 38.4, min": (45.0, 92.0),
    "steepest rise over 10 min, °C/min": (0.013, 0.047),
    "dead time from a cold dome, min": (12.0, 18.0),
    "dead time after heat-off, min": (3.0, 6.0),
    "after-rise when off at 38.5, °C": (0.2, 0.7),
    "hottest skin, °C": (38.5, 40.8),
    "hottest dome air, °C": (60.0, 64.0),
    "fit: gain, per hour": (0.05, 0.15),
    "fit: hold, °C": (41.0, 46.0),
    "fit: lag, s": (400.0, 890.0),
    "fit: rms over 150 min, °C": (0.0, 0.02),
    "shut dome, 38.5 to 38.0, min": (45.0, 80.0),
    "lid open for 3 min costs, min": (2.0, 9.0),
    "stuck at full power, 38.5 to 39.5, min": (15.0, 85.0),
}


def measured(plant: DomePlant) -> dict[str, float]:
    """Every calibrated figure of a plant, under the names of `BOUNDS`."""
    lid = heat_up(deepcopy(plant), lid_open_min=(40.0, 43.0))
    up = heat_up(plant)
    off, stuck, held = deepcopy(up.plant), deepcopy(up.plant), deepcopy(up.plant)
    after_c = after_rise_c(deepcopy(up.plant))
    air, core = hold(held, 150.0 - min(up.minutes, 100.0), LAG_S)
    states, rms_c = fitted(up.air_c + air[1:], up.core_c + core[1:])
    return dict(
        zip(
            BOUNDS,
            (
                up.minutes,
                up.minutes_to(38.4),
                up.rise_c_per_min_max,
                dead_time_cold_min(up.core_c),
                dead_time_off_min(off),
                after_c,
                up.skin_c_max,
                max(up.air_c),
                states.g_per_h,
                states.hold_c,
                states.lag_s,
                rms_c,
                minutes_until(held, 0.0, lambda plant: core_c(plant) < 38.0),
                lid.minutes - up.minutes,
                minutes_until(stuck, 2000.0, lambda plant: core_c(plant) >= 39.5),
            ),
            strict=True,
        )
    )


@cache
def measured_nominal() -> dict[str, float]:
    return measured(patients.nominal(0))


@pytest.mark.slow
@pytest.mark.parametrize("figure", BOUNDS)
def test_the_nominal_patient_looks_as_published(figure):
    low, high = BOUNDS[figure]
    assert low <= measured_nominal()[figure] <= high


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_ordinary_patients_stay_near_the_same_bounds(seed):
    up = heat_up(patients.nominal(seed))
    assert 45.0 <= up.minutes <= 100.0
    assert 0.013 <= up.rise_c_per_min_max <= 0.047
    assert 9.0 <= dead_time_cold_min(up.core_c) <= 19.0
    assert 0.2 <= after_rise_c(up.plant) <= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("perfusion", [0.4, 0.9, 1.4])
def test_whoever_lies_in_a_cold_dome_keeps_their_temperature_for_an_hour(perfusion):
    case = Case(person=PersonSpec(rest_temp_c=36.7, rectal_perfusion=perfusion))
    plant = patients.patient(case, "at rest", seed=0)
    for _ in range(round(3600.0 / DT_S)):
        plant.step(0.0, DT_S)
    assert core_c(plant) == pytest.approx(36.7, abs=0.12)


def test_a_patient_satisfies_the_plug_in_protocol():
    plant: Plant = patients.nominal(7)
    assert plant.name == "nominal-7"
    assert plant.heater_w_max == 2000.0
    plant.step(2000.0, 0.5)
    assert plant.readings().keys() == plant.probes.keys()
    assert plant.truth().keys() == {"core_temp_c", "skin_temp_c_max", "air_temp_c", "heater_w"}
    assert all(type(value) is float for value in plant.truth().values())


def test_seed_0_is_exactly_nominal_and_hard_has_no_such_case():
    assert population.nominal(0) == Case()
    assert len(population.hard(0).corners) == CORNERS_EACH


@pytest.mark.parametrize("make", [population.nominal, population.hard])
def test_the_same_seed_is_the_same_case_and_another_is_another(make):
    assert make(1000) == make(1000)
    persons = [make(seed).person for seed in range(1, 101)]
    assert len(set(persons)) == 100


def test_the_same_seed_is_the_same_body_bit_for_bit():
    def course():
        plant = patients.hard(3)
        for _ in range(60):
            plant.step(1500.0, 2.0)
        return plant.readings(), plant.truth()

    assert course() == course()


def test_a_seed_keeps_its_body_from_release_to_release():
    """Figures of two releases can be compared only on the same bodies. Change this knowingly."""
    case = population.hard(1000)
    assert case.corners == ("slow rectal perfusion", "both probes biased")
    assert (case.person.sex, case.person.age_years) == ("male", 54)
    assert case.person.mass_kg == pytest.approx(67.05394476915144, abs=1e-6)


def test_ordinary_people_are_of_both_sexes_all_ages_and_never_odd():
    cases = [population.nominal(seed) for seed in range(1, 201)]
    people = [case.person for case in cases]
    assert 70 <= sum(person.sex == "male" for person in people) <= 130
    assert sum(person.age_years >= 60 for person in people) >= 25  # the slow ones
    assert all(20 <= person.age_years <= 72 for person in people)
    assert all(18.5 <= person.mass_kg / person.height_m**2 <= 32.5 for person in people)
    assert all(36.6 <= person.rest_temp_c <= 37.4 for person in people)
    assert all(0.5 <= person.sweat_share <= 1.5 for person in people)
    assert all(case.room_vapour_kpa < saturated_kpa(case.room_temp_c) for case in cases)
    assert all(0.92 <= case.heater_gain <= 1.08 for case in cases)
    assert not any(case.corners for case in cases)


def test_the_bias_of_core_probes_is_independent_and_clipped_at_six_hundredths():
    cases = [population.nominal(seed) for seed in range(1, 401)]
    pairs = np.array([[case.bias_delta_c[each] for each in ("core-1", "core-2")] for case in cases])
    assert np.abs(pairs).max() == pytest.approx(0.06)
    assert pairs.std() == pytest.approx(0.03, abs=0.003)
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 0.15


def test_each_hard_case_is_hard_in_two_different_ways():
    cases = [population.hard(seed) for seed in range(200)]
    for case in cases:
        ways = [way for way in CORNERS for name in way if name in case.corners]
        assert len(ways) == CORNERS_EACH
        assert ways[0] is not ways[1]
    named = [name for case in cases for name in case.corners]
    assert all(named.count(name) >= 10 for way in CORNERS for name in way)


@pytest.mark.parametrize("name", sorted(name for way in CORNERS for name in way))
def test_a_corner_changes_one_thing_and_by_much(name):
    corner = next(way[name] for way in CORNERS if name in way)
    before = population.nominal(5)
    after = corner(before, Random(1))
    changed = {
        field.name
        for old, new in ((before, after), (before.person, after.person), (before.dome, after.dome))
        for field in fields(old)
        if getattr(old, field.name) != getattr(new, field.name)
    }
    assert len(changed - {"person", "dome"}) == 1


def test_a_biased_case_has_both_core_probes_off_the_same_way_by_the_most():
    case = next(
        case for case in map(population.hard, range(100)) if "both probes biased" in case.corners
    )
    assert case.bias_delta_c["core-1"] == case.bias_delta_c["core-2"]
    assert abs(case.bias_delta_c["core-1"]) == pytest.approx(0.06)


def test_what_a_case_says_of_its_probes_is_what_they_have():
    case = population.hard(11)
    plant = patients.patient(case, "x", seed=11)
    for probe_id, spec in PROBES.items():
        found = plant.probe(probe_id).spec
        assert found.bias_delta_c == case.bias_delta_c[probe_id]
        assert found.lag_s == (case.core_probe_lag_s if spec.role == "core" else spec.lag_s)
    assert plant.dome.heater_gain == case.heater_gain
    assert plant.truth()["air_temp_c"] == case.room_temp_c


def print_population(name: str, seeds: int) -> None:
    make = {"nominal": patients.nominal, "hard": patients.hard}[name]
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(partial(_measured_of, make), range(1, seeds + 1)))
    print(f"\n{name}, seeds 1 to {seeds}: least / p5 / median / p95 / most")
    for figure in BOUNDS:
        values = np.array([row[figure] for row in rows])
        shares = np.percentile(values, [0, 5, 50, 95, 100])
        print(f"{figure:<42}" + "".join(f"{value:9.3f}" for value in shares))


def _measured_of(make, seed):
    return measured(make(seed))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        for name in ("nominal", "hard"):
            print_population(name, int(sys.argv[1]))
    else:
        for figure, value in measured_nominal().items():
            low, high = BOUNDS[figure]
            print(f"{figure:<42} {value:8.3f}   {low:g} to {high:g}")
