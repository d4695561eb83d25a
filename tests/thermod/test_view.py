"""What control says of its alarms: on their topics, as events, and in the snapshot's latches."""

import orjson

from alarms.engine import restored
from alarms.rules import RULES
from thermod import view

AT_MS = 1_764_000_000_000


def topics(world, *alarm_ids):
    messages = view.alarm_messages(world.state, alarm_ids, world.now_s, AT_MS)
    return {name: orjson.loads(text) if text else None for name, text in messages.items()}


def events(world):
    return [orjson.loads(text) for text in view.event_messages(world.state, world.outcome, AT_MS)]


def latches(world):
    return view.snapshot(world.plan, world.state, world.outcome, AT_MS, 0.7).latches


def over_skin_limit(readings):
    return {**readings, "skin-1": 43.6}


def test_an_alarm_topic_carries_probe_value_limit_and_remedy(heating):
    heating.sent = over_skin_limit
    heating.run(4.0)
    alarm = topics(heating, "skin_cutoff")["skin_cutoff"]
    assert (alarm["value"], alarm["limit"], alarm["unit"]) == (43.6, 43.0, "°C")
    assert alarm["probe"] == "skin-1"
    assert (alarm["priority"], alarm["state"]) == ("high", "active")
    assert alarm["do"] == "Open the lid, begin cooling, and check the patient."
    assert alarm["text"] == "Skin 43.6 °C (skin-1) is above the cut-off 43.0 °C"


def test_a_fact_has_no_value_and_no_limit(heating):
    heating.press_stop()
    heating.step()
    alarm = topics(heating, "stopped")["stopped"]
    assert (alarm["value"], alarm["limit"], alarm["first_out"]) == (None, None, True)


def test_what_is_not_shown_is_quiet_or_was_never_ours_is_cleared(heating):
    heating.sent = lambda readings: {
        name: c for name, c in readings.items() if not name.startswith("core")
    }
    heating.run(3.0)
    assert heating.state.rows["core_late"].active
    found = topics(heating, "core_late", "core_cutoff", "an_alarm_of_last_year")
    assert found == {"core_late": None, "core_cutoff": None, "an_alarm_of_last_year": None}


def test_each_change_of_an_alarm_is_an_event_with_its_numbers(heating):
    heating.sent = over_skin_limit
    heating.step()
    (told,) = (
        event
        for event in events(heating)
        if event["kind"] == "alarm" and event["alarm"]["id"] == "skin_hot"
    )
    assert told["alarm"] == {
        "id": "skin_hot",
        "change": "raised",
        "priority": "high",
        "value": 43.6,
        "limit": 42.0,
        "unit": "°C",
        "probe": "skin-1",
    }
    assert told["text"].startswith("skin_hot raised: Skin 43.6 °C (skin-1)")
    assert told["session_id"] == heating.state.session.session_id


def test_an_event_of_an_acknowledged_alarm_says_by_whom_and_quiet_rows_make_none(heating):
    heating.sent = over_skin_limit
    heating.step()
    heating.ask("acknowledge", {"alarm": "skin_hot"})
    heating.step()
    (told,) = (event for event in events(heating) if event["kind"] == "alarm")
    assert (told["by"], told["alarm"]["change"], told["alarm"]["value"]) == (
        *("nurse-1", "acknowledged"),
        43.6,
    )
    heating.sent = lambda readings: {}
    heating.run(2.0)
    quiet = {rule.alarm_id for rule in RULES if not rule.signals}
    assert quiet & {event.get("alarm", {}).get("id") for event in events(heating)} == set()


def test_what_is_latched_for_its_signal_alone_can_be_reset_by_name_too(heating):
    rows = restored(RULES, {"clock_jump": "stood still for 3.0 s"}, heating.now_s)
    heating.state = heating.state._replace(rows={**heating.state.rows, **rows})
    heating.step()
    assert heating.state.latches == ()  # it keeps no heat away
    assert latches(heating) == ("clock_jump",)
    heating.ask("reset", {"latches": ["clock_jump"]}, "the backup was the cause")
    heating.step()
    assert latches(heating) == ()


def control(world):
    return view.snapshot(world.plan, world.state, world.outcome, AT_MS, 0.7).control


def test_the_time_to_target_is_told_with_its_interval_in_heat_up_and_nowhere_else(heating):
    told = control(heating)
    assert told.eta_low_min < told.eta_min < told.eta_high_min
    heating.press_stop()
    heating.step()
    assert control(heating).eta_min is None
