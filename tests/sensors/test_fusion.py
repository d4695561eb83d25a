"""Several probes, one estimate: averaged while they agree, else the highest, never a substitute."""

import pytest

from sensors.freshness import Why
from sensors.samples import ProbeSpec, Role
from sensors.standing import Status


@pytest.fixture
def three(bedside, core):
    bed = bedside(core("rectal-1"), core("rectal-2"), core("rectal-3"))
    bed.reads(rectal_1=37.0, rectal_2=37.04, rectal_3=37.1)
    bed.run(90)
    return bed


def rising(bed, c_per_min, from_c):
    start_s = bed.now_s
    return lambda now_s: from_c + c_per_min / 60.0 * (now_s - start_s)


@pytest.mark.parametrize(
    ("lower_c", "core_temp_c"),
    [(37.0, 37.0), (36.96, 36.98), (36.94, 36.97), (36.88, 36.97), (36.86, 37.0)],
)
def test_of_two_probes_one_that_sinks_takes_the_core_along_by_no_more_than_it_may_be_off(
    bedside, core, lower_c, core_temp_c
):
    bed = bedside(core("rectal-1"), core("rectal-2"))
    bed.reads(rectal_1=37.0, rectal_2=lower_c)
    bed.run(1)
    assert bed.picture.core.core_temp_c == pytest.approx(core_temp_c)


def test_what_a_model_may_learn_from_is_never_a_suspect_probe(two):
    two.reads(rectal_1=rising(two, 0.5, 37.0))
    two.run(60)
    core = two.picture.core
    assert (core.core_temp_c, core.suspect) == (pytest.approx(37.5, abs=0.02), 1)
    assert (core.good_temp_c, core.good_ids) == (37.1, ("rectal-2",))


def test_two_probes_that_agree_are_averaged_and_three_give_the_middle_one(two, three):
    assert two.picture.core.core_temp_c == pytest.approx(37.07)
    assert two.picture.core.because == "rectal-1 and rectal-2 agree"
    assert three.picture.core.core_temp_c == 37.04
    assert three.picture.core.good == 3


@pytest.mark.parametrize(
    ("resolution_c", "other_c", "core_temp_c"),
    [
        (0.01, 37.0625, 37.0325),
        (0.01, 37.125, 37.095),
        (0.01, 37.1875, 37.1875),
        (0.01, 37.3125, 37.3125),
        (0.1, 37.1875, 37.1575),
        (0.1, 37.25, 37.25),
    ],
)
def test_two_probes_of_which_one_must_be_off_are_never_averaged(
    bedside, core, resolution_c, other_c, core_temp_c
):
    bed = bedside(
        core("rectal-1", resolution_c=resolution_c), core("rectal-2", resolution_c=resolution_c)
    )
    bed.reads(rectal_1=37.0, rectal_2=other_c)
    bed.run(1)
    assert bed.picture.core.core_temp_c == pytest.approx(core_temp_c)
    assert bed.picture.core.good == 2


def test_probes_that_differed_are_averaged_again_only_when_close(two):
    said = []
    for other_c in (37.3125, 37.1875, 37.125, 37.0625, 37.125):
        two.reads(rectal_2=other_c)
        two.run(0.5)
        said.append(two.picture.core.core_temp_c)
    assert said == pytest.approx([37.3125, 37.1875, 37.125, 37.0325, 37.095])


def test_of_three_the_middle_one_stands_until_they_are_0_3_apart(three):
    said = []
    for highest_c in (37.25, 37.3125, 37.25, 37.1875):
        three.reads(rectal_3=highest_c)
        three.run(0.5)
        said.append(three.picture.core.core_temp_c)
    assert said == [37.04, 37.3125, 37.25, 37.04]


def test_one_lost_probe_leaves_the_other_in_control_and_is_named(two):
    two.reads(rectal_2=None)
    two.run(5)
    core = two.picture.core
    assert (core.core_temp_c, core.good, core.suspect) == (37.0, 1, 0)
    assert core.because == "rectal-1 is the only good probe of its site"


