"""The node beyond its table of vectors: what it senses, says and counts."""

import json
from math import inf, nan

import pytest

from thermod.sim.node import SAFE, TICK_S, Node, NodeSpec
from thermod.sim.node_authority import Refused
from thermod.sim.node_messages import Command, Permit, encode_state

BOOT = "9f31c2d4a5b60718"
RATED_W = 2000.0


class Heated:
    """A node that is kept in permit and command, ten looks a tick, as long as it is run."""

    def __init__(self, **spec) -> None:
        self.node = Node(NodeSpec(RATED_W, **spec), lambda: BOOT, now_s=0.0)
        self.now_s = 0.0
        self.epoch = 1
        self.seq = 0
        self.power_pct = 40.0
        self.measured_w = None
        self.air_temp_c = 25.0
        self.state = None

    def run(self, seconds):
        for _ in range(round(seconds / 0.05)):
            self.now_s = round(self.now_s + 0.05, 9)
            if self.now_s >= (self.node.authority.ticks + 1) * TICK_S:
                self.tick()
            self.node.sense(self.now_s, self.measured_w, "closed", self.air_temp_c)
            self.actuation = self.node.look(self.now_s)
        return self.actuation

    def tick(self):
        self.state = self.node.tick(
            self.now_s, self.measured_w, {}, "closed", True, self.air_temp_c
        )
        self.seq += 1
        self.node.on_permit(grant(self.epoch, self.seq, self.state.tick), self.now_s)
        self.node.on_command(
            Command("c-1", self.epoch, self.seq, BOOT, self.state.tick, self.power_pct), self.now_s
        )


def grant(epoch, seq, tick, **more):
    return Permit(
        **{
            "granted": True,
            "ended": False,
            "annunciate": False,
            "guard_id": "g-1",
            "controller_id": "c-1",
            "epoch": epoch,
            "seq": seq,
            "boot_id": BOOT,
            "tick": tick,
            **more,
        }
    )


def revoke(epoch, seq, **more):
    return grant(epoch, seq, 0, granted=False, **more)


@pytest.fixture
def heated():
    dome = Heated()
    assert dome.run(2.0).heater_pct == 40.0
    return dome


def test_a_node_boots_safe_with_heat_off_contactors_open_and_air_moving():
    node = Node(NodeSpec(), lambda: BOOT, now_s=5.0)
    assert node.look(5.0) == SAFE
    assert (SAFE.heater_pct, SAFE.contactors_closed, SAFE.vent) == (0.0, False, True)
    assert node.authority.annunciate is False


def test_air_moves_while_it_heats_and_when_it_stops(heated):
    assert heated.actuation.vent
    heated.node.on_stop("s", heated.now_s)
    assert heated.run(60.0).vent


@pytest.mark.parametrize("now_s", [nan, inf, -inf, -1.0])
def test_a_clock_that_makes_no_sense_withholds_heat(heated, now_s):
    assert heated.node.look(now_s).heater_pct == 0.0


def test_stop_acts_before_the_next_look(heated):
    heated.node.on_stop("s", heated.now_s)
    state = heated.node.tick(heated.now_s, None, {}, "closed", True)
    assert state.applied_pct == 0.0
    assert state.contactors_closed == (False,)
    assert state.because == "stopped"
    assert state.stop_id == "s"


@pytest.mark.parametrize(
    ("payload", "echo"),
    [(b'{"stop_id": "e1f0"}', "e1f0"), (b"{}", "unreadable"), (b" " * 513, "unreadable")],
)
def test_a_stop_is_echoed_also_when_it_cannot_be_read(payload, echo):
    node = Node(NodeSpec(), lambda: BOOT, now_s=0.0)
    node.hear("stop", payload, False, 0.1)
    assert node.tick(0.5, None, {}, "closed", None).stop_id == echo


def test_permit_and_command_hold_for_3_s_and_not_longer():
    node = Node(NodeSpec(), lambda: BOOT, now_s=0.0)
    node.tick(0.5, None, {}, "closed", None)
    assert node.on_permit(grant(1, 1, 1), 3.5).refused is None
    assert node.on_command(Command("c-1", 1, 1, BOOT, 1, 40.0), 3.5).refused is None
    assert node.look(3.5).heater_pct == 40.0
    assert node.look(3.5001).heater_pct == 0.0


def test_contactors_reclose_when_they_have_been_open_for_10_s_and_not_earlier(heated):
    opened_s = heated.now_s
    heated.node.on_stop("s", opened_s)
    heated.epoch, heated.seq = 2, 0
    actuation = heated.run(9.9)
    assert actuation.because == "the contactors opened less than 10 s ago"
    assert not heated.node.look(opened_s + 9.999).contactors_closed
    assert heated.node.look(opened_s + 10.0).contactors_closed


