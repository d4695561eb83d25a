"""H03: core probes drift apart, or together."""

from math import exp

import pytest

from controllers.session import HEATING, Phase
from tests.scenarios.people import is_off_within, reset, stays_cold
from thermod.sim.nurse import Nurse


def drift(world, c_per_min, *probe_ids, up_to_c):
    """Slow enough that no single sample looks wrong."""
    from_s = world.now_s

    def sent(readings):
        moved_c = c_per_min * (world.now_s - from_s) / 60.0
        off_c = max(-up_to_c, min(up_to_c, moved_c))
        return {
            name: temp_c + off_c if name in probe_ids and temp_c is not None else temp_c
            for name, temp_c in readings.items()
        }

    world.sent = sent


def test_probes_that_drift_apart_are_told_then_curbed_then_cut_off(heating):
    drift(heating, -0.05, "core-1", up_to_c=2.0)  # as slow as a body: nobody can tell which is off
    heating.run_until(lambda w: "core_spread_low" in w.state.rows, within_s=600.0)
    heating.run_until(lambda w: "core_spread_high" in w.state.rows, within_s=360.0)
    assert heating.state.power_pct <= 30.0
    assert "core-2 is highest" in heating.state.rows["core_spread_high"].text
    heating.run_until(lambda w: w.phase is Phase.TRIPPED, within_s=600.0)
    assert heating.state.latches == ("core_spread_cutoff",)
    assert is_off_within(heating, 1.0)
    reset(heating)
    assert stays_cold(heating, 30.0)


def test_a_probe_that_leaves_faster_than_a_body_is_named_and_heat_goes_on_by_the_other(heating):
    drift(heating, -0.15, "core-1", up_to_c=2.0)
    heating.run_until(lambda w: "core_probe_bad" in w.state.rows, within_s=180.0)
    assert "core-1 differs" in heating.state.rows["core_probe_bad"].text
    heating.run(900.0)
    assert heating.state.latches == ()
    assert heating.phase in HEATING
    other_c = heating.outcome.picture.probes["core-2"].newest_temp_c
    assert heating.outcome.picture.core.core_temp_c == pytest.approx(other_c, abs=0.03)


def test_a_probe_that_slips_against_warm_skin_never_leads_the_patient_astray(heating):
    """It reads about what the core does, passes by it, and leaves it slowly."""
    from_s = heating.now_s

    def sent(readings):
        skin_c, core_c = readings["skin-1"], readings["core-1"]
        if skin_c is None or core_c is None:
            return readings
        stays = exp(-(heating.now_s - from_s) / 60.0)
        return {**readings, "core-1": skin_c + stays * (core_c - skin_c)}

    heating.sent = sent
    heating.nurse = Nurse(protocol="hold-5")
    peak_c = 0.0
    while heating.phase in HEATING:
        heating.step()
        peak_c = max(peak_c, heating.plant.truth()["core_temp_c"])
        assert heating.now_s < 4 * 3600.0
    assert heating.state.latches == ()
    assert 38.3 < peak_c < 38.6


def test_a_suspect_probe_that_reads_higher_does_not_begin_the_hold(heating):
    drift(heating, 0.3, "core-1", up_to_c=0.6)
    heating.run(150.0)
    core = heating.outcome.picture.core
    assert core.suspect == 1
    assert core.core_temp_c >= 38.5
    assert core.good_temp_c < 38.4
    assert heating.phase is Phase.HEAT_UP
    assert heating.state.power_pct == 0.0


def test_while_they_differ_the_higher_one_controls(heating):
    drift(heating, -0.15, "core-1", up_to_c=0.4)
    heating.run(240.0)
    probes = heating.outcome.picture.probes
    highest_c = max(probes[name].newest_temp_c for name in ("core-1", "core-2"))
    assert heating.outcome.picture.core.core_temp_c == pytest.approx(highest_c, abs=0.03)


@pytest.mark.slow
def test_both_wrong_the_same_way_is_bounded_and_what_it_comes_to_is_told(heating):
    """No software can see it: both read half a degree low, the true core gets half a degree more.

    What bounds it is that power ends: by time, by skin and air. The hard-wired thermostat and a
    measurement by hand are the other half.
    """
    heating.nurse = Nurse(protocol="hold-5")  # somebody is there, and confirms it
    drift(heating, -0.05, "core-1", "core-2", up_to_c=0.5)
    core_c, skin_c, air_c = 0.0, 0.0, 0.0
    while heating.phase in HEATING:
        heating.step()
        truth = heating.plant.truth()
        core_c, skin_c = max(core_c, truth["core_temp_c"]), max(skin_c, truth["skin_temp_c_max"])
        air_c = max(air_c, truth["air_temp_c"])
        assert heating.now_s < 4 * 3600.0
    print(f"worst true core {core_c:.2f} °C, skin {skin_c:.1f} °C, air {air_c:.1f} °C")
    assert 38.8 < core_c < 39.2
    assert skin_c < 42.0
    assert air_c < 65.0
    assert stays_cold(heating, 60.0)
