"""The detailed body: JOS-3 where JOS-3 holds, and what a dome asks of it besides."""

from copy import deepcopy
from dataclasses import dataclass

import jos3
import numpy as np
import pytest
from jos3 import thermoregulation as regulation

from thermod.sim import jos3_body
from thermod.sim.body import saturated_kpa
from thermod.sim.jos3_body import Jos3Body, PersonSpec
from thermod.sim.patients import nominal

IN_THE_OPEN = {"exposed_share": 1.0, "cover_clo": 0.0, "rectal_perfusion": 1.0}


@dataclass
class Climate:
    air_temp_c: float = 38.0
    radiant_temp_c: float = 38.0
    vapour_kpa: float = 2.5
    room_temp_c: float = 38.0
    room_vapour_kpa: float = 2.5
    stirring: float = 1.0
    heater_to_skin_w: float = 0.0


def body(**spec) -> Jos3Body:
    return Jos3Body(PersonSpec(**spec))


def spend(body: Jos3Body, climate: Climate, minutes: float, dt_s: float = 10.0) -> Jos3Body:
    for _ in range(round(minutes * 60.0 / dt_s)):
        body.step(climate, dt_s)
    return body


@pytest.mark.parametrize(
    "person",
    [
        {"height_m": 1.72, "mass_kg": 74.43, "fat_pct": 15.0, "age_years": 20, "sex": "male"},
        {"height_m": 1.60, "mass_kg": 52.0, "fat_pct": 31.0, "age_years": 67, "sex": "female"},
    ],
)
def test_in_a_warm_room_it_is_jos3_to_the_last_digits(person):
    theirs = jos3.JOS3(*person.values())
    theirs.options["nonshivering_thermogenesis"] = False
    theirs.posture, theirs.PAR, theirs.Va, theirs.To = "lying", 1.2, 0.1, 40.0
    theirs.RH = 100.0 * 2.5 / regulation.antoine(40.0)
    ours = body(**person, **IN_THE_OPEN, activity=1.2, rest_temp_c=float(theirs.Tcr[4]))
    climate = Climate(40.0, 40.0, 2.5, 40.0, 2.5)
    for _ in range(60):
        theirs.simulate(1, 5.0, output=False)
        ours.step(climate, 5.0)
    assert ours.rectal_temp_c == pytest.approx(float(theirs.Tcr[4]), abs=1e-9)
    assert ours.core_temp_c == pytest.approx(float(theirs.Tcb), abs=1e-9)


def evaporated_by_jos3_w(core_above_c: float) -> float:
    """Into air of 45 °C that is saturated, from skin at 37 °C."""
    above_c = (np.full(17, core_above_c), np.zeros(17))
    skin_c, air_c, wet_pct = np.full(17, 37.0), np.full(17, 45.0), np.full(17, 100.0)
    _, evaporated_w, *_ = regulation.evaporation(*above_c, skin_c, air_c, wet_pct, 0.02)
    return float(evaporated_w.sum())


def test_into_air_wetter_than_the_skin_nothing_evaporates_and_jos3_errs_both_ways():
    assert evaporated_by_jos3_w(0.0) < -10.0  # no sweat: the skin is heated
    assert evaporated_by_jos3_w(1.0) > 200.0  # sweat: all of it leaves, into air that takes none

    ours = body(**IN_THE_OPEN)
    spend(ours, Climate(38.0, 38.0, saturated_kpa(45.0), 38.0, 2.5), minutes=20.0)
    assert ours.sweat_evaporated_w == 0.0
    spend(ours, Climate(38.0, 38.0, 2.5, 38.0, 2.5), minutes=20.0)
    assert ours.sweat_evaporated_w > 20.0


def test_sweat_wets_the_dome_and_condenses_on_its_lining_so_the_air_stays_below_skin_saturation():
    plant = nominal(0)
    for _ in range(540):
        plant.step(900.0, 10.0)
    dome, skin_kpa = plant.dome, saturated_kpa(plant.body.skin_temp_c)
    assert 2.0 * dome.room_vapour_kpa < dome.vapour_kpa < skin_kpa
    assert plant.body.sweat_evaporated_w > 0.0


