"""Alarms as people and programs meet them: values, pages, the log, and what a lost link does."""

from dataclasses import replace

from alarms.advice.gateway import OWN
from alarms.pages import pages
from tests.gateway.fakes import ALARM
from tests.thermod.journal_rows import ALARM as ROW
from thermod.gateway import watch
from thermod.gateway.forward import ForwardStatus
from thermod.journal import Journal


async def alarms(api, path="/v1/alarms"):
    found = (await api.get(path)).json()["alarms"]
    return {alarm["alarm_id"]: alarm for alarm in found if alarm["dome"] == "dome-1"}


async def test_value_limit_unit_and_probe_are_fields_of_an_alarm(rig, api):
    numbers = {"value": 38.72, "limit": 38.7, "unit": "°C", "probe": "core-1"}
    rig.hear_state(alarms=(replace(ALARM, **numbers),))
    (shown,) = (await alarms(api)).values()
    assert {name: shown[name] for name in numbers} == numbers


async def test_a_lost_link_silences_nothing_any_more(rig, api):
    """H18. Nobody counts a pause down on what was heard before."""
    rig.hear_state(alarms=(replace(ALARM, audio_paused_s=100.0),))
    assert (await alarms(api))["core_warm"]["audio_paused_s"] == 100.0
    rig.clock.time_s += 3.1
    shown = (await alarms(api))["core_warm"]
    assert (shown["current"], shown["audio_paused_s"]) == (False, 0.0)


async def test_an_alarm_left_on_the_broker_keeps_what_it_knew(rig, api):
    left = {"id": "core_hot", "priority": "high", "state": "active", "text": "", "do": ""}
    left |= {"since_ms": 1, "first_out": True, "value": 39.0, "limit": 38.9, "probe": "core-1"}
    rig.hear("alarm/core_hot", {**left, "unit": "°C", "acknowledged_by": "nurse-7"}, retain=True)
    shown = (await alarms(api))["core_hot"]
    assert shown["current"] is False
    assert (shown["first_out"], shown["value"], shown["limit"]) == (True, 39.0, 38.9)


async def test_every_alarm_has_its_page(api):
    for page in pages():
        answer = await api.get(watch.page_of(page.alarm_id))
        assert answer.status_code == 200
        assert answer.json()["mitigation"] == list(page.advice.mitigation)
        assert answer.json()["do"] == page.do


async def test_there_is_no_page_of_an_alarm_that_is_none(api):
    assert (await api.get("/v1/alarms/no_such_alarm/page")).status_code == 404


def test_the_pages_of_the_gateways_own_alarms_say_what_it_says(rig):
    """The others come from their rows; these are told twice."""
    told = {}
    for forward in (
        ForwardStatus(refused_why="token"),
        ForwardStatus(error="no answer", error_since_s=0.0),
        ForwardStatus(dead_letters=3),
    ):
        rig.clock.time_s = 2000.0
        found = watch.conditions(
            rig.gateway.picture, connected=True, journal_error="gone", forward=forward
        )
        told |= {one.alarm_id: (one.priority, one.do) for one in found}
    assert told == {own.alarm_id: (own.priority.name.lower(), own.do) for own in OWN}


async def test_the_log_is_read_from_the_journal_newest_first(rig, api):
    journal = Journal(rig.journal)
    journal.append(ROW._replace(session_id="s-1"))
    journal.append(ROW._replace(change="reset", by="nurse-7", dome="dome-2"))
    assert journal.flush(5.0)
    journal.close()
    entries = (await api.get("/v1/alarms/log")).json()["entries"]
    assert [entry["change"] for entry in entries] == ["reset", "raised"]
    numbers = {name: entries[1][name] for name in ("value", "limit", "unit", "probe", "by")}
    assert numbers == {
        "value": ROW.value,
        "limit": ROW.limit_in_force,
        "unit": "°C",
        "probe": "core-1",
        "by": None,
    }
    (of_dome,) = (await api.get("/v1/alarms/log?dome=dome-2")).json()["entries"]
    assert of_dome["by"] == "nurse-7"
    (of_session,) = (await api.get("/v1/alarms/log?session=s-1")).json()["entries"]
    assert of_session["change"] == "raised"


async def test_before_there_is_a_journal_the_log_is_empty(api):
    assert (await api.get("/v1/alarms/log")).json() == {"entries": []}
