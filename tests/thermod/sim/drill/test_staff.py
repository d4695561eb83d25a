"""The drill's staff: what they would do next about a dome that shall heat."""

import pytest

from thermod.sim.drill.staff import next_deed


def state(phase, *, latches=(), tripped=(), broken=(), checks=(), core_c=37.0, due_s=None):
    return {
        "session": None if due_s is None else {"presence_due_s": due_s},
        "phase": phase,
        "target_c": 38.5,
        "latches": list(latches),
        "core": {"temp_c": core_c},
        "guard": {"tripped_by": list(tripped), "broken": list(broken)},
        "preflight": [{"ok": ok} for ok in checks],
    }


def kind(state):
    deed = next_deed(state)
    return None if deed is None else deed.kind


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (state("idle"), "create"),
        (state("ended"), "create"),
        (state("preflight", checks=(True, None)), None),
        (state("preflight", checks=(True, True)), "start"),
        (state("preflight", checks=(False, None)), None),
        (state("preflight", checks=(True, False)), "create"),
        (state("heat_up"), None),
        (state("heat_up", due_s=900.0), None),
        (state("heat_up", due_s=200.0), "confirm-presence"),
        (state("paused"), "resume"),
        (state("interrupted"), "resume"),
        (state("interrupted", broken=("one_controller",)), None),
        (state("interrupted", core_c=None), None),
        (state("tripped", latches=("stopped",)), "reset"),
        (state("interrupted", tripped=("control_silent",)), "reset"),
    ],
)
def test_the_next_deed_follows_from_what_is_seen(seen, wanted):
    assert kind(seen) == wanted


def test_a_reset_names_the_latches_of_control_and_of_the_guard_and_a_reason():
    deed = next_deed(state("tripped", latches=("stopped",), tripped=("stopped", "core_cutoff")))
    assert deed.details == {"latches": ["core_cutoff", "stopped"]}
    assert deed.reason
