"""The figures of a session, on sessions made up so that they are known beforehand."""

import pytest

from thermod.sim.score import PatientScore, Scorer, as_plain, summarise


def scored(course, target_c=38.5, hold_min=45.0, bias_c=None):
    """`course`: (minutes, core from, core to, heating) legs, stepped at half a second."""
    scorer, now_s = Scorer(target_c, hold_min, bias_c), 1000.0
    for minutes, from_c, to_c, heating in course:
        steps = round(minutes * 120.0)
        for step in range(steps):
            now_s += 0.5
            truth = {
                "core_temp_c": from_c + (to_c - from_c) * (step + 1) / steps,
                "skin_temp_c_max": 39.0,
                "air_temp_c": 55.0,
                "heater_w": 1000.0 if heating else 0.0,
            }
            phase = "heat_up" if heating else "cool_down"
            scorer.see(now_s, 0.5, truth, 50.0, heating_phase=heating, phase=phase)
    return scorer.score(seed=0, name="made up", now_s=now_s, ended_by="closed", trips=[], alarms=[])


def test_time_to_target_peak_and_band_of_a_made_up_session():
    score = scored(
        [
            (70.0, 37.0, 38.4, True),  # 0.02 °C/min
            (5.0, 38.4, 38.5, True),
            (20.0, 38.5, 38.5, True),
            (20.0, 38.65, 38.65, True),  # outside ±0.1, inside ±0.2
            (10.0, 38.65, 38.8, False),  # an after-rise
            (60.0, 38.8, 37.9, False),
        ]
    )
    assert score.time_to_38_4_min == pytest.approx(70.0, abs=0.02)
    assert score.peak_overshoot_c == pytest.approx(0.15)
    assert score.peak_overshoot_after_c == pytest.approx(0.30)
    assert score.hold_within_0_1 == pytest.approx(25.0 / 45.0, abs=0.001)
    assert score.hold_within_0_2 == 1.0
    assert score.rise_c_per_min_max == pytest.approx(0.02, abs=0.006)
    assert score.energy_kwh == pytest.approx(115.0 / 60.0, abs=0.01)
    assert score.session_min == pytest.approx(185.0, abs=0.1)
    assert (score.skin_temp_c_max, score.air_temp_c_max) == (39.0, 55.0)


def test_a_peak_long_after_the_heat_is_not_the_heats():
    score = scored([(10.0, 37.0, 38.5, True), (31.0, 38.5, 38.5, False), (5.0, 39.0, 39.0, False)])
    assert score.peak_overshoot_after_c == 0.0


def test_the_two_minutes_at_target_are_consecutive_and_begin_a_twentieth_below():
    climbs = (72.5, 37.0, 38.45, True)
    assert scored([climbs, (1.9, 38.45, 38.47, True)]).two_min_at_target_min is None
    assert scored([climbs, (5.0, 38.46, 38.47, True)]).two_min_at_target_min == pytest.approx(
        74.5, abs=0.2
    )
    dips = [climbs, (1.5, 38.46, 38.46, True), (1.0, 38.44, 38.44, True), (3.0, 38.46, 38.5, True)]
    assert scored(dips).two_min_at_target_min == pytest.approx(77.0, abs=0.2)


def test_the_two_minutes_are_those_that_the_probes_show():
    stays_low = [(72.0, 37.0, 38.44, True), (40.0, 38.44, 38.44, True)]
    assert scored(stays_low).two_min_at_target_min is None
    shown = scored(stays_low, bias_c=lambda: 0.06)
    assert shown.two_min_at_target_min == pytest.approx(71.5, abs=3.0)


def test_the_unbiased_peak_is_what_the_probes_showed_on_average_in_the_hold():
    held = [(75.0, 37.0, 38.5, True), (20.0, 38.55, 38.55, True), (5.0, 38.5, 38.4, False)]
    score = scored(held, bias_c=lambda: -0.05)  # they read low, so the core went high
    assert score.peak_overshoot_c == pytest.approx(0.05)
    assert score.peak_overshoot_unbiased_c == pytest.approx(0.0, abs=1e-9)
    assert scored(held).peak_overshoot_unbiased_c is None
    assert scored(held, bias_c=lambda: None).peak_overshoot_unbiased_c is None


def test_a_session_that_never_heated_has_no_figures_of_heat():
    score = scored([(10.0, 37.0, 37.0, False)])
    assert score.time_to_38_4_min is None
    assert score.peak_overshoot_c is None
    assert score.hold_within_0_1 is None


def test_a_session_that_never_arrived_has_a_peak_and_no_time():
    score = scored([(60.0, 37.0, 38.0, True)])
    assert score.time_to_38_4_min is None
    assert score.peak_overshoot_c == pytest.approx(-0.5)


def patient(seed, minutes, within):
    plain = as_plain(scored([(1.0, 37.0, 37.1, True)]))
    return PatientScore(
        **{**plain, "seed": seed, "time_to_38_4_min": minutes, "hold_within_0_1": within}
    )


def test_the_summary_takes_the_bad_end_of_each_figure_and_counts_who_lacks_it():
    scores = [patient(n, None if n == 0 else 60.0 + n, 1.0 - n / 100.0) for n in range(20)]
    summary = summarise(scores)
    times, shares = summary["time_to_38_4_min"], summary["hold_within_0_1"]
    assert (times["worst"], times["missing"]) == (79.0, 1)
    assert times["median"] == 70.0
    assert shares["worst"] == pytest.approx(0.81)
    assert shares["p95"] == pytest.approx(0.82)
    assert shares["missing"] == 0
