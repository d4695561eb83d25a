"""The same Idempotency-Key gets the same answer, and no second act."""

import asyncio

from tests.gateway.fakes import SESSION, eventually
from thermod.gateway.answers import KEPT_MS

CREATE = {"protocol": "hold-45", "subject": "P-017", "staff": "N7", "consent": True}
SESSIONS = "/v1/domes/dome-1/sessions"
ONCE = {"Idempotency-Key": "tablet-3-17"}


async def test_a_repeated_create_is_answered_from_memory(rig, api):
    rig.hear_state()
    rig.control_answers(session_id="s-9")
    first = await api.post(SESSIONS, json=CREATE, headers=ONCE)
    again = await api.post(SESSIONS, json=CREATE, headers=ONCE)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(rig.bus.named("intent")) == 1


async def test_what_was_seen_does_not_make_it_another_request(rig, api):
    rig.hear_state()
    rig.control_answers()
    await api.post(SESSIONS, json=CREATE, headers=ONCE)
    newer = {**CREATE, "seen": {"controller_id": "c-1", "cycle": 102}}
    assert (await api.post(SESSIONS, json=newer, headers=ONCE)).status_code == 201
    assert len(rig.bus.named("intent")) == 1


async def test_the_same_key_for_another_body_is_a_problem(rig, api):
    rig.hear_state()
    rig.control_answers()
    await api.post(SESSIONS, json=CREATE, headers=ONCE)
    other = await api.post(SESSIONS, json={**CREATE, "subject": "P-018"}, headers=ONCE)
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert len(rig.bus.named("intent")) == 1


async def test_a_refusal_is_kept_too(rig, api):
    rig.hear_state(session=SESSION)
    rig.control_answers(accepted=False, because="the checklist is not complete")
    first = await api.post("/v1/sessions/s-1/start", json={}, headers=ONCE)
    rig.control_answers(accepted=True)
    again = await api.post("/v1/sessions/s-1/start", json={}, headers=ONCE)
    assert (first.status_code, again.status_code) == (409, 409)
    assert again.json() == first.json()
    assert again.headers["content-type"] == "application/problem+json"


async def test_another_persons_same_key_is_another_request(rig, api):
    rig.hear_state()
    rig.control_answers()
    await api.post(SESSIONS, json=CREATE, headers=ONCE)
    await api.post(SESSIONS, json=CREATE, headers={**ONCE, **rig.bearer("clinician")})
    first, second = rig.bus.named("intent")
    assert first.body["intent_id"] != second.body["intent_id"]


async def test_a_repeat_while_the_first_waits_is_told_so(rig, api):
    rig.hear_state()
    waiting = asyncio.create_task(api.post(SESSIONS, json=CREATE, headers=ONCE))
    await eventually(lambda: rig.bus.sent)
    assert (await api.post(SESSIONS, json=CREATE, headers=ONCE)).status_code == 409
    answer = {"intent_id": rig.bus.sent[0].body["intent_id"], "accepted": True}
    rig.hear("reply/gateway", answer, correlation=answer["intent_id"].encode())
    assert (await waiting).status_code == 201


async def test_after_no_answer_a_repeat_asks_again_under_the_same_intent_id(rig, api, monkeypatch):
    """So control, which refuses an id that it has seen, can never act twice."""
    monkeypatch.setattr("thermod.gateway.intents.ANSWER_WITHIN_S", 0.01)
    rig.hear_state()
    assert (await api.post(SESSIONS, json=CREATE, headers=ONCE)).status_code == 504
    assert (await api.post(SESSIONS, json=CREATE, headers=ONCE)).status_code == 504
    first, second = rig.bus.named("intent")
    assert first.body["intent_id"] == second.body["intent_id"]


async def test_answers_are_kept_for_a_day(rig, api):
    rig.hear_state()
    rig.control_answers()
    await api.post(SESSIONS, json=CREATE, headers=ONCE)
    rig.clock.time_s += KEPT_MS / 1000 + 1
    rig.hear_state()
    await api.post(SESSIONS, json=CREATE, headers={"Idempotency-Key": "another"})
    assert len(rig.store.rows("SELECT * FROM answers")) == 1


async def test_a_broken_database_does_not_keep_staff_from_acting(rig, api):
    rig.hear_state()
    rig.control_answers()
    with rig.store.transaction() as db:
        db.execute("DROP TABLE answers")
    assert (await api.post(SESSIONS, json=CREATE, headers=ONCE)).status_code == 201
