"""A judge that finds nothing proves nothing: with a measure removed the campaign must see it."""

import pytest

from thermod.guard import dome as guard_dome
from thermod.guard.epoch import Epochs
from thermod.sim.campaign.control_side import ControlSide
from thermod.sim.node import Node
from thermod.sim.node_authority import Authority

pytestmark = pytest.mark.campaign


def why(verdict) -> str:
    return "; ".join(verdict.unsafe)


def test_a_node_that_checks_no_lease_heats_on_after_the_broker_died(drill, monkeypatch):
    assert not drill("broker-killed").unsafe

    def without_age(self, now_s):
        return self.over_because or (None if self._granted else "withheld")

    monkeypatch.setattr(Authority, "why_withheld", without_age)
    assert "within 3.05 s" in why(drill("broker-killed"))


def test_a_node_that_checks_neither_controller_nor_epoch_obeys_a_stranger(drill, monkeypatch):
    assert not drill("rogue-controller").unsafe

    def without_names(self, command, now_s):
        return self._why_tick(command.tick, now_s)

    monkeypatch.setattr(Authority, "_why_no_command", without_names)
    assert "obeyed without a permit" in why(drill("rogue-controller"))


def test_a_node_that_does_not_obey_stop_is_seen_before_the_others_obey(drill, monkeypatch):
    assert not drill("stop").unsafe
    monkeypatch.setattr(Node, "on_stop", lambda self, stop_id, now_s: None)
    assert "open epoch" in why(drill("stop"))


def test_a_node_that_takes_back_an_ended_epoch_is_seen(drill, monkeypatch):
    """The guard keeps granting after a trip, and control, gone mad, keeps commanding."""
    assert not drill("control-mad", "far-high:all-core").unsafe

    def latch_only(self, name):
        self.keeper.latch(name)

    monkeypatch.setattr(Epochs, "trip", latch_only)
    monkeypatch.setattr(guard_dome, "judge", lambda view, limits: ())
    monkeypatch.setattr(Epochs, "hear_scope", lambda self, beat: None)
    drilled = drill("control-mad", "far-high:all-core")
    assert "after control had tripped" in why(drilled)


def test_heat_without_a_core_sample_is_seen_when_guard_and_control_are_blind(drill, monkeypatch):
    assert not drill("control-mad", "drop-out:all-core").unsafe
    monkeypatch.setattr(guard_dome, "judge", lambda view, limits: ())
    assert "no valid core sample" in why(drill("control-mad", "drop-out:all-core"))


def test_a_process_that_never_comes_back_is_no_recovery(drill, monkeypatch):
    assert drill("control-killed").stuck == ""
    monkeypatch.setattr(ControlSide, "start", lambda self: None)
    assert "did not come back" in drill("control-killed").stuck


def test_heat_that_nothing_can_end_is_counted_apart_and_alarmed(drill):
    drilled = drill("all-welded", "pause", for_s=40.0)
    assert drilled.excused == ("every switch welded",)
    assert drilled.unsafe == ()
    assert drilled.welded_alarm_s is not None
    assert drilled.welded_alarm_s <= 8.0


def test_two_core_probes_that_read_low_are_counted_apart_and_one_is_not(drill):
    assert drill("stuck:core-1", "drift-low:core-2").excused == ("every core probe reads low",)
    assert drill("stuck:core-1", "drift-high:core-2").excused == ()
