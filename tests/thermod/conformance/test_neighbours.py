"""The kit takes the place of control and guard, so it notices whoever else is there."""

import json

import pytest

from thermod.conformance.neighbours import Neighbours


@pytest.mark.parametrize(
    ("suffix", "process"),
    [
        ("heartbeat", "control"),
        ("heater/command", "control"),
        ("state", "control"),
        ("guard/challenge", "guard"),
        ("guard/permit", "guard"),
    ],
)
def test_a_live_control_or_guard_is_found_by_what_it_says(suffix, process):
    neighbours = Neighbours("dome-1")
    neighbours.hear(suffix, b"{}", retained=False)
    assert set(neighbours.found) == {process}


def test_what_the_broker_kept_of_a_process_that_is_gone_does_not_count():
    neighbours = Neighbours("dome-1")
    neighbours.hear("guard/state", b'{"guard_id": "g-1"}', retained=True)
    neighbours.hear("stop", b'{"stop_id": "s-1"}', retained=True)
    assert neighbours.found == {}
    assert neighbours.stopped_by is None


def test_our_own_words_handed_back_by_the_broker_are_not_somebody_else():
    neighbours = Neighbours("dome-1")
    neighbours.say("guard/permit", b"not even JSON")
    neighbours.say("stop", b"")
    neighbours.hear("guard/permit", b"not even JSON", retained=False)
    neighbours.hear("stop", b"", retained=False)
    assert neighbours.found == {}
    assert neighbours.stopped_by is None


def test_a_stop_of_somebody_else_is_told_by_name():
    neighbours = Neighbours("dome-1")
    neighbours.hear("stop", b'{"stop_id": "s-1", "by": "nurse-7"}', retained=False)
    assert neighbours.stopped_by == "nurse-7"


def test_an_unreadable_stop_is_a_stop():
    neighbours = Neighbours("dome-1")
    neighbours.hear("stop", b"\xff", retained=False)
    assert neighbours.stopped_by is not None


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ({"online": True, "process": "guard", "domes": ["dome-1"]}, True),
        ({"online": True, "process": "control", "domes": ["dome-1", "dome-2"]}, True),
        ({"online": True, "process": "control"}, True),
        ({"online": False, "process": "guard", "domes": ["dome-1"]}, False),
        ({"online": True, "process": "guard", "domes": ["dome-2"]}, False),
        ({"online": True, "process": "gateway", "domes": ["dome-1"]}, False),
    ],
)
def test_a_process_that_hangs_is_found_by_its_status(status, found):
    neighbours = Neighbours("dome-1")
    neighbours.hear_status(json.dumps(status).encode())
    assert bool(neighbours.found) is found
