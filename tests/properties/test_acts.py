"""No act raises, in any phase; and what an act is refused for is said."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controllers.session import Phase
from thermod import acts, wire
from thermod.cycle import step
from thermod.mailbox import Inbox, Intent
from thermod.state import boot
from thermod.wire import DETAILS

KINDS = [
    "create", "start", "pause", "resume", "stop", "close", "confirm-presence", "acknowledge",
    "audio-pause", "reset", "note",
]  # fmt: skip
NAMES = st.sampled_from(["stopped", "core_cutoff", "guard_tripped", "no_such_alarm", "core_hot"])
WORDS = {
    "protocol": st.sampled_from(["hold-5", "hold-45", "x"]),
    "subject": st.sampled_from(["S-1", "SIM-1"]),
    "staff": st.just("N-1"),
    "consent": st.just(True),
    "target_c": st.sampled_from([38.5, 37, 36.9, 38.6, 38.7, 1e300, -1e300]),
    "one_core_probe": st.booleans(),
    "same_patient": st.booleans(),
    "alarm": NAMES,
    "latches": st.lists(NAMES, min_size=1, max_size=4),
    "text": st.just("…"),
}


@st.composite
def intents(draw):
    kind = draw(st.sampled_from(KINDS))
    model = DETAILS.get(kind)
    details = {} if model is None else {name: draw(WORDS[name]) for name in model.model_fields}
    return {
        "intent_id": draw(st.sampled_from(["i-1", "i-2", "f" * 36, "e" * 36])),
        "kind": kind,
        "by": "somebody",
        "role": draw(st.sampled_from(["operator", "clinician", "viewer", "x"])),
        "reason": draw(st.sampled_from(["", "because"])),
        "controller_id": draw(st.sampled_from(["c-world", "c-world", "c-other"])),
        "cycle_off": draw(st.integers(-20, 20) | st.just(0)),
        "session_id": draw(st.sampled_from([None, "s-1", "own"])),
        "details": details,
    }


@settings(max_examples=250)
@given(phase=st.sampled_from(list(Phase)), asked=st.lists(intents(), max_size=4), latched=NAMES)
def test_no_act_raises_in_any_phase(heating_once, phase, asked, latched):
    world = heating_once
    state = world.state._replace(phase=phase, latches=(latched,))
    scene = acts.Scene(world.plan, world.outcome.inbox, world.outcome.picture, (), world.now_s)
    for fields in asked:
        cycle = max(0, state.cycle + fields["cycle_off"])
        own = None if state.session is None else state.session.session_id
        session_id = own if fields["session_id"] == "own" else fields["session_id"]
        message = {**fields, "cycle": cycle, "session_id": session_id}
        del message["cycle_off"]
        intent = wire.decode_intent(
            orjson.dumps(message), retained=False, received_s=world.now_s, reply_to=None
        )
        assert not isinstance(intent, wire.Refused), intent
        before = state
        acted = acts.act(state, intent, scene)
        state = acted.state
        assert acted.reply.because
        assert acted.reply.accepted or acted.reply.do
        if not acted.reply.accepted:
            assert acted.arms is acts.Scope.NONE
            assert state == before._replace(seen_intents=state.seen_intents)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_can_be_asked_of_a_control_that_has_heard_nothing(idle_once, kind):
    """No dome, no guard and no reading: still an answer."""
    world = idle_once
    details = {
        "create": {"protocol": "hold-5", "subject": "S", "staff": "N", "consent": True},
        "start": {"target_c": 38.5},
        "resume": {"target_c": 38.5},
        "acknowledge": {"alarm": "stopped"},
        "audio-pause": {"alarm": "stopped"},
        "reset": {"latches": ["stopped"]},
        "note": {"text": "…"},
    }.get(kind, {})
    asked = Intent("i", kind, "n", "admin", "why", "c-world", 0, None, details, 1.0)
    state, outcome = step(world.plan, boot(world.plan), Inbox({}, intents=(asked,)), 1.0)
    assert len(outcome.replies) == 1
    assert outcome.command is None
    assert state.phase in (Phase.IDLE, Phase.PREFLIGHT)
