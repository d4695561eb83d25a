"""What takes more than one sample: "reached twice", the rise over 10 min, a core that does not
respond."""

from math import sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.evidence import (
    RawSample,
    Response,
    Rise,
    reached_twice_c,
    remember,
    watch_response,
    watch_rise,
)

# --- reached twice --------------------------------------------------------------------------------


def twice_c(*samples, now_s=None):
    """Each sample is (probe, °C, arrival); one cycle for each."""
    recent = ()
    for probe_id, temp_c, received_s in samples:
        recent = remember(recent, [RawSample(probe_id, temp_c, received_s)], received_s)
    if now_s is not None:
        recent = remember(recent, [], now_s)
    return reached_twice_c(recent)


def test_one_sample_reaches_nothing_twice():
    assert twice_c() is None
    assert twice_c(("core-1", 39.5, 0.0)) is None


@pytest.mark.parametrize("second", ["core-1", "core-2"])
def test_two_samples_reach_the_lower_of_their_temperatures_of_one_probe_or_of_two(second):
    assert twice_c(("core-1", 39.5, 0.0), (second, 39.1, 0.5)) == 39.1
    assert twice_c(("core-1", 39.1, 0.0), (second, 39.5, 0.5)) == 39.1


def test_a_spike_of_one_probe_is_forgotten_with_its_second_next_sample():
    spike = [("core-1", 38.0, 0.0), ("core-2", 38.1, 0.0), ("core-1", 40.0, 0.5)]
    assert twice_c(*spike) == 38.1
    assert twice_c(*spike, ("core-1", 38.0, 1.0), ("core-1", 38.0, 1.5)) == 38.0


def test_a_probe_that_shows_its_heat_only_now_and_then_is_believed_at_its_second_sample():
    assert twice_c(("core-1", 39.6, 0.0), ("core-1", 39.6, 4.0)) == 39.6


def test_samples_more_than_10_s_apart_are_not_two():
    assert twice_c(("core-1", 39.6, 0.0), ("core-1", 39.6, 10.0)) == 39.6
    assert twice_c(("core-1", 39.6, 0.0), ("core-1", 39.6, 10.5)) is None
    assert twice_c(("core-1", 39.6, 0.0), ("core-1", 39.6, 1.0), now_s=20.0) is None


def test_both_probes_in_one_cycle_are_two_samples():
    both = [RawSample("core-1", 39.2, 7.0), RawSample("core-2", 39.1, 7.0)]
    assert reached_twice_c(remember((), both, 7.0)) == 39.1


@given(
    st.lists(
        st.tuples(st.sampled_from(["core-1", "core-2", "core-3"]), st.floats(30.0, 43.0)),
        max_size=30,
    )
)
def test_no_more_than_two_samples_of_a_probe_are_kept_and_they_are_the_newest(samples):
    recent = ()
    for n, (probe_id, temp_c) in enumerate(samples):
        recent = remember(recent, [RawSample(probe_id, temp_c, 0.1 * n)], 0.1 * n)
    for probe_id in {probe_id for probe_id, _ in samples}:
        temps_c = [temp_c for name, temp_c in samples if name == probe_id][-2:]
        assert sorted(s.temp_c for s in recent if s.probe_id == probe_id) == sorted(temps_c)


# --- rise -----------------------------------------------------------------------------------------


def said(temps_c):
    """By probe; a number alone is that of the only one."""
    if isinstance(temps_c, dict):
        return {name: temp_c for name, temp_c in temps_c.items() if temp_c is not None}
    return {} if temps_c is None else {"core-1": temps_c}


def rise_after(minutes, core_temp_c, *, cycle_s=0.5, rise=None, start_s=1024.0):
    """`core_temp_c` is a function of the minutes gone."""
    rise = rise or Rise()
    for n in range(round(minutes * 60.0 / cycle_s) + 1):
        rise = watch_rise(rise, said(core_temp_c(n * cycle_s / 60.0)), start_s + n * cycle_s)
    return rise


def at_0_04_per_min(minutes):
    return 37.0 + 0.04 * minutes


def test_there_is_no_rise_before_ten_full_minutes():
    assert rise_after(9.99, at_0_04_per_min).c_per_min is None
    assert rise_after(10.0, at_0_04_per_min).c_per_min == pytest.approx(0.04)


@pytest.mark.parametrize("cycle_s", [0.5, 0.51, 0.7, 1.9])
def test_it_stays_known_whatever_the_beat_of_the_cycle(cycle_s):
    rise = rise_after(11.0, at_0_04_per_min, cycle_s=cycle_s)
    for n in range(1, 2000):
        now_s = 1024.0 + 660.0 + n * cycle_s
        rise = watch_rise(rise, said(at_0_04_per_min((now_s - 1024.0) / 60.0)), now_s)
        assert rise.c_per_min == pytest.approx(0.04)


