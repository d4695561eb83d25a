"""Any bytes on any topic: nothing raises, nothing drives control, everything odd is counted."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.messages import spoilt
from tests.scenarios.conftest import warm_patient
from thermod import cycle
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
