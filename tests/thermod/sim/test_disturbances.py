"""What goes wrong around a plant: what is then said, and that the truth stays true."""

import pytest

from thermod.sim.disturbances import DISTURBANCES, Disturbed
from thermod.sim.patients import nominal
from thermod.sim.plant import factory

HEATED_S = 12.5  # from here the session's heat counts


class Steady:
    """A foreign plant without a lid: its core rises by 0.6 °C in an hour."""

    name, heater_w_max = "steady", 1000.0
    probes = {"core-1": "core", "core-2": "core", "skin-1": "skin", "air-1": "air"}

    def __init__(self) -> None:
        self.heated_s, self.heater_w = 0.0, 0.0

    def step(self, heater_w: float, dt_s: float) -> None:
        self.heater_w = heater_w
        self.heated_s += dt_s

    def core_c(self) -> float:
        return 37.0 + self.heated_s / 6000.0

    def readings(self) -> dict[str, float | None]:
        return {"core-1": self.core_c(), "core-2": self.core_c(), "skin-1": 36.0, "air-1": 50.0}

    def truth(self) -> dict[str, float]:
        return {
            "core_temp_c": self.core_c(),
            "skin_temp_c_max": 36.0,
            "air_temp_c": 50.0,
            "heater_w": self.heater_w,
        }


def heated(label: str, minutes: float, seed: int = 1) -> Disturbed:
    """So many minutes after the session's heat came on."""
    plant = Disturbed(Steady(), label, seed)
    for _ in range(25 + round(minutes * 120.0)):
        plant.step(600.0, 0.5)
        plant.readings()
    return plant


def off_c(plant: Disturbed, probe_id: str = "core-1") -> float:
    return plant.readings()[probe_id] - plant.truth()["core_temp_c"]


@pytest.mark.parametrize("label", DISTURBANCES)
def test_until_the_session_heats_all_is_as_it_is(label):
    plant, bare = Disturbed(Steady(), label, 1), Steady()
    for tick in range(240):
        heater_w = 200.0 if 60 <= tick < 80 else 0.0  # the heater test, 10 s
        plant.step(heater_w, 0.5)
        bare.step(heater_w, 0.5)
        assert plant.readings() == bare.readings()
        assert plant.truth() == bare.truth()
        assert plant.lid_open is False


@pytest.mark.parametrize("label", DISTURBANCES)
def test_the_truth_stays_true_but_for_what_the_heater_gives(label):
    truth = heated(label, 40.0).truth()
    assert truth["core_temp_c"] == pytest.approx(37.0 + (HEATED_S + 2400.0) / 6000.0)
    share = {"heater-70": 0.7, "heater-130": 1.3}.get(label, 1.0)
    assert truth["heater_w"] == pytest.approx(600.0 * share)


@pytest.mark.parametrize("label", DISTURBANCES)
def test_the_second_core_probe_is_never_touched_but_in_a_gap(label):
    plant = heated(label, 40.0 + 10.0 / 60.0)
    said = plant.readings()["core-2"]
    assert said is None if label == "gaps" else said == plant.truth()["core_temp_c"]


def test_a_lost_probe_says_nothing_from_minute_30_on():
    assert heated("core-lost", 29.9).readings()["core-1"] is not None
    assert heated("core-lost", 30.1).readings()["core-1"] is None
    assert heated("air-lost", 30.1).readings()["air-1"] is None


def test_a_stuck_probe_repeats_what_it_said_when_it_stuck():
    stuck_c = 37.0 + (HEATED_S + 1800.0) / 6000.0
    assert heated("core-stuck", 45.0).readings()["core-1"] == pytest.approx(stuck_c)


def test_a_drift_grows_to_three_tenths_in_an_hour_and_stays_there():
    assert off_c(heated("core-drift-up", 30.0)) == pytest.approx(0.15)
    assert off_c(heated("core-drift-up", 90.0)) == pytest.approx(0.30)
    assert off_c(heated("core-drift-down", 90.0)) == pytest.approx(-0.30)


def test_a_slipped_probe_goes_over_to_the_skin_within_minutes():
    assert heated("core-slipped", 30.5).readings()["core-1"] == pytest.approx(36.8, abs=0.1)
    assert heated("core-slipped", 36.0).readings()["core-1"] == pytest.approx(36.0, abs=0.01)


def test_spikes_are_two_degrees_either_way_rare_and_single():
    plant, spikes, last = heated("core-spikes", 0.0), [], -9
    for tick in range(5000):
        plant.step(600.0, 0.5)
        if abs(off_c(plant)) > 0.1:
            assert tick > last + 1
            last = tick
            spikes.append(off_c(plant))
    assert 25 <= len(spikes) <= 75
    assert {round(spike, 6) for spike in spikes} == {-2.0, 2.0}


def test_the_air_probe_may_stick_while_still_cool_or_read_low():
    assert heated("air-low", 10.0).readings()["air-1"] == 42.0
    plant = Disturbed(nominal(0), "air-stuck", seed=0)
    for _ in range(240):
        plant.step(2000.0, 5.0)
    assert plant.readings()["air-1"] < 55.0
    assert plant.truth()["air_temp_c"] > 70.0


def test_gaps_are_20_s_long_and_come_every_5_min():
    plant, silent = heated("gaps", 0.0), []
    for tick in range(1, 1801):
        plant.step(600.0, 0.5)
        if set(plant.readings().values()) == {None}:
            silent.append(tick * 0.5)
    assert 79 <= len(silent) <= 82
    assert silent[0] == pytest.approx(300.0, abs=1.0)
    assert silent[40] - silent[0] == pytest.approx(300.0, abs=1.0)


def test_the_lid_opens_for_three_minutes_three_times_and_the_dome_cools():
    plant, opened, air_c = Disturbed(factory(0), "lid-open", 1), 0, []
    was_open = False
    for _ in range(2 * 60 * 100):
        plant.step(0.0 if plant.lid_open else 1500.0, 0.5)
        opened += plant.lid_open and not was_open
        was_open = plant.lid_open
        air_c.append((plant.lid_open, plant.truth()["air_temp_c"]))
    assert opened == 3
    assert 2 * 540 - 6 <= sum(is_open for is_open, _ in air_c) <= 2 * 540 + 6
    assert min(c for is_open, c in air_c if is_open) < max(c for _, c in air_c) - 10.0


def test_a_plant_without_a_lid_is_told_open_all_the_same():
    assert heated("lid-open", 21.0).lid_open is True
    assert heated("lid-open", 24.0).lid_open is False


def test_looking_twice_changes_nothing_and_a_seed_gives_the_same_spikes():
    def course(seed: int) -> list[float | None]:
        plant, said = Disturbed(Steady(), "core-spikes", seed), []
        for _ in range(1000):
            plant.step(600.0, 0.5)
            assert plant.readings() == plant.readings()
            said.append(plant.readings()["core-1"])
        return said

    assert course(1) == course(1)
    assert course(1) != course(2)


def test_heat_that_pauses_does_not_stop_the_clock():
    plant = Disturbed(Steady(), "core-lost", 1)
    for tick in range(2 * 60 * 31):
        plant.step(600.0 if tick < 60 else 0.0, 0.5)
    assert plant.readings()["core-1"] is None
