"""What the guard makes of samples and of measured power: freshness, order, rise, dose and span."""

from __future__ import annotations

import re

import pytest

from tests.guard.pretend import Room
from thermod.guard.flow import flow_token
from thermod.guard.hear import hear_foreign
from thermod.guard.limits import Limits
from thermod.guard.specs import DomeSpec, ProbeSpec
from thermod.guard.tally import cem43_per_min, digest


def reading(room, **changes):
    message = {"boot_id": room.node.boot_id, "seq": 10_000, "tick": room.node.tick, "temp_c": 37.0}
    return {**message, **changes}


def hear_reading(room, probe="core-1", *, retained=False, **changes):
    room.hear(f"sensor/{probe}/reading", reading(room, **changes), retained=retained)


def seen(room):
    """What is judged now."""
    return room.guard.senses.view(
        room.now_s, core_limit_c=39.2, air_may_be_lost=False, echo_age_s=None
    )


def test_the_test_vector_of_the_contract():
    assert flow_token("1f9a03bc", 9021, range(101, 107)) == 1808402602


@pytest.mark.parametrize(
    ("results", "same"),
    [((1, 2, 3, 4, 5, 6), True), ((2, 1, 3, 4, 5, 6), False), ((1, 2, 3, 4, 5, 7), False)],
)
def test_the_flow_depends_on_every_result_and_its_place(results, same):
    assert (flow_token("0000000a", 5, results) == flow_token("0000000a", 5, range(1, 7))) is same


def test_readings_on_their_own_topic_serve_as_well_as_those_in_node_state(room):
    temps_c, room.node.temps_c = room.node.temps_c, {}
    for n in range(8):
        room.run(seconds=0.5)
        for probe, temp_c in temps_c.items():
            hear_reading(room, probe, seq=n, temp_c=temp_c)
    assert room.broken == ()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"seq": 3}, "reading_late"),
        ({"tick": 0}, "reading_old_tick"),
        ({"tick": 99}, "reading_old_tick"),
        ({"boot_id": "00000000000000aa"}, "reading_of_other_boot"),
    ],
)
def test_h05_a_late_old_or_foreign_reading_is_refused_and_counted(room, changes, kind):
    room.run(seconds=5)
    hear_reading(room, seq=20, temp_c=39.9)
    assert "core_below" in room.broken
    room.run(seconds=0)
    hear_reading(room, temp_c=37.0, **{"seq": 21, **changes})
    assert "core_below" in room.broken  # not believed
    assert room.refused(kind) == 1


def test_h05_a_repeated_reading_is_refused_and_counted_on_its_own_topic(room):
    room.run(seconds=5)
    hear_reading(room, seq=20, temp_c=38.0)
    hear_reading(room, seq=20, temp_c=37.0)
    assert room.refused("reading_repeated") == 1


def test_h05_a_retained_reading_is_never_fresh(room):
    room.run(seconds=5)
    hear_reading(room, temp_c=39.9, retained=True)
    assert room.broken == ()
    assert room.refused("reading_retained") == 1


def test_a_reading_of_a_probe_that_is_not_in_the_config_is_counted(room):
    room.run(seconds=2)
    hear_reading(room, "core-9")
    assert room.refused("probe_unknown") == 1


def test_h05_readings_that_are_steadily_too_late_are_silence(session):
    """Their order is good and they come twice a second, but they tell of 4 s ago."""
    temps_c, session.node.temps_c = session.node.temps_c, {}
    for _ in range(16):
        for probe, temp_c in temps_c.items():
            tick = max(session.node.tick - 8, 1)
            hear_reading(session, probe, seq=session.node.tick + 5000, tick=tick, temp_c=temp_c)
        session.run(seconds=0.5)
    assert not session.granted
    assert "core_fresh" in session.broken


