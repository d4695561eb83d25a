"""Probes, and each fault that can be put on them."""

from math import isnan
from random import Random
from statistics import mean, stdev

import pytest

from thermod.sim.probes import FAULTS, HEALTHY, Probe, ProbeFaults, ProbeSpec, Site, swap

QUIET = ProbeSpec("core", "rectal", lag_s=10.0, noise_sd_c=0.0, resolution_c=0.01)
NOISY = ProbeSpec("core", "rectal", lag_s=10.0, noise_sd_c=0.02, resolution_c=0.01)
PLACES: dict[Site, float] = {"rectal": 37.5, "skin-mean": 35.0, "air": 55.0, "room": 24.0}


def probe_of(spec: ProbeSpec = QUIET, seed: int = 1) -> Probe:
    return Probe(spec, PLACES, Random(seed))


def sample(probe: Probe, times: int = 1, dt_s: float = 0.5) -> list[float | None]:
    said = []
    for _ in range(times):
        probe.sample(PLACES, dt_s)
        said.append(probe.reported_c)
    return said


def test_a_probe_reads_its_site_before_the_first_step():
    assert probe_of().reported_c == 37.5
    assert probe_of().seq == 1


def test_a_probe_has_followed_two_thirds_of_a_jump_after_its_lag():
    probe = probe_of()
    for _ in range(20):
        probe.sample({**PLACES, "rectal": 38.5}, 0.5)
    assert probe.reported_c == pytest.approx(37.5 + 0.63, abs=0.02)


def test_reports_come_in_whole_steps_of_the_resolution():
    coarse = ProbeSpec("air", "air", lag_s=1.0, noise_sd_c=0.3, resolution_c=0.0625)
    assert all((said / 0.0625).is_integer() for said in sample(probe_of(coarse), 200))
    assert {len(repr(said)) for said in sample(probe_of(NOISY), 200)} <= {4, 5}, "no digit tails"


def test_noise_has_the_declared_spread_and_no_bias():
    said = sample(probe_of(NOISY), 4000)
    assert stdev(said) == pytest.approx(0.02, rel=0.1)
    assert mean(said) == pytest.approx(37.5, abs=0.002)


def test_bias_shifts_every_report():
    biased = ProbeSpec("core", "rectal", 10.0, 0.0, 0.01, bias_delta_c=-0.06)
    assert set(sample(probe_of(biased), 20)) == {37.44}


def test_each_sample_has_the_next_sequence_number():
    probe = probe_of()
    numbers = [probe.seq for _ in sample(probe, 3)]
    assert numbers[-1] == 4


def test_the_same_seed_says_the_same_bit_for_bit_and_another_does_not():
    assert sample(probe_of(NOISY, 7), 50) == sample(probe_of(NOISY, 7), 50)
    assert sample(probe_of(NOISY, 7), 50) != sample(probe_of(NOISY, 8), 50)


def test_a_probe_with_no_fault_set_says_what_a_healthy_one_says():
    healthy, unfaulted = probe_of(NOISY), probe_of(NOISY)
    unfaulted.fail(ProbeFaults())
    assert sample(unfaulted, 50) == sample(healthy, 50)
    assert unfaulted.faults == HEALTHY


def test_dropped_out_says_nothing_and_comes_back_when_healed():
    probe = probe_of()
    probe.fail(FAULTS["drop-out"])
    assert sample(probe, 5) == [None] * 5
    probe.heal()
    assert sample(probe) == [37.5]


def test_flaky_loses_about_its_share_of_samples():
    probe = probe_of()
    probe.fail(ProbeFaults(drop_out_chance=0.25))
    assert sample(probe, 2000).count(None) == pytest.approx(500, abs=80)


def test_stuck_repeats_the_last_value_under_new_numbers():
    probe = probe_of(NOISY)
    last_c, last_seq = probe.reported_c, probe.seq
    probe.fail(FAULTS["stuck"])
    assert sample(probe, 20) == [last_c] * 20
    assert probe.seq == last_seq + 20