def test_a_suspect_probe_that_reads_higher_controls_and_one_that_reads_lower_does_not(two):
    for suspect_c, core_temp_c in ((38.5, 38.5), (36.0, 37.1)):
        two.reads(rectal_1=suspect_c)
        two.run(60)
        assert two["rectal-1"].status is Status.SUSPECT
        assert two.picture.core.core_temp_c == core_temp_c
    assert two.picture.core.because.startswith("rectal-2 reads highest and controls: rectal-1 ")


def test_a_suspect_probe_alone_is_no_core_temperature(two):
    two.reads(rectal_1=38.5, rectal_2=None)
    two.run(30)
    core = two.picture.core
    assert (core.core_temp_c, core.core_slope_c_per_s, core.good) == (None, None, 0)
    assert core.highest_raw_temp_c == 38.5
    assert core.because.startswith("no good core probe: rectal-1 ")
    assert "rectal-2 has been silent" in core.because


def test_the_age_grows_on_while_no_probe_is_good(two):
    assert two.picture.core.age_s == 0.0
    two.reads(rectal_1=None, rectal_2=None)
    ages_s = [picture.core.age_s for picture in two.run(20)]
    assert ages_s == [0.5 * n for n in range(1, 41)]


def test_before_the_first_good_sample_there_is_no_age(bedside, core):
    bed = bedside(core("rectal-1"))
    bed.run(3)
    assert bed.picture.core.age_s is None
    assert bed.picture.core.because == "no good core probe: rectal-1 has sent nothing yet"


def test_limits_see_every_sample_in_range_once_as_raw_and_spikes_too(two):
    two.reads(rectal_1=39.5)
    two.run(0.5)
    assert two["rectal-1"].raw_temp_c == two.picture.core.highest_raw_temp_c == 39.5
    assert two.picture.core.core_temp_c == pytest.approx(37.07)

    two.cycle_s = 0.125
    seen = [picture.probes["rectal-1"].raw_id for picture in two.run(2)]
    arrived = [raw_id for raw_id in seen if raw_id is not None]
    assert len(arrived) == len(set(arrived)) == 4
    assert len(seen) == 16


def test_an_out_of_range_sample_is_no_raw_sample(two):
    two.reads(rectal_1=45.0)
    two.run(0.5)
    assert two["rectal-1"].raw_temp_c is None
    assert two.picture.core.highest_raw_temp_c == 37.1


def test_the_spread_is_that_of_two_minutes_within_a_site(bedside, core):
    bed = bedside(core("rectal-1"), core("gullet-1", "oesophagus"), core("rectal-2"))
    bed.reads(rectal_1=37.0, gullet_1=38.0, rectal_2=37.125)
    bed.run(130)
    assert bed.picture.core.spread_delta_c == 0.125
    bed.reads(rectal_1=rising(bed, 0.002, 37.0), rectal_2=rising(bed, 0.06, 37.125))
    bed.run(50)
    assert bed.picture.core.spread_delta_c == pytest.approx(0.125, abs=0.002)
    bed.run(75)
    bed.reads(rectal_2=37.25)
    bed.run(70)
    assert bed.picture.core.spread_delta_c == pytest.approx(0.25, abs=0.01)
    bed.reads(rectal_2=None)
    bed.run(3)
    assert bed.picture.core.spread_delta_c is None


def test_the_first_named_site_controls_and_another_takes_over_only_when_it_has_no_good_probe(
    bedside, core
):
    bed = bedside(core("rectal-1"), core("gullet-1", "oesophagus"), core("rectal-2"))
    bed.reads(rectal_1=37.0, gullet_1=37.6, rectal_2=37.1)
    bed.run(5)
    assert bed.picture.core.core_temp_c == pytest.approx(37.07)
    assert bed.picture.core.highest_raw_temp_c == 37.6
    bed.reads(rectal_1=None)
    bed.run(5)
    assert bed.picture.core.core_temp_c == 37.1
    bed.reads(rectal_2=None)
    bed.run(5)
    assert bed.picture.core.core_temp_c == 37.6


