"""Every row against the table of SAFETY.md section 4, written down here a second time."""

import re
from dataclasses import dataclass, replace
from math import inf, nan

import pytest

from alarms.engine import with_limits
from alarms.limits import TABLE, Limits, in_force
from alarms.model import CAP_PCT, During, Effect, Priority, Seen
from alarms.occurrence import words
from alarms.rules import RULES

HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW
NONE, CAP_50, CAP_30, HEAT_OFF = Effect.NONE, Effect.CAP_50, Effect.CAP_30, Effect.HEAT_OFF
END, PAUSE, INTERRUPT, TRIP = Effect.END_HEATING, Effect.PAUSE, Effect.INTERRUPT, Effect.TRIP
ALWAYS, UNDER_WAY = During.ALWAYS, During.UNDER_WAY
HEATING, FROM_HEATING = During.HEATING, During.FROM_HEATING

RULE = {rule.alarm_id: rule for rule in RULES}
STEP = 1e-6


@dataclass(frozen=True)
class Cell:
    """One cell of the table: what is judged, its limit, and what must come of it."""

    alarm_id: str
    sees: str
    limit: float
    priority: Priority
    effect: Effect
    during: During
    for_s: float = 0.0
    clears_at: float | None = None  # at or below it (None: at the limit itself) …
    clear_s: float = 0.0  # … for this long
    latches: bool = False
    quiet: bool = False


