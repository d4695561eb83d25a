"""What must outlive the guard: nothing is used that could not be written down."""

import pytest

from tests.guard.pretend import Drawer, Room
from thermod.guard.keeper import Keeper, keep
from thermod.guard.kept import Kept
from thermod.guard.said import Permit
from thermod.guard.tally import Tallies


@pytest.fixture
def drawer():
    return Drawer()


@pytest.fixture
def keeper(drawer):
    kept = Kept(epoch=6, latches=("stopped", "core_cutoff"))
    return Keeper("dome-1", kept, drawer, Tallies((), 0.0), 0.0)


def test_a_number_that_could_not_be_written_is_not_used(keeper, drawer):
    drawer.is_stuck = True
    assert keeper.use_epoch(7, 1.0) is False
    assert keeper.epoch == 6
    drawer.is_stuck = False
    assert keeper.use_epoch(7, 2.0) is True
    assert keeper.epoch == drawer.domes["dome-1"].epoch == 7


def test_a_latch_that_could_not_be_cleared_on_disk_stands(keeper, drawer):
    drawer.is_stuck = True
    assert keeper.clear(["stopped"], 1.0) is False
    assert keeper.latches == ("stopped", "core_cutoff")
    drawer.is_stuck = False
    assert keeper.clear(["stopped"], 2.0) is True
    assert keeper.latches == drawer.domes["dome-1"].latches == ("core_cutoff",)


def test_a_latch_falls_once_and_is_due_at_once(keeper, drawer):
    assert not keeper.is_due(1.0)
    keeper.latch("stopped")
    assert not keeper.has_changed  # it stands already
    keeper.latch("skin_cutoff")
    assert keeper.is_due(1.0)
    assert keep([keeper], drawer, 1.0) == []
    assert drawer.domes["dome-1"].latches == ("stopped", "core_cutoff", "skin_cutoff")
    assert not keeper.has_changed


def test_a_write_that_failed_is_tried_again_after_5_s(keeper, drawer):
    drawer.is_stuck = True
    keeper.latch("skin_cutoff")
    assert keep([keeper], drawer, 10.0) == [keeper]
    drawer.is_stuck = False
    assert keep([keeper], drawer, 14.9) == []
    assert drawer.writes == 0
    assert keep([keeper], drawer, 15.0) == []
    assert drawer.writes == 1


def test_with_a_full_disk_no_grant_is_ever_said():
    room = Room()
    room.run(seconds=3)
    room.drawer.is_stuck = True
    room.control.power_pct = 40.0
    room.arm(room.intent("start", {"target_c": 38.5}))
    room.run(seconds=2)
    assert not any(permit.granted for permit in room.heard(Permit))
    assert room.latches == ("state_lost",)


def test_nothing_is_written_while_nothing_changes(keeper, drawer):
    assert not keeper.is_due(3600.0)
    assert keep([keeper], drawer, 3600.0) == []
    assert drawer.writes == 0


@pytest.mark.parametrize(("at_s", "is_due"), [(59.9, False), (60.0, True)])
def test_dose_and_span_are_written_once_a_minute(drawer, at_s, is_due):
    tallies = Tallies((), 0.0)
    keeper = Keeper("dome-1", Kept(), drawer, tallies, 0.0)
    tallies.open("s-1", None, 0.0)
    tallies.skin("skin-1", 41.0, 10.0)
    assert keeper.is_due(at_s) is is_due


def test_what_a_person_asked_for_takes_everything_else_to_the_disk_with_it(keeper, drawer):
    keeper.latch("skin_cutoff")
    assert keeper.use_epoch(7, 1.0)
    assert "skin_cutoff" in drawer.domes["dome-1"].latches
    assert not keeper.is_due(1.0)
    drawer.is_stuck = True
    assert not keeper.use_epoch(8, 2.0)
    assert keeper.is_due(2.0)  # it is not forgotten that the disk has yet to take something