def test_the_node_says_whether_it_heats_or_was_told_not_to(heated):
    assert heated.actuation.because == "heating"
    heated.power_pct = 0.0
    assert heated.run(0.5).because == "commanded 0"


@pytest.mark.parametrize("wrong", [{"ended": True}, {"controller_id": None}])
def test_a_grant_that_contradicts_itself_is_refused_in_the_fast_path_too(heated, wrong):
    permit = grant(2, 1, heated.state.tick, **wrong)
    assert heated.node.on_permit(permit, heated.now_s).refused is Refused.MALFORMED


def test_a_tick_takes_in_the_dome_that_it_reports(heated):
    state = heated.node.tick(heated.now_s, None, {}, "open", True)
    assert (state.applied_pct, state.because) == (0.0, "the lid is open")


def test_the_reason_that_ended_an_epoch_stays_when_the_guard_confirms_it(heated):
    heated.node.on_stop("s", heated.now_s)
    heated.node.on_permit(revoke(1, 900, ended=True), heated.now_s)
    assert heated.node.look(heated.now_s).because == "stopped"


def test_a_refused_command_in_the_fast_path_is_judged_as_over_the_wire(heated):
    for power_pct in (nan, inf, -0.1, 100.1):
        heated.seq += 1
        command = Command("c-1", 1, heated.seq, BOOT, heated.state.tick, power_pct)
        reaction = heated.node.on_command(command, heated.now_s)
        assert reaction.refused is Refused.POWER_OUT_OF_RANGE
    assert heated.node.refused == {Refused.POWER_OUT_OF_RANGE: 4}


def test_refusals_are_counted_by_kind_and_say_in_words_what_is_wrong():
    node = Node(NodeSpec(), lambda: BOOT, now_s=0.0)
    texts = [node.hear("heater/command", b"{}", False, 0.1).text for _ in range(3)]
    node.hear("guard/permit", b"{}", True, 0.1)
    assert texts[0] == "cycle is not an integer from 0 to 2147483647"
    assert node.refused == {Refused.MALFORMED: 3, Refused.RETAINED: 1}


# --- stuck on -----------------------------------------------------------------------------------


def test_stuck_on_is_seen_3_s_after_the_window_and_1_s_and_opens_the_contactors(heated):
    heated.power_pct, heated.measured_w = 0.0, RATED_W
    heated.tick()
    assert heated.run(4.95).contactors_closed
    assert not heated.run(0.3).contactors_closed
    assert heated.run(0.5).because == "the heater was measured on while off"
    assert heated.state.faults == ("heater_stuck_on",)


@pytest.mark.parametrize("measured_w", [None, 0.0, 0.05 * RATED_W])
def test_nothing_or_next_to_nothing_measured_is_not_stuck_on(heated, measured_w):
    heated.power_pct, heated.measured_w = 0.0, measured_w
    assert heated.run(60.0).contactors_closed


@pytest.mark.parametrize("measured_w", [0.0501 * RATED_W, nan])
def test_more_than_5_percent_or_a_broken_meter_is_stuck_on(heated, measured_w):
    heated.power_pct, heated.measured_w = 0.0, measured_w
    assert not heated.run(6.0).contactors_closed


@pytest.mark.parametrize("power_pct", [0.5, 40.0])
def test_power_measured_while_heating_is_never_stuck_on(heated, power_pct):
    heated.measured_w, heated.power_pct = RATED_W, power_pct
    assert heated.run(60.0).heater_pct == power_pct


def test_a_meter_that_shows_power_on_and_off_is_not_stuck_on(heated):
    heated.power_pct = 0.0
    heated.run(3.0)
    for _ in range(5):
        heated.measured_w = RATED_W
        heated.run(2.5)
        heated.measured_w = 0.0
        assert heated.run(0.5).contactors_closed


def test_stuck_on_lasts_until_a_person_has_opened_another_epoch(heated):
    heated.power_pct, heated.measured_w = 0.0, RATED_W
    heated.run(6.0)
    heated.power_pct, heated.measured_w = 40.0, 0.0
    assert heated.run(60.0).heater_pct == 0.0

    heated.epoch, heated.seq = 2, 0

    assert heated.run(1.0).heater_pct == 40.0
    assert heated.state.faults == ()


def test_a_boot_forgets_that_the_heater_was_stuck(heated):
    heated.power_pct, heated.measured_w = 0.0, RATED_W
    heated.run(6.0)
    heated.node.reboot(heated.now_s)
    state = heated.node.tick(heated.now_s, 0.0, {}, "closed", True)
    assert state.faults == ()
    assert (state.tick, state.epoch, state.guard_id, state.controller_id) == (1, 0, None, None)


