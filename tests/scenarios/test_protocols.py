"""Protocols: what ends the heat, and what comes then."""

from dataclasses import replace

from controllers.protocol import RETAIN, SLOW_45, TARGET_2, Protocol
from controllers.session import Phase
from tests.scenarios.people import is_accepted, stays_cold
from thermod.sim.nurse import Nurse


def under(world, protocol: Protocol):
    """The same moment of a session that follows this protocol."""
    world.state = world.state._replace(session=replace(world.state.session, protocol=protocol))
    return world


def reads_core(world, core_temp_c):
    """Both probes agree on it, from now on."""
    world.sent = lambda readings: {
        name: core_temp_c if name.startswith("core") else temp_c
        for name, temp_c in readings.items()
    }


def test_two_consecutive_minutes_at_target_end_the_heat(holding):
    under(holding, TARGET_2)
    reads_core(holding, 38.46)
    holding.run(115.0)
    assert holding.phase is Phase.HOLD
    holding.run(10.0)
    assert holding.phase is Phase.COOL_DOWN
    assert stays_cold(holding, 30.0)


def test_a_dip_below_target_begins_the_two_minutes_anew(holding):
    under(holding, TARGET_2)
    reads_core(holding, 38.46)
    holding.run(100.0)
    reads_core(holding, 38.43)
    holding.run(20.0)
    reads_core(holding, 38.46)
    holding.run(100.0)
    assert holding.phase is Phase.HOLD
    holding.run(25.0)
    assert holding.phase is Phase.COOL_DOWN


def test_a_core_that_stays_just_below_target_is_not_heated_for_ever(holding):
    under(holding, replace(TARGET_2, hold_min=5.0))
    reads_core(holding, 38.42)
    holding.run(250.0)
    assert holding.phase is Phase.COOL_DOWN


def test_retention_keeps_the_patient_wrapped_without_power_until_staff_go_on(holding):
    under(holding, RETAIN)
    reads_core(holding, 38.46)
    holding.run(125.0)
    assert holding.phase is Phase.RETENTION
    assert stays_cold(holding, 60.0)
    assert is_accepted(holding, holding.ask("stop"))
    assert holding.phase is Phase.COOL_DOWN


def test_a_slow_ramp_leads_the_core_no_faster_than_it_says(idle):
    idle.plan = replace(idle.plan, protocols={"slow": replace(SLOW_45, protocol_id="slow")})
    idle.nurse = Nurse(protocol="slow")
    idle.run_until(lambda w: w.phase is Phase.HEAT_UP, within_s=60.0)
    idle.run(60.0)
    before_c = idle.outcome.setpoint_c
    idle.run(600.0)
    assert abs(idle.outcome.setpoint_c - before_c - 0.2) < 0.005
    assert idle.outcome.picture.core.core_temp_c <= idle.outcome.setpoint_c + 0.1
