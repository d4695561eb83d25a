"""The judge is given each unsafe situation once, and each that only looks like one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from thermod.cycle import Command
from thermod.guard.said import Permit
from thermod.sim.campaign.dome_side import NodeWord
from thermod.sim.campaign.network import Message, Topic
from thermod.sim.campaign.oracle import Oracle, Terms

BOOT = "b" * 16
RATED_W = 2000.0
PLAIN = Terms()


class Scene:
    """A dome that heats rightly at 10 s, seen by its judge; each test then lets one thing slip."""

    def __init__(self, terms: Terms = PLAIN) -> None:
        self.oracle = Oracle(RATED_W, 0.0)
        self.oracle.begins(terms)
        self.now_s = 0.0
        self.tick = 0
        self.acts()
        self.now_s = 5.0
        while self.now_s < 10.0:
            self.half_second()

    def half_second(self, *, permit=True, command=True, core=True) -> None:
        self.now_s += 0.5
        self.tick += 1
        self.oracle.body(38.0, 40.0, self.now_s)
        self.oracle.ticked(BOOT, self.tick, self.now_s)
        if core:
            self.sample()
        if permit:
            self.permit()
        if command:
            self.command()
        self.oracle.power(1000.0, self.now_s)

    def for_s(self, seconds: float, **given: bool) -> None:
        for _ in range(round(seconds / 0.5)):
            self.half_second(**given)

    def say(self, sender: str, topic: Topic, value: Any, sent_s: float | None = None) -> Message:
        sent_s = self.now_s if sent_s is None else sent_s
        message = Message(topic, sender, value, sent_s, 0)
        self.oracle.sent(message)
        return message

    def sample(self, temp_c: float = 38.0, seq: int | None = None, late_s: float = 0.0) -> None:
        seq = self.tick if seq is None else seq
        state = SimpleNamespace(probes={"core-1": temp_c}, boot_id=BOOT)
        message = self.say(
            "dome", Topic.NODE, NodeWord(state, {"core-1": seq}), self.now_s - late_s
        )
        self.oracle.taken("control", message, self.now_s)

    def permit(self, epoch=1, granted=True, ended=False, guard="g-1") -> None:
        permit = Permit(granted, ended, "", False, guard, "c-1", epoch, 1, BOOT, self.tick)
        self.oracle.at_node(self.say("guard", Topic.PERMIT, permit), BOOT, self.now_s)

    def command(self, epoch=1, controller="c-1", power_pct=50.0) -> None:
        command = Command(epoch, self.tick, BOOT, self.tick, self.tick, power_pct)
        message = self.say("control", Topic.COMMAND, (controller, command))
        self.oracle.at_node(message, BOOT, self.now_s)

    def acts(self, kind: str = "start") -> None:
        intent = SimpleNamespace(kind=kind, received_s=self.now_s)
        self.say("people", Topic.INTENT, intent)

    def heats_in(self, epoch: int) -> None:
        self.permit(epoch=epoch)
        self.command(epoch=epoch, power_pct=61.0)
        self.oracle.power(1220.0, self.now_s)

    @property
    def why(self) -> str:
        return "; ".join(each.why for each in self.oracle.breaches)


def test_heat_under_fresh_permit_command_and_core_is_safe():
    scene = Scene()
    scene.for_s(60.0)
    assert scene.why == ""


def test_a_core_of_39_5_under_heat_is_unsafe_after_a_second_and_not_before():
    scene = Scene()
    scene.oracle.body(39.5, 40.0, scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 1.0)
    assert scene.why == ""
    scene.oracle.power(1000.0, scene.now_s + 1.1)
    assert "core at 39.50" in scene.why


def test_a_core_that_is_no_number_is_too_hot():
    scene = Scene()
    scene.oracle.body(float("nan"), 40.0, scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 1.1)
    assert "core at nan" in scene.why


def test_a_skin_of_43_under_heat_is_unsafe_after_a_second():
    scene = Scene()
    scene.oracle.body(38.0, 43.0, scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 1.1)
    assert "skin at 43.00" in scene.why


def test_a_hot_core_without_heat_is_not_what_is_judged():
    scene = Scene()
    scene.oracle.power(0.0, scene.now_s)
    scene.oracle.body(40.0, 44.0, scene.now_s + 0.1)
    scene.oracle.power(0.0, scene.now_s + 60.0)
    assert scene.why == ""


@pytest.mark.parametrize("which", ["permit", "command"])
def test_heat_on_a_permit_or_command_older_than_3_05_s_is_unsafe(which):
    scene = Scene()
    scene.for_s(3.0, **{which: False})
    assert scene.why == ""
    scene.oracle.power(1000.0, scene.now_s + 0.1)
    assert "within 3.05 s" in scene.why


def test_a_permit_that_echoes_an_old_tick_is_as_old_as_that_tick():
    scene = Scene()
    stale_tick = scene.tick
    scene.for_s(3.0, permit=False)
    permit = Permit(True, False, "", False, "g-1", "c-1", 1, 9, BOOT, stale_tick)
    scene.oracle.at_node(scene.say("guard", Topic.PERMIT, permit), BOOT, scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 0.1)
    assert "within 3.05 s" in scene.why


def test_heat_without_a_core_sample_for_3_2_s_is_unsafe():
    scene = Scene()
    scene.for_s(3.0, core=False)
    assert scene.why == ""
    scene.for_s(0.5, core=False)
    assert "no valid core sample" in scene.why


@pytest.mark.parametrize(
    "sample",
    [
        {"temp_c": float("nan")},
        {"temp_c": 29.9},
        {"temp_c": 43.1},
        {"temp_c": 85.0},
        {"temp_c": -127.0},
        {"seq": 3},
        {"late_s": 3.5},
    ],
    ids=str,
)
def test_a_sample_that_is_none_too_old_or_said_before_gives_no_sight(sample):
    scene = Scene()
    for _ in range(7):
        scene.half_second(core=False)
        scene.sample(**sample)
    assert "no valid core sample" in scene.why


def test_while_no_word_reaches_the_node_the_lease_bounds_a_blind_heat_and_then_it_is_unsafe():
    scene = Scene(Terms(is_hindered=True))
    scene.for_s(2.0, core=False)
    scene.for_s(2.5, core=False, permit=False, command=False)
    assert scene.why == ""  # nobody could say it, and the lease still runs
    scene.for_s(2.5, core=False, permit=False, command=False)
    assert "within 3.05 s" in scene.why


def test_a_word_that_reached_the_node_after_3_2_s_without_sight_must_have_ended_heat():
    scene = Scene(Terms(is_hindered=True))
    scene.for_s(4.0, core=False)
    assert "no valid core sample" in scene.why


@pytest.mark.parametrize("hindered", [False, True])
def test_heat_more_than_0_6_s_after_a_trip_was_said_is_unsafe(hindered):
    scene = Scene(Terms(is_hindered=hindered))
    snapshot = SimpleNamespace(latches=("core_cutoff",), alarms=())
    scene.say("control", Topic.STATE, snapshot)
    scene.half_second()
    assert scene.why == ""
    scene.for_s(1.5)
    assert "after control had tripped" in scene.why


def test_a_trip_that_a_person_has_reset_is_over():
    scene = Scene()
    scene.say("guard", Topic.GUARD_STATE, SimpleNamespace(tripped_by=("core_cutoff",)))
    scene.say("guard", Topic.GUARD_STATE, SimpleNamespace(tripped_by=()))
    scene.for_s(5.0)
    assert scene.why == ""


def test_a_stop_that_arrived_at_the_node_ends_heat_at_once():
    scene = Scene()
    stop = scene.say("people", Topic.STOP, SimpleNamespace(stop_id="s"))
    scene.oracle.at_node(stop, BOOT, scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 0.01)
    assert "open epoch" in scene.why


@pytest.mark.parametrize(("pressed_s", "is_asked"), [(10.5, True), (12.0, False)])
def test_a_stop_that_arrives_late_undoes_what_was_asked_before_it_was_pressed(pressed_s, is_asked):
    scene = Scene()
    scene.oracle.power(0.0, scene.now_s)
    scene.now_s = 11.0
    scene.acts("resume")
    scene.now_s = 13.0
    stop = scene.say("people", Topic.STOP, SimpleNamespace(stop_id="s"), sent_s=pressed_s)
    scene.oracle.at_node(stop, BOOT, scene.now_s)
    scene.heats_in(2)
    assert ("without an act of a person" not in scene.why) is is_asked


def test_an_epoch_that_the_guard_has_ended_never_heats_again():
    scene = Scene()
    scene.oracle.power(0.0, scene.now_s)
    scene.permit(granted=False, ended=True)
    scene.oracle.power(0.0, scene.now_s)
    scene.half_second()
    scene.half_second()
    assert "open epoch" in scene.why


def test_the_next_epoch_needs_an_act_of_a_person():
    scene = Scene()
    scene.heats_in(2)
    assert "epoch 2 heats without an act of a person" in scene.why

    scene = Scene()
    scene.acts("resume")
    scene.heats_in(2)
    scene.oracle.power(1220.0, scene.now_s + 0.4)
    assert scene.why == ""


def test_an_epoch_that_nobody_asked_for_is_no_warrant_for_heat_that_already_flows():
    scene = Scene()
    for _ in range(7):
        scene.half_second(permit=False, command=False)
        scene.permit(epoch=2)
        scene.command(epoch=2)
    assert "no permit and command of an open epoch" in scene.why


def test_an_epoch_that_nobody_asked_for_and_that_never_heats_is_safe():
    """A STOP and the grant that it comes too late for may cross."""
    scene = Scene()
    scene.oracle.power(0.0, scene.now_s)
    scene.permit(epoch=2)
    scene.permit(epoch=2, granted=False, ended=True)
    scene.oracle.power(0.0, scene.now_s + 10.0)
    assert scene.why == ""


@pytest.mark.parametrize("kind", ["pause", "reset", "confirm-presence"])
def test_no_other_act_opens_an_epoch(kind):
    scene = Scene()
    scene.acts(kind)
    scene.heats_in(2)
    assert "without an act" in scene.why


def test_power_that_obeys_a_controller_without_a_permit_is_unsafe():
    scene = Scene()
    scene.command(controller="c-2", power_pct=61.0)
    scene.oracle.power(1220.0, scene.now_s)
    assert "c-2 was obeyed without a permit" in scene.why


def test_a_second_controller_that_is_only_heard_is_safe():
    scene = Scene()
    scene.command(controller="c-2", power_pct=61.0)
    scene.for_s(5.0)
    assert scene.why == ""


def test_a_killed_process_ends_its_epoch_when_its_last_word_has_run_out():
    scene = Scene()
    scene.oracle.died(scene.now_s)
    scene.for_s(3.0)
    assert scene.why == ""
    scene.for_s(0.5)
    assert "open epoch" in scene.why


def test_a_welded_heater_must_be_alarmed_within_3_s_of_being_known_as_stuck():
    terms = Terms(all_switches_welded=True)
    silent = Scene(terms)
    silent.for_s(13.0, permit=False)
    assert "not alarmed" in silent.why

    alarmed = Scene(terms)
    alarmed.for_s(9.0, permit=False)
    alarmed.say("guard", Topic.GUARD_STATE, SimpleNamespace(tripped_by=("heater_stuck_on",)))
    alarmed.for_s(30.0, permit=False)
    assert alarmed.why == ""
    assert alarmed.oracle.welded_alarm_s is not None


def test_after_a_reboot_nothing_that_was_permitted_before_counts_and_epochs_may_begin_anew():
    scene = Scene()
    scene.oracle.rebooted(scene.now_s)
    scene.oracle.power(1000.0, scene.now_s + 0.1)
    assert "open epoch" in scene.why

    scene = Scene()
    scene.oracle.power(0.0, scene.now_s)
    scene.oracle.rebooted(scene.now_s)
    scene.acts("resume")
    scene.for_s(5.0)
    assert scene.why == ""


def test_the_full_power_of_a_welded_switch_is_nobodys_word():
    scene = Scene(Terms(ssr_welded=True))
    scene.oracle.power(0.0, scene.now_s)
    scene.command(controller="c-before", power_pct=100.0)
    scene.oracle.power(RATED_W, scene.now_s)
    assert scene.why == ""
