"""Each trip: what makes it fall, that it latches and survives a restart, and what lets it go."""

from __future__ import annotations

from math import nan

import pytest

from tests.guard.pretend import Room
from tests.guard.test_judge import WELL
from thermod.guard.judge import judge
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits
from thermod.guard.probes import RoleView
from thermod.guard.trips import TRIP, TRIPS, new_trips


def too_hot(probe, temp_c):
    def happen(room: Room) -> None:
        room.node.temps_c[probe] = temp_c
        room.run(seconds=1)

    return happen


def rise_too_fast(room: Room) -> None:
    for _ in range(17 * 60):
        for probe in ("core-1", "core-2"):
            room.node.temps_c[probe] += 0.075 / 60.0
        room.run(seconds=1)


def burn_a_skin_site(room: Room) -> None:
    room.node.temps_c["skin-2"] = 42.5  # 0.5 CEM43 a minute
    room.run(minutes=31)


def heat_for_too_long(room: Room) -> None:
    room.run(minutes=12)


def lose_the_core_probes(room: Room) -> None:
    del room.node.temps_c["core-1"], room.node.temps_c["core-2"]
    room.run(seconds=61)


def weld_the_relay(room: Room) -> None:
    room.node.heater_follows = False
    room.node.measured_w = 800.0
    room.control.power_pct = 0.0
    room.run(seconds=5)


def hang_control(room: Room) -> None:
    room.control.is_alive = False
    room.run(seconds=11)


def skip_a_stage(room: Room) -> None:
    room.control.skips_a_stage = True
    room.run(seconds=1)


def reboot_the_dome(room: Room) -> None:
    room.node.boot_id = "00000000000000aa"
    room.node.tick = 0
    room.run(seconds=0.5)


def press_stop(room: Room) -> None:
    room.hear("stop", b"")


def fill_the_disk(room: Room) -> None:
    room.drawer.is_stuck = True
    press_stop(room)


CAUSES = {
    "core_cutoff": too_hot("core-1", 39.2),
    "core_rise_cutoff": rise_too_fast,
    "skin_cutoff": too_hot("skin-2", 43.0),
    "skin_dose_cutoff": burn_a_skin_site,
    "air_cutoff": too_hot("air-1", 78.0),
    "span_cutoff": heat_for_too_long,
    "core_lost": lose_the_core_probes,
    "heater_stuck_on": weld_the_relay,
    "control_silent": hang_control,
    "control_flow": skip_a_stage,
    "dome_restarted": reboot_the_dome,
    "stopped": press_stop,
    "state_lost": fill_the_disk,
}
# The hazard that each is there for: SAFETY.md section 5.
HAZARD = {
    **{"core_cutoff": "H22", "core_rise_cutoff": "H22", "core_lost": "H01"},
    **{"skin_cutoff": "H23", "skin_dose_cutoff": "H23", "air_cutoff": "H26"},
    **{"span_cutoff": "H24", "heater_stuck_on": "H14", "stopped": "H19", "state_lost": "H20"},
    **{"control_silent": "H10", "control_flow": "H10", "dome_restarted": "H16"},
}


def numbered(causes):
    """Each as a test that bears the number of its hazard."""
    return [pytest.param(cause, id=f"{HAZARD[cause]}-{cause}") for cause in causes]


LIMITS = {"span_cutoff": Limits(heat_span_min_max=30.0)}


AT_THE_EDGE = {
    "core_cutoff": (
        {"core": RoleView(0.4, False, 39.2, 2)},
        {"core": RoleView(0.4, False, 39.2, 1)},
    ),
    "skin_cutoff": (
        {"skin": RoleView(0.4, False, 43.0, 2)},
        {"skin": RoleView(0.4, False, 43.0, 1)},
    ),
    "air_cutoff": ({"air": RoleView(0.4, False, 78.0, 2)}, {"air": RoleView(0.4, False, 78.0, 1)}),
    "core_rise_cutoff": ({"fast_rise_min": 5.0}, {"fast_rise_min": 4.99}),
    "skin_dose_cutoff": ({"skin_dose_cem43_min": 15.0}, {"skin_dose_cem43_min": 14.99}),
    "span_cutoff": ({"heat_span_min": 210.0}, {"heat_span_min": 209.99}),
    "core_lost": ({"core_missing_s": 60.0}, {"core_missing_s": 59.9}),
    "control_silent": ({"control_silent_s": 10.0}, {"control_silent_s": 9.9}),
    "control_flow": ({"wrong_answers": 2}, {"wrong_answers": 1}),
    "heater_stuck_on": ({"heater_stuck_on": True}, {"heater_stuck_on": False}),
}


