"""H14, H15: the heater does not do what it is told."""

from controllers.session import Phase
from tests.scenarios.people import create, open_lines, reset, start, stays_cold


def test_a_welded_ssr_is_noticed_when_heat_should_be_off_and_the_contactor_takes_it(heating):
    """H14."""
    heating.heater_pct = lambda actuation: 100.0 if actuation.contactors_closed else 0.0
    heating.plant.lid_open = True  # heat is withheld: the contactor would stay closed for 5 s
    heating.run_until(lambda w: w.heater_w == 0.0, within_s=6.0)
    assert stays_cold(heating, 30.0)


def test_a_welded_heater_trips_and_calls_for_the_plug(heating):
    heating.ask("pause")
    heating.heater_pct = lambda actuation: 60.0
    took_s = heating.run_until(lambda w: "heater_stuck_on" in w.state.latches, within_s=10.0)
    assert took_s <= 6.5  # window + 1 s, then 3 s
    assert heating.phase is Phase.TRIPPED
    heating.run(5.0)
    assert "heater_stuck_on" in heating.guard.latches
    assert "PULL THE PLUG" in next(
        rule.do for rule, _ in heating.state.rules if rule.alarm_id == "heater_stuck_on"
    )
    reset(heating)
    heating.run(1.0)
    assert heating.phase is Phase.TRIPPED  # it still is on


def test_a_weak_heater_is_told_of_and_heats_on(heating):
    """H15."""
    heating.heater_pct = lambda actuation: 0.5 * actuation.heater_pct
    heating.run(15.0)
    assert "heater_weak" in heating.state.rows
    assert heating.phase is Phase.HEAT_UP
    assert heating.heater_w > 0.0


def test_a_dead_heater_is_told_of(heating):
    heating.heater_pct = lambda actuation: 0.0
    heating.run(15.0)
    assert "heater_weak" in heating.state.rows
    assert {"heater_differs"} & set(heating.state.rows)


def test_a_heater_that_is_on_without_a_permit_fails_the_preflight(idle):
    idle.heater_pct = lambda actuation: 30.0
    create(idle)
    idle.run(8.0)
    assert "without a permit" in " ".join(open_lines(idle).values())
    start(idle)
    idle.run(1.0)
    assert idle.phase is not Phase.HEAT_UP


def test_a_heater_far_from_its_rating_fails_the_preflight(idle):
    idle.heater_pct = lambda actuation: 0.6 * actuation.heater_pct
    create(idle)
    idle.run(15.0)
    assert "12 % of rated power came at a command of 20 %" in " ".join(open_lines(idle).values())


def test_the_heaters_gain_is_learnt_in_the_preflight(idle):
    idle.heater_pct = lambda actuation: 0.8 * actuation.heater_pct
    create(idle)
    idle.run(15.0)
    assert abs(idle.state.gain - 0.8) < 0.01


def test_heat_that_stays_on_when_the_permit_is_given_back_fails_the_preflight(idle):
    create(idle)
    idle.run_until(lambda w: w.heater_w > 0.0, within_s=20.0)
    idle.run(2.0)
    idle.heater_pct = lambda actuation: 20.0
    idle.run(6.0)
    assert idle.state.selftest is None or idle.state.selftest.step.value == "failed"
    assert idle.phase in (Phase.PREFLIGHT, Phase.ENDED)
