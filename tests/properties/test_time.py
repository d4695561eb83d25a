"""Nothing depends on when it is: all times moved by the same amount, the same decisions."""

from dataclasses import replace

import pytest

from tests.scenarios.conftest import new_world
from thermod import cycle
from thermod.sim.nurse import Nurse
from thermod.state import boot


@pytest.fixture(scope="module")
def recorded():
    """What control found in its inbox, from boot into heat-up, with some trouble on the way."""
    world = new_world(Nurse(protocol="hold-5"))
    found = []

    def run(seconds):
        for _ in range(round(seconds * 2.0)):
            outcome = world.step()
            found.append((outcome.inbox, outcome.now_s, outcome))

    run(60.0)
    world.plant.lid_open = True
    run(10.0)
    world.plant.lid_open = False
    run(40.0)
    world.sent = lambda readings: {name: c for name, c in readings.items() if name != "core-1"}
    run(10.0)
    world.sent = lambda readings: readings
    run(20.0)
    world.guard_runs = False
    run(20.0)
    return world.plan, found


def changed(value, **fields):
    """A frozen value with other fields, be it a tuple or a dataclass."""
    return value._replace(**fields) if hasattr(value, "_replace") else replace(value, **fields)


def moved(inbox, by_s):
    def later(value):
        return None if value is None else changed(value, received_s=value.received_s + by_s)

    return changed(
        inbox,
        readings={name: later(sample) for name, sample in inbox.readings.items()},
        node=later(inbox.node),
        permit=later(inbox.permit),
        guard=later(inbox.guard),
        challenge_s=None if inbox.challenge_s is None else inbox.challenge_s + by_s,
        intents=tuple(later(intent) for intent in inbox.intents),
        stops=tuple(later(stop) for stop in inbox.stops),
    )


@pytest.mark.parametrize("by_s", [2.0**10, 2.0**20, 2.0**31, -512.0])
def test_moving_all_times_changes_no_decision(recorded, by_s):
    plan, found = recorded
    state = boot(plan)
    phases = set()
    for inbox, now_s, before in found:
        state, outcome = cycle.step(plan, state, moved(inbox, by_s), now_s + by_s)
        phases.add(state.phase)
        assert outcome.dt_s == before.dt_s
        assert outcome.hold.may_heat == before.hold.may_heat
        assert outcome.hold.because == before.hold.because
        assert [each.accepted for each in outcome.replies] == [
            each.accepted for each in before.replies
        ]
        assert [(each.alarm_id, each.change) for each in outcome.changes] == [
            (each.alarm_id, each.change) for each in before.changes
        ]
        assert outcome.events == before.events
        assert outcome.limited.power_pct == pytest.approx(before.limited.power_pct, abs=1e-3)
        assert (outcome.command is None) == (before.command is None)
    assert len(phases) >= 3


def test_the_same_inboxes_give_the_same_outcomes_bit_for_bit(recorded):
    plan, found = recorded
    state = boot(plan)
    for inbox, now_s, before in found:
        state, outcome = cycle.step(plan, state, inbox, now_s)
        assert outcome.flow == before.flow
        assert outcome.command == before.command
        assert outcome.limited == before.limited
