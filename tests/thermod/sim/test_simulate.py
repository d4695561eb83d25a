"""Whole sessions of the lumped body on pretend time, as `thermod simulate` runs them."""

import pytest

from thermod.errors import ThermodError
from thermod.sim.simulate import Run, one_session, protocol_named, report, simulate


def test_a_protocol_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ThermodError, match="hold-45"):
        protocol_named("boil-90")
    with pytest.raises(ThermodError):
        next(simulate(Run(protocol="boil-90")))


@pytest.mark.slow
def test_the_nominal_session_reaches_its_target_holds_it_and_trips_nothing():
    course = one_session(Run(seed=0))
    score = course.score
    assert score.ended_by == "closed"
    assert score.trips == []
    assert 60.0 <= score.time_to_38_4_min <= 110.0
    assert score.peak_overshoot_c <= 0.05
    assert score.peak_overshoot_after_c <= 0.10
    assert score.hold_within_0_1 >= 0.99
    assert score.skin_temp_c_max < 40.8
    assert score.air_temp_c_max < 64.0
    assert score.rise_c_per_min_max <= 0.038
    assert {"heat_up", "hold", "cool_down"} <= {point.phase for point in course.points}

    again = one_session(Run(seed=0))
    assert again.score == score  # a run is pure in its seed


@pytest.mark.slow
def test_several_patients_come_in_the_order_of_their_seeds_and_add_up():
    run = Run(seed=3, patients=2)
    courses = list(simulate(run))
    assert [course.score.seed for course in courses] == [3, 4]
    figures = report(run, courses, wall_s=1.0)
    assert figures["kind"] == "simulation"
    assert len(figures["patients"]) == 2
    assert figures["summary"]["time_to_38_4_min"]["missing"] == 0
    assert all(patient["trips"] == [] for patient in figures["patients"])
