"""Whole sessions of detailed patients. Whether control is good is for its benchmark to say; here,
that such a session runs, ends, and shows what was done to it.
"""

import pytest

from thermod.sim.bodies import Bodies
from thermod.sim.simulate import Run, one_session

pytestmark = pytest.mark.slow


def test_an_ordinary_patient_is_brought_to_target_held_and_let_go():
    score = one_session(Run(seed=3, bodies=Bodies("nominal"))).score
    assert score.name == "nominal-3"
    assert (score.ended_by, score.trips) == ("closed", [])
    assert 45.0 <= score.time_to_38_4_min <= 110.0
    assert score.two_min_at_target_min > score.time_to_38_4_min
    assert -0.1 <= score.peak_overshoot_c <= 0.15
    assert score.peak_overshoot_unbiased_c == pytest.approx(score.peak_overshoot_c, abs=0.061)
    assert score.hold_within_0_1 >= 0.95
    assert score.disturbance is None


def test_beside_a_single_core_probe_the_nurse_measures_and_the_session_is_held():
    score = one_session(Run(seed=3, bodies=Bodies("nominal", core_probes=1))).score
    assert (score.ended_by, score.trips) == ("closed", [])
    assert not {"manual_check_overdue", "manual_check_differs"} & set(score.alarms)
    assert score.peak_overshoot_c <= 0.2


def test_a_lost_core_probe_is_alarmed_and_the_other_one_holds():
    bodies = Bodies("nominal", disturbance="core-lost")
    score = one_session(Run(seed=3, bodies=bodies)).score
    assert score.disturbance == "core-lost"
    assert (score.ended_by, score.trips) == ("closed", [])
    assert "core_one_left" in score.alarms
    assert score.peak_overshoot_c <= 0.15


def test_a_session_that_loses_its_only_core_probe_goes_cold_and_says_so():
    bodies = Bodies("nominal", disturbance="core-lost", core_probes=1)
    score = one_session(Run(seed=3, bodies=bodies)).score
    assert score.ended_by == "tripped"
    assert 60.0 <= score.session_min <= 62.0  # lost in minute 30, watched for 30 min more
    assert score.trips[0] == "guard_core_lost"
    assert {"core_none", "core_lost"} <= set(score.alarms)
    assert score.peak_overshoot_after_c < -0.5