def test_h05_a_node_state_that_is_late_or_of_an_older_boot_is_refused(session):
    old = session.node.state(lid="open")
    session.run(seconds=1)
    session.hear("node/state", old)
    assert session.granted
    assert session.refused("node_late") == 1

    session.hear("node/state", session.node.state(boot_id="00000000000000aa"))
    session.hear("node/state", session.node.state())
    assert session.refused("node_old_boot") == 1


def test_h02_a_probe_whose_counter_stands_still_is_silent(session):
    state = session.node.state
    session.node.state = lambda **changes: state(
        probes={p: {"seq": 4, "temp_c": t} for p, t in session.node.temps_c.items()}, **changes
    )
    assert session.seconds_until(lambda: not session.granted) <= 4.0
    assert "core_fresh" in session.broken


def test_an_offset_corrects_what_a_probe_says():
    room = Room()
    probes = tuple(
        type(p)(p.probe_id, p.role, offset_c=0.3 if p.probe_id == "core-1" else 0.0)
        for p in room.spec.probes
    )
    room = Room(spec=type(room.spec)("dome-1", probes))
    room.node.temps_c["core-1"] = 38.91
    room.run(seconds=1)
    assert "core_below" in room.broken


def test_a_malformed_reading_makes_its_probe_unusable_at_once(session):
    del session.node.temps_c["core-2"]
    session.run(seconds=4)
    session.hear("sensor/core-1/reading", b'{"temp_c": NaN}')
    assert session.broken == ("core_in_range",)


def test_h16_after_a_boot_of_the_dome_its_probes_count_from_one_again(session):
    session.run(seconds=20)
    session.node.boot_id, session.node.tick = "00000000000000aa", 0
    session.run(seconds=4)
    assert "core_fresh" not in session.broken
    session.reset("dome_restarted")
    session.start(kind="resume")
    assert session.granted


def test_h05_the_same_reading_on_its_own_topic_and_in_node_state_is_no_repeat(room):
    room.run(seconds=5)
    hear_reading(room, seq=20, temp_c=38.0)
    room.hear("node/state", room.node.state(probes={"core-1": {"seq": 20, "temp_c": 38.0}}))
    assert room.refused("reading_repeated") == 0


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"seq": 3, "temp_c": 39.9}, "reading_late"),
        ({"seq": 900, "tick": 1, "temp_c": 39.9}, "reading_old_tick"),
        ({"seq": 900, "temp_c": 43.1}, "reading_out_of_range"),
        ({"seq": 900, "temp_c": 85.0}, "reading_out_of_range"),
    ],
)
def test_h05_h07_an_entry_of_node_state_that_is_refused_is_counted(session, entry, kind):
    session.run(seconds=5)
    session.hear("node/state", session.node.state(probes={"core-1": entry}))
    assert session.guard.senses.refused == {kind: 1}
    assert session.granted


@pytest.mark.parametrize("probe", ["core-1", "core-9"])
def test_h07_an_entry_of_node_state_that_is_no_reading_is_counted(session, probe):
    session.hear("node/state", session.node.state(probes={probe: {"seq": 900, "temp_c": None}}))
    assert session.refused("reading_malformed") == 1
    assert session.granted  # the other core probe is good


def test_h19_the_node_cannot_speak_for_a_foreign_probe(room):
    """Neither a reading nor nonsense under its name."""
    foreign = ProbeSpec("air-x", "air", topic="lab/air")
    room = Room(spec=DomeSpec("dome-1", (*room.spec.probes, foreign)))
    room.run(seconds=1)
    hear_foreign(room.guard, foreign, b"50.0", False, room.now_s)
    for temp_c in (90.0, None):
        entry = {"seq": 900, "temp_c": temp_c}
        room.hear("node/state", room.node.state(probes={"air-x": entry}))
    assert seen(room).air.temp_c == 50.0
    assert not seen(room).air.bad
    assert (room.refused("probe_unknown"), room.refused("reading_out_of_range")) == (1, 0)


# --- silence --------------------------------------------------------------------------------------


