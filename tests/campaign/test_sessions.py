"""Sessions of the campaign: repeatable to the bit, and safe under each fault of the table alone."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest

from controllers.session import Phase
from tests.campaign.conftest import number_of
from thermod.sim.campaign import campaign
from thermod.sim.campaign.campaign import Campaign, Wanted
from thermod.sim.campaign.checkpoints import take_up
from thermod.sim.campaign.mishaps import MISHAPS
from thermod.sim.campaign.session import play_seed

pytestmark = pytest.mark.campaign

SEEDS = range(40, 46)


def test_there_are_at_least_fifty_checkpoints_over_every_phase_but_retention(moments):
    assert len(moments) >= 50
    phases = {take_up(each.ward).phase for each in moments}
    assert phases == set(Phase) - {Phase.RETENTION}  # it takes a heat-up of 130 min


def test_a_checkpoint_goes_on_without_anything_unsafe(moments):
    for each in moments:
        ward = take_up(each.ward)
        ward.run(5.0)
        assert not ward.oracle.breaches, each.name


def test_the_same_seeds_give_the_same_trace_in_any_number_of_processes(moments):
    alone = [play_seed(seed, moments) for seed in SEEDS]
    with ProcessPoolExecutor(2, initializer=campaign._prepare, initargs=(moments,)) as pool:
        spread = list(pool.map(campaign._drill, reversed(SEEDS)))[::-1]
    assert [each.trace_sha256 for each in alone] == [each.trace_sha256 for each in spread]
    assert len({each.trace_sha256 for each in alone}) == len(SEEDS)


@pytest.mark.parametrize("row", MISHAPS, ids=lambda row: row.name)
def test_a_heated_patient_is_safe_under_each_fault_alone(row, drill):
    drilled = drill(row.name, lasts_s=min(8.0, row.lasts_s_max), for_s=22.0)
    assert drilled.unsafe == ()


def test_a_story_is_told_of_one_session(moments):
    told = []
    play_seed(SEEDS[0], moments, lambda at_s, text: told.append(text))
    assert any(text.startswith("FAULT") for text in told)
    assert any(text.startswith("guard:") for text in told)


def test_the_figures_name_what_is_asked_for(moments):
    done = Campaign(
        Wanted(sessions=len(SEEDS), seed=SEEDS[0]),
        tuple(play_seed(seed, moments) for seed in SEEDS),
        (),
        len(moments),
        wall_s=1.0,
    )
    told = done.as_json()
    assert done.holds
    assert told["sessions"] == len(SEEDS)
    assert told["faults_injected"] == sum(told["by_kind"].values())
    assert told["unsafe"] == []
    assert told["session_hours"] == round(sum(each.lasted_s for each in done.drills) / 3600, 2)

    first = replace(done.drills[0], unsafe=("1.00 s: hot",))
    broken = replace(done, drills=(first, *done.drills[1:]))
    assert not broken.holds
    assert broken.as_json()["unsafe"] == [
        {"seed": SEEDS[0], "session": "drill", "why": "1.00 s: hot"}
    ]


def test_a_heated_checkpoint_heats(moments):
    ward = take_up(moments[number_of(moments, "heat_up")].ward)
    ward.run(5.0)
    assert ward.oracle.heat_w > 200.0


@pytest.mark.parametrize("seed", range(4))
def test_a_guard_alone_sees_at_once_that_all_core_probes_stand_still(seed, drill):
    """The guard's looks that pretend time skips are none of those that judge an old sample."""
    drilled = drill("control-mad", "frozen-sequence:all-core", for_s=24.0, seed=seed)
    assert drilled.unsafe == ()
