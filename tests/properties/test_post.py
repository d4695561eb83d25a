"""Any bytes on any topic: nothing raises, nothing drives control, everything odd is counted."""

from collections import Counter
from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.messages import spoilt
from tests.scenarios.conftest import warm_patient
from thermod import cycle, record, view
from thermod.mqtt import Inbound
from thermod.post import Post
from thermod.sim.world import plan_for
from thermod.state import Binding, boot

PLAN = replace(plan_for(warm_patient()), bindings=(Binding("room-1", "zigbee/room", "number"),))
KINDS = {
    "node/state": "node_state", "guard/permit": "permit", "guard/challenge": "challenge",
    "guard/state": "guard_state", "intent": "intent", "stop": "stop",
    "heater/command": "speaker", "heartbeat": "speaker",
}  # fmt: skip


def all_routes(post):
    return {topic: handler for topic, _, handler in post.routes()}


@settings(max_examples=150)
@given(
    payload=st.binary(max_size=120),
    retain=st.booleans(),
    reply_to=st.none() | st.text(max_size=40),
)
def test_any_bytes_on_any_topic_are_borne(payload, retain, reply_to):
    post = Post(PLAN)
    for topic, handler in all_routes(post).items():
        handler(Inbound(topic, payload, retain, reply_to, None), 10.0)
    state, outcome = cycle.step(PLAN, boot(PLAN), post.box.take(), 10.0)
    assert outcome.command is None
    assert state.power_pct == 0.0


def test_spoilt_messages_on_their_own_topics_are_borne_and_counted():
    post, state = Post(PLAN), boot(PLAN)
    routes = all_routes(post)
    for number in range(1200):
        now_s = 10.0 + number / 64.0
        for topic, handler in routes.items():
            kind = next((k for suffix, k in KINDS.items() if topic.endswith(suffix)), "reading")
            payload = next(spoilt(kind, 1, seed=number))
            handler(Inbound(topic, payload, False, None, None), now_s)
        if number % 16 == 0:
            state, outcome = cycle.step(PLAN, state, post.box.take(), now_s)
            assert state.power_pct == 0.0
            assert outcome.command is None
    refused = post.box.refused
    kinds = {"reading", *KINDS.values()} - {"stop", "speaker"}
    assert {f"{kind}_malformed" for kind in kinds} <= set(refused)
    assert len(refused) < 40  # kinds are a fixed few, however many messages come


def test_every_refusal_is_in_the_journal_and_in_the_snapshot_by_its_kind():
    """H19: what the cycles' rows say adds up to what was counted, and none of it twice."""
    post, state = Post(PLAN), boot(PLAN)
    routes = all_routes(post)
    told: Counter[str] = Counter()
    for number in range(64):
        now_s = 10.0 + number / 2.0
        for topic, handler in routes.items():
            kind = next((k for suffix, k in KINDS.items() if topic.endswith(suffix)), "reading")
            for payload in spoilt(kind, 2, seed=number):
                handler(Inbound(topic, payload, number % 8 == 7, None, None), now_s)
        before = state
        state, outcome = cycle.step(PLAN, before, post.box.take(), now_s)
        row, *_ = record.rows(
            PLAN, before, state, outcome, at_ms=number, cycle_ms=0.5, config_sha256=""
        )
        told.update(orjson.loads(row.inputs).get("refused", {}))
    assert len(told) > 10
    assert told == post.box.refused
    shown = orjson.loads(view.state_message(PLAN, state, outcome, 0, 0.5))["health"]["refused"]
    assert shown == told  # and from there, by kind, in the gateway's /metrics
    state, outcome = cycle.step(PLAN, state, post.box.take(), now_s + 0.5)
    row, *_ = record.rows(PLAN, state, state, outcome, at_ms=0, cycle_ms=0.5, config_sha256="")
    assert "refused" not in orjson.loads(row.inputs)
