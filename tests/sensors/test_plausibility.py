"""Each core probe alone: what makes it suspect or out, and what does not."""

from math import nan

import pytest

from sensors.freshness import Why
from sensors.samples import ProbeSpec, Role
from sensors.standing import Status

GOOD, SUSPECT, OUT = Status.GOOD, Status.SUSPECT, Status.OUT


def statuses(pictures, probe_id="rectal-1"):
    return [picture.probes[probe_id].status for picture in pictures]


def ramp(start_s, from_c, c_per_min):
    return lambda now_s: from_c + c_per_min / 60.0 * (now_s - start_s)


# --- boot, silence, gaps ---


def test_a_probe_is_good_with_its_first_sample_after_boot(bedside, core):
    bed = bedside(core("rectal-1"))
    assert set(statuses(bed.run(5))) == {OUT}
    assert bed["rectal-1"].why is Why.NEVER_SEEN

    bed.reads(rectal_1=37.0)
    assert set(statuses(bed.run(5))) == {GOOD}


def test_a_bad_first_message_does_not_cost_a_probe_its_start(bedside, core, refused):
    bed = bedside(core("rectal-1"))
    bed.reads(rectal_1=refused)
    bed.run(1)
    assert bed["rectal-1"].why is Why.REJECTED

    bed.reads(rectal_1=37.0)
    bed.run(0.5)
    assert bed["rectal-1"].status is GOOD


def test_a_silent_probe_is_out_2_5_s_after_its_last_sample(one):
    one.reads(rectal_1=None)
    assert set(statuses(one.run(2.5))) == {GOOD}
    assert set(statuses(one.run(10))) == {OUT}
    assert one["rectal-1"].why is Why.STALE
    assert one["rectal-1"].temp_c is None


def test_a_gap_below_2_5_s_changes_nothing(one):
    for _ in range(5):
        one.reads(rectal_1=None)
        gap = one.run(2)
        one.reads(rectal_1=37.0)
        assert set(statuses(gap + one.run(4))) == {GOOD}


def test_a_gap_is_measured_between_samples_and_not_to_the_next_look(one):
    one.reads(rectal_1=None)
    for _ in range(5):
        one.sends("rectal-1", 37.0)
        assert set(statuses(one.run(2))) == {GOOD}
        one.sleeps(0.375)  # 2.375 s between samples, each 0.25 s old when it is looked at


@pytest.mark.parametrize("silent_s", [3.0, 20.0, 59.0])
def test_after_a_silence_of_up_to_a_minute_3_s_and_5_samples_restore_a_probe(one, silent_s):
    one.reads(rectal_1=None)
    one.run(silent_s)
    one.reads(rectal_1=37.0)
    back = statuses(one.run(6))
    assert GOOD not in back[:6]
    assert set(back[7:]) == {GOOD}


def test_after_a_longer_silence_only_60_s_of_agreement_restore_it(one):
    one.reads(rectal_1=None)
    one.run(64)
    one.reads(rectal_1=37.0)
    assert GOOD not in statuses(one.run(60))
    assert statuses(one.run(2))[-1] is GOOD


def test_a_probe_that_slipped_during_a_silence_is_not_restored_in_3_s(one):
    one.reads(rectal_1=None)
    one.run(20)
    one.reads(rectal_1=36.65)
    back = one.run(60)
    assert GOOD not in statuses(back)
    assert back[20].probes["rectal-1"].status is SUSPECT


def test_two_samples_are_not_enough_to_end_a_silence(one):
    one.reads(rectal_1=None)
    one.run(10)
    one.reads(rectal_1=37.0)
    one.sample_s["rectal-1"] = 2.0
    assert GOOD not in statuses(one.run(7))
    assert statuses(one.run(4))[-1] is GOOD


def test_a_host_that_slept_finds_its_probes_out_first(one):
    one.sleeps(600)
    woken = statuses(one.run(59))
    assert woken[0] is OUT
    assert GOOD not in woken


def test_a_sample_from_the_future_counts_when_its_time_has_come(one):
    one.reads(rectal_1=None)
    one.sends("rectal-1", 37.01)
    early = one["rectal-1"]
    one.sleeps(-0.375)
    one.run(0.5)
    assert one["rectal-1"].why is Why.FROM_FUTURE
    one.run(0.5)
    assert one["rectal-1"].temp_c == 37.01
    assert early.status is GOOD


def test_steadily_delayed_samples_put_a_probe_out(one):
    one.tick_lag["rectal-1"] = 7
    late = one.run(10)
    assert all(picture.probes["rectal-1"].temp_c is None for picture in late)
    assert one["rectal-1"].why is Why.OLD_TICK
    assert one["rectal-1"].status is OUT