TABLE_ROWS = [
    # core, °C
    Cell("core_warm", "core_temp_c", 38.7, MEDIUM, NONE, ALWAYS, 1.0, 38.6, 30.0),
    Cell("core_single", "core_temp_c", 39.3, HIGH, HEAT_OFF, ALWAYS, quiet=True),
    Cell("core_hot", "core_twice_c", 38.9, HIGH, HEAT_OFF, ALWAYS, 0.0, 38.8, 30.0),
    Cell("core_cutoff", "core_twice_c", 39.0, HIGH, TRIP, ALWAYS, 0.0, 38.9, 30.0, True),
    # core rise, °C/min
    Cell("core_rise_brisk", "core_rise_c_per_min", 0.040, LOW, NONE, HEATING, 120, 0.038, 30),
    Cell("core_rise_fast", "core_rise_c_per_min", 0.045, MEDIUM, CAP_30, HEATING, 0, 0.043, 30),
    Cell("core_rise_too_fast", "core_rise_c_per_min", 0.050, HIGH, HEAT_OFF, HEATING, 0, 0.040),
    Cell(
        *("core_rise_cutoff", "core_rise_c_per_min", 0.06, HIGH, TRIP, FROM_HEATING),
        for_s=300.0,
        latches=True,
    ),
    # core not responding, min
    Cell("core_slow", "core_unresponsive_min", 30, MEDIUM, NONE, HEATING, clear_s=30.0),
    Cell("core_unresponsive", "core_unresponsive_min", 40, HIGH, HEAT_OFF, HEATING, clear_s=30.0),
    # hottest skin, °C
    Cell("skin_warm", "skin_temp_c", 41.0, MEDIUM, NONE, ALWAYS, 5.0, 40.7, 30.0),
    Cell("skin_hot", "skin_temp_c", 42.0, HIGH, HEAT_OFF, ALWAYS, 0.0, 41.7, 30.0),
    Cell("skin_cutoff", "skin_temp_c", 43.0, HIGH, TRIP, ALWAYS, 1.5, 42.7, 30.0, True),
    # skin dose, CEM43 min
    Cell("skin_dose_low", "skin_dose_cem43_min", 1.0, LOW, NONE, UNDER_WAY),
    Cell("skin_dose_high", "skin_dose_cem43_min", 5.0, MEDIUM, CAP_30, UNDER_WAY),
    Cell("skin_dose_end", "skin_dose_cem43_min", 10.0, HIGH, END, UNDER_WAY, latches=True),
    # dome air, °C
    Cell("air_warm", "air_temp_c", 65.0, LOW, NONE, ALWAYS, 10.0, 64.0, 30.0),
    Cell("air_hot", "air_temp_c", 70.0, HIGH, HEAT_OFF, ALWAYS, 0.0, 69.0, 30.0),
    Cell("air_cutoff", "air_temp_c", 75.0, HIGH, TRIP, ALWAYS, 1.5, 74.0, 30.0, True),
    # same-site core probes differ, °C
    Cell("core_spread_low", "core_spread_delta_c", 0.3, LOW, NONE, UNDER_WAY, 30.0, 0.2, 30.0),
    Cell("core_spread_high", "core_spread_delta_c", 0.5, MEDIUM, CAP_30, UNDER_WAY, 0, 0.4, 30.0),
    Cell(
        *("core_spread_cutoff", "core_spread_delta_c", 0.8, HIGH, TRIP, UNDER_WAY),
        for_s=60.0,
        clears_at=0.7,
        clear_s=30.0,
        latches=True,
    ),
    # newest good core sample older than, s
    Cell("core_late", "core_age_s", 2.5, MEDIUM, HEAT_OFF, HEATING, quiet=True),
    Cell("core_lost", "core_age_s", 5.0, MEDIUM, NONE, UNDER_WAY),
    Cell("core_gone", "core_age_s", 15.0, HIGH, NONE, UNDER_WAY),
    Cell("core_gone_long", "core_age_s", 60.0, HIGH, INTERRUPT, FROM_HEATING, latches=True),
    # heat-up, hold, first to last heat, cool-down, min
    Cell("heat_up_long", "heat_up_min", 110, MEDIUM, NONE, HEATING),
    Cell("heat_up_end", "heat_up_min", 130, MEDIUM, END, FROM_HEATING),
    Cell("heat_up_cutoff", "heat_up_min", 140, HIGH, TRIP, FROM_HEATING, latches=True),
    Cell("hold_long", "hold_over_min", 2, MEDIUM, NONE, HEATING),
    Cell("hold_end", "hold_over_min", 5, MEDIUM, END, FROM_HEATING),
    Cell("hold_cutoff", "hold_min", 75, HIGH, TRIP, FROM_HEATING, latches=True),
    Cell("span_long", "span_min", 170, MEDIUM, NONE, HEATING),
    Cell("span_end", "span_min", 185, MEDIUM, END, FROM_HEATING),
    Cell("span_cutoff", "span_min", 200, HIGH, TRIP, FROM_HEATING, latches=True),
    Cell("cool_down_slow", "cool_down_min", 75, MEDIUM, NONE, UNDER_WAY),
    # the heater, s
    Cell("heater_stuck_on", "stuck_on_s", 3.0, HIGH, TRIP, ALWAYS, latches=True),
    Cell("heater_differs", "mismatch_s", 10.0, MEDIUM, NONE, HEATING, clears_at=5.0),
    Cell("heater_weak", "weak_s", 10.0, MEDIUM, NONE, HEATING, clears_at=5.0),
    # staff presence not confirmed, min
    Cell("presence_due", "presence_min", 20, LOW, NONE, UNDER_WAY),
    Cell("presence_overdue", "presence_min", 25, HIGH, PAUSE, UNDER_WAY),
    Cell("presence_cutoff", "presence_min", 30, HIGH, TRIP, UNDER_WAY, latches=True),
    # core not measured by hand, on one probe, min and °C
    Cell("manual_check_due", "manual_check_min", 30, MEDIUM, NONE, HEATING),
    Cell("manual_check_overdue", "manual_check_min", 35, HIGH, PAUSE, FROM_HEATING),
    Cell("manual_check_differs", "manual_off_delta_c", 0.5, HIGH, PAUSE, UNDER_WAY),
    # beyond the table: fan and links (H26, H09, H12), the process itself (H06), the disk (H20)
    Cell("fan_dead", "fan_dead_s", 4.0, HIGH, HEAT_OFF, HEATING),
    Cell("dome_late", "node_age_s", 1.5, LOW, HEAT_OFF, HEATING, quiet=True),
    Cell("dome_silent", "node_age_s", 4.5, MEDIUM, HEAT_OFF, UNDER_WAY),
    Cell("command_not_echoed", "echo_missing_s", 3.0, MEDIUM, HEAT_OFF, HEATING),
    Cell("command_not_echoed_long", "echo_missing_s", 60.0, HIGH, INTERRUPT, HEATING),
    Cell("dome_unheard", "node_age_s", 3.0, LOW, NONE, ALWAYS, quiet=True),
    Cell("guard_unheard", "guard_age_s", 3.0, LOW, NONE, ALWAYS, quiet=True),
    Cell("guard_silent", "guard_age_s", 4.5, HIGH, HEAT_OFF, HEATING),
    Cell("heat_withheld", "withheld_s", 4.5, MEDIUM, NONE, HEATING),
    Cell("clock_jump", "clock_jump_s", 2.0, MEDIUM, NONE, UNDER_WAY, latches=True),
]
CELL = {cell.alarm_id: cell for cell in TABLE_ROWS}

