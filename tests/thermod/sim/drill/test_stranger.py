"""The stranger of a drill says what he recorded, and knows a new voice from an old one."""

import asyncio
import contextlib

import orjson
import pytest

from thermod.sim.drill.deeds import Words
from thermod.sim.drill.stranger import LATE_CYCLES, SAYS_AT_ONCE, Stranger

OPENING = orjson.dumps({"intent_id": "i-1", "kind": "start", "controller_id": "c-1", "cycle": 90})


class Bus:
    """Remembers what was said."""

    def __init__(self):
        self.said = []

    def listen(self, listener):
        self.hear = lambda suffix, fields: listener("dome-1", suffix, orjson.dumps(fields))

    def say(self, dome, suffix, fields):
        self.repeat(dome, suffix, orjson.dumps(fields))

    def repeat(self, dome, suffix, payload, *, retain=False):
        self.said.append((suffix, orjson.loads(payload), retain))


class Staff:
    """They opened this epoch, and look at cycle 100."""

    def last_opening(self, dome):
        return OPENING

    def whom(self, dome, *, cycles_ago):
        return {"controller_id": "c-1", "cycle": 100 - cycles_ago}


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def stranger(bus):
    stranger = Stranger(bus, Staff())
    for tick in range(1, 31):
        bus.hear("node/state", {"boot_id": "9f31c2d4a5b60718", "tick": tick})
        bus.hear("guard/permit", {"guard_id": "g-1", "seq": tick})
        bus.hear("heater/command", {"seq": tick})
        bus.hear("heartbeat", {"controller_id": "c-1"})
    return stranger


async def said_by(stranger, bus, words, *, turns=1):
    task = asyncio.create_task(stranger.says(words, ["dome-1"]))
    for _ in range(turns):
        await asyncio.sleep(0)
    bus.hear("node/state", {"boot_id": "9f31c2d4a5b60718", "tick": 31})
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return bus.said


async def test_he_repeats_a_message_of_the_dome_the_moment_he_hears_it(stranger, bus):
    said = await said_by(stranger, bus, Words.REPEATED)
    assert [(suffix, fields["tick"]) for suffix, fields, _ in said] == [("node/state", 31)]
    bus.hear("node/state", {"boot_id": "9f31c2d4a5b60718", "tick": 32})
    assert len(said) == 1  # it has been taken away


async def test_he_replays_a_message_older_than_any_lease(stranger, bus):
    ((suffix, fields, _),) = await said_by(stranger, bus, Words.REPLAYED)
    assert suffix == "node/state"
    assert fields["tick"] <= 30 - 6


async def test_a_reading_of_the_future_names_the_dome_and_a_tick_far_ahead(stranger, bus):
    ((suffix, fields, _),) = await said_by(stranger, bus, Words.FUTURE)
    assert suffix == "sensor/core-1/reading"
    assert fields["boot_id"] == "9f31c2d4a5b60718"
    assert fields["tick"] > 30 + 6


async def test_what_is_planted_is_retained_and_never_a_stop(stranger, bus):
    said = await said_by(stranger, bus, Words.RETAINED)
    assert all(retain for _, _, retain in said)
    assert {suffix for suffix, _, _ in said} >= {"guard/permit", "heater/command", "intent"}
    assert "stop" not in {suffix for suffix, _, _ in said}


async def test_all_that_kept_up_the_old_epoch_is_said_again(stranger, bus, monkeypatch):
    monkeypatch.setattr("thermod.sim.drill.stranger.SAYS_EVERY_S", 0.0)
    said = await said_by(stranger, bus, Words.AUTHORITY, turns=8)
    again = [(suffix, fields["seq"]) for suffix, fields, _ in said]
    recorded = [(s, n) for s in ("guard/permit", "heater/command") for n in range(1, 31)]
    assert again[: len(recorded)] == recorded


async def test_he_never_says_so_much_at_once_that_it_would_be_a_flood(stranger, bus):
    assert len(await said_by(stranger, bus, Words.AUTHORITY)) == SAYS_AT_ONCE


async def test_an_intent_is_said_again_word_by_word(stranger, bus):
    ((suffix, fields, _),) = await said_by(stranger, bus, Words.INTENT_AGAIN)
    assert (suffix, fields) == ("intent", orjson.loads(OPENING))


async def test_a_late_intent_is_new_but_for_the_cycle_that_it_names(stranger, bus):
    ((_, fields, _),) = await said_by(stranger, bus, Words.INTENT_LATE)
    assert fields["kind"] == "resume"
    assert fields["intent_id"] != "i-1"
    assert fields["cycle"] == 100 - LATE_CYCLES


@pytest.mark.parametrize(
    ("suffix", "fields"),
    [("heartbeat", {"controller_id": "c-2"}), ("guard/permit", {"guard_id": "g-2", "seq": 1})],
)
def test_another_one_is_known_by_its_first_word_after_the_mark(stranger, bus, suffix, fields):
    stranger.mark()
    bus.hear("heartbeat", {"controller_id": "c-1"})
    assert stranger.others_word_ns("dome-1") is None
    bus.hear(suffix, fields)
    first_ns = stranger.others_word_ns("dome-1")
    assert first_ns is not None
    bus.hear(suffix, fields)
    assert stranger.others_word_ns("dome-1") == first_ns
    stranger.mark()
    bus.hear(suffix, fields)
    assert stranger.others_word_ns("dome-1") is None