def test_h09_silence_is_counted_until_the_dome_was_last_heard_one_and_a_half_seconds_ago(session):
    """Then it is the link that is silent, and no probe and no control."""
    session.node.is_alive = session.control.is_alive = False
    session.run(seconds=3, looks=1)
    assert seen(session).core_missing_s == pytest.approx(1.5)
    assert seen(session).control_silent_s == pytest.approx(1.5)


def test_h10_an_epoch_begins_without_the_silence_that_was_before_it(room):
    room.run(seconds=3)
    del room.node.temps_c["core-1"], room.node.temps_c["core-2"]
    room.run(seconds=2)
    assert seen(room).core_missing_s == pytest.approx(2.5)
    assert seen(room).control_silent_s == pytest.approx(0.5)
    room.arm(room.intent("start", {"target_c": 38.5}))
    assert room.granted
    assert (seen(room).core_missing_s, seen(room).control_silent_s) == (0.0, 0.0)


@pytest.mark.parametrize("back", [0, 1])
def test_a_heartbeat_of_a_cycle_that_is_not_newer_does_not_say_what_control_wants(session, back):
    cycle = session.control.cycle - back
    late = session.control.heartbeat(scope="none", cycle=cycle, challenge="ffffffff")
    session.hear("heartbeat", late)
    assert session.granted


@pytest.mark.parametrize(("silent_s", "is_there"), [(5.0, True), (5.01, False)])
def test_h13_another_guard_counts_as_there_for_five_seconds(room, silent_s, is_there):
    room.run(seconds=3)
    room.hear("guard/permit", {"guard_id": "g-other", "granted": False})
    room.now_s += silent_s
    room.look()
    assert ("one_guard" in room.broken) is is_there


# --- rise -----------------------------------------------------------------------------------------


def test_h22_a_rise_is_judged_in_one_heating_phase_and_forgotten_with_it(room):
    """Of two core probes the one that rises counts: 0.08 °C/min, for 14.5 of its minutes."""
    foreign = ProbeSpec("core-x", "core", topic="lab/core")
    room = Room(spec=DomeSpec("dome-1", (*room.spec.probes, foreign)))
    senses = room.guard.senses

    def rise() -> float:
        for second in range(870):
            room.now_s += 1.0
            senses.take_foreign("core-x", 37.0 + 0.08 * second / 60.0, room.now_s)
        return seen(room).fast_rise_min

    assert rise() == 0.0
    senses.watch_rise(True)
    assert 1.0 <= rise() < 5.0
    senses.watch_rise(False)
    assert seen(room).fast_rise_min == 0.0
    senses.watch_rise(True)
    assert seen(room).fast_rise_min == 0.0
    assert 1.0 <= rise() < 5.0


# --- dose and span --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("temp_c", "per_min"),
    [(38.99, 0.0), (39.0, 0.25**4), (42.0, 0.25), (42.9, 0.25**0.1), (43.0, 1.0), (44.0, 2.0)],
)
def test_equivalent_minutes_at_43(temp_c, per_min):
    assert cem43_per_min(temp_c) == pytest.approx(per_min)


@pytest.mark.parametrize(
    ("temp_c", "per_min"), [(38.99, 0.0), (39.0, 0.25**4), (39.5, 0.25**3.5), (42.0, 0.25)]
)
def test_h23_a_site_has_its_dose_from_39_degrees_on(session, temp_c, per_min):
    session.node.temps_c["skin-1"] = temp_c
    session.run(seconds=60.5, looks=1)  # the first of 121 messages is of what was before
    assert dose_cem43_min(session) == pytest.approx(per_min)


def test_dose_is_counted_by_site_and_the_worst_counts(session):
    session.node.temps_c["skin-1"] = 42.0
    session.node.temps_c["skin-2"] = 41.0
    session.run(minutes=8)
    assert session.guard.senses.tallies.skin_dose_cem43_min == pytest.approx(2.0, rel=0.01)