# Facts: what raises them, what must come of it.
FACTS = {
    "core_probe_bad": ({"core_bad": 1, "core_good": 2}, MEDIUM, NONE, UNDER_WAY),
    "core_one_left": ({"core_bad": 1, "core_good": 1}, MEDIUM, CAP_50, UNDER_WAY),
    "core_none": ({"core_good": 0, "core_bad": 2}, MEDIUM, HEAT_OFF, HEATING),
    "skin_lost": ({"skin_good": 0}, MEDIUM, HEAT_OFF, HEATING),
    "air_lost": ({"air_good": 0}, MEDIUM, CAP_30, HEATING),
    "lid_open": ({"lid_open": True}, LOW, HEAT_OFF, HEATING),
    "dome_restarted": ({"dome_restarted": True}, HIGH, TRIP, ALWAYS),
    "stopped": ({"stopped_by": "nurse-7"}, HIGH, TRIP, ALWAYS),
    "guard_tripped": ({"guard_tripped_by": "core_cutoff"}, HIGH, TRIP, UNDER_WAY),
    "interrupted": ({"interrupted_by": "the dome restarted"}, HIGH, INTERRUPT, ALWAYS),
    "state_lost": ({"state_lost": "bad checksum"}, HIGH, TRIP, ALWAYS),
    "second_controller": ({"foreign_controller": "c-2"}, HIGH, TRIP, ALWAYS),
    "second_guard": ({"foreign_guard": "g-2"}, HIGH, TRIP, ALWAYS),
    "second_dome": ({"foreign_dome": "00000000000000aa"}, HIGH, TRIP, ALWAYS),
    "loop_overrun": ({"overrun": True}, LOW, NONE, UNDER_WAY),
    "record_failing": ({"journal_error": "disk I/O error"}, MEDIUM, NONE, ALWAYS),
    "disk_low": ({"disk_free_mb": 499.0}, MEDIUM, NONE, ALWAYS),
}
QUIET_FACTS = {"core_one_left", "core_none"}
LATER = {"air_lost_long", "skin_probe_bad", "air_probe_bad"}  # on-delays: tests of their own
AT_BOOT = {"crash_loop"}  # latched before the first cycle, never raised in one

MAY_BE_UNKNOWN = {name: "None" in str(kind) for name, kind in Seen.__annotations__.items()}


def parametrized(cells):
    return pytest.mark.parametrize("cell", cells, ids=lambda cell: cell.alarm_id)


cells = parametrized(TABLE_ROWS)
cells_that_may_be_unknown = parametrized([cell for cell in TABLE_ROWS if MAY_BE_UNKNOWN[cell.sees]])


