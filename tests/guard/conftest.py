"""What the guard's tests share."""

from __future__ import annotations

import pytest

from tests.guard.pretend import Room


@pytest.fixture
def room() -> Room:
    """Everything is well, and no epoch is open."""
    return Room()


@pytest.fixture
def session(room: Room) -> Room:
    """A session under way: granted, heating, two seconds old."""
    room.start()
    assert room.granted, room.broken
    assert room.node.measured_w == 800.0
    return room
