"""What holds of every stream, however broken: properties of the whole package."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.picture import SensorMemory, read
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from sensors.standing import Status

SPECS = (
    ProbeSpec.of("rectal-1", Role.CORE, "rectum"),
    ProbeSpec.of("rectal-2", Role.CORE, "rectum", resolution_c=0.1),
    ProbeSpec.of("gullet-1", Role.CORE, "oesophagus"),
    ProbeSpec.of("skin-1", Role.SKIN, "chest"),
    ProbeSpec.of("air-1", Role.AIR, "dome"),
)
ABSURD = (nan, inf, -inf, 85.0, -127.0, 0.0, 1e308, 29.9, 43.1)

# One message: which probe, what it says, how late its tick is. Times are in eighths of a second, so
# that they and their differences are exact.
temps_c = st.one_of(
    st.floats(36.5, 39.0).map(lambda temp_c: round(temp_c, 2)),
    st.sampled_from([37.0, 37.1, 38.0, 55.0, *ABSURD, None]),
)
lags = st.sampled_from([0, 0, 0, 1, 6, 7, -1, None])
messages = st.tuples(st.sampled_from([spec.probe_id for spec in SPECS]), temps_c, lags)
cycles = st.lists(
    st.tuples(st.integers(1, 16), st.lists(messages, max_size=6)), min_size=1, max_size=40
)


def played(steps, start_s=0.0, specs=SPECS):
    """The picture of every cycle, with what lay in the mailboxes."""
    memory, newest, now_s, seq = SensorMemory.at_boot(specs), {}, start_s, 0
    for eighths, sent in steps:
        now_s += eighths / 8.0
        for probe_id, temp_c, lag in sent:
            seq += 1
            newest[probe_id] = (
                Rejection(probe_id, "malformed", now_s - 0.125)
                if temp_c is None
                else ProbeSample(probe_id, seq, lag, temp_c, now_s - 0.125)
            )
        memory, picture = read(specs, memory, newest, now_s)
        yield now_s, dict(newest), memory, picture


def in_range(message, now_s):
    """An oracle of its own: fresh, in time, in range."""
    return (
        isinstance(message, ProbeSample)
        and 0.0 <= now_s - message.received_s <= 2.5
        and (message.tick_lag is None or message.tick_lag in range(7))
        and 30.0 <= message.temp_c <= 43.0
    )


@given(cycles)
def test_without_a_fresh_proven_core_sample_in_range_there_is_no_core_temperature(steps):
    for now_s, newest, _, picture in played(steps):
        core = [newest.get(spec.probe_id) for spec in SPECS if spec.role is Role.CORE]
        usable = [m for m in core if in_range(m, now_s) and m.tick_lag is not None]
        if not usable:
            assert picture.core.core_temp_c is None
            assert picture.core.good == 0


@given(cycles)
def test_the_estimate_lies_within_what_probes_in_range_have_said(steps):
    said = set()
    for now_s, newest, _, picture in played(steps):
        said |= {m.temp_c for m in newest.values() if in_range(m, now_s)}
        for temp_c in (picture.core.core_temp_c, picture.core.highest_raw_temp_c):
            assert temp_c is None or min(said) <= temp_c <= max(said)
        assert (picture.core.core_temp_c is None) == (picture.core.good == 0)


@given(cycles, st.integers(-3, 20))
def test_shifting_all_times_by_a_constant_changes_nothing(steps, power):
    here = [picture for *_, picture in played(steps)]
    there = [picture for *_, picture in played(steps, start_s=2.0**power)]
    for one, other in zip(here, there, strict=True):
        assert (one.core, one.skin, one.air) == (other.core, other.skin, other.air)
        for probe_id, reading in one.probes.items():
            assert reading.status is other.probes[probe_id].status
            assert reading.why is other.probes[probe_id].why


@given(cycles, st.sampled_from(["rectal-1", "rectal-2", "gullet-1"]), st.sampled_from(ABSURD))
def test_an_absurd_last_message_never_raises_the_number_of_good_probes(steps, probe_id, absurd):
    *before, (eighths, sent) = steps
    *_, plain = [picture for *_, picture in played(steps)]
    worse = [*before, (eighths, [*sent, (probe_id, absurd, 0)])]
    *_, struck = [picture for *_, picture in played(worse)]
    assert struck.core.good <= plain.core.good
    assert struck.probes[probe_id].temp_c is None


@given(cycles)
def test_looking_twice_at_the_same_moment_counts_nothing_twice(steps):
    for now_s, newest, memory, picture in played(steps):
        again, same = read(SPECS, memory, newest, now_s)
        assert all(reading.raw_id is None for reading in same.probes.values())
        assert again.probes == memory.probes or any(
            probe.standing.status is not Status.GOOD for probe in memory.probes
        )
        assert same.core.highest_raw_temp_c == picture.core.highest_raw_temp_c


@given(cycles)
def test_a_good_reading_has_no_why_and_every_other_has_one(steps):
    for *_, picture in played(steps):
        for reading in picture.probes.values():
            assert (reading.why is None) == (reading.status is Status.GOOD)
            assert (reading.temp_c is None) == (reading.status is Status.OUT)
            assert (reading.age_s is None) == (reading.status is Status.OUT)


@given(cycles)
def test_the_order_in_which_probes_are_declared_does_not_change_how_each_is_judged(steps):
    straight = [picture.probes for *_, picture in played(steps)]
    backwards = [picture.probes for *_, picture in played(steps, specs=SPECS[::-1])]
    assert [dict(sorted(p.items())) for p in straight] == [
        dict(sorted(p.items())) for p in backwards
    ]


@pytest.mark.parametrize(
    ("specs", "what"),
    [
        ((), "0 core probes"),
        (SPECS[3:], "0 core probes"),
        (tuple(ProbeSpec.of(f"c-{n}", Role.CORE, "x") for n in range(4)), "4 core probes"),
        ((SPECS[0], SPECS[0]), "'rectal-1' is declared twice"),
    ],
)
def test_probes_that_cannot_be_judged_together_are_refused(specs, what):
    with pytest.raises(ValueError, match=what):
        SensorMemory.at_boot(specs)


@pytest.mark.parametrize("cycle_s", [0.125, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("sample_s", [0.5, 1.0, 2.0])
def test_any_pace_of_cycles_and_samples_gives_the_same_steady_picture(
    bedside, core, cycle_s, sample_s
):
    bed = bedside(core("rectal-1"), cycle_s=cycle_s)
    bed.sample_s["rectal-1"] = sample_s
    bed.reads(rectal_1=lambda now_s: 37.0 + 0.0005 * (now_s - 1024.0))
    pictures = bed.run(120)
    assert {picture.core.good for picture in pictures} == {1}
    assert bed.picture.core.core_slope_c_per_s == pytest.approx(0.0005, rel=1e-3)