@pytest.mark.parametrize("cause", numbered(AT_THE_EDGE))
def test_each_trip_falls_exactly_at_its_edge_and_alone(cause):
    beyond, within = AT_THE_EDGE[cause]
    assert new_trips(WELL._replace(**beyond), Limits(), True, ()) == [cause]
    assert new_trips(WELL._replace(**within), Limits(), True, ()) == []
    assert new_trips(WELL._replace(**beyond), Limits(), True, (cause,)) == []


@pytest.mark.parametrize("cause", AT_THE_EDGE)
def test_only_silence_needs_an_epoch_to_trip(cause):
    in_idle = new_trips(WELL._replace(**AT_THE_EDGE[cause][0]), Limits(), False, ())
    assert in_idle == ([] if cause in ("core_lost", "control_silent") else [cause])


@pytest.mark.parametrize(
    "cause", numbered(sorted(AT_THE_EDGE.keys() - {"core_lost", "control_silent"}))
)
def test_what_makes_a_trip_fall_breaks_what_must_hold_before_its_reset(cause):
    broken = judge(WELL._replace(**AT_THE_EDGE[cause][0]), Limits())
    assert not set(TRIP[cause].must_hold).isdisjoint(broken)


NUMBERS = ["fast_rise_min", "skin_dose_cem43_min", "heat_span_min", "core_missing_s"]


@pytest.mark.parametrize("field", [*NUMBERS, "control_silent_s"])
def test_a_number_that_is_none_trips(field):
    assert len(new_trips(WELL._replace(**{field: nan}), Limits(), True, ())) == 1


def test_every_trip_of_the_table_has_a_cause_here():
    assert set(CAUSES) == {trip.name for trip in TRIPS}


def run_until_tripped(cause: str) -> Room:
    room = Room(LIMITS.get(cause))
    room.start()
    assert room.granted, room.broken
    if cause == "span_cutoff":
        room.run(minutes=19)
        assert room.latches == ()
    CAUSES[cause](room)
    return room


@pytest.mark.slow
@pytest.mark.parametrize("cause", numbered(CAUSES))
def test_each_trip_ends_the_epoch_latches_and_survives_a_restart(cause):
    room = run_until_tripped(cause)
    room.look()
    assert cause in room.latches
    assert room.ended
    assert cause in room.state.tripped_by
    assert "tripped" in room.permit.why

    room.run(seconds=5)
    before = room.latches
    room.restart_guard()
    room.look()
    if cause != "state_lost":  # which is what a disk that takes nothing cannot keep
        assert room.latches == before
    assert not room.granted


@pytest.mark.parametrize("cause", [name for name in CAUSES if name != "state_lost"])
def test_no_act_of_a_person_but_a_reset_leads_past_a_latch(cause):
    room = Room()
    room.drawer.domes["dome-1"] = Kept(epoch=4, latches=(cause,))
    room.restart_guard()
    room.start()
    assert not room.granted
    assert room.refused("arm_while_tripped") == 1


@pytest.mark.parametrize("cause", TRIP)
def test_a_reset_with_a_reason_clears_a_latch_whose_condition_has_gone(cause):
    room = Room()
    room.drawer.domes["dome-1"] = Kept(epoch=4, latches=(cause, "stopped"))
    room.restart_guard()
    room.run(seconds=3)
    room.reset(cause)
    assert cause not in room.latches
    assert cause not in room.drawer.domes["dome-1"].latches


