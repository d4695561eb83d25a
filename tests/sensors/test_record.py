"""A core probe that moved as no body can is believed again only while it keeps close to another."""

import pytest

from sensors.freshness import Why
from sensors.standing import Status


def rising(bed, c_per_min, from_c):
    start_s = bed.now_s
    return lambda now_s: from_c + c_per_min / 60.0 * (now_s - start_s)


def standing(bed, probe_id="rectal-1"):
    return bed[probe_id].status, bed[probe_id].why


@pytest.fixture
def slipped(two):
    """The probe rectal-1 has slipped by 0.4 °C within a minute. The other one is not stuck."""
    two.reads(rectal_1=rising(two, -0.4, 37.0), rectal_2=rising(two, 0.001, 37.1))
    two.run(60)
    assert standing(two) == (Status.SUSPECT, Why.SLOPE)
    two.reads(rectal_1=36.6)
    return two


def test_a_probe_that_slipped_and_stays_apart_is_out_after_five_minutes(slipped):
    slipped.run(minutes=4)
    assert standing(slipped) == (Status.SUSPECT, Why.DISAGREES)
    slipped.run(minutes=3)
    assert standing(slipped) == (Status.OUT, Why.DISAGREES)
    core = slipped.picture.core
    assert (core.core_temp_c, core.good) == (pytest.approx(37.1, abs=0.02), 1)
    assert core.spread_delta_c is None


def test_passing_close_by_does_not_make_it_good(slipped):
    slipped.reads(rectal_1=rising(slipped, 0.1, 36.6))  # by 37.1 °C in 5 min, and on
    pictures = slipped.run(minutes=11)
    assert Status.GOOD not in [each.probes["rectal-1"].status for each in pictures]


def test_half_an_hour_close_by_makes_it_good_and_leaving_again_makes_it_suspect_at_once(slipped):
    slipped.reads(rectal_1=rising(slipped, 0.1, 36.6))
    slipped.run(minutes=5)
    slipped.reads(rectal_1=rising(slipped, 0.001, 37.1))
    slipped.run(minutes=27)
    assert standing(slipped)[0] is Status.SUSPECT
    slipped.run(minutes=4)
    assert standing(slipped)[0] is Status.GOOD

    slipped.reads(rectal_1=rising(slipped, -0.05, 37.13))
    slipped.run(minutes=2)
    assert standing(slipped)[0] is Status.GOOD
    slipped.run(minutes=1)
    assert standing(slipped) == (Status.SUSPECT, Why.DISAGREES)


def test_the_record_is_closed_after_two_hours(slipped):
    slipped.cycle_s = slipped.sample_s["rectal-1"] = slipped.sample_s["rectal-2"] = 2.0
    slipped.reads(rectal_1=rising(slipped, 0.1, 36.6))
    slipped.run(minutes=5)
    slipped.reads(rectal_1=37.1)
    slipped.run(minutes=120)
    slipped.reads(rectal_1=rising(slipped, -0.05, 37.1))
    slipped.run(minutes=5)
    assert standing(slipped)[0] is Status.GOOD


def test_of_two_that_both_have_a_record_neither_judges_the_other(slipped):
    slipped.reads(rectal_1=rising(slipped, 0.001, 36.6), rectal_2=rising(slipped, -0.4, 37.1))
    slipped.run(60)
    slipped.reads(rectal_2=rising(slipped, 0.001, 36.7))
    slipped.run(minutes=33)
    assert standing(slipped)[0] is standing(slipped, "rectal-2")[0] is Status.GOOD


def test_alone_it_answers_to_its_own_rules_only(one):
    one.reads(rectal_1=rising(one, -0.4, 37.0))
    one.run(60)
    one.reads(rectal_1=36.6)
    one.run(minutes=3)
    assert standing(one)[0] is Status.GOOD


def test_another_site_is_no_judge(bedside, core):
    bed = bedside(core("rectal-1"), core("oesophagus-1", site="oesophagus"))
    bed.reads(rectal_1=37.0, oesophagus_1=37.4)
    bed.run(90)
    bed.reads(rectal_1=rising(bed, -0.4, 37.0))
    bed.run(60)
    bed.reads(rectal_1=36.6)
    bed.run(minutes=3)
    assert standing(bed)[0] is Status.GOOD


def test_a_coarse_monitor_may_differ_by_its_step_more(bedside, core):
    bed = bedside(core("rectal-1"), core("monitor-1", resolution_c=0.1))
    bed.reads(rectal_1=37.0, monitor_1=37.0)
    bed.run(90)
    bed.reads(monitor_1=rising(bed, -0.4, 37.0))
    bed.run(60)
    bed.reads(monitor_1=rising(bed, 0.1, 36.6))
    bed.run(minutes=2)
    bed.reads(rectal_1=rising(bed, 0.001, 37.0), monitor_1=36.82)  # 0.2 °C off: 0.12 and a step
    bed.run(minutes=32)
    assert standing(bed, "monitor-1")[0] is Status.GOOD


def test_a_probe_that_left_faster_than_a_body_is_the_one_that_is_suspect_but_it_is_not_out(two):
    two.reads(rectal_1=rising(two, -0.15, 37.0), rectal_2=rising(two, 0.01, 37.1))
    two.run(60)  # slower than the rule about one probe
    two.reads(rectal_1=rising(two, 0.01, 36.85))
    two.run(60)
    assert standing(two) == (Status.SUSPECT, Why.DISAGREES)
    two.run(minutes=10)
    assert standing(two) == (Status.SUSPECT, Why.DISAGREES)
    assert standing(two, "rectal-2")[0] is Status.GOOD


def test_where_both_move_alike_however_fast_neither_is_remembered(two):
    two.reads(rectal_1=rising(two, 0.15, 37.0), rectal_2=rising(two, 0.15, 37.1))
    two.run(90)
    two.reads(rectal_1=rising(two, 0.01, 37.225), rectal_2=rising(two, 0.03, 37.325))
    two.run(minutes=5)
    assert two.picture.core.good == 2
