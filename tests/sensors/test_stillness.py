"""A stuck probe is found out by what moves beside it; a still patient is never mistaken for one."""

from math import inf, nan
from random import Random

import pytest

from sensors.freshness import Why
from sensors.standing import Status

GOOD, SUSPECT, OUT = Status.GOOD, Status.SUSPECT, Status.OUT


def noisy(of, sd_c=0.01, step_c=0.01, seed=1):
    """What a probe makes of the truth: noise, then its own steps."""
    rng = Random(seed)
    return lambda now_s: round((of(now_s) + rng.gauss(0.0, sd_c)) / step_c) * step_c


def rising(bed, c_per_min, from_c=37.0):
    start_s = bed.now_s
    return lambda now_s: from_c + c_per_min / 60.0 * (now_s - start_s)


def first(pictures, probe_id, status):
    """Seconds until the probe is first so, or None."""
    for number, picture in enumerate(pictures):
        if picture.probes[probe_id].status is status:
            return 0.5 * number
    return None


@pytest.mark.parametrize("c_per_min", [0.02, 0.045])
def test_a_stuck_probe_is_suspect_within_minutes_of_its_neighbour_moving_and_out_5_min_later(
    two, c_per_min
):
    two.reads(rectal_1=37.0, rectal_2=noisy(rising(two, c_per_min, 37.1)))
    pictures = two.run(minutes=15)
    suspect_s = first(pictures, "rectal-1", SUSPECT)
    out_s = first(pictures, "rectal-1", OUT)
    seen_s = 60.0 + 60.0 * (0.03 + 0.01) / c_per_min  # moved by three steps, and for a minute
    assert suspect_s == pytest.approx(seen_s, abs=20.0)
    assert out_s == pytest.approx(suspect_s + 300.0, abs=1.0)
    assert two["rectal-1"].why is Why.STUCK
    assert {picture.probes["rectal-2"].status for picture in pictures} == {GOOD}
    assert pictures[-1].core.core_temp_c == two["rectal-2"].temp_c


def test_a_stuck_probe_that_comes_back_with_a_step_is_good_half_an_hour_after_the_step(
    two,
):
    two.reads(rectal_1=37.0, rectal_2=noisy(rising(two, 0.04, 37.1)))
    two.run(minutes=6)
    assert two["rectal-1"].status is SUSPECT
    two.reads(rectal_1=noisy(rising(two, 0.04, two["rectal-2"].temp_c), seed=2))
    assert first(two.run(minutes=35), "rectal-1", GOOD) == pytest.approx(1860.0, abs=5.0)


def test_a_stuck_probe_stays_stuck_when_its_witness_is_lost(two):
    two.reads(rectal_1=37.0, rectal_2=noisy(rising(two, 0.04, 37.1)))
    two.run(minutes=6)
    two.reads(rectal_2=None)
    assert first(two.run(minutes=20), "rectal-1", GOOD) is None


def test_where_nothing_moves_reading_alike_for_20_min_is_no_fault(two):
    two.reads(rectal_2=noisy(lambda now_s: 37.1, sd_c=0.02))
    pictures = two.run(minutes=20)
    assert {picture.core.good for picture in pictures} == {2}


def test_a_lone_probe_without_any_evidence_is_never_cut(one):
    assert first(one.run(minutes=30), "rectal-1", SUSPECT) is None


def test_a_lone_probe_is_cut_when_the_model_of_the_patient_moves(one):
    one.expects = rising(one, 0.03)
    assert first(one.run(minutes=10), "rectal-1", SUSPECT) == pytest.approx(120.0, abs=5.0)
    assert one.picture.core.core_temp_c is None


@pytest.mark.parametrize(
    ("resolution_c", "c_per_min", "suspect_s"),
    [
        (0.01, 0.06, 120.0),  # moved by 0.03 after 30 s, but a fine probe is given 120 s
        (0.02, 0.06, 160.0),  # moved by 0.1 after 100 s, and that seen for 60 s
        (0.1, 0.06, 360.0),  # moved by three steps after 300 s
    ],
)
def test_how_far_the_body_must_move_depends_on_how_finely_the_probe_reads(
    bedside, core, resolution_c, c_per_min, suspect_s
):
    bed = bedside(core("rectal-1", resolution_c=resolution_c))
    bed.reads(rectal_1=37.0)
    bed.expects = rising(bed, c_per_min)
    found_s = first(bed.run(minutes=8), "rectal-1", SUSPECT)
    assert found_s == pytest.approx(suspect_s, abs=7.0)


