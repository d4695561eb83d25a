"""The delay against full power, body by body, on made-up scores."""

from dataclasses import replace

from thermod.sim.delay import delays
from thermod.sim.score import Scorer


def scored(seed, minutes, disturbance=None):
    blank = Scorer(38.5, 45.0).score(
        seed=seed, name="made up", now_s=0.0, ended_by="", trips=[], alarms=[]
    )
    return replace(blank, time_to_38_4_min=minutes, disturbance=disturbance)


def test_each_body_is_compared_with_itself_and_with_no_other():
    ours = [scored(1, 80.0), scored(2, 95.0), scored(3, 70.0)]
    full = [scored(3, 64.0), scored(2, 80.0), scored(1, 75.0)]
    found = delays(ours, full)
    assert (found.median, found.worst) == (6.0, 15.0)
    assert found.reached == 3


def test_who_does_not_reach_the_target_is_counted_and_left_out():
    ours = [scored(1, None), scored(2, 90.0), scored(3, 80.0), scored(4, 70.0)]
    full = [scored(1, 80.0), scored(2, None), scored(3, 75.0)]
    found = delays(ours, full)
    assert (found.worst, found.reached) == (5.0, 1)
    assert (found.ours_missing, found.full_power_missing) == (1, 1)


def test_the_same_body_with_something_wrong_is_another_one():
    found = delays([scored(1, 80.0, "heater-70")], [scored(1, 75.0)])
    assert (found.median, found.reached) == (None, 0)