def give_a_dose(room: Room) -> None:
    room.guard.senses.tallies.open("s-1", "P-1", room.now_s)
    room.guard.senses.tallies.skin("skin-1", 43.0, 16 * 60.0)


def give_hours_of_heat(room: Room) -> None:
    room.guard.senses.tallies.open("s-1", "P-1", room.now_s)
    room.guard.senses.tallies.heat(room.now_s)
    room.guard.senses.tallies.heat(room.now_s + 211 * 60.0)


STANDING = {
    "core_cutoff": lambda room: room.node.temps_c.update({"core-1": 39.3}),
    "skin_cutoff": lambda room: room.node.temps_c.update({"skin-1": 43.1}),
    "air_cutoff": lambda room: room.node.temps_c.update({"air-1": 79.0}),
    "core_lost": lambda room: room.node.temps_c.update({"core-1": nan, "core-2": nan}),
    "heater_stuck_on": weld_the_relay,
    "control_silent": lambda room: setattr(room.control, "challenge", "ffffffff"),
    "control_flow": skip_a_stage,
    "skin_dose_cutoff": give_a_dose,
    "span_cutoff": give_hours_of_heat,
    "dome_restarted": lambda room: setattr(room.node, "is_alive", False),
}


@pytest.mark.parametrize("cause", numbered(STANDING))
def test_a_reset_is_refused_and_counted_while_the_condition_stands(cause):
    room = Room()
    room.drawer.domes["dome-1"] = Kept(epoch=4, latches=(cause,))
    room.restart_guard()
    room.run(seconds=3)
    STANDING[cause](room)
    if cause == "control_silent":
        room.control.is_alive = False  # it runs, as the reset shows, but answers nothing
    room.run(seconds=6)
    room.reset(cause)
    assert cause in room.latches
    assert room.refused("reset_while_it_stands") == 1


def test_h01_core_probes_that_talk_nonsense_are_still_lost(room):
    room.drawer.domes["dome-1"] = Kept(latches=("core_lost",))
    room.restart_guard()
    room.node.temps_c.update({"core-1": 12.0, "core-2": 12.0})
    room.run(seconds=3)
    assert room.broken == ("core_in_range",)
    room.reset("core_lost")
    assert room.latches == ("core_lost",)


def test_h13_a_restart_of_the_dome_is_not_reset_while_two_nodes_speak(room):
    room.drawer.domes["dome-1"] = Kept(latches=("dome_restarted",))
    room.restart_guard()
    room.run(seconds=3)
    for tick in range(1, 20):
        room.node.tick -= 1  # the real one goes on counting as if nothing had been said
        room.hear("node/state", room.node.state(boot_id="00000000000000aa", tick=tick))
        room.run(seconds=0.5)
    assert room.broken == ("one_dome",)
    room.reset("dome_restarted")
    assert room.latches == ("dome_restarted",)


def test_a_reset_without_a_reason_is_refused_and_counted(room):
    room.run(seconds=2)
    room.hear("stop", b"")
    room.reset("stopped", reason="  ")
    assert room.latches == ("stopped",)
    assert room.refused("reset_without_reason") == 1


def test_a_reset_clears_only_the_latches_it_names(room):
    room.run(seconds=2)
    room.drawer.domes["dome-1"] = Kept(latches=("stopped", "dome_restarted"))
    room.restart_guard()
    room.run(seconds=2)
    room.reset("dome_restarted", "no-such-latch")
    assert room.latches == ("stopped",)


def test_a_latch_is_written_only_after_the_revoke_was_said(session):
    writes = session.drawer.writes
    said = []
    session.guard.on_stop("e1f0")
    said = session.guard.look(session.now_s)
    assert not said[0].granted  # the revoke, first of all
    assert session.drawer.writes == writes
    session.guard.keep(session.now_s)
    assert session.drawer.domes["dome-1"].latches == ("stopped",)


