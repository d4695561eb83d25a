"""A session from the first act to the last, as staff would see it."""

from controllers.session import Phase
from tests.scenarios.people import passes_preflight, start


def test_a_session_runs_from_create_to_close_without_an_alarm(course):
    assert [phase.value for phase in course.phases] == [
        "idle", "preflight", "heat_up", "hold", "cool_down", "ended",
    ]  # fmt: skip
    assert course.epochs == ["1 opened", "ended", "2 opened", "ended"]  # the test's, the session's
    assert course.alarms == []
    assert 38.35 < course.core_temp_c_max < 38.55  # five minutes are short for the last tenth
    assert course.heat_outside_j == 0.0
    assert course.core_temp_c_closed < 38.0


def test_heat_comes_only_after_the_second_act_and_the_permit(idle):
    passes_preflight(idle)
    idle.run(60.0)
    assert idle.heater_w == 0.0
    assert idle.phase is Phase.PREFLIGHT

    start(idle)
    idle.step()
    assert idle.phase is Phase.HEAT_UP
    assert idle.heater_w == 0.0
    assert idle.outcome.hold.because == "waiting for the guard's permit"

    idle.run(15.0)  # the contactors opened at the end of the test, and stay open for ten seconds
    assert idle.heater_w > 0.0
    assert idle.state.lease.epoch == 2


def test_the_climate_that_held_one_patient_says_nothing_of_the_next(idle):
    first = idle.state.regulator
    idle.state = idle.state._replace(regulator=first._replace(outer_integral=55.0))
    passes_preflight(idle)
    assert idle.state.regulator.outer_integral == first.outer_integral


def test_every_cycle_says_why_power_is_what_it_is(heating):
    for _ in range(50):
        outcome = heating.step()
        assert outcome.limited.because or outcome.wanted.because


def test_the_hold_ends_after_its_time_and_heat_with_it(holding):
    passed_s = holding.state.clocks.hold_s
    lasted_s = holding.run_until(lambda w: w.phase is Phase.COOL_DOWN, within_s=300.0)
    assert 295.0 <= passed_s + lasted_s <= 305.0  # five minutes
    assert holding.heater_w == 0.0


def test_a_hold_too_short_for_the_patient_is_not_prolonged_by_leaving_the_band(holding):
    holding.sent = lambda readings: {  # both probes agree that it is 0.2 °C colder
        name: temp_c - 0.2 if name.startswith("core") else temp_c
        for name, temp_c in readings.items()
    }
    holding.run(245.0)
    assert holding.phase is Phase.COOL_DOWN
