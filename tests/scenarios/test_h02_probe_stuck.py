"""H02: a core probe goes on saying what it said, while the body moves on."""

from dataclasses import replace

import pytest

from controllers.session import Phase
from tests.scenarios.conftest import new_world
from tests.scenarios.people import is_off_within, why
from thermod.sim.nurse import Nurse
from thermod.state import boot


def stick(world, *probe_ids):
    """These probes repeat what they say now, each time as a new sample."""
    kept = {name: world.plant.readings()[name] for name in probe_ids}
    world.sent = lambda readings: {**readings, **kept}


def test_one_probe_that_stands_still_is_found_by_the_other_and_halves_the_power(heating):
    stick(heating, "core-2")
    found_s = heating.run_until(lambda w: "core_probe_bad" in w.state.rows, within_s=900.0)
    assert found_s > 120.0  # the body must have moved, and been seen to, first
    row = heating.state.rows["core_probe_bad"]
    assert row.probe == "core-2 does not move while the body does"
    assert heating.state.power_pct <= 50.0
    assert heating.phase is Phase.HEAT_UP


def test_two_that_stand_still_are_bounded_by_a_core_that_does_not_respond(heating):
    """Nothing contradicts them; but a core that is heated and does not rise is itself an alarm."""
    stick(heating, "core-1", "core-2")
    heating.run(30.0)
    response = heating.state.response
    heating.state = heating.state._replace(
        response=response._replace(heated_s=39.9 * 60.0, power_s=30.0 * 60.0)
    )
    assert is_off_within(heating, 30.0)
    assert "core_unresponsive" in heating.state.rows
    assert "Core has not risen 0.1 °C" in why(heating)


def test_two_fine_ones_that_stand_still_are_found_by_what_heat_must_have_done(heating):
    """H02: no probe contradicts them, but every body would have moved in that climate."""
    stick(heating, "core-1", "core-2")
    heating.run_until(lambda w: w.outcome.picture.core.good == 0, within_s=22.0 * 60.0)
    assert "does not move while the body does" in heating.state.rows["core_none"].text
    assert heating.heater_w == 0.0


@pytest.mark.slow
def test_a_monitor_of_a_tenth_of_a_degree_gives_no_alarm_through_a_whole_session():
    """Bought monitors report 0.1 °C and repeat it for minutes: that is no stuck probe."""
    world, seen = new_world(Nurse(protocol="hold-5")), []
    world.plan = replace(
        world.plan,
        specs=tuple(
            replace(spec, resolution_c=0.1) if spec.probe_id == "core-2" else spec
            for spec in world.plan.specs
        ),
    )
    world.state = boot(world.plan)
    world.sent = lambda readings: {
        name: round(temp_c, 1) if name == "core-2" and temp_c is not None else temp_c
        for name, temp_c in readings.items()
    }
    while world.phase is not Phase.COOL_DOWN:
        seen += world.step().changes
        assert world.now_s < 2 * 3600.0
    assert seen == []
