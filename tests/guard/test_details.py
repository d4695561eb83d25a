"""All that the contract lets an intent say of its details, and nothing else."""

import json

import pytest

from thermod.guard.decode import decode_intent
from thermod.guard.heard import IntentSeen, Refusal

CREATE = {
    **{"protocol": "hold-45", "subject": "S-1", "staff": "N-1", "consent": True},
    **{"target_c": 38.5, "one_core_probe": True},
}
ALLOWED = {
    "create": CREATE,
    "start": {"target_c": 38.5},
    "resume": {"target_c": 38.5, "same_patient": True},
    "pause": {},
    "stop": {},
    "reset": {"latches": ["stopped"]},
}


def intent(kind, details):
    message = {
        **{"intent_id": "i-1", "kind": kind, "by": "nurse-7", "role": "operator"},
        **{"reason": "", "controller_id": "c-1", "cycle": 1, "session_id": "s-1"},
        "details": details,
    }
    return decode_intent(json.dumps(message).encode())


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_the_contract_names_is_read(kind):
    seen = intent(kind, ALLOWED[kind])
    assert isinstance(seen, IntentSeen)
    assert seen.target_c == ALLOWED[kind].get("target_c")
    assert seen.subject == ALLOWED[kind].get("subject")


@pytest.mark.parametrize("kind", ALLOWED)
def test_what_it_names_for_another_kind_or_for_none_is_refused(kind):
    others = {key: value for details in ALLOWED.values() for key, value in details.items()}
    for key, value in {**others, "target": 38.5}.items():
        if key not in ALLOWED[kind]:
            found = intent(kind, {**ALLOWED[kind], key: value})
            assert isinstance(found, Refusal), key
            assert "unknown key" in found.text
