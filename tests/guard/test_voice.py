"""When the guard speaks, to the beat: heard at the pace of the guard's own looks."""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room
from thermod.guard.said import Challenge, GuardState, Permit
from thermod.guard.standing import Standing
from thermod.guard.voice import Constants, Voice

GRANTS = Standing(
    granted=True,
    ended=False,
    why="all holds",
    annunciate=False,
    epoch=1,
    permit_controller_id="c-1",
    scope="session",
    broken=(),
    tripped_by=(),
    stop_id=None,
    controller_id="c-1",
)
WITHHOLDS = GRANTS._replace(granted=False, why="withheld", broken=("lid_closed",))
ENDED = WITHHOLDS._replace(ended=True, why="no epoch is open")
EIGHTH_S = 0.125  # exact in binary, so that a time that is due is met to the bit


class Ear:
    """Hears all that is said, with when it was said."""

    def __init__(self) -> None:
        self.voice = Voice(Constants("g-1", {}, {}, ""), lambda: "1f9a03bc")
        self.senses = Room().guard.senses
        self.now_s = 0.0

    def looks(self, standing, seconds, step_s=EIGHTH_S):
        """When each kind of message was said; the first look is now."""
        said = {Permit: [], GuardState: [], Challenge: []}
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            for message in self.voice.say(standing, self.senses, self.now_s):
                said[type(message)].append(self.now_s)
            self.now_s += step_s
        return said


@pytest.fixture
def ear() -> Ear:
    return Ear()


def test_what_never_changes_is_said_by_the_beat(ear):
    said = ear.looks(GRANTS, 10.125)
    assert said[Permit] == [0.5 * n for n in range(21)]
    assert said[Challenge] == said[Permit]
    assert said[GuardState] == [0.0, 5.0, 10.0]


def test_a_late_look_is_not_caught_up_with_and_the_beat_goes_on_from_it(ear):
    ear.looks(GRANTS, 1.0)  # said at 0.0 and 0.5; due at 1.0
    ear.now_s = 1.5  # one whole beat late: the next one is a beat from now
    assert ear.looks(GRANTS, 0.625)[Permit] == [1.5, 2.0]


def test_a_look_that_is_a_little_late_moves_no_beat(ear):
    ear.looks(GRANTS, 1.0)
    ear.now_s = 1.375
    assert ear.looks(GRANTS, 0.75)[Permit] == [1.375, 1.5, 2.0]


def test_a_change_is_said_at_once_and_moves_no_beat(ear):
    ear.looks(ENDED, 0.75)
    said = ear.looks(GRANTS, 0.75)
    assert said[Permit] == [0.75, 1.0]
    assert said[GuardState] == [0.75]
    assert said[Challenge] == [1.0]


def test_a_revoke_is_repeated_each_tenth_of_a_second_for_one_second(ear):
    ear.looks(GRANTS, 1.0)
    said = ear.looks(WITHHOLDS, 2.0, step_s=0.0625)
    assert said[Permit] == [1.0, *(1.0 + 0.125 * n for n in range(1, 9)), 2.5]


def test_a_revoke_that_is_taken_back_within_that_second_is_not_repeated(ear):
    ear.looks(GRANTS, 1.0)
    ear.looks(WITHHOLDS, 0.25)
    assert ear.looks(GRANTS, 1.0)[Permit] == [1.25, 1.75]


def test_what_was_withheld_all_the_time_is_not_repeated_when_its_reason_changes(ear):
    ear.looks(WITHHOLDS, 1.0)
    assert ear.looks(ENDED, 1.0)[Permit] == [1.0, 1.5]


def test_a_grant_that_stays_a_grant_is_not_repeated_when_its_words_change(ear):
    ear.looks(GRANTS, 1.0)
    assert ear.looks(GRANTS._replace(annunciate=True), 1.0)[Permit] == [1.0, 1.5]


def test_permits_are_numbered_from_one_in_each_epoch(ear):
    def seqs(standing):
        said = ear.voice.say(standing, ear.senses, ear.now_s)
        ear.now_s += 0.5
        return [message.seq for message in said if isinstance(message, Permit)]

    assert [*seqs(ENDED), *seqs(ENDED)] == [1, 2]
    opened = GRANTS._replace(epoch=2)
    assert [*seqs(opened), *seqs(opened)] == [1, 2]