def test_every_row_stands_in_the_table_of_these_tests():
    assert [*RULE] == [rule.alarm_id for rule in RULES]  # no id twice
    assert {*RULE} == {*CELL, *FACTS, *LATER, *AT_BOOT}


@cells
def test_just_inside_nothing_begins_and_just_outside_it_does_after_its_delay(monitor, cell):
    watch = monitor()
    watch.see(cell.for_s + 5.0, **{cell.sees: cell.limit - STEP})
    assert cell.alarm_id not in watch.rows
    watch.see(cell.for_s, **{cell.sees: cell.limit + STEP})
    assert not watch.shows(cell.alarm_id)
    watch.see(**{cell.sees: cell.limit + STEP})
    assert watch.happened(cell.alarm_id) == ["raised"]


@cells
@pytest.mark.parametrize("absurd", [nan, inf])
def test_no_number_raises_it_as_too_high_does(monitor, cell, absurd):
    watch = monitor()
    watch.see(cell.for_s + 0.5, **{cell.sees: absurd})
    assert watch.is_active(cell.alarm_id)


@cells_that_may_be_unknown
def test_who_cannot_tell_raises_nothing_and_stops_no_timer(monitor, cell):
    watch = monitor()
    watch.see(cell.for_s + 5.0, **{cell.sees: None})
    assert cell.alarm_id not in watch.rows
    watch.see(**{cell.sees: cell.limit + STEP})
    watch.see(cell.for_s, **{cell.sees: None})
    assert watch.is_active(cell.alarm_id)


@cells
def test_it_takes_from_heat_what_the_table_says_for_as_long_as_it_stands(monitor, cell):
    watch = monitor()
    watch.see(cell.for_s + 10.0, **{cell.sees: cell.limit + STEP})
    rule, text = RULE[cell.alarm_id], watch.rows[cell.alarm_id].text
    assert rule.priority is cell.priority
    assert rule.effect is cell.effect
    assert rule.signals is not cell.quiet
    said = [cap_pct for cap_pct, because in watch.judged.caps if because == text]
    cap_pct = {NONE: [], CAP_30: [30.0]}.get(cell.effect, [0.0])
    assert said == cap_pct
    moves = watch.effects.count(cell.effect)
    assert moves == (1 if cell.effect in (END, PAUSE, INTERRUPT, TRIP) else 0)


@cells
def test_it_clears_at_its_deadband_after_its_time_and_what_latches_stays(monitor, cell):
    watch = monitor()
    clears_at = cell.limit if cell.clears_at is None else cell.clears_at
    watch.see(cell.for_s + 0.5, **{cell.sees: cell.limit + STEP})
    watch.see(30.5, **{cell.sees: clears_at + STEP})  # not far enough inside
    assert watch.is_active(cell.alarm_id)
    watch.see(cell.clear_s, **{cell.sees: clears_at - STEP})
    assert watch.is_active(cell.alarm_id)
    watch.see(**{cell.sees: clears_at - STEP})
    assert not watch.is_active(cell.alarm_id)
    assert watch.shows(cell.alarm_id) is cell.latches
    assert watch.happened(cell.alarm_id)[-1] == ("condition_gone" if cell.latches else "cleared")


@cells
def test_it_begins_only_in_its_phases(monitor, cooling, idle, cell):
    for seen, may_begin in ((cooling, cell.during <= UNDER_WAY), (idle, cell.during is ALWAYS)):
        watch = monitor(seen=seen)
        watch.see(cell.for_s + 0.5, **{cell.sees: cell.limit + STEP})
        assert watch.shows(cell.alarm_id) is may_begin


