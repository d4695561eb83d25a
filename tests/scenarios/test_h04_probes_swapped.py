"""H04: probes in each other's place, or in none."""

import re

import pytest

from tests.scenarios.people import answer, create, open_lines, start, stays_cold, why
from thermod.sim.probes import ProbeFaults, swap


def placement(world):
    """What the checklist says of the probes' places, after some seconds of it."""
    world.run(90.0)
    create(world)
    world.run(15.0)
    return open_lines(world).get("placement", "")


@pytest.mark.parametrize("skin", ["skin-1", "skin-2", "skin-3"])
@pytest.mark.parametrize("core", ["core-1", "core-2"])
def test_a_core_and_a_skin_probe_in_each_others_place_are_found_before_heat(idle, core, skin):
    """H04."""
    swap(idle.plant.probe(core), idle.plant.probe(skin))
    said = placement(idle)
    assert f"{core} reads" in said
    assert f"{skin} reads" in said
    assert "swapped" in said
    refused = answer(idle, start(idle))
    assert not refused.accepted
    assert stays_cold(idle, 30.0)


def test_a_skin_probe_that_hangs_in_the_room_is_found_before_heat(idle):
    """H04."""
    idle.plant.probe("skin-2").fail(ProbeFaults(stuck_at_c=23.5))
    assert "skin-2 reads 23.5 °C: it may not lie on the skin" in placement(idle)


def test_a_core_probe_that_reads_no_core_is_found_before_heat(idle):
    """H04."""
    for probe_id in ("core-1", "core-2"):
        idle.plant.probe(probe_id).fail(ProbeFaults(stuck_at_c=34.4))
    assert "core-1 reads 34.4 °C, which is no core at rest" in placement(idle)


def test_an_air_probe_that_reads_colder_than_the_room_is_found_before_heat(idle):
    """H04, H26: 8 °C low in a dome that is as warm as its room."""
    idle.plant.dome.air_temp_c = idle.plant.dome.lining_temp_c = idle.plant.dome.room_temp_c
    idle.plant.dome.element_temp_c = idle.plant.dome.room_temp_c
    idle.plant.probe("air-1").fail(ProbeFaults(offset_delta_c=-8.0))
    assert re.search(r"air-1 reads 16\.\d °C, colder than the room of 24.\d °C", placement(idle))


def test_probes_that_lie_where_they_should_get_their_tick(idle):
    assert placement(idle) == ""


def test_a_core_probe_moved_to_the_skin_under_heat_takes_power_and_is_named(heating):
    """H04: under heat it changes faster than a core can, and differs from its twin."""
    heating.plant.probe("core-2").fail(ProbeFaults(slipped_to="skin-hottest"))
    heating.run(60.0)
    assert "core-2" in heating.state.rows["core_probe_bad"].text
    assert heating.state.power_pct <= 50.0
    assert "core-2" in why(heating)