def test_span_runs_from_first_to_last_heat_over_pauses(session):
    session.run(minutes=1)
    session.control.power_pct = 0.0
    session.run(minutes=3)
    assert session.guard.senses.tallies.heat_span_min == pytest.approx(1.0, abs=0.06)
    session.control.power_pct = 40.0
    session.run(minutes=1)
    assert session.guard.senses.tallies.heat_span_min == pytest.approx(5.0, abs=0.1)


def test_a_little_measured_power_is_no_heat(room):
    room.start(power_pct=2.0)
    room.run(minutes=2)
    assert room.granted
    assert room.guard.senses.tallies.heat_span_min == 0.0


def test_where_nothing_measures_power_the_node_s_word_counts(room):
    room.node.heater_follows = False
    room.node.measured_w = None
    state = room.node.state
    room.node.state = lambda **changes: state(applied_pct=40.0, **changes)
    room.start()
    room.run(minutes=1)
    assert room.guard.senses.tallies.heat_span_min == pytest.approx(1.0, abs=0.1)
    assert room.latches == ()


def test_dose_and_span_of_a_session_outlive_the_guard_to_within_a_minute(session):
    session.node.temps_c["skin-1"] = 42.0
    session.run(minutes=5)
    session.restart_guard()
    tallies = session.guard.senses.tallies
    assert 4.0 <= tallies.heat_span_min <= 5.1
    assert 1.0 <= tallies.skin_dose_cem43_min <= 1.3


def test_another_session_begins_at_zero_and_going_back_forgets_nothing(session):
    session.run(minutes=2)
    session.intent("pause")
    had_min = session.guard.senses.tallies.heat_span_min
    session.control.scope = "none"
    session.run(seconds=1)
    session.intent("create", {"protocol": "hold-45", "consent": True}, session_id="s-2")
    assert session.guard.senses.tallies.heat_span_min == 0.0
    session.start(kind="resume")
    assert session.guard.senses.tallies.heat_span_min >= had_min


def test_a_session_that_has_no_name_yet_begins_at_zero(session):
    session.run(minutes=2)
    session.intent("stop")
    session.intent("create", {"protocol": "hold-45", "consent": True}, session_id=None)
    assert session.refused("intent_malformed") == 0
    assert session.guard.senses.tallies.heat_span_min == 0.0


def create(room, subject, session_id=None):
    """Somebody new lies down, or the same person again."""
    details = {"protocol": "hold-45", "consent": True, "subject": subject}
    room.intent("create", details, session_id=session_id)


def dose_cem43_min(room):
    return room.guard.senses.tallies.skin_dose_cem43_min


def treat(room, subject, session_id, minutes):
    """A session with one skin site at 42 °C: 0.25 CEM43 min each minute."""
    create(room, subject)
    room.control.power_pct = 40.0
    room.arm(room.intent("start", {"target_c": 38.5}, session_id=session_id))
    room.node.temps_c["skin-1"] = 42.0
    room.run(minutes=minutes)
    room.node.temps_c["skin-1"] = 34.0
    room.intent("stop")
    room.control.scope = "none"
    room.run(seconds=1)


def test_h23_the_dose_of_a_day_goes_with_the_person_and_not_with_the_session(room):
    room.run(seconds=3)
    treat(room, "P-1", "s-1", 4.0)
    assert dose_cem43_min(room) == pytest.approx(1.0, rel=0.02)
    create(room, "P-2")
    assert dose_cem43_min(room) == 0.0
    treat(room, "P-2", "s-2", 2.0)
    create(room, "P-1")
    assert dose_cem43_min(room) == pytest.approx(1.0, rel=0.02)
    treat(room, "P-1", "s-3", 4.0)
    assert dose_cem43_min(room) == pytest.approx(2.0, rel=0.02)
    assert room.guard.senses.tallies.heat_span_min < 5.0  # the span is of the session alone

    room.restart_guard()
    assert dose_cem43_min(room) == pytest.approx(2.0, rel=0.02)
    create(room, "P-1")
    assert dose_cem43_min(room) == pytest.approx(2.0, rel=0.02)


