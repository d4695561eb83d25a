"""H22: the core goes on rising on stored heat after power has ended."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import is_accepted, stays_cold
from thermod.sim.nurse import Nurse


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stop", "pause", "STOP"])
def test_h22_however_heat_ends_the_core_stays_below_its_alarm_while_it_settles(holding, how):
    """A quarter of an hour on: the after-rise is over long before."""
    if how == "STOP":
        holding.press_stop()
    else:
        assert is_accepted(holding, holding.ask(how))
    worst_c = 0.0
    for _ in range(1800):
        holding.step()
        worst_c = max(worst_c, holding.plant.truth()["core_temp_c"])
        assert worst_c < 38.7
    assert not {"core_warm", "core_hot", "core_cutoff"} & set(holding.state.rows)


@pytest.mark.slow
def test_h22_power_falls_before_the_target_is_reached(heating):
    """Heat that is already in the skin and the dome is counted as spent."""
    full_pct = heating.state.power_pct
    heating.nurse = Nurse(protocol="hold-5")  # somebody is there
    heating.run_until(lambda w: w.phase is Phase.HOLD, within_s=3600.0)
    assert heating.state.power_pct < 0.7 * full_pct
    forecast_c = heating.outcome.wanted.forecast_c
    assert forecast_c is not None
    assert heating.plant.truth()["core_temp_c"] < 38.55


def test_h22_the_cool_down_is_supervised_until_the_core_is_cold_or_staff_say_why(cooling):
    refused = cooling.ask("close")
    cooling.step()
    assert next(reply for reply in cooling.replies if reply.intent == refused).accepted is False
    cooling.state = cooling.state._replace(cool_down_s=75.1 * 60.0)
    cooling.run(1.0)
    assert "cool_down_slow" in cooling.state.rows
    assert stays_cold(cooling, 10.0)
    assert is_accepted(cooling, cooling.ask("close", reason="moved to the ward, still watched"))
