"""H08, H09, H10, H12: the permit is withheld, revoked or lost; control hangs; the link is cut."""

import pytest

from controllers.session import Phase
from tests.scenarios.people import heats_again, is_off_within, stays_cold, why


def test_a_guard_that_falls_silent_takes_heat_within_its_lease(heating):
    """H12."""
    heating.guard_runs = False
    assert is_off_within(heating, 3.5)  # 3.05 s, seen every half second
    assert "guard_silent" in heating.state.rows


def test_a_guard_that_comes_back_within_the_minute_gives_heat_back(heating):
    heating.guard_runs = False
    heating.run(20.0)
    assert heating.phase is Phase.HEAT_UP
    heating.guard_runs = True
    assert heats_again(heating, within_s=30.0)
    assert heating.state.lease.epoch == 2


def test_a_guard_silent_for_more_than_a_minute_interrupts_the_session(heating):
    heating.guard_runs = False
    heating.run(70.0)
    assert heating.phase is Phase.INTERRUPTED
    heating.guard_runs = True
    assert stays_cold(heating, 120.0)


def test_what_the_guard_withholds_comes_back_by_itself_and_only_within_a_minute(heating):
    heating.sent = lambda readings: {
        name: c for name, c in readings.items() if not name.startswith("skin")
    }
    assert is_off_within(heating, 3.5)
    assert "withheld by the guard" in why(heating) or "No skin probe" in why(heating)
    heating.run(30.0)
    assert heating.phase is Phase.HEAT_UP
    heating.sent = lambda readings: readings
    assert heats_again(heating, within_s=20.0)


def test_a_guards_trip_trips_control(heating):
    heating.guard.on_stop("only-the-guard-heard-it")
    heating.run(1.0)
    assert heating.heater_w == 0.0
    assert heating.phase is Phase.TRIPPED
    assert heating.state.latches == ("guard_tripped",)
    assert heating.state.rows["guard_tripped"].text.endswith("stopped")
    assert stays_cold(heating, 60.0)


def test_a_control_that_hangs_is_revoked_within_1_7_s(heating):
    """H10."""
    heating.control_runs = False
    assert is_off_within(heating, 2.0)  # 1.7 s, seen every half second
    heating.run(10.0)
    assert "control_silent" in heating.guard.latches
    heating.control_runs = True
    heating.run(2.0)
    assert heating.phase is Phase.TRIPPED


def test_a_control_that_hangs_for_a_few_seconds_goes_on_in_the_same_epoch(heating):
    heating.control_runs = False
    heating.run(4.0)
    heating.control_runs = True
    assert heats_again(heating, within_s=20.0)
    assert heating.state.lease.epoch == 2
    assert "clock_jump" in heating.state.rows
    assert heating.state.overruns == 1


@pytest.mark.parametrize("seconds", [90.0, 3600.0])
def test_a_host_that_slept_does_not_wake_up_heating(heating, seconds):
    """H06: neither the time that passed nor what it found in its hands is taken for new."""
    heating.control_runs = heating.guard_runs = False
    heating.now_s += seconds
    heating.control_runs = heating.guard_runs = True
    heating.step()
    assert heating.heater_w == 0.0
    assert heating.outcome.dt_s == seconds + 0.5
    heating.run(70.0)
    assert heating.phase in (Phase.INTERRUPTED, Phase.TRIPPED)
    assert stays_cold(heating, 60.0)


def test_a_clock_that_goes_back_brings_no_heat_and_no_negative_time(heating):
    before = heating.state
    heating.state = before._replace(at_s=before.at_s + 100.0)  # as if the last cycle were to come
    heating.step()
    assert heating.outcome.dt_s == 0.0
    assert heating.state.clocks.heat_s >= before.clocks.heat_s


@pytest.mark.parametrize("kind", ["command", "permit", "node"])
def test_a_link_cut_one_way_takes_heat_within_the_lease(heating, kind):
    """H09."""
    heating.lost = {kind}
    assert is_off_within(heating, 3.5)


@pytest.mark.parametrize(("kind", "seconds"), [("heartbeat", 2.0), ("challenge", 3.5)])
def test_a_lost_answer_takes_heat_and_so_does_a_lost_question(heating, kind, seconds):
    heating.lost = {kind}
    assert is_off_within(heating, seconds)  # the last question may be answered for 1.5 s more
    assert heating.state.lease.epoch == 2  # withheld, and control asks for nothing meanwhile
    assert heating.outcome.command.power_pct == 0.0


def test_a_broker_that_is_gone_for_twenty_seconds_heals(heating):
    """H08."""
    heating.lost = {"node", "command", "heartbeat", "permit", "challenge", "guard_state"}
    assert is_off_within(heating, 3.5)
    heating.run(15.0)
    heating.lost = set()
    assert heats_again(heating, within_s=30.0)
    assert heating.state.lease.epoch == 2
    assert heating.state.latches == ()  # the dome's last word, "on", was not said under "off"


def test_a_lost_arm_opens_nothing_and_says_so(heating):
    heating.ask("pause")
    heating.run(2.0)
    heating.lost = {"arm"}
    heating.ask("resume", {"target_c": 38.5, "same_patient": True}, "go on")
    heating.run(5.0)
    assert heating.phase is Phase.HEAT_UP
    assert heating.heater_w == 0.0
    heating.run(6.0)
    assert heating.phase is Phase.INTERRUPTED
    assert "did not permit heat within 10 s" in heating.state.interrupted_by
    heating.lost = set()
    assert stays_cold(heating, 60.0)
