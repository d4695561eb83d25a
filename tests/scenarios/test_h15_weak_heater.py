"""H15: the heater gives less than it is told, or nothing."""

import pytest

from controllers.session import Phase


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_h15_a_weak_or_dead_heater_is_told_within_12_s_and_takes_no_heat(heating, share):
    heating.heater_pct = lambda actuation: share * actuation.heater_pct
    told_s = heating.run_until(lambda w: "heater_weak" in w.state.rows, within_s=15.0)
    assert told_s <= 15.0
    heating.run_until(lambda w: w.state.rows["heater_weak"].active, within_s=12.0)
    row = heating.state.rows["heater_weak"]
    assert row.limit == 10.0
    assert "less than 60 % of the commanded power" in row.text
    assert heating.phase is Phase.HEAT_UP
    assert heating.state.latches == ()


def test_h15_a_heater_that_comes_back_brings_no_more_than_is_commanded(heating):
    """What was not given meanwhile is not made up for."""
    heating.heater_pct = lambda actuation: 0.3 * actuation.heater_pct
    heating.run(300.0)
    heating.heater_pct = lambda actuation: actuation.heater_pct
    hottest_c = 0.0
    for _ in range(600):
        heating.step()
        hottest_c = max(hottest_c, heating.plant.truth()["air_temp_c"])
    assert hottest_c < 64.0
    assert "heater_weak" not in heating.state.rows


def test_h15_a_core_that_is_not_warmed_ends_heat_in_time(heating):
    response = heating.state.response
    heating.state = heating.state._replace(
        response=response._replace(heated_s=40.1 * 60.0, power_s=40.1 * 60.0)
    )
    heating.run(1.0)
    assert heating.heater_w == 0.0
    assert "core_unresponsive" in heating.state.rows