@cells
def test_when_heating_ends_it_ends_with_it_or_stands_until_the_session_is_closed(
    monitor, cooling, idle, cell
):
    watch = monitor()
    watch.see(cell.for_s + 0.5, **{cell.sees: cell.limit + STEP})
    watch.seen = cooling
    watch.see(**{cell.sees: cell.limit + STEP})
    assert watch.is_active(cell.alarm_id) is (cell.during is not HEATING)
    watch.seen = idle
    watch.see(**{cell.sees: cell.limit + STEP})
    assert watch.is_active(cell.alarm_id) is (cell.during is ALWAYS)
    assert watch.shows(cell.alarm_id) is (cell.during is ALWAYS or cell.latches)


@cells
def test_the_text_names_value_and_limit(monitor, cell):
    watch = monitor()
    value = cell.limit * 1.2 + 1.0
    watch.see(cell.for_s + 0.5, **{cell.sees: value})
    said = re.findall(r"-?\d+(?:\.\d+)?", watch.rows[cell.alarm_id].text)
    for number in (value, cell.limit):
        assert any(abs(float(word) - number) <= rounding(word) for word in said), said


def rounding(word):
    return 0.51 * 10.0 ** -len(word.partition(".")[2])


@pytest.mark.parametrize("alarm_id", FACTS)
def test_a_fact_raises_its_row_and_takes_from_heat_what_it_must(monitor, alarm_id):
    facts, priority, effect, _ = FACTS[alarm_id]
    watch = monitor()
    watch.see(**facts)
    assert watch.happened(alarm_id) == ["raised"]
    rule = RULE[alarm_id]
    assert (rule.priority, rule.effect) == (priority, effect)
    assert rule.signals is (alarm_id not in QUIET_FACTS)
    said = [
        cap_pct for cap_pct, because in watch.judged.caps if because == watch.rows[alarm_id].text
    ]
    assert said == {NONE: [], CAP_30: [30.0], CAP_50: [50.0]}.get(effect, [0.0])
    watch.see(30.5)
    assert watch.shows(alarm_id) is (effect is TRIP)


@pytest.mark.parametrize("alarm_id", FACTS)
def test_a_fact_counts_only_in_its_phases(monitor, cooling, idle, alarm_id):
    facts, _, _, during = FACTS[alarm_id]
    for seen, may_begin in ((cooling, during <= UNDER_WAY), (idle, during is ALWAYS)):
        watch = monitor(seen=seen)
        watch.see(**facts)
        assert watch.shows(alarm_id) is may_begin


@pytest.mark.parametrize("alarm_id", FACTS)
def test_the_text_of_a_fact_names_who_or_what(monitor, alarm_id):
    facts, *_ = FACTS[alarm_id]
    named = [fact for fact in facts.values() if isinstance(fact, str)]
    watch = monitor()
    watch.see(**facts)
    assert all(name in watch.rows[alarm_id].text for name in named)


def test_the_probes_are_named_where_one_governs_or_is_not_trusted(monitor):
    watch = monitor()
    watch.see(
        5.5,
        **{"core_temp_c": 39.5, "core_twice_c": 39.5, "skin_temp_c": 43.5},
        **{"core_bad": 1, "core_probes_bad": "core-2 has been silent", "core_good": 1},
    )
    names = {
        "core-1": ("core_warm", "core_single", "core_hot", "core_cutoff"),
        "skin-2": ("skin_warm", "skin_hot", "skin_cutoff"),
        "core-2 has been silent": ("core_probe_bad", "core_one_left"),
    }
    for name, alarm_ids in names.items():
        assert all(name in watch.rows[alarm_id].text for alarm_id in alarm_ids)


def test_when_all_core_probes_fall_silent_at_once_nobody_is_told_before_5_s(monitor):
    watch = monitor()
    watch.see(core_age_s=2.5)
    assert watch.cap_pct == 100.0
    for age_s in (3.0, 5.0):
        watch.see(core_good=0, core_bad=2, core_age_s=age_s)
        assert watch.cap_pct == 0.0
        assert not any(RULE[name].signals for name in watch.rows)
    watch.see(core_good=0, core_bad=2, core_age_s=5.5)
    assert watch.is_active("core_lost")


