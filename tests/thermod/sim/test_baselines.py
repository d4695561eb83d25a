"""The plain methods, by what they would do with a reading."""

import pytest

from thermod.sim.baselines import METHODS, cascade, manual

TARGET_C = 38.5


def test_full_power_ends_at_the_target_and_does_not_come_back():
    power_pct = manual(TARGET_C)
    assert power_pct(38.49, 60.0, 1.0) == 100.0
    assert power_pct(38.50, 60.0, 1.0) == 0.0
    assert power_pct(37.00, 40.0, 1.0) == 0.0


@pytest.mark.parametrize("name", METHODS)
def test_no_method_heats_a_body_that_has_long_been_too_warm(name):
    power_pct = METHODS[name](TARGET_C)
    power_pct(37.0, 24.0, 1.0)
    for _ in range(3600):
        last_pct = power_pct(39.5, 44.0, 1.0)
    assert last_pct == 0.0


def test_the_cascade_lowers_the_air_before_the_target_and_does_not_wind_up_on_the_way():
    power_pct = cascade(TARGET_C)
    for _ in range(90 * 60):  # 90 min flat out at 1 °C of error
        assert power_pct(37.5, 59.0, 1.0) > 0.0
    assert power_pct(37.5, 30.0, 1.0) == 100.0
    # At the target it wants about the climate that holds a patient, and not 60 °C.
    assert power_pct(38.5, 55.0, 1.0) == 0.0
