"""What the API says about a dome, and what a wish becomes on the bus."""

import orjson
import pytest

from tests.gateway.fakes import ALARM, SESSION, guard_state, node_state, snapshot

ACT = {"seen": {"controller_id": "c-1", "cycle": 100}}
CREATE = {"protocol": "hold-45", "subject": "P-017", "staff": "N7", "consent": True}


async def test_a_dome_shows_its_snapshot_and_its_age_on_our_clock(rig, api):
    rig.hear_state(phase="hold", at_ms=0)
    rig.clock.time_s += 1.5

    dome = (await api.get("/v1/domes/dome-1")).json()

    assert (dome["live"], dome["age_s"]) == ("live", 1.5)
    assert dome["snapshot"]["phase"] == "hold"
    assert dome["snapshot"]["core"]["temp_c"] == 37.6


async def test_a_dome_never_heard_is_listed_as_unheard(rig, api):
    domes = (await api.get("/v1/domes")).json()["domes"]
    assert [(dome["dome"], dome["live"], dome["age_s"]) for dome in domes] == [
        ("dome-1", "unheard", None),
        ("dome-2", "unheard", None),
    ]


async def test_a_retained_state_is_shown_and_proves_nothing(rig, api):
    rig.hear("state", snapshot(), retain=True)
    dome = (await api.get("/v1/domes/dome-1")).json()
    assert (dome["live"], dome["age_s"]) == ("unproven", None)
    assert dome["snapshot"]["cycle"] == 100


async def test_a_retained_state_does_not_replace_a_live_one(rig, api):
    rig.hear_state(cycle=200)
    rig.clock.time_s += 2.0
    rig.hear("state", snapshot(cycle=150), retain=True)
    dome = (await api.get("/v1/domes/dome-1")).json()
    assert (dome["snapshot"]["cycle"], dome["age_s"]) == (200, 2.0)


async def test_after_three_seconds_of_silence_the_gateway_itself_alarms(rig, api):
    """H27: control is dead and nobody else is left to tell."""
    rig.hear_state()
    rig.clock.time_s += 3.0
    assert await alarm_ids(api) == set()
    rig.clock.time_s += 0.1
    alarms = (await api.get("/v1/alarms")).json()["alarms"]
    assert {alarm["dome"] for alarm in alarms} == {"dome-1", "dome-2"}  # dome-2 was never heard
    silent = alarms[0]
    assert (silent["alarm_id"], silent["priority"]) == ("control_silent", "high")
    assert silent["source"] == "gateway"
    assert (await api.get("/v1/domes/dome-1")).json()["live"] == "silent"

    rig.hear_state(cycle=101)
    assert ("dome-1", "control_silent") not in await alarm_ids(api)


async def test_alarms_of_a_silent_control_are_shown_as_no_longer_current(rig, api):
    rig.hear_state(alarms=(ALARM,))
    left = {"id": "lid_open", "priority": "medium", "state": "active", "text": "t", "do": "d"}
    rig.hear("alarm/lid_open", {**left, "since_ms": 1}, retain=True)
    assert await alarm_ids(api, dome="dome-1") == {("dome-1", "core_warm")}

    rig.clock.time_s += 3.1
    alarms = (await api.get("/v1/domes/dome-1")).json()["alarms"]

    assert {(alarm["alarm_id"], alarm["current"]) for alarm in alarms} == {
        ("control_silent", True),
        ("core_warm", False),
        ("lid_open", False),
    }
    rig.hear("alarm/lid_open", b"", retain=True)
    assert ("dome-1", "lid_open") not in await alarm_ids(api)


async def test_node_and_guard_are_shown_also_when_control_was_never_heard(rig, api):
    rig.hear("node/state", node_state(applied_pct=41.0, measured_w=820.0))
    rig.hear("guard/state", guard_state(broken=["core_fresh"]), retain=True)
    rig.clock.time_s += 0.5
    dome = (await api.get("/v1/domes/dome-1")).json()
    assert (dome["node"]["measured_w"], dome["node"]["age_s"]) == (820.0, 0.5)
    assert (dome["guard"]["broken"], dome["guard"]["age_s"]) == (["core_fresh"], None)


async def test_create_names_the_snapshot_the_person_and_the_reply_address(rig, api):
    rig.hear_state(cycle=140)
    rig.control_answers(session_id="s-9", phase="preflight")

    answer = await api.post("/v1/domes/dome-1/sessions", json=CREATE)

    (intent,) = rig.bus.named("intent")
    assert answer.status_code == 201
    assert answer.json() == {
        "intent_id": intent.body["intent_id"],
        "session_id": "s-9",
        "phase": "preflight",
    }
    assert intent.topic == "thermod/v1/clinic/dome-1/intent"
    assert intent.body == {
        "intent_id": intent.body["intent_id"],
        "kind": "create",
        "by": "test-operator",
        "role": "operator",
        "reason": "",
        "controller_id": "c-1",
        "cycle": 140,
        "session_id": None,
        "details": CREATE,
    }
    assert intent.options["qos"] == 1
    assert "retain" not in intent.options
    assert intent.options["response_topic"] == "thermod/v1/clinic/dome-1/reply/gateway"
    assert intent.options["correlation"] == intent.body["intent_id"].encode()


