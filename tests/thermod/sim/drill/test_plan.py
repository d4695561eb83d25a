"""A drill's rounds: every fault as often as asked, none at a dome that is hit already."""

from collections import Counter

import pytest

from thermod.sim.drill.deeds import is_at_stack
from thermod.sim.drill.faults import BY_NAME, FAULTS
from thermod.sim.drill.plan import domes_of, lasts_s, plan


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
            for fault, domes in each.hands:
                played[fault.name] += len(domes)
    assert played == {fault.name: runs for fault in FAULTS}
    assert len(lanes) <= stacks_max
    assert all(lanes)


@pytest.mark.parametrize("stacks_max", [1, 3, 8, 12])
def test_rounds_that_leave_control_cold_come_last(stacks_max):
    for lane in plan(FAULTS, runs=5, domes_max=25, stacks_max=stacks_max):
        cold = [each.leaves_cold for each in lane]
        assert cold == sorted(cold)


def test_no_stack_has_much_more_to_do_than_another():
    lanes = plan(FAULTS, runs=3, domes_max=25, stacks_max=12)
    each_s = [lasts_s(lane) for lane in lanes]
    assert max(each_s) <= 1.3 * sum(each_s) / len(each_s)


def test_what_hits_the_stack_is_played_alone_and_done_once():
    for lane in plan(FAULTS, runs=5, domes_max=25, stacks_max=3):
        for each in lane:
            at_stack = [deed for deed, _ in each.deeds if is_at_stack(deed)]
            assert len(at_stack) == len(set(at_stack))
            assert len({fault.name for fault, _ in each.hands}) == 1 or not at_stack


def test_what_takes_minutes_is_played_beside_its_like():
    for lane in plan(FAULTS, runs=3, domes_max=25, stacks_max=3):
        for each in lane:
            assert len({fault.is_slow for fault, _ in each.hands}) == 1


@pytest.mark.parametrize("stacks_max", [2, 8])
def test_a_control_with_something_wrong_inside_is_used_for_nothing_else(stacks_max):
    for lane in plan(FAULTS, runs=3, domes_max=25, stacks_max=stacks_max):
        assert len({each.inside for each in lane}) == 1


def test_faults_drawn_together_hit_the_stack_with_one_and_each_dome_with_its_own():
    (lane,) = plan([BY_NAME["several-at-once"]], runs=3, domes_max=25, stacks_max=3, seed=5)
    (each,) = lane
    faults = [fault for fault, _ in each.hands]
    assert {fault.name for fault in faults} == {"several-at-once"}
    assert all(len(fault.deeds) >= 2 for fault in faults)
    assert len([deed for deed, _ in each.deeds if is_at_stack(deed)]) == 1
    assert len({fault.deeds for fault in faults}) > 1


def test_what_is_drawn_is_said_to_the_domes_before_the_stack_is_hit():
    (lane,) = plan([BY_NAME["several-at-once"]], runs=3, domes_max=25, stacks_max=1)
    at_stack = [is_at_stack(deed) for deed, _ in lane[0].deeds]
    assert at_stack == sorted(at_stack)


def test_the_deeds_of_one_fault_are_done_in_the_order_of_its_row():
    (lane,) = plan([BY_NAME["stop-lost"]], runs=3, domes_max=25, stacks_max=1)
    assert tuple(deed for deed, _ in lane[0].deeds) == BY_NAME["stop-lost"].deeds


def test_the_same_seed_draws_the_same_faults_and_another_one_others():
    drawn = [
        plan([BY_NAME["several-at-once"]], runs=6, domes_max=3, stacks_max=1, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_one_fault_needs_one_stack_with_as_many_domes_as_runs():
    (lane,) = plan([BY_NAME["stop"]], runs=2, domes_max=25, stacks_max=3)
    assert domes_of(lane) == ("dome-1", "dome-2")
