"""The life of an alarm: delay, deadband, latch, acknowledge, audio pause, reset, restart."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms import engine
from alarms.engine import judge, restored
from alarms.limits import Limits
from alarms.model import During, Effect, Priority, Rule, Seen
from alarms.occurrence import Row
from alarms.people import acknowledge, done, pause_audio, reset
from alarms.rules import RULES


def warm(alarm_id="warm", sees="core_temp_c", limit=38.0, **more):
    return Rule(
        alarm_id,
        lambda seen: getattr(seen, sees),
        lambda limits: limit,
        more.pop("priority", Priority.MEDIUM),
        "{value:.1f} above {limit:.1f}",
        "Look.",
        unit="°C",
        **more,
    )


DELAYED = warm("delayed", for_s=5.0)
BANDED = warm("banded", inside_delta=0.25, inside_s=30.0)
TRIP = warm("trip", effect=Effect.TRIP, inside_delta=0.25)
HOT, NEAR, COOL, GONE = (
    {"core_temp_c": 38.5},
    {"core_temp_c": 38.0},  # the limit itself is not above it, and not inside the deadband
    {"core_temp_c": 37.75},
    {"core_temp_c": None},
)


# --- delay ----------------------------------------------------------------------------------------


def test_a_quiet_cycle_gives_nothing_and_remembers_nothing(monitor):
    judged = monitor().see(600.0)
    assert judged.rows == {}
    assert (judged.changes, judged.caps, judged.effects, judged.latches) == ((), (), (), ())


def test_a_delayed_row_is_raised_once_when_its_condition_has_lasted_and_not_before(monitor):
    watch = monitor([DELAYED])
    watch.see(5.0, **HOT)
    assert watch.changes == []
    watch.see(60.0, **HOT)
    assert watch.changes == [("delayed", "raised")]
    assert watch.rows["delayed"].raised_s == watch.now_s - 59.5


def test_a_condition_that_is_gone_for_one_cycle_begins_again(monitor):
    watch = monitor([DELAYED])
    for _ in range(5):
        watch.see(5.0, **HOT)
        watch.see(**COOL)
    assert watch.changes == []


def test_a_probe_that_flaps_between_too_hot_and_nothing_still_raises_its_alarm(monitor):
    """A fault of known limit checkers: a lost signal must not zero the timer."""
    watch = monitor([DELAYED])
    for _ in range(6):
        watch.see(**HOT)
        watch.see(**GONE)
    assert watch.changes == [("delayed", "raised")]


@given(st.lists(st.sampled_from([38.5, None]), min_size=11, max_size=40))
def test_whatever_is_lost_in_between_the_alarm_comes_on_time(values):
    rules, rows = engine.with_limits([DELAYED], Limits()), {}
    since_s = None
    for n, value in enumerate(values):
        if value is not None and since_s is None:
            since_s = 0.5 * n
        rows = judge(rules, rows, Seen(core_temp_c=value), 0.5 * n).rows
        is_due = since_s is not None and 0.5 * n - since_s >= 5.0
        assert bool(rows and rows["delayed"].active) is is_due


@pytest.mark.parametrize("value", [nan, inf])
def test_no_number_counts_as_too_high_and_neither_clears_nor_resets(monitor, value):
    watch = monitor([BANDED])
    watch.see(**HOT)
    watch.see(20.0, **COOL)
    watch.see(core_temp_c=value)
    watch.see(30.0, **COOL)
    assert watch.is_active("banded")


# --- deadband -------------------------------------------------------------------------------------


def test_it_clears_after_30_s_in_one_piece_inside_its_deadband(monitor):
    watch = monitor([BANDED])
    watch.see(**HOT)
    watch.see(60.0, **NEAR)
    watch.see(29.5, **COOL)
    watch.see(**NEAR)  # the time inside begins anew
    watch.see(30.0, **COOL)
    assert watch.is_active("banded")
    watch.see(**COOL)
    assert watch.changes == [("banded", "raised"), ("banded", "cleared")]


def test_who_cannot_tell_clears_nothing_however_long(monitor):
    watch = monitor([BANDED])
    watch.see(**HOT)
    watch.see(600.0, **GONE)
    assert watch.is_active("banded")


def test_around_its_limit_an_alarm_speaks_once_not_in_every_cycle(monitor):
    watch = monitor([BANDED])
    for _ in range(100):
        watch.see(core_temp_c=38.01)
        watch.see(core_temp_c=37.99)
    assert watch.changes == [("banded", "raised")]


# --- latch and reset ------------------------------------------------------------------------------


def test_a_trip_stays_and_keeps_heat_off_when_its_condition_is_gone(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    judged = watch.see(600.0, **COOL)
    assert watch.changes == [("trip", "raised"), ("trip", "condition_gone")]
    assert judged.latches == ("trip",)
    assert judged.caps == ((0.0, "38.5 above 38.0"),)
    assert watch.effects == [Effect.TRIP]


def test_reset_is_refused_while_the_condition_stands_and_says_so(monitor):
    watch = monitor([TRIP])
    for still in (HOT, NEAR, GONE):
        watch.see(**HOT)
        watch.see(**still)
        rows, why = reset(watch.rows, ["trip"])
        assert why == "trip still stands: 38.5 above 38.0"
        assert rows == watch.rows


def test_reset_ends_a_latch_whose_condition_is_gone(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    watch.see(**COOL)
    watch.rows, why = reset(watch.rows, ["trip"])
    assert why is None
    judged = watch.see(**COOL)
    assert (judged.rows, judged.caps, judged.latches) == ({}, (), ())


def test_reset_is_all_or_none(monitor):
    skin = warm("skin", "skin_temp_c", 41.0, effect=Effect.TRIP)
    watch = monitor([TRIP, skin])
    watch.see(core_temp_c=38.5, skin_temp_c=42.0)
    watch.see(core_temp_c=37.0, skin_temp_c=42.0)
    for names, why in (
        (["trip", "skin"], "skin still stands"),
        (["trip", "other"], "other is not latched"),
    ):
        rows, refused = reset(watch.rows, names)
        assert refused.startswith(why)
        assert rows == watch.rows


def test_what_is_active_but_not_latched_cannot_be_reset(monitor):
    watch = monitor([BANDED])
    watch.see(**HOT)
    assert reset(watch.rows, ["banded"])[1] == "banded is not latched"


def test_a_latched_condition_that_comes_back_acts_again_and_keeps_its_first_words(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    raised_s = watch.rows["trip"].raised_s
    watch.see(**COOL)
    watch.see(core_temp_c=40.0)
    assert watch.happened("trip") == ["raised", "condition_gone", "raised"]
    assert watch.effects == [Effect.TRIP, Effect.TRIP]
    assert watch.rows["trip"].text == "38.5 above 38.0"
    assert watch.rows["trip"].raised_s == raised_s


def test_only_what_keeps_heat_away_is_a_latch_that_bars_the_next_session(monitor):
    told = warm("told", latches=True)
    ended = warm("ended", effect=Effect.END_HEATING, latches=True)
    watch = monitor([told, ended])
    watch.see(**HOT)
    judged = watch.see(**COOL)
    assert judged.latches == ("ended",)
    assert watch.shows("told")


@given(
    st.lists(st.sampled_from([30.0, 37.75, 38.0, 38.5, nan, None]), max_size=60),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_no_course_of_values_ends_a_trip_and_a_reset_ends_only_what_is_gone(values, resets):
    rules, rows, latched, stands = engine.with_limits([TRIP], Limits()), {}, False, False
    for n, value in enumerate(values):
        judged = judge(rules, rows, Seen(core_temp_c=value), 0.5 * n)
        rows = judged.rows
        if value is not None:
            stands = (stands and value > 37.75) or not value <= 38.0
        latched = latched or stands
        assert judged.latches == (("trip",) if latched else ())
        assert [cap_pct for cap_pct, _ in judged.caps] == ([0.0] if latched else [])
        if resets[n]:
            rows, why = reset(rows, ["trip"])
            assert (why is None) is (latched and not stands)
            latched = stands


# --- restart --------------------------------------------------------------------------------------


def test_a_latch_read_back_after_a_restart_keeps_heat_off_until_a_person_resets_it(monitor):
    watch = monitor()
    watch.rows = restored(RULES, {"core_cutoff": "Core reached 39.05 °C twice"}, watch.now_s)
    judged = watch.see(3600.0)
    assert judged.latches == ("core_cutoff",)
    assert judged.caps == ((0.0, "Core reached 39.05 °C twice"),)
    assert watch.changes == []
    assert reset(judged.rows, ["core_cutoff"])[1] is None


def test_a_restored_latch_whose_condition_stands_is_raised_and_cannot_be_reset(monitor):
    watch = monitor()
    watch.rows = restored(RULES, {"core_cutoff": "before"}, watch.now_s)
    watch.see(core_twice_c=39.2)
    assert watch.happened("core_cutoff") == ["raised"]
    assert reset(watch.rows, ["core_cutoff"])[1] == "core_cutoff still stands: before"


def test_latches_that_no_row_has_any_more_are_kept_under_state_lost_by_name():
    rows = restored(
        RULES, {"state_lost": "bad file", "old_one": "it was hot", "older": "it stank"}, 7.0
    )
    assert rows == {
        "state_lost": Row(
            None, latched=True, raised_s=7.0, text="bad file; old_one: it was hot; older: it stank"
        )
    }


def test_the_latch_of_a_crash_loop_is_never_raised_and_holds_until_reset(monitor):
    watch = monitor()
    watch.see(60.0)
    assert "crash_loop" not in watch.rows
    watch.rows = restored(RULES, {"crash_loop": "three times in 10 min"}, watch.now_s)
    assert watch.see(60.0).latches == ("crash_loop",)
    assert reset(watch.rows, ["crash_loop"])[1] is None


# --- acknowledge and audio pause ------------------------------------------------------------------


def test_acknowledge_and_audio_pause_change_nothing_that_a_row_does_to_heat(monitor):
    facts = {"core_temp_c": 39.4, "core_twice_c": 39.4, "skin_temp_c": 42.5, "air_good": 0}
    heard, silenced = monitor(), monitor()
    heard.see(**facts)
    silenced.see(**facts)
    for name in tuple(silenced.rows):
        if silenced.shows(name):
            silenced.rows = acknowledge(silenced.rows, name, "nurse-7")
            silenced.rows = pause_audio(silenced.rows, name, silenced.now_s)
    for seconds, facts_now in ((60.0, facts), (120.0, {}), (600.0, {"air_good": 0})):
        loud, still = heard.see(seconds, **facts_now), silenced.see(seconds, **facts_now)
        assert (still.caps, still.latches) == (loud.caps, loud.latches)
        assert {*still.rows} == {*loud.rows}
    assert silenced.effects == heard.effects


def test_who_acknowledged_is_kept_until_it_happens_again(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    watch.rows = acknowledge(watch.rows, "trip", "nurse-7")
    watch.see(10.0, **COOL)
    assert watch.rows["trip"].acknowledged_by == "nurse-7"
    watch.see(**HOT)
    assert watch.rows["trip"].acknowledged_by is None


def test_only_an_alarm_that_is_shown_can_be_acknowledged_or_silenced(monitor):
    watch = monitor([DELAYED])
    watch.see(**HOT)  # begun, not raised
    for name in ("delayed", "other"):
        assert acknowledge(watch.rows, name, "nurse-7") is None
        assert pause_audio(watch.rows, name, watch.now_s) is None


def test_an_audio_pause_is_of_one_condition_and_ends_after_120_s(monitor):
    watch = monitor([TRIP, BANDED])
    watch.see(**HOT)
    watch.rows = pause_audio(watch.rows, "trip", watch.now_s)
    assert watch.rows["trip"].audio_paused_until_s == watch.now_s + 120.0
    assert watch.rows["banded"].audio_paused_until_s is None


def test_the_end_of_a_pause_is_logged_and_it_never_lasts_longer_than_120_s(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    watch.rows = pause_audio(watch.rows, "trip", watch.now_s)
    watch.see(119.5, **HOT)
    assert watch.rows["trip"].audio_paused_until_s is not None
    judged = watch.see(**HOT)
    assert watch.rows["trip"].audio_paused_until_s is None
    (ended,) = judged.changes
    assert (ended.change, ended.text) == ("audio_resumed", "sound again: the pause is over")


def test_a_new_alarm_breaks_every_audio_pause_and_a_quiet_row_none(monitor):
    """H18."""
    quiet = warm("quiet", "air_temp_c", 60.0, signals=False)
    fresh = warm("fresh", "skin_temp_c", 41.0, priority=Priority.LOW)
    watch = monitor([TRIP, quiet, fresh])
    watch.see(**HOT)
    watch.rows = pause_audio(watch.rows, "trip", watch.now_s)
    watch.see(**HOT, air_temp_c=61.0)
    assert watch.rows["trip"].audio_paused_until_s is not None
    judged = watch.see(**HOT, air_temp_c=61.0, skin_temp_c=41.5)
    assert watch.rows["trip"].audio_paused_until_s is None
    assert judged.changes[-1].text == "sound again: 41.5 above 41.0"


@pytest.mark.parametrize("link", ["node_age_s", "guard_age_s"])
def test_a_lost_link_breaks_every_audio_pause_in_any_phase_though_it_signals_nothing(
    monitor, idle, link
):
    """H18. Once: who silences it again while the link is still lost is heard."""
    watch = monitor(seen=idle)
    watch.see(stopped_by="nurse-7")
    watch.rows = pause_audio(watch.rows, "stopped", watch.now_s)
    watch.see(10.0, **{link: 3.0})
    assert watch.rows["stopped"].audio_paused_until_s is not None
    watch.see(**{link: 3.5})
    assert watch.rows["stopped"].audio_paused_until_s is None
    assert watch.shown() == ["stopped"]

    watch.rows = pause_audio(watch.rows, "stopped", watch.now_s)
    watch.see(10.0, **{link: 10.0})
    assert watch.rows["stopped"].audio_paused_until_s is not None


# --- the log --------------------------------------------------------------------------------------


def test_the_log_holds_value_limit_unit_and_probe_from_beginning_to_end(monitor):
    watch = monitor()
    raised, gone = [], []
    for temp_c in (43.4, 43.5, 43.6, 42.0):
        for change in watch.see(1.0, skin_temp_c=temp_c).changes:
            (raised if change.change == "raised" else gone).append(change)
    watch.see(60.0, skin_temp_c=42.0)
    cutoff = next(change for change in raised if change.alarm_id == "skin_cutoff")
    assert (cutoff.value, cutoff.limit, cutoff.unit, cutoff.probe) == (43.5, 43.0, "°C", "skin-2")
    assert gone == []
    assert watch.log[-1].alarm_id == "skin_cutoff"
    assert watch.log[-1].change == "condition_gone"
    assert (watch.log[-1].value, watch.log[-1].limit) == (42.0, 43.0)


def test_a_fact_has_no_number_in_the_log(monitor):
    (change,) = monitor().see(stopped_by="nurse-7").changes
    assert (change.value, change.limit, change.unit, change.probe) == (None, None, "", "")
    assert change.text == "STOP was pressed by nurse-7"


def test_a_latched_alarm_that_comes_back_is_logged_with_its_new_words(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    watch.see(**COOL)
    (again,) = watch.see(core_temp_c=40.0).changes
    assert (again.text, again.value) == ("40.0 above 38.0", 40.0)
    assert watch.rows["trip"].value == 38.5


def test_what_people_do_is_logged_with_their_name_and_the_value_that_they_saw(monitor):
    watch = monitor([TRIP])
    watch.see(**HOT)
    change = done(TRIP, watch.rows["trip"], "acknowledged", "nurse-7")
    assert (change.by, change.text, change.value) == ("nurse-7", "38.5 above 38.0", 38.5)


# --- first-out ------------------------------------------------------------------------------------


def test_the_first_of_several_alarms_is_marked_and_stays_so(monitor):
    skin = warm("skin", "skin_temp_c", 41.0)
    watch = monitor([TRIP, skin])
    watch.see(skin_temp_c=42.0)
    watch.see(60.0, skin_temp_c=42.0, **HOT)
    assert [name for name, row in watch.rows.items() if row.first_out] == ["skin"]


def test_of_alarms_raised_in_one_cycle_the_first_row_is_marked(monitor):
    watch = monitor([TRIP, warm("second")])
    watch.see(**HOT)
    assert [row.first_out for row in watch.rows.values()] == [True, False]


def test_a_quiet_row_is_never_first_and_takes_the_mark_from_nobody(monitor):
    quiet = warm("quiet", signals=False)
    watch = monitor([quiet, DELAYED])
    watch.see(10.0, **HOT)
    assert [name for name, row in watch.rows.items() if row.first_out] == ["delayed"]


def test_an_alarm_that_somebody_has_acknowledged_takes_the_mark_from_no_cascade(monitor):
    """A full disk that everybody knows of must not hide which of the next alarms came first."""
    known, skin = warm("known", "air_temp_c", 60.0), warm("skin", "skin_temp_c", 41.0)
    watch = monitor([known, TRIP, skin])
    watch.see(air_temp_c=61.0)
    watch.rows = acknowledge(watch.rows, "known", "nurse-7")
    watch.see(air_temp_c=61.0, skin_temp_c=42.0)
    watch.see(air_temp_c=61.0, skin_temp_c=42.0, **HOT)
    assert [name for name, row in watch.rows.items() if row.first_out] == ["known", "skin"]


def test_when_all_is_over_the_next_alarm_is_first_again(monitor):
    watch = monitor([BANDED])
    for _ in range(2):
        watch.see(**HOT)
        assert watch.rows["banded"].first_out
        watch.see(31.0, **COOL)
        assert watch.rows == {}


# --- phases ---------------------------------------------------------------------------------------


def test_a_delay_that_heating_did_not_outlast_is_forgotten(monitor, cooling):
    watch = monitor([warm("late", for_s=5.0, during=During.FROM_HEATING)])
    healthy = watch.seen
    watch.see(4.0, **HOT)
    watch.seen = cooling
    watch.see(60.0, **HOT)
    watch.seen = healthy
    watch.see(5.0, **HOT)
    assert watch.changes == []


def test_a_trip_of_the_heating_phases_is_judged_on_so_that_reset_is_refused_while_it_stands(
    monitor, cooling
):
    watch = monitor([warm("trip", effect=Effect.TRIP, during=During.FROM_HEATING)])
    watch.see(**HOT)
    watch.seen = cooling
    watch.see(60.0, **HOT)
    assert reset(watch.rows, ["trip"])[1] is not None
    watch.see(**COOL)
    assert reset(watch.rows, ["trip"])[1] is None


def test_shifting_all_times_changes_nothing(monitor):
    near, far = monitor(), monitor()
    far.now_s += 1e6
    for facts in ({"core_temp_c": 38.8}, {}, {"air_good": 0}, {"skin_temp_c": 43.5}, {}):
        near.see(40.0, **facts)
        far.see(40.0, **facts)
    assert far.changes == near.changes
    assert far.judged.caps == near.judged.caps


def test_what_was_handed_in_is_not_changed(monitor):
    watch = monitor([BANDED])
    watch.see(**HOT)
    before, kept = watch.rows, dict(watch.rows)
    watch.see(60.0, **COOL)
    acknowledge(before, "banded", "nurse-7")
    pause_audio(before, "banded", 0.0)
    assert before == kept