async def test_a_wish_names_what_the_client_says_it_saw(rig, api):
    rig.hear_state(cycle=140)
    rig.control_answers()
    seen = {"controller_id": "c-0", "cycle": 7}
    await api.post("/v1/domes/dome-1/confirm-presence", json={"seen": seen})
    (intent,) = rig.bus.named("intent")
    assert (intent.body["controller_id"], intent.body["cycle"]) == ("c-0", 7)


async def test_every_intent_is_one_that_control_can_read(rig, api):
    from thermod.mailbox import Intent
    from thermod.wire import decode_intent

    rig.hear_state(session=SESSION, phase="hold", alarms=(ALARM,))
    rig.control_answers()
    asked = {
        "/v1/domes/dome-1/sessions": CREATE,
        "/v1/domes/dome-1/confirm-presence": {},
        "/v1/domes/dome-1/reset": {"latches": ["stopped"], "reason": "checked"},
        "/v1/sessions/s-1/start": {"target_c": 38.4},
        "/v1/sessions/s-1/pause": {},
        "/v1/sessions/s-1/resume": {"same_patient": True, "reason": "back"},
        "/v1/sessions/s-1/stop": {},
        "/v1/sessions/s-1/close": {"reason": "cold room"},
        "/v1/sessions/s-1/confirm-presence": {},
        "/v1/sessions/s-1/manual-check": {"core_temp_c": 38.2},
        "/v1/sessions/s-1/note": {"text": "drank 200 ml"},
        "/v1/alarms/dome-1/core_warm/acknowledge": {},
        "/v1/alarms/dome-1/core_warm/audio-pause": {},
    }
    for path, body in asked.items():
        answer = await api.post(path, json=body)
        assert answer.is_success, (path, answer.text)

    kinds = []
    for intent in rig.bus.named("intent"):
        payload = orjson.dumps(intent.body)
        decoded = decode_intent(payload, retained=False, received_s=0.0, reply_to=None)
        assert isinstance(decoded, Intent), decoded
        kinds.append(decoded.kind)
    assert kinds == [
        "create", "confirm-presence", "reset", "start", "pause", "resume", "stop", "close",
        "confirm-presence", "manual-check", "note", "acknowledge", "audio-pause",
    ]  # fmt: skip


async def test_a_start_without_a_target_takes_the_one_that_is_shown(rig, api):
    rig.hear_state(session=SESSION, phase="preflight", target_c=38.2)
    rig.control_answers(phase="heat_up")
    await api.post("/v1/sessions/s-1/start", json={})
    assert rig.bus.named("intent")[0].body["details"] == {"target_c": 38.2}


async def test_a_refusal_is_passed_on_with_its_reason_and_remedy(rig, api):
    rig.hear_state()
    rig.control_answers(accepted=False, because="core-2 is out", do="Check the cable.")
    answer = await api.post("/v1/domes/dome-1/sessions", json=CREATE)
    problem = answer.json()
    assert answer.status_code == 409
    assert (problem["detail"], problem["do"]) == ("core-2 is out", "Check the cable.")
    assert problem["type"] == "/problems/refused"


async def test_a_session_created_a_moment_ago_can_be_started_before_its_first_snapshot(rig, api):
    rig.hear_state()
    rig.control_answers(session_id="s-new")
    await api.post("/v1/domes/dome-1/sessions", json=CREATE)
    answer = await api.post("/v1/sessions/s-new/start", json={})
    assert answer.status_code == 200
    assert rig.bus.named("intent")[-1].body["session_id"] == "s-new"


async def test_an_unknown_session_is_not_found(rig, api):
    rig.hear_state()
    assert (await api.post("/v1/sessions/s-none/pause", json={})).status_code == 404


async def test_nothing_is_asked_while_control_is_not_heard(rig, api):
    rig.hear_state()
    rig.clock.time_s += 3.1
    answer = await api.post("/v1/domes/dome-1/sessions", json=CREATE)
    assert answer.status_code == 503
    assert rig.bus.named("intent") == []


async def test_nothing_is_asked_without_a_broker(rig, api):
    rig.hear_state()
    rig.bus.connected = False
    answer = await api.post("/v1/domes/dome-1/sessions", json=CREATE)
    assert answer.status_code == 503
    assert "broker" in answer.json()["detail"]


@pytest.mark.slow
async def test_no_answer_within_three_seconds_is_said_to_be_one(rig, api):
    rig.hear_state()
    answer = await api.post("/v1/domes/dome-1/sessions", json=CREATE)
    assert answer.status_code == 504
    assert answer.json()["intent_id"] == rig.bus.named("intent")[0].body["intent_id"]


async def test_the_gateways_own_alarm_cannot_be_acknowledged_away(rig, api):
    rig.clock.time_s += 4.0
    answer = await api.post("/v1/alarms/dome-1/control_silent/acknowledge", json={})
    assert answer.status_code == 409
    assert rig.bus.sent == []


async def alarm_ids(api, dome=None):
    alarms = (await api.get("/v1/alarms")).json()["alarms"]
    return {
        (alarm["dome"], alarm["alarm_id"])
        for alarm in alarms
        if dome is None or alarm["dome"] == dome
    }
