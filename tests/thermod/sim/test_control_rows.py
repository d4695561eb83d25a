"""Targets of control, and when a figure has become worse: on made-up scores."""

import json
from dataclasses import replace
from math import inf, nan

import pytest

from thermod.sim import control_rows
from thermod.sim.control_compare import comparable, lost_rows, worse_rows
from thermod.sim.control_rows import Row
from thermod.sim.delay import delays
from thermod.sim.score import Scorer

BLANK = Scorer(38.5, 45.0).score(
    seed=0, name="made up", now_s=0.0, ended_by="closed", trips=[], alarms=[]
)
GOOD = replace(
    BLANK,
    time_to_38_4_min=80.0,
    peak_overshoot_c=-0.01,
    peak_overshoot_after_c=-0.01,
    peak_overshoot_unbiased_c=0.0,
    two_min_at_target_min=84.0,
    hold_within_0_1=1.0,
    hold_within_0_2=1.0,
    skin_temp_c_max=40.0,
    air_temp_c_max=61.0,
    rise_c_per_min_max=0.03,
    eta_error_min=3.0,
)


def session(seed, **changed):
    return replace(GOOD, seed=seed, **changed)


def rows_of(scores, population="nominal", full_min=72.0):
    full = [replace(score, time_to_38_4_min=full_min) for score in scores]
    rows = control_rows.of_population(population, scores, delays(scores, full))
    return {row.name: row for row in rows}


def test_good_sessions_meet_every_row():
    scores = [session(seed) for seed in range(20)]
    rows = [*rows_of(scores).values(), *control_rows.of_calibration(scores)]
    assert [row.name for row in rows if not row.met] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"peak_overshoot_after_c": 0.06}, "peak, worst"),
        ({"peak_overshoot_unbiased_c": 0.06}, "had the probes no bias"),
        ({"time_to_38_4_min": 93.0}, "delay, worst"),
        ({"time_to_38_4_min": None}, "reached by full power alone"),
        ({"hold_within_0_1": 0.98}, "of the hold"),
        ({"hold_within_0_1": None}, "of the hold"),
        ({"skin_temp_c_max": 40.9}, "skin"),
        ({"air_temp_c_max": 64.1}, "air"),
        ({"rise_c_per_min_max": 0.039}, "rise"),
        ({"trips": ["core_high"]}, "tripped"),
    ],
)
def test_one_bad_patient_among_twenty_is_seen(changed, said):
    rows = rows_of([session(1, **changed), *(session(seed) for seed in range(2, 21))])
    assert any(said in name for name, row in rows.items() if not row.met)


def test_time_told_too_early_or_too_late_half_way_counts_by_the_share():
    for error_min in (11.0, -11.0, None):
        wrong = [session(seed, eta_error_min=error_min) for seed in range(3)]
        rows = rows_of([*wrong, *(session(seed) for seed in range(3, 20))])
        told = rows["nominal: time told half-way, within ±10 min, share"]
        assert told.got == pytest.approx(17 / 20)
        assert not told.met


def test_a_fault_may_trip_only_where_no_healthy_probe_is_left():
    def by_name(*scores):
        return {row.name: row for row in control_rows.of_faults("hard", scores)}

    lost = by_name(session(1, disturbance="core-lost", trips=["core_lost"]))
    assert not lost["hard, faults: trips though each role had a healthy probe"].met
    no_air = by_name(session(1, disturbance="air-lost", trips=["air_lost"], alarms=["air_lost"]))
    assert all(row.met for row in no_air.values())
    unsaid = by_name(session(1, disturbance="air-stuck"))
    assert not unsaid["hard, faults: no air probe to steer by, and no alarm"].met


def test_an_air_probe_that_reads_low_is_judged_by_how_hot_the_air_truly_got():
    def air_row(**figures):
        score = session(1, disturbance="air-low", **figures)
        name = "hard, faults: air probe 8 °C low, true air, worst, °C"
        return {row.name: row for row in control_rows.of_faults("hard", [score])}[name]

    assert air_row(air_temp_c_max=69.5).met
    assert not air_row(air_temp_c_max=70.1).met


def test_a_figure_that_is_none_or_no_number_meets_nothing():
    assert not Row("a", None, 1.0, 0.0).met
    assert not Row("a", nan, 1.0, 0.0).met
    assert not Row("a", nan, 1.0, 0.0, more_is_better=True).met


def as_read(*rows):
    return json.loads(json.dumps([{"name": row.name, "got": row.got} for row in rows]))


@pytest.mark.parametrize(
    ("before", "now", "more_is_better", "is_worse"),
    [
        (0.03, 0.05, False, False),  # within the noise
        (0.03, 0.0501, False, True),
        (0.05, -0.30, False, False),
        (1.00, 0.98, True, False),
        (1.00, 0.97, True, True),
        (0.50, 1.00, True, False),
        (0.03, None, False, True),
        (None, 9.0, False, False),
        (0.03, nan, False, True),
    ],
)
def test_worse_is_what_lost_more_than_its_noise(before, now, more_is_better, is_worse):
    last = as_read(Row("peak", before, 0.1, 0.02, more_is_better))
    found = worse_rows([Row("peak", now, 0.1, 0.02, more_is_better)], last)
    assert bool(found) == is_worse


def test_figures_of_the_machine_are_never_worse_and_a_row_that_vanished_is_told():
    last = as_read(Row("cycle", 80.0, 100.0, inf), Row("peak", 0.0, 0.1, 0.01))
    assert worse_rows([Row("cycle", 900.0, 100.0, inf)], last) == []
    assert lost_rows([Row("cycle", 900.0, 100.0, inf)], last) == ["peak"]


def test_only_the_same_sessions_are_compared():
    ours = {"bodies": 200, "baseline_bodies": 50, "cycle_s": 1.0, "protocol": "hold-45"}
    assert comparable(ours, {**ours, "wall_s": 3})
    assert not comparable(ours, {**ours, "bodies": 2})
    assert not comparable(ours, {})
