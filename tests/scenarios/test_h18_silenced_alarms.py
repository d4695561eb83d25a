"""H18: acknowledge, audio pause and reset are three acts, and none of them gives heat back."""

import pytest

from alarms.people import AUDIO_PAUSE_S_MAX
from controllers.session import Phase
from tests.scenarios.people import answer, is_accepted, reset, stays_cold


def hot_skin(readings):
    return {**readings, "skin-1": 42.4}


def both(readings):
    return {**readings, "skin-1": 42.4, "air-1": 66.0}


def changes(world, alarm_id):
    return [change for change in world.outcome.changes if change.alarm_id == alarm_id]


def paused_s(world, alarm_id):
    """Seconds of silence left."""
    until_s = world.state.rows[alarm_id].audio_paused_until_s
    return 0.0 if until_s is None else until_s - world.now_s


@pytest.fixture
def silenced(heating):
    """Heat is off for a hot skin, and somebody has silenced that."""
    heating.sent = hot_skin
    heating.run(8.0)  # the milder skin_warm has come, too
    assert heating.heater_w == 0.0
    assert is_accepted(heating, heating.ask("audio-pause", {"alarm": "skin_hot"}))
    return heating


def test_a_pause_is_of_one_condition_lasts_120_s_at_most_and_is_logged_with_its_end(silenced):
    assert [change.by for change in changes(silenced, "skin_hot")] == ["nurse-1"]
    assert paused_s(silenced, "skin_hot") == AUDIO_PAUSE_S_MAX == 120.0
    silenced.run(119.5)
    assert paused_s(silenced, "skin_hot") > 0.0
    silenced.step()
    assert paused_s(silenced, "skin_hot") == 0.0
    assert [change.change for change in changes(silenced, "skin_hot")] == ["audio_resumed"]


def test_silence_and_acknowledgement_give_no_heat_back(silenced):
    assert is_accepted(silenced, silenced.ask("acknowledge", {"alarm": "skin_hot"}))
    assert stays_cold(silenced, 130.0)
    assert silenced.state.rows["skin_hot"].acknowledged_by == "nurse-1"


def test_any_new_alarm_sounds_and_lets_the_silenced_one_sound_again(silenced):
    """Also one of lower priority: air_warm is low, skin_hot high."""
    silenced.sent = both
    silenced.run(12.0)
    assert "air_warm" in silenced.state.rows
    assert paused_s(silenced, "skin_hot") == 0.0


@pytest.mark.parametrize("lost", ["node", "challenge"])
def test_a_lost_link_lets_what_was_silenced_sound_again_within_four_seconds(cooling, lost):
    """In cool-down nothing heats, so nothing else would be told of the guard's silence."""
    cooling.sent = hot_skin
    cooling.run(8.0)
    assert is_accepted(cooling, cooling.ask("audio-pause", {"alarm": "skin_hot"}))
    cooling.run(3.0)
    assert paused_s(cooling, "skin_hot") > 0.0
    cooling.lost = {lost}
    cooling.run(4.0)
    assert paused_s(cooling, "skin_hot") == 0.0


def test_a_restart_of_control_forgets_silence_and_keeps_the_latch(heating):
    heating.press_stop()
    heating.run(2.0)
    assert is_accepted(heating, heating.ask("audio-pause", {"alarm": "stopped"}))
    heating.restart_control()
    heating.step()
    assert heating.state.rows["stopped"].latched
    assert paused_s(heating, "stopped") == 0.0


def test_a_reset_is_refused_while_the_condition_stands_and_needs_a_reason(heating):
    heating.sent = lambda readings: {**readings, "skin-1": 43.6}
    heating.run(4.0)
    assert heating.phase is Phase.TRIPPED
    refused = answer(heating, reset(heating, "skin_cutoff"))
    assert refused.because.startswith("skin_cutoff still stands: Skin 43.6 °C (skin-1)")
    heating.sent = lambda readings: readings
    heating.run(40.0)
    assert "needs a reason" in answer(heating, reset(heating, "skin_cutoff", reason="")).because
    assert is_accepted(heating, reset(heating))
    (change,) = changes(heating, "skin_cutoff")
    assert (change.change, change.by) == ("reset", "nurse-1")
    assert "found and put right" in change.text
    assert stays_cold(heating, 60.0)  # a reset is not a resume


def test_of_a_cascade_the_first_is_marked(heating):
    heating.press_stop()
    heating.step()
    heating.sent = both
    heating.run(20.0)
    first = [name for name, row in heating.state.rows.items() if row.first_out]
    assert first == ["stopped"]
    assert len([row for row in heating.state.rows.values() if row.shown]) >= 3
