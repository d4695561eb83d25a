"""simple-pid behind its gate: what it does alone, and what the gate makes of it.

The cases are those of decisions/0008, 1, each with the library shown to fail first.
"""

from math import inf, nan, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_pid import PID

from controllers.pid import Gains, Regulated, regulate

HEATER = Gains(per_c=8.0, per_c_s=0.02, output_min=0.0, output_max=100.0)
any_number = st.floats(allow_nan=True, allow_infinity=True)


def long_lived(gains=HEATER):
    """The library as it is used by most: one object for ever."""
    return PID(
        *(gains.per_c, gains.per_c_s, 0.0),
        setpoint=60.0,
        sample_time=None,
        output_limits=(gains.output_min, gains.output_max),
    )


def test_on_a_normal_stream_it_is_the_library_to_the_last_digit():
    library, integral = long_lived(), 0.0
    for n in range(5000):
        measured_c, dt_s = 57.0 + 4.0 * sin(n / 300.0), 0.4 + 0.2 * ((n * 7) % 10) / 10.0
        found = regulate(HEATER, integral, 60.0, measured_c, dt_s)
        assert found.output == library(measured_c, dt=dt_s)
        assert (found.proportional, found.integral) == library.components[:2]
        integral = found.integral


@pytest.mark.parametrize("absurd", [nan, inf, -inf, -127.0, 1e9, 150.1, -50.1])
def test_no_absurd_measurement_or_set_point_gets_an_answer(absurd):
    assert regulate(HEATER, 10.0, 60.0, absurd, 0.5) is None
    assert regulate(HEATER, 10.0, absurd, 55.0, 0.5) is None


@pytest.mark.parametrize("absurd", [nan, -inf, -127.0])
def test_an_absurd_reading_spoils_the_library_and_leaves_nothing_behind_here(absurd):
    library = long_lived()
    library(60.5, dt=0.5)
    library(absurd, dt=600.0)
    spoiled = library(60.5, dt=0.5)
    assert spoiled != 0.0  # NaN or power, at half a degree above the set-point

    before = regulate(HEATER, 0.0, 60.0, 60.5, 0.5)
    assert regulate(HEATER, before.integral, 60.0, absurd, 0.5) is None
    assert regulate(HEATER, before.integral, 60.0, 60.5, 0.5) == before


@pytest.mark.parametrize("dt_s", [nan, inf, -inf, -0.5, 0.0, 0.049, 2.001, 3600.0])
def test_a_step_that_is_too_short_or_a_gap_gets_no_answer(dt_s):
    assert regulate(HEATER, 10.0, 60.0, 55.0, dt_s) is None


@pytest.mark.parametrize("dt_s", [0.05, 0.5, 2.0])
def test_a_step_within_bounds_integrates_as_long_as_it_was(dt_s):
    assert regulate(HEATER, 10.0, 60.0, 55.0, dt_s).integral == pytest.approx(10.0 + 0.1 * dt_s)


def test_a_short_step_is_worked_out_and_not_answered_with_the_old_output():
    first = regulate(HEATER, 10.0, 60.0, 55.0, 0.05)
    assert regulate(HEATER, first.integral, 60.0, 54.0, 0.05).output > first.output


@pytest.mark.parametrize(
    "gains",
    [
        Gains(8.0, 0.02, 0.0, nan),
        Gains(8.0, 0.02, nan, 100.0),
        Gains(8.0, 0.02, 100.0, 0.0),
        Gains(nan, 0.02, 0.0, 100.0),
        Gains(8.0, nan, 0.0, 100.0),
        Gains(inf, 0.02, 0.0, 100.0),
        Gains(8.0, inf, 0.0, 100.0),
        Gains(-8.0, 0.02, 0.0, 100.0),
        Gains(1e308, 0.02, 0.0, 100.0),
        Gains(8.0, -0.02, 0.0, 100.0),
    ],
)
def test_gains_or_limits_that_cannot_be_meant_get_no_answer(gains):
    assert regulate(gains, 10.0, 60.0, 55.0, 0.5) is None


def test_either_gain_may_be_nothing():
    assert regulate(Gains(8.0, 0.0, 0.0, 100.0), 10.0, 60.0, 55.0, 0.5).output == 50.0
    assert regulate(Gains(0.0, 0.02, 0.0, 100.0), 10.0, 60.0, 55.0, 0.5).output == 10.05


def test_the_library_takes_a_limit_that_is_no_number_for_no_limit():
    library = PID(8.0, 0.0, 0.0, setpoint=60.0, sample_time=None, output_limits=(0.0, nan))
    assert library(20.0, dt=0.5) == 320.0


@pytest.mark.parametrize("integral", [nan, -0.001, 100.001, inf])
def test_an_integral_from_elsewhere_must_lie_within_the_limits(integral):
    assert regulate(HEATER, integral, 60.0, 55.0, 0.5) is None


def test_the_integral_does_not_wind_up_past_the_limits():
    assert regulate(HEATER, 99.99, 150.0, -50.0, 2.0).integral == 100.0
    assert regulate(HEATER, 0.01, -50.0, 150.0, 2.0).integral == 0.0


@given(
    st.builds(Gains, any_number, any_number, any_number, any_number),
    *(any_number, any_number, any_number, any_number),
)
def test_whatever_comes_in_what_comes_out_lies_within_the_limits(
    gains, integral, setpoint_c, measured_c, dt_s
):
    found = regulate(gains, integral, setpoint_c, measured_c, dt_s)
    if found is not None:
        assert gains.output_min <= found.output <= gains.output_max
        assert gains.output_min <= found.integral <= gains.output_max
        assert -inf < found.proportional < inf


@given(st.floats(0.0, 100.0), st.floats(20.0, 70.0), st.floats(20.0, 70.0), st.floats(0.05, 2.0))
def test_the_same_question_has_the_same_answer(integral, setpoint_c, measured_c, dt_s):
    first = regulate(HEATER, integral, setpoint_c, measured_c, dt_s)
    assert isinstance(first, Regulated)
    assert regulate(HEATER, integral, setpoint_c, measured_c, dt_s) == first
