"""A drill's rounds: every fault as often as asked, none at a dome that is hit already."""

from collections import Counter

import pytest

from thermod.sim.drill_faults import BY_NAME, FAULTS
from thermod.sim.drill_plan import domes_of, plan


@pytest.mark.parametrize("runs", [1, 5, 7])
@pytest.mark.parametrize("domes_max", [1, 3, 25])
@pytest.mark.parametrize("stacks_max", [1, 2, 3, 8])
def test_each_fault_is_run_exactly_as_often_as_asked(runs, domes_max, stacks_max):
    lanes = plan(FAULTS, runs=runs, domes_max=domes_max, stacks_max=stacks_max)
    played = Counter()
    for lane in lanes:
        for each in lane:
            assert len(set(each.domes)) == len(each.domes) <= domes_max
            assert set(each.domes) <= set(domes_of(lane))
            played.update({fault.name: len(domes) for fault, domes in each.hands})
    assert played == {fault.name: runs for fault in FAULTS}
    assert len(lanes) <= stacks_max
    assert all(lanes)


def test_rounds_that_leave_control_cold_come_last_and_are_shared_out():
    lanes = plan(FAULTS, runs=5, domes_max=25, stacks_max=3)
    cold = [[each.leaves_cold for each in lane] for lane in lanes]
    assert all(row == sorted(row) for row in cold)
    assert max(map(sum, cold)) == 1
    assert max(map(len, lanes)) - min(map(len, lanes)) <= 1


def test_a_process_is_hit_alone():
    for lane in plan(FAULTS, runs=5, domes_max=25, stacks_max=3):
        for each in lane:
            assert len(each.hands) == 1 or not any(fault.process for fault, _ in each.hands)


def test_one_fault_needs_one_stack_with_as_many_domes_as_runs():
    (lane,) = plan([BY_NAME["stop"]], runs=2, domes_max=25, stacks_max=3)
    assert domes_of(lane) == ("dome-1", "dome-2")
