"""The infrared dome, empty or with a body of constant temperature in it."""

from copy import deepcopy
from dataclasses import dataclass
from math import inf, nan

import pytest

from thermod.sim.body import saturated_kpa
from thermod.sim.dome import Dome, DomeSpec


@dataclass
class Dummy:
    """A body that trades a fixed heat and water with the dome."""

    skin_temp_c: float = 36.0
    from_air_w: float = 0.0
    from_lining_w: float = 0.0
    sweat_evaporated_w: float = 0.0


EMPTY = DomeSpec(element_to_skin_w_per_k=0.0)


def heat(dome: Dome, heater_w: float, minutes: float, dt_s: float = 2.0, who=None) -> Dome:
    who = who or Dummy()
    for _ in range(round(minutes * 60.0 / dt_s)):
        dome.step(heater_w, who, dt_s)
    return dome


def test_full_power_brings_the_air_to_sixty_degrees_within_five_to_fifteen_minutes():
    dome = Dome(DomeSpec())
    assert heat(dome, 2000.0, minutes=5).air_temp_c < 60.0
    assert heat(dome, 2000.0, minutes=10).air_temp_c > 60.0


def test_in_the_end_the_heater_feeds_exactly_the_losses_to_the_room():
    dome = heat(Dome(EMPTY), 800.0, minutes=600, dt_s=10.0)
    wall_w = EMPTY.lining_to_room_w_per_k * (dome.lining_temp_c - dome.room_temp_c)
    leak_w = EMPTY.leak_m3_per_s * 1130.0 * (dome.air_temp_c - dome.room_temp_c)
    assert wall_w + leak_w == pytest.approx(800.0, rel=0.001)


def test_heat_is_neither_made_nor_lost_inside_the_dome():
    spec = DomeSpec(element_to_skin_w_per_k=0.0, lining_to_room_w_per_k=0.0, leak_m3_per_s=0.0)
    dome = heat(Dome(spec), 1000.0, minutes=10, dt_s=5.0)
    stored_j = (
        spec.element_j_per_k * (dome.element_temp_c - 24.0)
        + spec.lining_j_per_k * (dome.lining_temp_c - 24.0)
        + spec.air_j_per_k * (dome.air_temp_c - 24.0)
    )
    assert stored_j == pytest.approx(1000.0 * 600.0, rel=1e-6)


def test_the_stored_heat_keeps_the_dome_warm_ten_minutes_after_heat_off():
    dome = heat(Dome(DomeSpec()), 900.0, minutes=90)
    before_c = dome.air_temp_c
    heat(dome, 0.0, minutes=10)
    assert before_c - 20.0 < dome.air_temp_c < before_c - 5.0


def test_the_dome_cannot_cool_below_the_room():
    dome = heat(Dome(DomeSpec()), 2000.0, minutes=30)
    heat(dome, 0.0, minutes=900, dt_s=10.0, who=Dummy(skin_temp_c=24.0))
    assert dome.air_temp_c == pytest.approx(24.0, abs=0.05)
    assert min(dome.air_temp_c, dome.lining_temp_c, dome.element_temp_c) >= 24.0


def test_an_open_contactor_lets_no_power_through_whatever_is_wanted():
    dome = Dome(DomeSpec())
    dome.contactor_closed = False
    heat(dome, 2000.0, minutes=5)
    assert dome.heater_w == 0.0
    assert dome.air_temp_c < 24.5


@pytest.mark.parametrize(("gain", "true_w"), [(0.7, 1400.0), (1.0, 2000.0), (1.3, 2600.0)])
def test_a_heater_off_its_rating_gives_its_share_of_what_is_wanted(gain, true_w):
    dome = Dome(DomeSpec())
    dome.heater_gain = gain
    dome.step(2000.0, Dummy(), 0.5)
    assert dome.heater_w == pytest.approx(true_w)


def test_no_more_than_rated_power_flows():
    dome = Dome(DomeSpec())
    dome.step(inf, Dummy(), 0.5)
    assert dome.heater_w == 2000.0


@pytest.mark.parametrize("wanted_w", [nan, -1.0, -inf])
def test_a_power_that_is_none_is_the_callers_fault(wanted_w):
    with pytest.raises(ValueError, match="not a power"):
        Dome(DomeSpec()).step(wanted_w, Dummy(), 0.5)


def test_an_open_lid_costs_the_air_ten_degrees_in_two_minutes():
    dome = heat(Dome(DomeSpec()), 900.0, minutes=60)
    shut_c = heat(deepcopy(dome), 0.0, minutes=2).air_temp_c
    dome.lid_open = True
    heat(dome, 0.0, minutes=2)
    assert dome.air_temp_c < shut_c - 10.0
    assert dome.radiant_temp_c < dome.lining_temp_c - 5.0


def test_under_an_open_lid_the_body_radiates_to_the_room_instead_of_the_lining():
    spec = DomeSpec(lid_view=1.0)
    alone, with_body = Dome(spec), Dome(spec)
    alone.lid_open = with_body.lid_open = True
    heat(alone, 500.0, minutes=5)
    heat(with_body, 500.0, minutes=5, who=Dummy(from_lining_w=-200.0))
    assert with_body.lining_temp_c == alone.lining_temp_c


def test_after_the_lid_is_shut_the_warm_lining_heats_the_air_again():
    dome = heat(Dome(DomeSpec()), 900.0, minutes=60)
    dome.lid_open = True
    heat(dome, 0.0, minutes=3)
    opened_c = dome.air_temp_c
    dome.lid_open = False
    heat(dome, 0.0, minutes=2)
    assert dome.air_temp_c > opened_c + 5.0


def test_without_the_fan_the_elements_run_hotter_and_radiate_more_at_the_skin():
    stirred, still = Dome(DomeSpec()), Dome(DomeSpec())
    still.fan_running = False
    heat(stirred, 700.0, minutes=30)
    heat(still, 700.0, minutes=30)
    assert still.element_temp_c > stirred.element_temp_c + 5.0
    assert still.heater_to_skin_w > stirred.heater_to_skin_w


def test_sweat_wets_the_air_until_the_leak_carries_it_off():
    dome = heat(Dome(DomeSpec()), 700.0, minutes=60, who=Dummy(sweat_evaporated_w=60.0))
    assert 4.0 < dome.vapour_kpa < 7.0


def test_a_sealed_dome_condenses_on_its_lining_and_is_never_far_above_saturation():
    sealed = Dome(DomeSpec(leak_m3_per_s=0.0))
    heat(sealed, 300.0, minutes=120, who=Dummy(sweat_evaporated_w=60.0))
    assert sealed.vapour_kpa < saturated_kpa(sealed.lining_temp_c) + 0.2


def test_ten_second_steps_stay_stable_through_lid_fan_and_full_power():
    fine, coarse = Dome(DomeSpec()), Dome(DomeSpec())
    wet = Dummy(from_air_w=50.0, from_lining_w=40.0, sweat_evaporated_w=100.0)
    for heater_w, is_open, runs in [
        (2000.0, False, True),
        (2000.0, True, True),
        (0.0, True, False),
        (2000.0, False, False),
    ]:
        for dome, dt_s in ((fine, 0.5), (coarse, 10.0)):
            dome.lid_open, dome.fan_running = is_open, runs
            heat(dome, heater_w, minutes=10, dt_s=dt_s, who=wet)
        assert coarse.air_temp_c == pytest.approx(fine.air_temp_c, abs=0.5)
        assert coarse.vapour_kpa == pytest.approx(fine.vapour_kpa, abs=0.2)
