"""H03, H22, H23: core, skin and air at their limits, whatever the regulator would like."""

from dataclasses import replace

import pytest

from alarms.engine import with_limits
from alarms.rules import RULES
from controllers.session import Phase
from tests.scenarios.people import answer, heats_again, is_off_within, reset, stays_cold, why
from thermod.cycle import AIR_FOLD_C


def says(**temps_c):
    named = {name.replace("_", "-"): temp_c for name, temp_c in temps_c.items()}
    return lambda readings: {**readings, **named}


def test_a_single_core_sample_above_the_limit_takes_heat_in_that_cycle(holding):
    """H22."""
    holding.sent = says(core_1=39.31)
    holding.step()
    assert holding.state.power_pct == 0.0
    assert holding.heater_w == 0.0


def test_two_core_samples_above_the_cut_off_latch(holding):
    holding.sent = says(core_1=39.05, core_2=39.05)
    holding.run(1.0)
    assert holding.phase is Phase.TRIPPED
    assert "core_cutoff" in holding.state.latches
    holding.sent = says()
    assert stays_cold(holding, 120.0)


def test_a_core_above_heat_off_takes_heat_until_it_has_been_inside_for_30_s(holding):
    loose, core_temp_c = holding.state, holding.plant.truth()["core_temp_c"]
    tight = replace(
        loose.limits,
        core_keep_c=core_temp_c - 0.3,
        core_warn_c=core_temp_c - 0.2,
        core_off_c=core_temp_c - 0.1,
    )
    holding.state = loose._replace(limits=tight, rules=with_limits(RULES, tight))
    assert is_off_within(holding, 0.5)
    assert "core_hot" in holding.state.rows
    assert holding.state.latches == ()

    holding.state = holding.state._replace(limits=loose.limits, rules=loose.rules)
    assert stays_cold(holding, 29.0)
    assert heats_again(holding, within_s=300.0)  # as soon as control asks for it


@pytest.mark.parametrize("probe", ["skin_1", "skin_3"])
def test_the_hottest_skin_probe_governs(heating, probe):
    """H23."""
    heating.sent = says(**{probe: 42.1})
    assert is_off_within(heating, 1.0)
    assert heating.phase is Phase.HEAT_UP


def test_skin_above_its_cut_off_latches(heating):
    heating.sent = says(skin_1=43.2)
    heating.run(1.5)
    assert heating.phase is Phase.TRIPPED
    assert {"skin_cutoff"} <= set(heating.state.latches) | set(heating.guard.latches)
    refused = answer(heating, reset(heating))
    assert "still stands" in refused.because


def test_core_is_kept_below_its_own_bound_before_any_alarm(heating):
    assert heating.state.power_pct > 0.0
    core_temp_c = heating.outcome.picture.core.highest_raw_temp_c
    tight = replace(heating.state.limits, core_keep_c=core_temp_c - 0.05)
    heating.state = heating.state._replace(limits=tight)
    assert is_off_within(heating, 0.5)
    assert "core kept below" in why(heating)
    assert heating.state.rows == {}


def test_air_is_folded_back_before_its_limit_and_off_beyond_it(heating):
    wanted_pct = heating.outcome.wanted.power_pct
    assert wanted_pct > 25.0
    air_temp_c = heating.outcome.picture.air.highest_raw_temp_c
    tight = replace(
        heating.state.limits, air_setpoint_c_max=40.0, air_keep_c=air_temp_c + AIR_FOLD_C / 10.0
    )
    heating.state = heating.state._replace(limits=tight)
    heating.step()
    assert heating.state.power_pct <= 20.0
    assert "dome air kept below" in why(heating)
    heating.sent = says(air_1=71.0)
    assert is_off_within(heating, 1.0)


def test_skin_dose_of_the_day_ends_heating_and_is_not_forgotten_by_the_next_session(heating):
    heating.sent = says(skin_1=41.9)  # 0.22 CEM43 min each minute
    heating.state = heating.state._replace(dose_min={"skin-1": 9.9})
    heating.run(60.0)
    assert heating.phase is Phase.RETENTION
    assert "skin_dose_end" in heating.state.rows
    heating.ask("close", reason="the skin is red")
    heating.run(1.0)
    assert heating.phase is Phase.ENDED

    heating.sent = says()
    heating.ask("create", {"protocol": "hold-5", "subject": "SIM-1", "staff": "N", "consent": True})
    heating.run(2.0)
    assert max(heating.state.dose_min.values()) >= 10.0
    open_lines = {check.check_id for check in heating.outcome.checks if check.ok is not True}
    assert "latches" in open_lines