# --- thermostat ---------------------------------------------------------------------------------


@pytest.mark.parametrize("air_temp_c", [80.0, 120.0, nan])
def test_the_thermostat_takes_heat_at_80_degrees_and_is_listed_as_a_fault(heated, air_temp_c):
    heated.air_temp_c = air_temp_c
    actuation = heated.run(0.5)
    assert (actuation.heater_pct, actuation.because) == (0.0, "the thermostat is open")
    assert heated.state.faults == ("thermostat_open",)


def test_a_dome_whose_thermostat_nobody_models_heats_on():
    dome = Heated(thermostat_opens_c=None)
    dome.air_temp_c = 120.0
    assert dome.run(2.0).heater_pct == 40.0


def test_the_open_thermostat_does_not_hide_that_the_heater_is_stuck(heated):
    heated.air_temp_c, heated.measured_w = 90.0, RATED_W
    heated.run(6.0)
    assert heated.state.faults == ("heater_stuck_on", "thermostat_open")


# --- what it says -------------------------------------------------------------------------------


def test_the_sounder_follows_the_newest_permit_that_counted(heated):
    authority = heated.node.authority
    heated.node.on_permit(revoke(1, 900, annunciate=True), heated.now_s)
    assert authority.annunciate
    heated.node.on_permit(revoke(1, 899, annunciate=False), heated.now_s)
    assert authority.annunciate
    heated.node.on_permit(revoke(1, 901, annunciate=False), heated.now_s)
    assert not authority.annunciate


def test_the_state_echoes_whom_it_obeys_and_why_it_heats(heated):
    state = heated.run(0.5) and heated.state
    assert (state.epoch, state.guard_id, state.controller_id) == (1, "g-1", "c-1")
    assert (state.applied_pct, state.because) == (40.0, "heating")
    assert state.command_seq == heated.seq - 1  # the tick that carried it came before the command


def test_ages_are_infinite_before_the_first_message_and_count_from_the_echoed_tick(heated):
    assert Node(NodeSpec(), lambda: BOOT, 0.0).authority.lease_ages_s(1.0) == (inf, inf)
    last_tick_s = heated.node.authority.ticks * TICK_S
    ages_s = heated.node.authority.lease_ages_s(heated.now_s + 1.0)
    assert ages_s == pytest.approx((heated.now_s + 1.0 - last_tick_s,) * 2)


def test_a_dome_with_two_contactors_reports_both():
    dome = Heated(contactors=2)
    dome.run(2.0)
    assert dome.state.contactors_closed == (True, True)


def test_node_state_on_the_wire_has_exactly_the_keys_of_the_contract(heated):
    state = heated.node.tick(heated.now_s, 820.0, {"core-1": 37.6, "core-2": None}, "closed", None)
    message = json.loads(encode_state(state, {"core-1": 7, "core-2": 7}))
    assert list(message) == [
        *("boot_id", "tick", "applied_pct", "measured_w", "rated_w", "window_s"),
        *("contactors_closed", "epoch", "guard_id", "controller_id", "command_seq", "stop_id"),
        *("lid", "fan_running", "faults", "because", "probes"),
    ]
    assert message["probes"] == {"core-1": {"seq": 7, "temp_c": 37.6}}


# --- guards out of order ------------------------------------------------------------------------


def test_the_revokes_of_other_guards_do_not_make_it_forget_what_one_guard_ended():
    dome = Heated()
    dome.run(0.5)
    dome.node.on_permit(revoke(2, 5, ended=True), dome.now_s)
    for foreign in ("g-2", "g-3", "g-4", "g-4"):
        dome.node.on_permit(revoke(3, 1, guard_id=foreign), dome.now_s)
    reaction = dome.node.on_permit(grant(2, 6, dome.state.tick), dome.now_s)
    assert reaction.refused is Refused.EPOCH_OVER


def test_a_grant_of_an_epoch_that_its_own_guard_has_left_is_refused():
    dome = Heated()
    dome.run(0.5)
    dome.node.on_permit(revoke(3, 1), dome.now_s)
    reaction = dome.node.on_permit(grant(2, 6, dome.state.tick), dome.now_s)
    assert reaction.refused is Refused.EPOCH_LOW


def test_a_flood_of_guard_ids_takes_no_more_memory_than_four():
    node = Node(NodeSpec(), lambda: BOOT, now_s=0.0)
    for n in range(1000):
        node.on_permit(revoke(1, 1, guard_id=f"g-{n}"), 0.1)
    assert len(node.authority._revokes) == 4