def test_a_write_that_fails_is_tried_again_until_the_latch_is_safe(session):
    session.drawer.is_stuck = True
    session.hear("stop", b"")
    assert session.latches == ("stopped", "state_lost")
    session.drawer.is_stuck = False
    session.run(seconds=6)
    assert session.drawer.domes["dome-1"].latches == ("stopped", "state_lost")


def test_a_lost_state_file_trips_and_a_reset_writes_a_fresh_one(room):
    del room.drawer.domes["dome-1"]
    room.restart_guard()
    room.start()
    assert room.latches == ("state_lost",)
    room.reset("state_lost")
    assert room.drawer.domes["dome-1"].latches == ()
    room.start()
    assert room.granted


def test_a_reset_of_state_lost_fails_while_nothing_can_be_written(room):
    del room.drawer.domes["dome-1"]
    room.drawer.is_stuck = True
    room.restart_guard()
    room.run(seconds=3)
    room.reset("state_lost")
    assert room.latches == ("state_lost",)


def test_after_a_lost_file_the_epoch_goes_on_from_the_node(room):
    room.node.epoch = 41
    del room.drawer.domes["dome-1"]
    room.restart_guard()
    room.run(seconds=3)
    room.reset("state_lost")
    room.start()
    assert room.permit.epoch == 42


def test_the_first_cause_comes_first_and_stays(session):
    session.hear("stop", b"")
    session.node.temps_c["core-1"] = 39.5
    session.run(seconds=1)
    assert session.latches == ("stopped", "core_cutoff")


def test_one_core_sample_at_the_limit_withholds_at_once_and_does_not_trip(session):
    session.hear("node/state", session.node.state(probes={"core-1": {"seq": 900, "temp_c": 39.2}}))
    assert not session.granted
    assert not session.ended
    assert session.broken == ("core_below",)
    session.node.tick = 900
    assert 3.0 <= session.seconds_until(lambda: session.granted) <= 4.5
    assert session.latches == ()


def test_two_samples_of_two_probes_trip_as_well_as_two_of_one(session):
    hot = {"core-1": {"seq": 900, "temp_c": 39.2}, "core-2": {"seq": 900, "temp_c": 39.3}}
    session.hear("node/state", session.node.state(probes=hot))
    assert session.latches == ("core_cutoff",)


def test_a_hot_probe_that_flaps_between_the_limit_and_nothing_still_trips(session):
    session.node.temps_c["core-1"] = 39.3
    session.run(seconds=0.5)
    session.node.temps_c["core-1"] = 12.0  # out of range: no value, so no relief either
    session.run(seconds=0.5)
    session.node.temps_c["core-1"] = 39.3
    session.run(seconds=0.5)
    assert session.latches == ("core_cutoff",)


@pytest.mark.parametrize("probe", ["core-1", "skin-1", "air-1"])
def test_h23_samples_that_dance_about_the_limit_trip(session, probe):
    """Every other one is at it: two within 3 s."""
    limit_c = {"core-1": 39.2, "skin-1": 43.0, "air-1": 78.0}[probe]
    for temp_c in (limit_c, limit_c - 0.05, limit_c):
        assert session.latches == ()
        session.node.temps_c[probe] = temp_c
        session.run(seconds=0.5)
    assert session.latches == (f"{probe[:-2]}_cutoff",)


def test_h25_one_sample_at_the_limit_now_and_then_trips_nothing(session):
    for _ in range(20):
        session.node.temps_c["core-1"] = 39.2
        session.run(seconds=0.5)
        session.node.temps_c["core-1"] = 38.0
        session.run(seconds=3)
    assert session.latches == ()


def test_a_lower_target_brings_the_core_limit_down(room):
    room.start(target_c=38.0)
    assert room.granted
    room.node.temps_c["core-1"] = 38.69
    room.run(seconds=2)
    assert room.granted
    room.node.temps_c["core-1"] = 38.7
    room.run(seconds=1)
    assert room.latches == ("core_cutoff",)


def test_an_epoch_does_not_open_above_the_limit_of_its_target_and_that_is_no_trip(room):
    room.node.temps_c["core-1"] = 38.9
    room.start(target_c=38.0)
    room.run(seconds=20)
    assert not room.granted
    assert room.latches == ()


