"""What those who run it can see without looking at a patient."""

from tests.gateway.fakes import SESSION, guard_state, node_state, snapshot
from thermod.snapshot import HealthView


async def test_health_asks_for_no_key(api):
    answer = await api.get("/healthz", headers={"Authorization": ""})
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_ready_says_what_is_not(rig, api):
    assert (await api.get("/readyz")).json() == {"ready": True, "checks": {}}
    rig.bus.connected = False
    rig.gateway.forward.configured = True
    answer = await api.get("/readyz", headers={"Authorization": ""})
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "broker": "no connection",
        "telemetry": "nothing was written yet",
    }
    rig.bus.connected = True
    rig.gateway.forward.written = True
    assert (await api.get("/readyz")).status_code == 200
    rig.gateway.forward.error = "HTTP 401: no"
    assert (await api.get("/readyz")).json()["checks"] == {"telemetry": "HTTP 401: no"}


async def test_metrics_need_a_key(api):
    answer = await api.get("/metrics", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_metrics_tell_ages_refusals_intents_and_forwarding(rig, api):
    refused = HealthView(1.0, 0, 0, 0, {"reading_not_finite": 3})
    rig.hear("state", snapshot(health=refused, session=SESSION))
    rig.hear("node/state", node_state())
    rig.hear("guard/state", guard_state(refused={"command_not_json": 2}), retain=True)
    rig.hear("state", b"{")
    rig.clock.time_s += 1.25
    rig.control_answers()
    await api.post("/v1/sessions/s-1/pause", json={})
    rig.control_answers(accepted=False)
    await api.post("/v1/sessions/s-1/pause", json={})
    await api.post("/v1/domes/dome-1/stop")
    rig.gateway.forward.backlog_rows = 12

    text = (await api.get("/metrics")).text

    for line in (
        'thermod_state_age_seconds{dome="dome-1",of="control"} 1.25',
        'thermod_state_age_seconds{dome="dome-1",of="node"} 1.25',
        'thermod_state_age_seconds{dome="dome-1",of="guard"} +Inf',
        'thermod_gateway_messages_refused_total{kind="state_malformed"} 1.0',
        'thermod_control_messages_refused_total{dome="dome-1",kind="reading_not_finite"} 3.0',
        'thermod_guard_messages_refused_total{dome="dome-1",kind="command_not_json"} 2.0',
        'thermod_intents_total{kind="pause",outcome="accepted"} 1.0',
        'thermod_intents_total{kind="pause",outcome="refused"} 1.0',
        "thermod_forward_backlog_rows 12.0",
        "thermod_gateway_link 1.0",
        "thermod_sse_clients 0.0",
    ):
        assert line in text.splitlines(), line


async def test_no_metric_bears_what_tells_of_a_patient(rig, api):
    rig.hear("state", snapshot(session=SESSION))
    text = (await api.get("/metrics")).text
    assert SESSION.subject not in text
    assert SESSION.session_id not in text
