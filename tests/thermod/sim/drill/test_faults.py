"""The rows of the drill: what SAFETY.md names is in them, and each is judged by something."""

from random import Random

import pytest

from thermod.sim.drill.deeds import AtDome, Hit, Network, Order
from thermod.sim.drill.fault import Expected
from thermod.sim.drill.faults import BY_NAME, FAULTS, LONG
from thermod.sim.drill.several import several
from thermod.sim.faults import KINDS


def test_each_row_has_a_name_of_its_own():
    assert len(BY_NAME) == len(FAULTS) + len(LONG)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_row_does_something_and_is_judged_by_heat_or_by_what_is_told(fault):
    assert fault.deeds or fault.is_drawn
    assert fault.told or fault.expected is not Expected.TOLD
    assert 0.0 < fault.limit_s <= 1200.0


@pytest.mark.parametrize("fault", LONG, ids=lambda fault: fault.name)
def test_what_takes_long_is_played_beside_its_like_and_told(fault):
    assert fault.is_slow
    assert fault.told


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_simulator_knows_every_fault_that_is_put_on_a_dome(fault):
    assert {deed.kind for deed in fault.deeds if isinstance(deed, AtDome)} <= KINDS


@pytest.mark.parametrize("link", ["sim", "guard", "control"])
def test_each_link_is_cut_in_each_direction_and_in_both(link):
    cuts = {
        (deed.up, deed.down)
        for fault in FAULTS
        for deed in fault.deeds
        if isinstance(deed, Network) and deed.links == (link,)
    }
    assert {(True, True), (True, False), (False, True)} <= cuts


def test_what_is_wrong_inside_control_is_told_to_the_harness_by_a_signal_of_its_own():
    orders = {deed.inside for fault in FAULTS for deed in fault.deeds if isinstance(deed, Order)}
    assert len({each.signal for each in orders}) == len(orders) >= 6


@pytest.mark.parametrize("seed", range(50))
def test_several_at_once_are_one_that_hits_the_stack_and_one_or_two_at_the_dome(seed):
    drawn = several(BY_NAME["several-at-once"], faults_of=["dome-1", "dome-2"], seed=seed)
    for each in drawn:
        first, more = each.deeds[-1], each.deeds[:-1]
        assert isinstance(first, Hit | Network)
        assert more
        assert len({deed.probe for deed in more if isinstance(deed, AtDome) and deed.probe}) <= 1
        welded = AtDome("ssr-welded") in more
        assert each.limit_s in ((5.1,) if welded else (1.7, 3.05))
        assert each.told != ("",)


def test_draws_differ_from_seed_to_seed():
    row = BY_NAME["several-at-once"]
    seeds = [Random(n).randrange(1000) for n in range(20)]
    assert len({several(row, faults_of=["dome-1"], seed=seed)[0].deeds for seed in seeds}) > 10
