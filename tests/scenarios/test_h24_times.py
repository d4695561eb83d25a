"""H24: nobody is there; and everything that may only last so long."""

from controllers.session import Phase
from tests.scenarios.people import is_accepted, resume, stays_cold


def later(world, **clocks_s):
    """The same moment, with some clocks further on."""
    world.state = world.state._replace(clocks=world.state.clocks._replace(**clocks_s))


def test_an_unconfirmed_presence_is_asked_for_at_20_and_pauses_at_25_minutes(heating):
    """H24."""
    later(heating, presence_s=19.95 * 60.0)
    heating.run(10.0)
    assert "presence_due" in heating.state.rows
    assert heating.phase is Phase.HEAT_UP

    later(heating, presence_s=24.95 * 60.0)
    heating.run(10.0)
    assert heating.phase is Phase.PAUSED
    assert heating.heater_w == 0.0
    assert stays_cold(heating, 60.0)

    assert is_accepted(heating, heating.ask("confirm-presence"))
    assert stays_cold(heating, 10.0)  # to be there is not to resume
    assert is_accepted(heating, resume(heating))


def test_presence_confirmed_in_time_pauses_nothing(heating):
    later(heating, presence_s=24.9 * 60.0)
    assert is_accepted(heating, heating.ask("confirm-presence"))
    heating.run(20.0)
    assert heating.phase is Phase.HEAT_UP
    assert heating.heater_w > 0.0


def test_nobody_there_for_half_an_hour_trips(heating):
    later(heating, presence_s=29.95 * 60.0)
    heating.run(10.0)
    assert heating.phase is Phase.TRIPPED
    assert "presence_cutoff" in heating.state.latches


def test_a_heat_up_that_takes_too_long_ends_in_retention_without_heat(heating):
    later(heating, heat_up_s=129.95 * 60.0)
    heating.run(10.0)
    assert heating.phase is Phase.RETENTION
    assert heating.heater_w == 0.0
    assert stays_cold(heating, 60.0)
    assert is_accepted(heating, heating.ask("stop"))
    assert heating.phase is Phase.COOL_DOWN


def test_a_session_heated_for_too_long_ends_heating(holding):
    later(holding, span_s=184.95 * 60.0)
    holding.run(10.0)
    assert holding.phase is Phase.COOL_DOWN
    assert stays_cold(holding, 30.0)


def test_a_core_that_does_not_answer_to_heat_takes_heat(heating):
    response = heating.state.response
    heating.state = heating.state._replace(
        response=response._replace(heated_s=40.0 * 60.0, power_s=30.0 * 60.0)
    )
    heating.run(1.0)
    assert heating.heater_w == 0.0
    assert "core_unresponsive" in heating.state.rows


def test_a_cool_down_is_closed_below_38_degrees_or_with_a_reason(cooling):
    cooling.ask("close")
    cooling.run(0.5)
    assert cooling.phase is Phase.COOL_DOWN
    assert "38.0" in cooling.replies[-1].because
    assert is_accepted(cooling, cooling.ask("close", reason="the patient wants to get up"))
    assert cooling.phase is Phase.ENDED
