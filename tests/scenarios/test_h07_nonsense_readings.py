"""H07: NaN, infinity, fault values, the wrong unit. A bad sample is never used."""

import math

import pytest

from controllers.session import Phase
from tests.scenarios.people import heats_again, stays_cold

NONSENSE = [math.nan, math.inf, -math.inf, -127.0, 85.0, 0.0, 101.3, 43.01, 29.99, 1e300]


def core_says(*temps_c):
    names = ("core-1", "core-2")
    return lambda readings: {**readings, **dict(zip(names, temps_c, strict=False))}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_no_heat_in_the_cycle_in_which_both_core_probes_talk_nonsense(heating, nonsense):
    """H07."""
    heating.sent = core_says(nonsense, nonsense)
    heating.step()
    assert heating.outcome.limited.power_pct == 0.0
    assert heating.heater_w == 0.0
    assert stays_cold(heating, 20.0)


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_one_probe_talking_nonsense_halves_the_power_at_once(heating, nonsense):
    heating.run_until(lambda w: w.state.power_pct > 50.0, within_s=600.0)
    heating.sent = core_says(nonsense)
    for _ in range(20):
        heating.step()
        assert heating.state.power_pct <= 50.0
    estimate_c = heating.outcome.picture.core.core_temp_c
    assert estimate_c == pytest.approx(heating.plant.truth()["core_temp_c"], abs=0.1)


def test_a_single_nan_costs_no_more_than_seconds(heating):
    heating.sent = core_says(math.nan, math.nan)
    heating.step()
    heating.sent = lambda readings: readings
    assert heats_again(heating, within_s=10.0)
    assert heating.state.latches == ()


def test_nonsense_of_a_skin_probe_is_no_skin_temperature(heating):
    heating.sent = lambda readings: {
        name: math.nan if name.startswith("skin") else temp_c for name, temp_c in readings.items()
    }
    heating.step()
    assert heating.state.power_pct == 0.0
    assert heating.outcome.picture.skin.good == 0


def test_nothing_that_a_probe_can_say_makes_the_command_more_than_a_power(heating):
    for nonsense in NONSENSE:
        heating.sent = lambda readings, c=nonsense: dict.fromkeys(readings, c)
        for _ in range(3):
            outcome = heating.step()
            assert 0.0 <= outcome.limited.power_pct <= 100.0
    assert heating.phase in (Phase.HEAT_UP, Phase.TRIPPED)