def test_the_disk_is_low_below_500_mb_until_550_are_free(monitor):
    watch = monitor()
    for free_mb, is_low in ((500.0, False), (499.9, True), (549.0, True), (550.0, False)):
        watch.see(disk_free_mb=free_mb)
        assert watch.is_active("disk_low") is is_low


def test_a_journal_that_can_be_written_again_is_believed_after_5_s(monitor):
    watch = monitor()
    watch.see(journal_error="disk I/O error")
    watch.see(5.0)
    assert watch.is_active("record_failing")
    watch.see()
    assert watch.rows == {}


def test_air_lost_for_10_minutes_takes_heat_that_was_only_capped_before(monitor):
    watch = monitor()
    watch.see(600.0, air_good=0)
    assert watch.cap_pct == 30.0
    watch.see(0.5, air_good=0)
    assert watch.cap_pct == 0.0
    assert watch.is_active("air_lost_long")


@pytest.mark.parametrize("role", ["skin", "air"])
def test_one_of_several_skin_or_air_probes_that_stays_bad_is_named_and_takes_no_heat(monitor, role):
    watch = monitor()
    bad = {f"{role}_probes_bad": f"{role}-2 has been silent", f"{role}_good": 1}
    watch.see(5.0, **bad)
    assert watch.changes == []
    watch.see(**bad)
    assert watch.changes == [(f"{role}_probe_bad", "raised")]
    assert f"{role}-2 has been silent" in watch.rows[f"{role}_probe_bad"].text
    assert watch.cap_pct == 100.0
    watch.see(**{f"{role}_good": 0, f"{role}_probes_bad": "all"})
    assert watch.happened(f"{role}_probe_bad")[-1] == "cleared"  # the graver row tells


def test_with_one_of_three_core_probes_bad_two_are_left_and_nothing_is_capped(monitor):
    watch = monitor()
    assert watch.see(core_bad=1, core_good=2).caps == ()
    watch.see(core_bad=2, core_good=1)
    assert watch.cap_pct == 50.0


def test_one_core_probe_that_was_waived_from_the_start_is_not_one_of_two_left(monitor):
    watch = monitor()
    watch.see(core_bad=0, core_good=1)
    assert watch.rows == {}


def test_a_single_spike_takes_the_heat_of_its_cycle_and_alarms_nobody(monitor):
    watch = monitor()
    watch.see(core_temp_c=40.5)
    assert watch.cap_pct == 0.0
    assert not any(RULE[name].signals for name, row in watch.rows.items() if row.shown)
    watch.see()
    assert watch.cap_pct == 100.0
    assert watch.rows == {}


def test_a_single_wild_skin_or_air_sample_takes_heat_but_does_not_latch(monitor):
    watch = monitor()
    watch.see(1.0, skin_temp_c=44.0, air_temp_c=76.0)  # one sample, seen in two cycles
    watch.see()
    assert watch.judged.latches == ()
    assert watch.cap_pct == 0.0


def test_heat_lost_to_a_fast_rise_comes_back_where_the_file_says_and_not_before(monitor):
    limits = Limits(core_rise_keep_c_per_min=0.03, core_rise_clear_c_per_min=0.035)
    watch = monitor(limits=limits)
    watch.see(core_rise_c_per_min=0.051)
    watch.see(30.0, core_rise_c_per_min=0.0351)
    assert watch.is_active("core_rise_too_fast")
    watch.see(core_rise_c_per_min=0.0349)
    assert not watch.is_active("core_rise_too_fast")


def test_a_heat_up_that_reached_its_band_is_no_longer_too_long(monitor):
    watch = monitor()
    watch.see(heat_up_min=112.0)
    assert watch.is_active("heat_up_long")
    watch.see(heat_up_min=112.0, hold_min=0.01)
    assert watch.rows == {}