@pytest.mark.parametrize("expected_c", [nan, inf, -inf])
def test_a_model_that_is_not_a_number_proves_nothing(one, expected_c):
    start_s = one.now_s
    one.expects = lambda now_s: 37.0 if now_s < start_s + 30.0 else expected_c
    assert first(one.run(minutes=10), "rectal-1", SUSPECT) is None


def test_a_model_that_comes_late_is_watched_from_then_on(one):
    start_s = one.now_s
    one.expects = lambda now_s: None if now_s < start_s + 120.0 else 39.0
    assert first(one.run(minutes=10), "rectal-1", SUSPECT) is None


def test_a_step_of_a_coarse_neighbour_does_not_make_a_still_fine_probe_stuck(bedside, core):
    bed = bedside(core("rectal-1"), core("monitor", resolution_c=0.1))
    start_s = bed.now_s
    bed.reads(rectal_1=37.04, monitor=lambda now_s: 37.0 if now_s < start_s + 300.0 else 37.1)
    assert {picture.core.good for picture in bed.run(minutes=20)} == {2}


def test_a_slipping_probe_does_not_make_the_still_one_beside_it_stuck(two):
    start_s = two.now_s
    two.reads(rectal_1=lambda now_s: 30.5 + 6.5 * 2.0 ** (-(now_s - start_s) / 300.0))
    pictures = two.run(minutes=10)
    assert {picture.probes["rectal-2"].status for picture in pictures} == {GOOD}
    assert two["rectal-1"].status is not GOOD


def test_an_oesophagus_that_leads_does_not_make_the_rectum_stuck_but_one_that_runs_away_does(
    bedside, core
):
    bed = bedside(core("rectal-1", resolution_c=0.1), core("gullet-1", "oesophagus"))
    bed.reads(rectal_1=37.0, gullet_1=37.2)
    bed.run(90)
    bed.reads(gullet_1=noisy(rising(bed, 0.05, 37.2)))
    pictures = bed.run(minutes=16)
    assert first(pictures, "rectal-1", SUSPECT) == pytest.approx(12.2 * 60.0 + 60.0, abs=30.0)


def body(now_s):
    """A long session: 15 min dead time, 1.7 °C at 0.018 °C/min, a hold, a cool-down."""
    minutes = now_s / 60.0 - 15.0
    if minutes < 145.0:
        return 36.8 + 0.018 * min(max(minutes, 0.0), 95.0)
    return 38.51 - 0.02 * (minutes - 145.0)


@pytest.mark.slow
@pytest.mark.parametrize("sd_c", [0.0, 0.02])
@pytest.mark.parametrize("modelled", [False, True])
@pytest.mark.parametrize("others_step_c", [None, 0.01, 0.1])
def test_a_monitor_of_0_1_c_goes_through_three_hours_without_a_false_word(
    bedside, core, sd_c, modelled, others_step_c
):
    specs = [core("monitor", resolution_c=0.1)]
    sources = {"monitor": noisy(body, sd_c, 0.1, seed=5)}
    if others_step_c is not None:
        specs.append(core("rectal-2", resolution_c=others_step_c))
        sources["rectal_2"] = noisy(lambda now_s: body(now_s) + 0.04, sd_c, others_step_c, seed=6)
    bed = bedside(*specs, start_s=0.0)
    bed.reads(**sources)
    if modelled:
        bed.expects = body
    pictures = bed.run(minutes=185)
    assert {(picture.core.good, picture.core.suspect) for picture in pictures} == {(len(specs), 0)}
    assert max(abs(p.probes["monitor"].slope_c_per_s or 0.0) for p in pictures) < 0.1 / 60.0


def test_a_monitor_that_flaps_between_two_codes_for_ten_minutes_stays_good(bedside, core):
    bed = bedside(core("monitor", resolution_c=0.1))
    rng = Random(3)
    bed.reads(monitor=lambda now_s: rng.choice((38.0, 38.1)))
    assert {picture.core.good for picture in bed.run(minutes=10)} == {1}
