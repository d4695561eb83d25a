"""Which bodies a run is made of, and what is refused."""

from dataclasses import replace

import pytest

from thermod.errors import ThermodError
from thermod.sim.bodies import POPULATIONS, Bodies
from thermod.sim.disturbances import DISTURBANCES
from thermod.sim.simulate import Run, disturbances_named, jobs_of

KETTLE = """
class Kettle:
    name, heater_w_max = "kettle", 2000.0
    probes = {"a": "core", "b": "core", "s": "skin", "x": "air"}
    def __init__(self, seed): self.seed = seed
    def step(self, heater_w, dt_s): pass
    def readings(self): return {"a": 37.04, "b": 37.02, "s": 34.0, "x": 24.0}
    def truth(self):
        return {"core_temp_c": 37.0, "skin_temp_c_max": 34.0, "air_temp_c": 24.0, "heater_w": 0.0}
"""


@pytest.fixture
def kettle(tmp_path):
    file = tmp_path / "kettle.py"
    file.write_text(KETTLE)
    return Bodies(plant=f"{file}:Kettle")


@pytest.mark.parametrize("population", POPULATIONS)
def test_each_population_gives_its_own_bodies(population):
    bodies = Bodies(population)
    bodies.check()
    assert bodies.title == population
    assert bodies.made(3).name.startswith(f"{population}-3")


def test_a_single_core_probe_is_the_first_and_the_others_say_nothing(kettle):
    for bodies in (Bodies("lumped", core_probes=1), replace(kettle, core_probes=1)):
        plant = bodies.made(1)
        assert list(plant.probes.values()).count("core") == 1
        assert plant.readings().keys() == plant.probes.keys()
        assert {"core", "skin", "air"} <= set(plant.probes.values())
    assert "a" in plant.probes
    assert "b" not in plant.probes


def test_a_disturbance_reaches_the_one_probe_that_is_left(kettle):
    plant = replace(kettle, core_probes=1, disturbance="core-drift-up").made(1)
    for _ in range(2 * 3600):
        plant.step(500.0, 1.0)
    assert plant.readings()["a"] == pytest.approx(37.34)
    assert plant.truth()["core_temp_c"] == 37.0


def test_the_lid_of_a_plant_with_one_probe_can_be_opened_by_a_disturbance():
    plant = Bodies("lumped", disturbance="lid-open", core_probes=1).made(0)
    for _ in range(21 * 60 + 13):
        plant.step(500.0, 1.0)
    assert plant.lid_open
    shut = Bodies("lumped").made(0)
    for _ in range(21 * 60 + 13):
        shut.step(500.0, 1.0)
    assert plant.truth()["air_temp_c"] < shut.truth()["air_temp_c"] - 5.0


def test_the_bias_is_what_the_core_probes_read_above_the_truth(kettle):
    bias_c = kettle.bias_of(kettle.made(1))
    assert bias_c() == pytest.approx(0.03)
    assert replace(kettle, disturbance="core-lost").bias_of(kettle.made(1)) is None


def test_a_foreign_plant_goes_before_the_population(kettle):
    assert replace(kettle, population="hard").made(1).name == "kettle"
    assert kettle.title.endswith(":Kettle")


@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        (Bodies("giants"), "lumped, nominal, hard"),
        (Bodies(disturbance="quake"), "core-lost"),
        (Bodies(plant="nowhere.py:Plant"), "nowhere.py"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(bodies, said):
    with pytest.raises(ThermodError, match=said):
        bodies.check()


def test_every_disturbance_is_run_with_each_patient():
    run = Run(seed=5, patients=3, disturbances=disturbances_named("all"))
    jobs = jobs_of(run)
    assert len(jobs) == 3 * len(DISTURBANCES)
    assert {job.bodies.disturbance for job in jobs} == set(DISTURBANCES)
    assert [job.seed for job in jobs[:3]] == [5, 6, 7]
    assert all(job.patients == 1 for job in jobs)


def test_disturbances_are_named_one_by_one_too():
    assert disturbances_named("") == ()
    assert disturbances_named("gaps,core-lost") == ("gaps", "core-lost")
    with pytest.raises(ThermodError, match="quake"):
        jobs_of(Run(disturbances=disturbances_named("gaps,quake")))