def test_a_frozen_sequence_number_puts_a_probe_out_after_2_5_s(one):
    one.frozen.add("rectal-1")
    assert set(statuses(one.run(2.5))) == {GOOD}
    frozen = one.run(30)
    assert set(statuses(frozen)) == {OUT}
    assert one["rectal-1"].why is Why.FROZEN_SEQ
    assert all(picture.probes["rectal-1"].raw_id is None for picture in frozen)

    one.frozen.clear()
    assert GOOD not in statuses(one.run(60))
    assert statuses(one.run(2))[-1] is GOOD


# --- refused messages ---


@pytest.mark.parametrize("bad", ["refused at the edge", nan, 85.0, -127.0, 0.0, 98.6, 43.5])
def test_a_bad_message_leaves_no_value_until_the_next_good_one(one, bad):
    one.reads(rectal_1=bad)
    one.run(0.5)
    assert one["rectal-1"].status is OUT
    assert one["rectal-1"].temp_c is None
    assert one.picture.core.core_temp_c is None

    one.reads(rectal_1=37.0)
    one.run(0.5)
    assert one["rectal-1"].status is GOOD


@pytest.mark.parametrize("bad", ["refused at the edge", nan, 85.0, -127.0])
def test_three_bad_messages_in_ten_seconds_put_a_probe_out_for_a_minute(one, bad):
    for _ in range(3):
        one.reads(rectal_1=bad)
        one.run(0.5)
        one.reads(rectal_1=37.0)
        one.run(3)
    assert one["rectal-1"].status is OUT
    assert GOOD not in statuses(one.run(60))
    assert statuses(one.run(10))[-1] is GOOD


def test_one_bad_message_every_ten_seconds_never_does(one, refused):
    for _ in range(30):
        one.reads(rectal_1=refused)
        one.run(0.5)
        one.reads(rectal_1=37.0)
        assert set(statuses(one.run(9.5))) == {GOOD}


# --- spikes ---


@pytest.mark.parametrize("delta_c", [-0.6, 0.6, 2.0])
def test_a_single_spike_is_dropped_and_the_last_sample_ages(one, delta_c):
    one.reads(rectal_1=37.0 + delta_c)
    one.run(0.5)
    spiked = one["rectal-1"]
    assert (spiked.status, spiked.temp_c, spiked.age_s) == (GOOD, 37.0, 0.5)
    assert spiked.raw_temp_c == spiked.newest_temp_c == 37.0 + delta_c

    one.reads(rectal_1=37.0)
    assert set(statuses(one.run(120))) == {GOOD}
    assert one.picture.core.core_slope_c_per_s == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("delta_c", [-0.5, 0.5])
def test_half_a_degree_off_is_no_spike(one, delta_c):
    one.reads(rectal_1=37.0 + delta_c)
    one.run(0.5)
    assert one["rectal-1"].temp_c == 37.0 + delta_c


def test_three_spikes_in_ten_seconds_make_a_probe_suspect_and_two_do_not(one):
    seen = []
    for _ in range(3):
        seen.append(one["rectal-1"].status)
        one.reads(rectal_1=38.0)
        one.run(0.5)
        one.reads(rectal_1=37.0)
        one.run(3)
    assert set(seen) == {GOOD}
    assert (one["rectal-1"].status, one["rectal-1"].why) == (SUSPECT, Why.SPIKES)
    assert GOOD not in statuses(one.run(60))
    assert statuses(one.run(10))[-1] is GOOD


def test_a_probe_that_jumps_to_another_level_is_believed_only_after_a_minute(one):
    one.reads(rectal_1=36.0)
    jumped = one.run(60)
    assert GOOD not in statuses(jumped)[3:]
    assert all(picture.core.core_temp_c is None for picture in jumped[6:])
    one.run(60)
    assert (one["rectal-1"].status, one["rectal-1"].temp_c) == (GOOD, 36.0)
    assert one["rectal-1"].slope_c_per_s == 0.0


# --- slope ---


@pytest.mark.parametrize(
    ("c_per_min", "status"), [(0.19, GOOD), (0.21, SUSPECT), (-0.29, GOOD), (-0.31, SUSPECT)]
)
def test_a_slope_no_body_has_makes_a_probe_suspect_within_a_minute(
    bedside, core, c_per_min, status
):
    bed = bedside(core("rectal-1"))
    bed.reads(rectal_1=37.0)
    bed.run(70)
    bed.reads(rectal_1=ramp(bed.now_s, 37.0, c_per_min))
    bed.run(62)
    assert bed["rectal-1"].status is status
    assert bed["rectal-1"].why is (None if status is GOOD else Why.SLOPE)


def test_a_probe_slipping_out_is_suspect_and_never_drags_the_estimate_down(two):
    two.reads(rectal_1=ramp(two.now_s, 37.0, -1.0))
    slipping = two.run(120)
    assert min(picture.core.core_temp_c for picture in slipping) > 36.9
    assert two["rectal-1"].why is Why.SLOPE
    assert two.picture.core.core_temp_c == 37.1
    assert two.picture.core.core_slope_c_per_s == pytest.approx(0.0, abs=1e-6)


