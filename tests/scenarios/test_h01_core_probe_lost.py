"""H01: a core probe falls silent, comes off, slips out. Never substitute, never guess."""

from controllers.session import Phase
from tests.scenarios.people import heats_again, is_off_within, stays_cold, why
from thermod.sim.probes import FAULTS


def without(*names):
    return lambda readings: {name: c for name, c in readings.items() if name not in names}


def test_heat_is_off_within_3_2_s_when_every_core_probe_falls_silent(heating):
    """H01."""
    heating.sent = without("core-1", "core-2")
    assert is_off_within(heating, 3.2)
    assert stays_cold(heating, 50.0)


def test_heat_returns_when_core_probes_come_back_within_the_minute(heating):
    heating.sent = without("core-1", "core-2")
    heating.run(10.0)
    heating.sent = lambda readings: readings
    assert heats_again(heating, within_s=20.0)
    assert heating.state.lease.epoch == 2  # the same one: it was withheld, not ended


def test_the_session_is_interrupted_when_core_stays_unknown_for_a_minute(heating):
    heating.sent = without("core-1", "core-2")
    heating.run(70.0)
    assert heating.phase in (Phase.INTERRUPTED, Phase.TRIPPED)  # the guard trips at 60 s, too
    heating.sent = lambda readings: readings
    assert stays_cold(heating, 120.0)


def test_one_of_two_lost_halves_the_power_and_the_other_controls(heating):
    heating.run_until(lambda w: w.state.power_pct > 50.0, within_s=600.0)
    heating.sent = without("core-2")
    heating.run(5.0)
    for _ in range(120):
        heating.step()
        assert heating.state.power_pct <= 50.0
    assert heating.heater_w > 0.0
    assert "core_probe_bad" in heating.state.rows
    assert heating.outcome.picture.core.core_temp_c is not None


def test_both_lost_one_after_the_other_is_no_core_at_all(heating):
    heating.sent = without("core-2")
    heating.run(30.0)
    assert heating.heater_w > 0.0
    heating.sent = without("core-1", "core-2")
    assert is_off_within(heating, 3.2)
    assert "no core temperature to act on" in why(heating)


def test_an_unplugged_probe_of_the_plant_is_the_same_as_silence(heating):
    for name in ("core-1", "core-2"):
        heating.plant.probe(name).fail(FAULTS["drop-out"])
    assert is_off_within(heating, 3.2)


def test_probes_that_slip_out_into_the_room_do_not_bring_full_heat(heating):
    for name in ("core-1", "core-2"):
        heating.plant.probe(name).fail(FAULTS["slipped-to-room"])
    heating.run(60.0)
    for _ in range(600):
        heating.step()
        assert heating.heater_w == 0.0
