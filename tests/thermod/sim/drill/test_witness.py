"""What the drill's witness takes for told: what comes up after the fault, and nothing older."""

import orjson
import pytest

from thermod.sim.drill.witness import Witness


class Clock:
    """Stands where it is put."""

    time_s = 10.0

    def now_s(self):
        return self.time_s


class Bus:
    """Hands on what a test says."""

    def listen(self, listener):
        self.say = lambda suffix, fields: listener("dome-1", suffix, orjson.dumps(fields))


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def witness(bus, clock):
    return Witness(bus, clock)


def state(*alarms, latches=(), stop_id=None, node_stop_id=None, refused=None, who="c-1"):
    return {
        "alarms": [{"alarm_id": each} for each in alarms],
        "latches": list(latches),
        "guard": {"tripped_by": []},
        "stop_id": stop_id,
        "node": {"stop_id": node_stop_id},
        "controller_id": who,
        "health": {"refused": refused or {}},
    }


def guard(*broken, tripped=(), stop_id=None, refused=None):
    return {
        "broken": list(broken),
        "tripped_by": list(tripped),
        "stop_id": stop_id,
        "guard_id": "g-1",
        "refused": refused or {},
    }


def test_an_alarm_that_comes_up_after_the_mark_is_told_and_when(bus, clock, witness):
    bus.say("state", state())
    witness.mark("dome-1")
    clock.time_s = 12.5
    bus.say("state", state("lid_open"))
    assert witness.told_s("dome-1", ("alarm:lid_open",)) == 12.5


def test_an_alarm_that_stood_before_is_not_told_of_this_fault(bus, witness):
    bus.say("state", state("lid_open"))
    witness.mark("dome-1")
    bus.say("state", state("lid_open"))
    assert witness.told_s("dome-1", ("alarm:lid_open",)) is None


def test_an_alarm_that_went_and_came_again_is_told(bus, witness):
    bus.say("state", state("lid_open"))
    witness.mark("dome-1")
    bus.say("state", state())
    bus.say("state", state("lid_open"))
    assert witness.told_s("dome-1", ("alarm:lid_open",)) is not None


def test_all_that_is_wanted_must_be_told_and_of_each_any_that_serves(bus, clock, witness):
    witness.mark("dome-1")
    wanted = ("alarm:guard_silent|alarm:heat_withheld", "guard:core_fresh")
    bus.say("state", state("heat_withheld"))
    assert witness.told_s("dome-1", wanted) is None
    clock.time_s = 13.0
    bus.say("guard/state", guard("core_fresh"))
    assert witness.told_s("dome-1", wanted) == 13.0


def test_a_trip_of_the_guard_counts_as_the_guards_and_not_as_an_alarm_of_control(bus, witness):
    witness.mark("dome-1")
    told = state(latches=("stopped",))
    told["guard"]["tripped_by"] = ["stopped"]
    bus.say("state", told)
    assert witness.told_s("dome-1", ("alarm:stopped",)) is None
    bus.say("guard/state", guard(tripped=("stopped",)))
    assert witness.told_s("dome-1", ("guard:stopped",)) is not None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"reading_late": 1}, True),
        ({"reading_late": 3}, {"reading_late": 4}, True),
        ({"reading_late": 3}, {"reading_late": 3}, False),
    ],
)
def test_only_a_refusal_more_than_before_is_told(bus, witness, before, after, told):
    bus.say("guard/state", guard(refused=before))
    bus.say("state", state(refused=before))
    witness.mark("dome-1")
    bus.say("guard/state", guard(refused=after))
    bus.say("state", state(refused=after))
    for who in ("guard", "control"):
        seen = witness.told_s("dome-1", (f"refused:{who}:reading_late",))
        assert (seen is not None) is told


def test_a_control_that_was_restarted_counts_from_nothing(bus, witness):
    bus.say("state", state(refused={"reading_late": 5}))
    witness.mark("dome-1")
    bus.say("state", state(refused={"reading_late": 1}, who="c-2"))
    assert witness.told_s("dome-1", ("refused:control:reading_late",)) is not None


def test_a_stop_is_echoed_by_all_three_or_it_is_not(bus, witness):
    echoes = ("echo:control", "echo:guard", "echo:dome")
    bus.say("state", state(stop_id="e-0", node_stop_id="e-0"))
    witness.mark("dome-1")
    bus.say("state", state(stop_id="e-1", node_stop_id="e-0"))
    bus.say("guard/state", guard(stop_id="e-1"))
    assert witness.told_s("dome-1", echoes) is None
    bus.say("state", state(stop_id="e-1", node_stop_id="e-1"))
    assert witness.told_s("dome-1", echoes) is not None


def test_nothing_wanted_is_nothing_told(witness):
    witness.mark("dome-1")
    assert witness.told_s("dome-1", ()) is None
