"""H09: the dome is heard, but what we send does not arrive."""

from controllers.session import Phase
from tests.scenarios.people import heats_again, is_off_within, stays_cold


def test_commands_that_do_not_arrive_are_told_after_three_seconds_and_heat_is_off(heating):
    """H09: the dome's own clock takes the heat; the missing echo tells."""
    heating.lost = {"command"}
    assert is_off_within(heating, 3.05)
    row = heating.state.rows["command_not_echoed"]
    assert row.shown
    assert "obeyed no new command" in row.text
    assert heating.state.power_pct == 0.0

    heating.lost = set()
    assert heats_again(heating, within_s=10.0)
    assert heating.state.lease.epoch == 2
    heating.run(1.0)
    assert "command_not_echoed" not in heating.state.rows


def test_a_way_that_stays_cut_for_a_minute_ends_the_epoch(heating):
    heating.lost = {"command"}
    heating.run(65.0)
    assert heating.phase is Phase.INTERRUPTED
    heating.lost = set()
    assert stays_cold(heating, 60.0)


def test_a_lost_command_now_and_then_raises_nothing(heating):
    for _ in range(20):
        heating.lost = {"command"}
        heating.run(2.5)
        heating.lost = set()
        heating.run(1.0)
    assert heating.phase is Phase.HEAT_UP
    assert "command_not_echoed" not in heating.state.rows


def test_a_dome_that_is_silent_both_ways_is_told_of_once_and_as_silent(heating):
    heating.lost = {"command", "node"}
    heating.run(6.0)
    assert "dome_silent" in heating.state.rows
    assert "command_not_echoed" not in heating.state.rows