@pytest.mark.parametrize("target_c", [39.0, 38.61, 36.9, nan, True, None, "38.5"])
def test_a_target_that_no_protocol_may_have_is_refused(room, target_c):
    room.run(seconds=3)
    room.arm(room.intent("start", {"target_c": target_c}))
    room.run(seconds=2)
    assert not room.granted
    assert room.refused("intent_malformed") + room.refused("intent_not_finite") == 1


def test_h14_a_relay_that_welds_while_heating_is_alarmed_before_the_contactors_open(session):
    """That is after 5 s. Then nobody could tell any more."""
    session.node.heater_follows = False
    session.control.power_pct = 0.0
    assert 3.0 < session.seconds_until(lambda: session.latches != ()) <= 4.0
    assert session.latches == ("heater_stuck_on",)
    assert session.permit.annunciate


def test_h14_a_little_that_was_asked_for_and_never_heard_is_no_stuck_heater(session):
    """Near its target control goes between nothing and a little in every few seconds. Where one
    such command is lost on its way to the guard, the heat from before it proves nothing.
    """
    session.node.heater_follows = False
    session.node.measured_w = 150.0
    session.run(seconds=5)
    session.control.power_pct = 0.0
    session.run(seconds=3)
    session.node.measured_w = 0.0
    session.run(seconds=5)
    assert session.latches == ()


def test_h14_a_heater_that_comes_on_in_idle_trips(room):
    room.run(seconds=10)
    room.node.heater_follows = False
    room.node.measured_w = 150.0
    assert room.seconds_until(lambda: room.latches != ()) <= 4.0
    assert room.latches == ("heater_stuck_on",)


def test_h14_a_little_measured_power_is_noise(room):
    room.node.heater_follows = False
    room.node.measured_w = 100.0  # 5 % of rated
    room.run(seconds=20)
    assert room.latches == ()


def test_h10_a_hanging_control_is_withheld_after_1_5_s_and_trips_after_10(session):
    session.control.is_alive = False
    assert session.seconds_until(lambda: not session.granted) <= 2.0
    assert session.latches == ()
    assert 7.5 <= session.seconds_until(lambda: session.latches != ()) <= 9.0


def test_h27_the_sounder_calls_when_control_falls_silent_in_a_session(session):
    session.control.is_alive = False
    assert session.seconds_until(lambda: session.permit.annunciate) <= 5.0
    session.control.is_alive = True
    session.run(seconds=2)
    assert not session.permit.annunciate


@pytest.mark.parametrize("cause", TRIP)
def test_h27_a_latch_calls_through_the_sounder_when_control_is_silent_if_it_is_urgent(cause):
    room = Room()
    room.drawer.domes["dome-1"] = Kept(epoch=4, latches=(cause,))
    room.restart_guard()
    room.run(seconds=3)
    assert room.permit.annunciate is (cause == "heater_stuck_on")
    room.control.is_alive = False
    room.run(seconds=5)
    assert room.permit.annunciate is (cause not in ("stopped", "state_lost", "dome_restarted"))


def test_the_sounder_is_quiet_when_nobody_is_treated(room):
    room.run(seconds=2)
    room.hear("stop", b"")
    room.control.is_alive = False
    room.run(seconds=30)
    assert not room.permit.annunciate


@pytest.mark.slow
def test_a_normal_rise_of_two_hours_does_not_trip(session):
    for _ in range(120):
        for probe in ("core-1", "core-2"):
            session.node.temps_c[probe] = min(38.5, session.node.temps_c[probe] + 0.032)
        session.run(minutes=1)
    assert session.latches == ()
    assert session.granted


@pytest.mark.slow
def test_a_probe_that_slips_out_and_back_in_is_no_rise(session):
    session.run(minutes=12)
    for step in (-0.02, 0.02):
        for _ in range(200):
            session.node.temps_c["core-1"] += step
            session.run(seconds=1)
    session.run(minutes=16)
    assert session.latches == ()
