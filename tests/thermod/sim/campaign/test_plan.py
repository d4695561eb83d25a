"""What a session shall be depends on its seed alone, and its judge is told before it runs."""

from collections import Counter

import pytest

from thermod.sim.campaign.mishap import Group
from thermod.sim.campaign.mishaps import BY_GROUP, BY_NAME, MISHAPS
from thermod.sim.campaign.plan import FAULTS_MAX, Planned, plan_session, terms_of
from thermod.sim.probes import FAULTS


def terms(*names):
    return terms_of([Planned(BY_NAME[name], 0.0, 1.0) for name in names])


def test_the_table_has_at_least_forty_kinds_beside_those_of_probes_each_with_its_words():
    assert len(MISHAPS) - len(BY_GROUP[Group.PROBE]) >= 40
    assert len(BY_NAME) == len(MISHAPS)
    assert all(row.what and 0.0 <= row.lasts_s_min <= row.lasts_s_max for row in MISHAPS)


def test_every_fault_of_a_probe_is_in_it():
    assert {row.name.split(":")[0] for row in BY_GROUP[Group.PROBE]} >= set(FAULTS)


def test_the_same_seed_gives_the_same_plan():
    assert plan_session(42, 50) == plan_session(42, 50)
    assert plan_session(42, 50) != plan_session(43, 50)


def test_three_thousand_seeds_meet_every_kind_every_checkpoint_and_one_to_five_faults():
    plans = [plan_session(seed, 51) for seed in range(3000)]
    drills = [plan for plan in plans if not plan.is_whole]
    names = {each.mishap.name for plan in plans for each in plan.planned}
    counts = Counter(len(plan.planned) for plan in drills)
    assert names == set(BY_NAME)
    assert {plan.moment for plan in drills} == set(range(51))
    assert set(counts) == set(range(1, FAULTS_MAX + 1))
    assert 0.3 < counts[1] / len(drills) < 0.5


def test_one_seed_in_a_hundred_is_a_whole_session():
    assert sum(plan_session(seed, 51).is_whole for seed in range(500, 1000)) == 5


def test_heat_that_every_switch_gives_is_a_class_of_its_own():
    assert terms("all-welded").all_switches_welded
    assert terms("ssr-welded", "contactors-welded").all_switches_welded
    assert not terms("contactors-welded").all_switches_welded
    assert not terms("ssr-welded").all_switches_welded
    assert terms("ssr-welded").ssr_welded


@pytest.mark.parametrize(
    ("names", "misled"),
    [
        (("stuck:all-core",), True),
        (("drift-low:core-1", "offset-low:core-2"), True),
        (("drift-low:core-1",), False),
        (("drift-low:core-1", "drift-high:core-2"), False),
        (("drop-out:all-core",), False),
        (("nan-text:all-core",), False),
        (("stuck:all-skin",), False),
    ],
    ids=str,
)
def test_only_all_core_probes_plausibly_too_low_are_a_class_of_their_own(names, misled):
    assert terms(*names).core_misled is misled


def test_all_skin_probes_too_low_are_one_as_well():
    assert terms("offset-low:all-skin").skin_misled
    assert not terms("offset-low:skin-1").skin_misled


@pytest.mark.parametrize("name", ["loss", "broker-killed", "control-frozen", "second-guard"])
def test_where_the_way_of_messages_is_not_assured_the_judge_knows(name):
    assert terms(name).is_hindered


@pytest.mark.parametrize("name", ["stop", "lid-open", "drop-out:all-core", "replay-permit"])
def test_and_everywhere_else_the_figures_of_the_table_hold_as_they_stand(name):
    assert not terms(name).is_hindered