def test_a_healed_probe_has_a_slope_of_its_time_of_agreement_alone(two):
    two.reads(rectal_1=ramp(two.now_s, 37.0, -0.4))
    two.run(60)
    two.reads(rectal_1=37.0)
    back = two.run(minutes=33)
    first = statuses(back).index(GOOD, 70)
    assert statuses(back)[first - 1] is SUSPECT
    assert back[first].probes["rectal-1"].slope_c_per_s == pytest.approx(0.0, abs=1e-9)


# --- healing ---


def test_a_probe_that_disagrees_stays_suspect_for_as_long_as_it_does(two):
    two.reads(rectal_1=None)
    two.run(64)
    two.reads(rectal_1=37.5)
    two.run(300)
    assert (two["rectal-1"].status, two["rectal-1"].why) == (SUSPECT, Why.DISAGREES)

    two.reads(rectal_1=ramp(two.now_s, 37.5, -0.05))
    two.run(180)
    assert two["rectal-1"].status is SUSPECT
    two.run(150)
    assert two["rectal-1"].status is GOOD


@pytest.mark.parametrize("missing", [None, "refused at the edge"])
def test_a_lost_or_refused_sample_does_not_start_the_minute_again(one, missing):
    one.reads(rectal_1=None)
    one.run(64)
    one.reads(rectal_1=37.0)
    one.run(30)
    one.reads(rectal_1=missing)
    one.run(1)
    one.reads(rectal_1=37.0)
    assert GOOD not in statuses(one.run(29))
    assert statuses(one.run(2))[-1] is GOOD


def test_two_probes_that_were_both_lost_need_not_agree_with_each_other_to_be_heard(two):
    two.reads(rectal_1=None, rectal_2=None)
    two.run(64)
    two.reads(rectal_1=37.0, rectal_2=38.0)
    two.run(62)
    assert (two.picture.core.good, two.picture.core.core_temp_c) == (2, 38.0)


def test_disagreement_is_judged_within_a_site_only(bedside, core):
    bed = bedside(core("rectal-1"), core("gullet-1", "oesophagus"))
    bed.reads(rectal_1=37.0, gullet_1=37.8)
    bed.run(90)
    bed.reads(rectal_1=None)
    bed.run(64)
    bed.reads(rectal_1=37.0)
    bed.run(70)
    assert bed["rectal-1"].status is GOOD


# --- skin, air, room ---


@pytest.fixture
def dome(bedside, core):
    """One probe of each role, read for 30 s."""
    bed = bedside(
        core("rectal-1"),
        ProbeSpec.of("skin-1", Role.SKIN, "chest"),
        ProbeSpec.of("air-1", Role.AIR, "dome"),
        ProbeSpec.of("room-1", Role.ROOM, "room"),
    )
    bed.reads(rectal_1=37.0, skin_1=35.0, air_1=55.0, room_1=22.0)
    bed.run(30)
    return bed


@pytest.mark.parametrize("probe_id", ["skin-1", "air-1", "room-1"])
def test_plain_probes_are_out_when_silent_and_back_after_3_s(dome, probe_id):
    name = probe_id.replace("-", "_")
    before_c = dome[probe_id].temp_c
    dome.reads(**{name: None})
    assert statuses(dome.run(10), probe_id)[-1] is OUT
    dome.reads(**{name: before_c})
    assert statuses(dome.run(6), probe_id)[-1] is GOOD


def test_a_spike_of_an_air_probe_is_dropped_and_a_step_is_followed(dome):
    dome.reads(air_1=lambda now_s: 60.0 if now_s % 8.0 == 0.0 else 55.0)
    spiked = dome.run(8)
    assert {picture.air.temp_c for picture in spiked} == {55.0}
    assert {picture.air.highest_raw_temp_c for picture in spiked} == {55.0, 60.0}
    assert set(statuses(spiked, "air-1")) == {GOOD}

    dome.reads(air_1=45.0)
    dome.run(1)
    assert dome.picture.air.temp_c == 45.0
    assert dome["air-1"].status is GOOD


def test_three_spikes_in_ten_seconds_make_a_skin_probe_suspect(dome):
    dome.reads(skin_1=lambda now_s: 40.0 if now_s % 2.0 == 0.0 else 35.0)
    dome.run(10)
    assert (dome["skin-1"].status, dome["skin-1"].why) == (SUSPECT, Why.SPIKES)
    assert dome.picture.skin.good == 0
    assert dome.picture.skin.suspect == 1


def test_an_open_lid_is_no_spike_of_the_air_probe(dome):
    start_s = dome.now_s
    dome.reads(air_1=lambda now_s: 25.0 + 30.0 * 2.0 ** (-(now_s - start_s) / 10.0))
    assert set(statuses(dome.run(120), "air-1")) == {GOOD}


def test_a_skin_probe_may_read_the_same_for_hours(dome):
    assert set(statuses(dome.run(minutes=30), "skin-1")) == {GOOD}
