"""H03, H22: a core that rises faster than any heat should make it, as the guard sees it."""

from tests.guard.pretend import Room

FAST_C_PER_MIN = 0.08  # the guard trips from 0.07 on


def rising(room, minutes, c_per_min):
    for _ in range(round(minutes * 120)):
        for name in ("core-1", "core-2"):
            room.node.temps_c[name] += c_per_min / 120.0
        room.run(seconds=0.5, looks=1)


def test_under_heat_it_withholds_and_trips_after_ten_minutes_to_see_it_and_five_to_be_sure():
    room = Room()
    room.start()
    rising(room, 14.0, FAST_C_PER_MIN)
    assert room.granted
    rising(room, 3.0, FAST_C_PER_MIN)
    assert room.latches == ("core_rise_cutoff",)
    assert room.ended


def test_where_nobody_heats_no_heat_is_blamed_for_it():
    room = Room()
    room.run(seconds=3)
    rising(room, 17.0, FAST_C_PER_MIN)
    assert room.latches == ()
    assert room.broken == ()


def test_its_latch_cannot_be_reset_while_the_core_still_rises_as_fast():
    room = Room()
    room.start()
    rising(room, 17.0, FAST_C_PER_MIN)
    room.intent("reset", {"latches": ["core_rise_cutoff"]}, reason="looked at the patient")
    assert room.latches == ("core_rise_cutoff",)
    assert room.refused("reset_while_it_stands") == 1
    rising(room, 5.0, 0.0)
    room.intent("reset", {"latches": ["core_rise_cutoff"]}, reason="looked at the patient")
    assert room.latches == ()
