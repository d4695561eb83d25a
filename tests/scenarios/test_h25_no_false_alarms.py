"""H25: alarms that mean nothing teach people to switch alarms off."""

from random import Random

import pytest

from alarms.model import Effect
from alarms.rules import RULES


def test_h25_a_healthy_session_from_create_to_close_raises_nothing(course):
    assert course.alarms == []


# Only the deadband keeps the slow one from alarming again, only its time the fast one.
SWINGS = {"slow": (0.1, 80), "fast": (0.5, 4)}  # °C about the limit, half seconds each way


@pytest.mark.parametrize("swing", SWINGS)
@pytest.mark.parametrize(
    ("probe_id", "limit_c", "alarm_id"),
    [("skin-1", 41.0, "skin_warm"), ("skin-1", 42.0, "skin_hot")],
)
def test_h25_a_reading_that_swings_about_a_limit_alarms_once_and_clears_once(
    heating, probe_id, limit_c, alarm_id, swing
):
    delta_c, steps = SWINGS[swing]
    told = []
    for step in range(600):
        off_c = 0.3 if step < 40 else -2.0 if step >= 400 else delta_c
        if 40 <= step < 400 and step // steps % 2:
            off_c = -delta_c
        heating.sent = lambda readings, c=limit_c + off_c: {**readings, probe_id: c}
        told += [change.change for change in heating.step().changes if change.alarm_id == alarm_id]
    assert told == ["raised", "cleared"]


def test_h25_one_percent_of_lost_messages_and_jitter_raise_nothing(heating):
    chance = Random(25)
    told = []
    for _ in range(600):
        kinds = ("node", "command", "heartbeat", "permit", "challenge", "guard_state")
        heating.lost = {kind for kind in kinds if chance.random() < 0.01}
        told += heating.step().changes
    assert told == []
    assert heating.state.lease.epoch == 2


def test_h25_a_spike_of_one_sample_trips_nothing(heating):
    probes = ("core-1", "skin-1", "air-1")
    for probe_id, spike_c in zip(probes, (42.9, 49.0, 110.0), strict=True):
        heating.sent = lambda readings, name=probe_id, c=spike_c: {**readings, name: c}
        heating.step()
        heating.sent = lambda readings: readings
        heating.run(60.0)
    assert heating.state.latches == ()
    assert heating.heater_w > 0.0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alarm_id)
def test_h25_a_row_that_judges_a_measurement_has_a_delay_a_deadband_or_a_reason(rule):
    """A clock only grows, and a trip is ended by a person: neither can flutter."""
    measured = rule.unit in ("°C", "°C/min", "MB")
    damped = rule.for_s > 0.0 or rule.inside_delta > 0.0 or rule.inside_s > 0.0
    exempt = {
        "core_single": "one sample, one cycle, nobody is told",
        "core_rise_too_fast": "clears at a limit of its own",
        "manual_check_differs": "a person's entry, and it latches a pause",
    }
    assert damped or not measured or rule.effect is Effect.TRIP or rule.alarm_id in exempt