def test_it_is_the_slope_of_the_last_ten_minutes_and_not_of_all():
    rise = rise_after(
        30.0, lambda minutes: 37.0 if minutes < 15.0 else 37.0 + 0.05 * (minutes - 15)
    )
    assert rise.c_per_min == pytest.approx(0.05)
    assert len(rise.points) <= 62


def test_noise_of_a_hundredth_hardly_moves_it():
    rise = rise_after(10.0, lambda minutes: 37.0 + 0.02 * minutes + 0.01 * sin(1000.0 * minutes))
    assert rise.c_per_min == pytest.approx(0.02, abs=0.001)


def test_a_gap_up_to_30_s_is_bridged_and_a_longer_one_begins_again():
    for gap_min, is_known in ((0.45, True), (0.6, False)):
        rise = rise_after(
            10.5, lambda minutes, gap=gap_min: None if 5.0 < minutes < 5.0 + gap else 37.0
        )
        assert (rise.c_per_min is not None) is is_known


@pytest.mark.parametrize("apart_c", [-0.5, -0.145, 0.145, 0.5])
@pytest.mark.parametrize("back_at_min", [22.0, 90.0])
def test_a_probe_that_is_lost_or_comes_back_is_no_rise_and_hides_none(apart_c, back_at_min):
    """H03, H25: a step of 0.3 °C in the estimate was a rise of 0.075 °C/min for six minutes."""
    rise = Rise()
    for n in range(40 * 120):
        minutes = n / 120.0
        is_lost = 15.0 <= minutes < back_at_min
        temps_c = {
            "core-1": at_0_04_per_min(minutes),
            "core-2": None if is_lost else at_0_04_per_min(minutes) + apart_c,
        }
        rise = watch_rise(rise, said(temps_c), 1024.0 + 0.5 * n)
        if minutes >= 10.0:
            assert rise.c_per_min == pytest.approx(0.04)


def test_another_probe_alone_begins_again():
    rise = rise_after(12.0, at_0_04_per_min)
    assert watch_rise(rise, {"core-2": 38.5}, 1024.0 + 730.0).c_per_min is None


def test_a_host_that_slept_begins_again():
    rise = rise_after(10.0, at_0_04_per_min)
    assert watch_rise(rise, said(37.5), 1024.0 + 660.0).c_per_min is None


def test_without_a_core_temperature_it_is_soon_unknown():
    rise = rise_after(10.0, at_0_04_per_min)
    assert watch_rise(rise, {}, 1024.0 + 630.0).c_per_min == pytest.approx(0.04)
    assert watch_rise(rise, {}, 1024.0 + 631.0).c_per_min is None


# --- response -------------------------------------------------------------------------------------


def heated(response, minutes, core_temp_c, power_pct=100.0, counts=True):
    for _ in range(round(minutes * 120)):
        response = watch_response(
            response, core_temp_c, power_pct=power_pct, counts=counts, dt_s=0.5
        )
    return response


@pytest.fixture
def begun():
    return heated(Response(), 1 / 120, 37.0)


def test_minutes_of_heat_without_an_answer_add_up(begun):
    assert begun.unresponsive_min == 0.0
    assert heated(begun, 31.0, 37.05).unresponsive_min == pytest.approx(31.0)


def test_a_tenth_of_a_degree_is_an_answer_and_less_is_none(begun):
    waiting = heated(begun, 20.0, 37.0)
    assert heated(waiting, 1 / 120, 37.09).unresponsive_min > 20.0
    answered = heated(waiting, 1 / 120, 37.11)
    assert answered.unresponsive_min == 0.0
    assert heated(answered, 10.0, 37.2).unresponsive_min == pytest.approx(10.0)


@pytest.mark.parametrize(("power_pct", "minutes"), [(49.9, 0.0), (50.0, 40.0), (100.0, 40.0)])
def test_it_counts_while_the_mean_power_is_at_least_half(begun, power_pct, minutes):
    response = heated(begun, 40.0, 37.0, power_pct=power_pct)
    assert response.unresponsive_min == pytest.approx(minutes)


def test_the_clock_stands_while_heat_is_withheld_paused_or_the_lid_is_open(begun):
    response = heated(begun, 20.0, 37.0)
    response = heated(response, 60.0, 37.0, power_pct=0.0, counts=False)
    assert response.unresponsive_min == pytest.approx(20.0)
    assert heated(response, 11.0, 37.0).unresponsive_min == pytest.approx(31.0)


def test_a_lost_core_temperature_is_no_answer(begun):
    response = heated(begun, 31.0, None)
    assert response.unresponsive_min == pytest.approx(31.0)


def test_a_monitor_that_flickers_by_its_last_digit_does_not_answer(begun):
    response = heated(begun, 1 / 120, 37.1)
    for _ in range(30):
        response = heated(response, 0.5, 37.0)
        response = heated(response, 0.5, 37.1)
    assert response.unresponsive_min == pytest.approx(30.0)