def test_what_the_dome_gives_the_body_gains():
    ours = body()
    other = deepcopy(ours)
    warm, hot = Climate(38.0, 38.0), Climate(50.0, 50.0)
    ours.step(warm, 5.0)
    other.step(hot, 5.0)
    stored_j = float(ours._heat_j_per_k @ (other._temp_c - ours._temp_c))
    given_w = (other.from_air_w + other.from_lining_w) - (ours.from_air_w + ours.from_lining_w)
    assert given_w > 50.0
    assert stored_j == pytest.approx(5.0 * given_w, rel=0.02)  # the rest: still air carries more


def test_head_and_neck_lie_in_the_room():
    cool, warm = Climate(45.0, 45.0, 4.0, 20.0, 1.0), Climate(45.0, 45.0, 4.0, 30.0, 1.0)
    assert spend(body(), cool, 40.0).core_temp_c < spend(body(), warm, 40.0).core_temp_c - 0.05


def test_who_sweats_less_warms_faster_and_who_is_covered_slower():
    climate = Climate(52.0, 50.0, 3.0, 24.0, 1.3)
    usual = spend(body(), climate, 40.0).rectal_temp_c
    assert spend(body(sweat_share=0.2), climate, 40.0).rectal_temp_c > usual + 0.05
    assert spend(body(cover_clo=0.6), climate, 40.0).rectal_temp_c < usual - 0.03


def test_the_rectal_site_follows_the_blood_the_later_the_less_blood_it_gets():
    climate = Climate(55.0, 52.0, 4.0, 24.0, 1.3)
    trail_c = []
    for perfusion in (1.4, 0.9, 0.4):
        warmed = spend(body(rectal_perfusion=perfusion), climate, 40.0)
        trail_c.append(warmed.core_temp_c - warmed.rectal_temp_c)
    assert trail_c == sorted(trail_c)
    assert trail_c[-1] > trail_c[0] + 0.1


def test_the_hottest_site_is_above_the_skin_and_follows_with_a_lag():
    ours = body()
    ours.step(Climate(55.0, 55.0, heater_to_skin_w=100.0), 5.0)
    first_c = ours.hottest_skin_temp_c
    spend(ours, Climate(55.0, 55.0, heater_to_skin_w=100.0), 10.0)
    assert ours.hottest_skin_temp_c > first_c + 1.0
    assert ours.hottest_skin_temp_c > ours.skin_temp_c + 0.5


def test_steps_shorter_than_its_own_are_saved_up():
    often, seldom = body(), body()
    for _ in range(20):
        often.step(Climate(50.0, 50.0), 0.5)
    spend(seldom, Climate(50.0, 50.0), 10.0 / 60.0, dt_s=5.0)
    assert often.core_temp_c == seldom.core_temp_c
    assert often.rectal_temp_c == seldom.rectal_temp_c


@pytest.mark.slow
def test_solving_each_5_s_costs_less_than_5_mk_of_core(monkeypatch):
    """Against steps of 1 s, over a heat-up with an open lid. PATIENTS.md quotes the figures."""
    fine = _course(1.0, monkeypatch)
    assert fine[-1] > 38.0
    for step_s, within_c in ((5.0, 0.005), (10.0, 0.010)):
        coarse = _course(step_s, monkeypatch)
        assert max(abs(one - other) for one, other in zip(coarse, fine, strict=True)) < within_c


def _course(step_s: float, monkeypatch) -> list[float]:
    monkeypatch.setattr(jos3_body, "STEP_S", step_s)
    plant, core = nominal(3), []
    for n in range(2 * 5400):
        plant.lid_open = 4800 <= n < 5160
        plant.step(0.0 if plant.lid_open else 1100.0, 0.5)
        if n % 120 == 119:
            core.append(plant.truth()["core_temp_c"])
    return core