def test_stuck_at_a_value_says_that_value():
    probe = probe_of(NOISY)
    probe.fail(ProbeFaults(stuck_at_c=25.0))
    assert set(sample(probe, 20)) == {25.0}


@pytest.mark.parametrize(
    ("label", "ends_at_c"), [("slipped-to-air", 55.0), ("half-slipped", 42.75)]
)
def test_slipped_out_moves_to_its_new_place_with_the_lag_of_the_probe(label, ends_at_c):
    probe = probe_of()
    probe.fail(FAULTS[label])
    said = sample(probe, 200)
    assert abs(said[0] - 37.5) < 0.1 * abs(ends_at_c - 37.5)
    assert said[-1] == pytest.approx(ends_at_c, abs=0.02)


def test_slipped_into_the_room_reads_low():
    probe = probe_of()
    probe.fail(FAULTS["slipped-to-room"])
    assert sample(probe, 300)[-1] == pytest.approx(24.0, abs=0.02)


@pytest.mark.parametrize(("label", "says_c"), [("offset-high", 37.8), ("offset-low", 37.2)])
def test_offset_shifts_at_once(label, says_c):
    probe = probe_of()
    probe.fail(FAULTS[label])
    assert sample(probe) == [says_c]


@pytest.mark.parametrize(("label", "says_c"), [("drift-high", 37.65), ("drift-low", 37.35)])
def test_drift_grows_with_time_and_starts_anew_when_put_on_again(label, says_c):
    probe = probe_of()
    probe.fail(FAULTS[label])
    assert sample(probe, 3600)[-1] == pytest.approx(says_c, abs=0.011)
    probe.fail(FAULTS[label])
    assert sample(probe) == [37.5]


def test_spikes_are_rare_single_samples_of_their_height():
    probe = probe_of()
    probe.fail(FAULTS["spikes"])
    said = sample(probe, 2000)
    assert set(said) == {37.5, 35.5, 39.5}
    assert 2000 - said.count(37.5) == pytest.approx(40, abs=25)


def test_noisy_spreads_ten_times_as_far():
    probe = probe_of(NOISY)
    probe.fail(FAULTS["noisy"])
    assert stdev(sample(probe, 2000)) == pytest.approx(0.2, rel=0.1)


def test_nan_text_is_not_a_number():
    probe = probe_of()
    probe.fail(FAULTS["nan-text"])
    assert all(isnan(said) for said in sample(probe, 3))


def test_the_wrong_unit_is_fahrenheit():
    probe = probe_of()
    probe.fail(FAULTS["wrong-unit"])
    assert sample(probe)[0] == pytest.approx(99.5)


def test_faults_combine_a_stuck_probe_in_the_wrong_unit():
    probe = probe_of()
    probe.fail(ProbeFaults(stuck_at_c=37.0, fahrenheit=True))
    assert sample(probe)[0] == pytest.approx(98.6)


def test_a_frozen_sequence_repeats_number_and_value():
    probe = probe_of(NOISY)
    last_c, last_seq = probe.reported_c, probe.seq
    probe.fail(FAULTS["frozen-sequence"])
    assert sample(probe, 20) == [last_c] * 20
    assert probe.seq == last_seq


@pytest.mark.parametrize("label", FAULTS)
def test_each_labelled_fault_changes_what_is_said_and_heals_within_a_minute(label):
    faulty, healthy = probe_of(NOISY), probe_of(NOISY)
    faulty.fail(FAULTS[label])
    assert sample(faulty, 600) != sample(healthy, 600)
    faulty.heal()
    assert sample(faulty, 180)[-1] == pytest.approx(37.5, abs=0.1)


def test_swapped_probes_read_each_others_place_until_swapped_back():
    core = probe_of()
    skin = probe_of(ProbeSpec("skin", "skin-mean", 10.0, 0.0, 0.01))
    swap(core, skin)
    assert sample(core, 300)[-1] == pytest.approx(35.0, abs=0.02)
    assert sample(skin, 300)[-1] == pytest.approx(37.5, abs=0.02)
    swap(core, skin)
    assert sample(core, 300)[-1] == pytest.approx(37.5, abs=0.02)