def test_h23_nobody_knows_how_long_a_site_was_warm_before_the_dome_was_heard(room):
    """A foreign skin probe may speak first: its dose is counted from message to message."""
    foreign = ProbeSpec("skin-x", "skin", topic="lab/skin")
    room = Room(spec=DomeSpec("dome-1", (*room.spec.probes, foreign)))
    room.node.is_alive = False
    room.run(seconds=1)
    create(room, "P-1")
    hear_foreign(room.guard, foreign, b"42.0", False, room.now_s)
    room.node.is_alive = True
    room.run(seconds=0.5)
    assert dose_cem43_min(room) == 0.0
    room.run(seconds=0.5)
    assert dose_cem43_min(room) == pytest.approx(0.25 * 0.5 / 60.0)


def test_h23_the_dose_of_two_sessions_of_a_day_trips_at_the_limit_of_one(room):
    room.limits = Limits(skin_dose_cem43_min_max=1.5)
    room.restart_guard()
    room.run(seconds=3)
    treat(room, "P-1", "s-1", 4.0)
    assert room.latches == ()
    treat(room, "P-1", "s-2", 2.2)
    assert room.latches == ("skin_dose_cutoff",)


def test_h23_a_day_later_the_dose_counts_no_more(room):
    room.run(seconds=3)
    treat(room, "P-1", "s-1", 4.0)
    room.now_s += 23.5 * 3600.0
    room.run(seconds=1)
    create(room, "P-1")
    assert dose_cem43_min(room) == pytest.approx(1.0, rel=0.02)
    room.now_s += 0.5 * 3600.0
    room.run(seconds=1)
    create(room, "P-1")
    assert dose_cem43_min(room) == 0.0


def test_h23_who_is_not_named_counts_as_the_last_person(room):
    room.run(seconds=3)
    treat(room, "P-1", "s-1", 4.0)
    room.intent("start", {"target_c": 38.5}, session_id="s-9")
    assert dose_cem43_min(room) == pytest.approx(1.0, rel=0.02)


def test_a_flood_of_intents_does_not_make_the_guard_forget_a_dose(room):
    room.run(seconds=3)
    treat(room, "P-1", "s-1", 4.0)
    for n in range(100):
        create(room, f"nobody-{n}")
    create(room, "P-1")
    assert dose_cem43_min(room) == pytest.approx(1.0, rel=0.02)


def test_the_guards_file_names_nobody(room):
    room.run(seconds=3)
    treat(room, "Jane Doe", "s-1", 1.0)
    room.run(minutes=1)
    kept = room.drawer.domes["dome-1"].sessions[-1]
    assert kept.subject == digest("Jane Doe")
    assert re.fullmatch("[0-9a-f]{16}", kept.subject)


def test_an_intent_that_control_refuses_does_not_touch_the_session_under_way(session):
    session.run(minutes=2)
    session.intent("create", {"protocol": "hold-45", "consent": True}, session_id="s-2")
    assert session.guard.senses.tallies.heat_span_min > 1.5


def test_the_file_is_not_written_at_every_sample(session):
    before = session.drawer.writes
    session.node.temps_c["skin-1"] = 41.0
    session.run(minutes=5)
    assert 4 <= session.drawer.writes - before <= 5


def test_only_the_last_few_sessions_are_remembered(room):
    room.run(seconds=2)
    for n in range(40):
        room.intent("create", {"protocol": "hold-45", "consent": True}, session_id=f"s-{n}")
    room.hear("stop", b"")
    kept = room.drawer.domes["dome-1"].sessions
    assert [each.session_id for each in kept] == [f"s-{n}" for n in range(24, 40)]
