"""Readings of hardware that speaks otherwise, bound by topic and pointer."""

from __future__ import annotations

from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard.pretend import PROBES, Room
from thermod.guard.foreign import decode_foreign, is_pointer
from thermod.guard.hear import hear_foreign
from thermod.guard.heard import Refusal
from thermod.guard.specs import DomeSpec, ProbeSpec

TASMOTA = b'{"Time":"x","DS18B20-1":{"Id":"00","Temperature":36.9},"a/b":{"m~n":[7,38.25]}}'


@pytest.mark.parametrize(
    ("payload", "temp_c"), [(b"37.5", 37.5), (b" -3 \n", -3.0), (b"+4e1", 40.0), (b"037.25", 37.25)]
)
def test_a_plain_number_is_read(payload, temp_c):
    assert decode_foreign(payload, "number", "") == temp_c


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nan",
        b"NaN",
        b"inf",
        b"-Infinity",
        b"1_0",
        b"0x10",
        b"37,5",
        b"37.5 C",
        b"\xff",
        b"1" * 99,
    ]
    + [b"1e400", b"9" * 5_000_000],
)
def test_what_is_no_number_is_refused(payload):
    assert isinstance(decode_foreign(payload, "number", ""), Refusal)


@pytest.mark.parametrize(
    ("pointer", "temp_c"), [("/DS18B20-1/Temperature", 36.9), ("/a~1b/m~0n/1", 38.25)]
)
def test_a_pointer_finds_its_number(pointer, temp_c):
    assert decode_foreign(TASMOTA, "json", pointer) == temp_c


@pytest.mark.parametrize(
    "pointer", ["/nothing", "/Time", "/DS18B20-1", "/a~1b/m~0n/2", "/a~1b/m~0n/-1", "/a~1b/m~0n/01"]
)
def test_a_pointer_to_no_number_is_refused(pointer):
    assert isinstance(decode_foreign(TASMOTA, "json", pointer), Refusal)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "true", "null", "1" + "0" * 400])
def test_a_pointed_number_must_be_one(number):
    refusal = decode_foreign(b'{"t": %s}' % number.encode(), "json", "/t")
    assert isinstance(refusal, Refusal)


@pytest.mark.parametrize("number", [b"1e9", b"-1e9", b"1000000000", b"-1000000000"])
def test_a_pointed_number_of_a_thousand_million_is_out_of_all_bounds(number):
    assert decode_foreign(b"[%s]" % number, "json", "/0").kind == "reading_not_finite"


@pytest.mark.parametrize("temp_c", [999_999_999.0, -999_999_999.0])
def test_a_pointed_number_below_it_is_one(temp_c):
    assert decode_foreign(b"[%d]" % temp_c, "json", "/0") == temp_c


def test_a_refusal_names_the_step_that_leads_nowhere():
    refusal = decode_foreign(TASMOTA, "json", "/DS18B20-1/Humidity")
    assert refusal == Refusal("reading_malformed", "there is no Humidity in the message")


@pytest.mark.parametrize(
    ("payload", "codec", "pointer"), [(b"37.5", "number", ""), (b'{"t":37.5}', "json", "/t")]
)
def test_a_foreign_message_of_4096_bytes_is_read_and_of_one_more_is_not(payload, codec, pointer):
    longest = payload.ljust(4096)
    assert decode_foreign(longest, codec, pointer) == 37.5
    assert decode_foreign(longest + b" ", codec, pointer).kind == "reading_too_large"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *[(text, True) for text in ("/t", "/a~1b/m~0n/1", "/", "/~01")],
        *[(text, False) for text in ("", "t", "t/u", "/a~", "/a~2b", "/a~1b/m~n")],
    ],
)
def test_a_pointer_begins_with_a_slash_and_a_tilde_in_it_means_something(text, is_one):
    assert is_pointer(text) is is_one


@given(st.binary(max_size=80), st.sampled_from(["number", "json"]))
def test_no_bytes_raise(payload, codec):
    seen = decode_foreign(payload, codec, "/a/0")
    assert isinstance(seen, Refusal) or isfinite(seen)


@pytest.fixture
def mixed():
    """A dome with one foreign core probe and one foreign air probe beside its own."""
    probes = [ProbeSpec(name, role) for name, role in PROBES.items() if name != "air-1"]
    foreign = [
        ProbeSpec("core-x", "core", topic="lab/core", codec="number"),
        ProbeSpec("air-x", "air", topic="lab/air", codec="number"),
    ]
    room = Room(spec=DomeSpec("dome-1", (*probes, *foreign)))
    del room.node.temps_c["air-1"]
    room.foreign = {probe.probe_id: probe for probe in foreign}
    return room


def say(room, probe_id, payload, *, retained=False):
    hear_foreign(room.guard, room.foreign[probe_id], payload, retained, room.now_s)
    room.look()


def test_a_foreign_air_probe_is_enough(mixed):
    for _ in range(8):
        say(mixed, "air-x", b"50.0")
        mixed.run(seconds=0.5)
    mixed.arm(mixed.intent("start", {"target_c": 38.5}))
    assert mixed.granted


def test_a_foreign_core_probe_is_never_the_only_one(mixed):
    del mixed.node.temps_c["core-1"], mixed.node.temps_c["core-2"]
    for _ in range(8):
        say(mixed, "core-x", b"37.0")
        say(mixed, "air-x", b"50.0")
        mixed.run(seconds=0.5)
    assert mixed.broken == ("core_fresh",)


def test_a_foreign_core_probe_above_the_limit_trips_all_the_same(mixed):
    mixed.run(seconds=1)
    say(mixed, "core-x", b"39.3")
    say(mixed, "core-x", b"39.3")
    assert mixed.latches == ("core_cutoff",)


def test_a_retained_or_unreadable_foreign_reading_is_never_fresh(mixed):
    mixed.run(seconds=1)
    say(mixed, "air-x", b"50.0", retained=True)
    assert "air_fresh" in mixed.broken
    assert mixed.refused("reading_retained") == 1
    say(mixed, "air-x", b"50.0")
    assert "air_fresh" not in mixed.broken
    say(mixed, "air-x", b"nan")  # what ESPHome says of a broken probe
    assert "air_fresh" in mixed.broken
    assert mixed.refused("reading_malformed") == 1