@pytest.mark.parametrize("target_c", [37.5, 38.0, 38.5])
def test_the_core_limits_in_force_follow_the_target(monitor, target_c):
    limits = in_force(Limits(), target_c)
    past = {"core_warm": 0.2, "core_hot": 0.4, "core_cutoff": 0.5}
    for rule, limit in with_limits(RULES, limits):
        if rule.alarm_id in past:
            assert limit == pytest.approx(target_c + past[rule.alarm_id])


# What a row does not judge, somebody else does: the regulator and the limiter by `keep`, the
# session by `pause`, the dome's power by `balance`.
JUDGED_ELSEWHERE = re.compile("_keep_|setpoint|dosed|pause_min|stuck_on_cut_pct|power_error")


def test_every_limit_that_a_file_may_tighten_moves_a_row():
    loose = {
        rule.alarm_id: (limit, rule.inside_delta) for rule, limit in with_limits(RULES, Limits())
    }
    for name in TABLE:
        if JUDGED_ELSEWHERE.search(name):
            continue
        tight = replace_unchecked(Limits(), name, TABLE[name] * 0.999)
        moved = {
            rule.alarm_id: (limit, rule.inside_delta) for rule, limit in with_limits(RULES, tight)
        }
        assert moved != loose, f"{name} moves nothing"


def replace_unchecked(limits, name, value):
    """One limit alone, though it may now be out of order."""
    changed = replace(limits)
    object.__setattr__(changed, name, value)
    return changed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alarm_id)
def test_every_row_has_a_name_a_text_and_something_to_do(rule):
    assert re.fullmatch(r"[a-z0-9_]{1,48}", rule.alarm_id)
    assert rule.say[0].isupper() or rule.say[0] == "{"
    assert rule.do.endswith(".")
    assert rule.do != rule.say


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alarm_id)
def test_a_row_names_the_unit_of_its_numbers_and_none_for_a_fact(rule):
    units = {"c": "°C", "min": "min", "s": "s", "cem43_min": "CEM43 min", "c_per_min": "°C/min"}
    cell = CELL.get(rule.alarm_id)
    if cell is None:
        assert rule.unit == ("MB" if rule.alarm_id == "disk_low" else "")
    else:
        name = max((name for name in units if cell.sees.endswith(f"_{name}")), key=len)
        assert rule.unit == units[name]


JUDGED_BY_PROBE = re.compile("core_(temp|twice|spread|age)|skin_|air_temp|manual_off")


@cells
def test_an_alarm_that_a_probe_has_raised_names_the_probe_in_text_and_log(monitor, cell):
    watch = monitor()
    watch.see(cell.for_s + 0.5, **{cell.sees: cell.limit + STEP}, core_probes_bad="core-2 is out")
    row = watch.rows[cell.alarm_id]
    assert bool(row.probe) is bool(JUDGED_BY_PROBE.match(cell.sees))
    assert row.probe in row.text
    assert (row.value, row.limit) == (cell.limit + STEP, cell.limit)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alarm_id)
def test_no_value_breaks_a_text(rule):
    for extreme in (nan, inf, -inf, 1e300, 0.0, None):
        for name in ("{value:.1f}", "", "x" * 400):
            kinds = {"str": name, "int": 0, "bool": True}
            seen = Seen(
                **{
                    name: kinds.get(kind.__forward_arg__, extreme)
                    for name, kind in Seen.__annotations__.items()
                }
            )
            assert words(rule, 1.0, extreme, seen)


def test_each_effect_caps_power_at_what_its_name_says():
    assert {
        **{NONE: 100.0, CAP_50: 50.0, CAP_30: 30.0},
        **dict.fromkeys((HEAT_OFF, END, PAUSE, INTERRUPT, TRIP), 0.0),
    } == CAP_PCT
    assert {*CAP_PCT} == {*Effect}