def test_the_slope_does_not_jump_when_a_probe_leaves_or_returns(two):
    two.reads(rectal_1=rising(two, 0.03, 37.0), rectal_2=rising(two, 0.03, 37.1))
    two.run(300)
    slopes = [two.picture.core.core_slope_c_per_s]
    for source in (None, rising(two, 0.03, 37.25)):
        two.reads(rectal_2=source)
        slopes += [picture.core.core_slope_c_per_s for picture in two.run(30)]
    assert None not in slopes
    assert max(slopes) - min(slopes) < 1e-5
    assert slopes[0] == pytest.approx(0.03 / 60.0, rel=1e-6)


def test_a_change_of_probes_bends_the_slope_over_seconds(two):
    two.reads(rectal_1=rising(two, 0.02, 37.0), rectal_2=rising(two, 0.03, 37.0))
    two.run(300)
    two.reads(rectal_2=None)
    slopes = [picture.core.core_slope_c_per_s * 60.0 for picture in two.run(120)]
    assert slopes[0] == pytest.approx(0.025, abs=1e-4)
    assert slopes[-1] == pytest.approx(0.020, abs=1e-4)
    steps = [abs(after - before) for before, after in zip(slopes, slopes[1:], strict=False)]
    assert max(steps) < 0.0004


def test_a_leader_that_falls_never_calls_for_heat(bedside, core):
    bed = bedside(core("rectal-1"), core("rectal-2"))
    bed.reads(rectal_1=38.0, rectal_2=37.0)
    bed.run(90)
    bed.reads(rectal_1=rising(bed, -0.4, 38.0))
    for picture in bed.run(120):
        assert picture.core.core_temp_c > 37.0
        assert picture.core.core_slope_c_per_s >= -1e-9
    assert bed["rectal-1"].why is Why.SLOPE


def test_skin_and_air_are_as_hot_as_their_hottest_probe(bedside, core):
    bed = bedside(
        core("rectal-1"),
        ProbeSpec.of("skin-1", Role.SKIN, "chest"),
        ProbeSpec.of("skin-2", Role.SKIN, "thigh"),
        ProbeSpec.of("air-1", Role.AIR, "dome"),
        ProbeSpec.of("room-1", Role.ROOM, "room"),
    )
    bed.reads(rectal_1=37.0, skin_1=39.0, skin_2=40.5, air_1=58.0)
    bed.run(5)
    picture = bed.picture
    assert (picture.skin.temp_c, picture.skin.good) == (40.5, 2)
    assert (picture.air.temp_c, picture.air.highest_raw_temp_c, picture.air.good) == (58.0, 58.0, 1)
    assert (picture.room.temp_c, picture.room.good) == (None, 0)


# --- readings that no dome tick vouches for ---


@pytest.mark.parametrize(("role", "low_c"), [(Role.CORE, 37.0), (Role.SKIN, 35.0)])
def test_a_reading_without_a_tick_is_never_the_only_core_or_skin_probe(bedside, core, role, low_c):
    bed = bedside(core("rectal-1"), ProbeSpec.of("p-1", role, "x"), ProbeSpec.of("p-2", role, "x"))
    bed.reads(rectal_1=37.0, p_1=low_c, p_2=low_c + 0.125)
    bed.tick_lag |= {"p-1": None, "p-2": None}
    if role is Role.CORE:
        bed.reads(rectal_1=None)
    bed.run(5)
    assert (bed["p-1"].status, bed["p-1"].why) == (Status.OUT, Why.UNPROVEN)
    assert bed["p-2"].temp_c is None
    drawn = bed.picture.core if role is Role.CORE else bed.picture.skin
    assert (drawn.good, drawn.highest_raw_temp_c) == (0, low_c + 0.125)

    bed.tick_lag["p-1"] = 0
    bed.run(1)
    assert (bed["p-1"].status, bed["p-2"].status) == (Status.GOOD, Status.GOOD)


def test_an_air_probe_without_a_tick_may_stand_alone(bedside, core):
    bed = bedside(core("rectal-1"), ProbeSpec.of("air-1", Role.AIR, "dome"))
    bed.reads(rectal_1=37.0, air_1=50.0)
    bed.tick_lag["air-1"] = None
    bed.run(1)
    assert bed.picture.air.good == 1
