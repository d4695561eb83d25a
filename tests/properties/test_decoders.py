"""H07, H19: whatever arrives becomes a value within its bounds or a refusal; nothing raises."""

import json
import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.decoders import DECODERS, Decoder
from tests.properties.fuzz import fuzz
from tests.properties.messages import BOOT_ID, GOOD
from thermod import bindings, wire
from thermod.state import Binding

CASES = 400  # of each decoder: more than 10,000 in all; `make soak` does two million


def name_of(decoder):
    return decoder.name


@pytest.mark.parametrize("decoder", DECODERS, ids=name_of)
def test_the_well_formed_message_is_understood(decoder):
    assert decoder.read(json.dumps(GOOD[decoder.kind]).encode()) is not None


@pytest.mark.parametrize("decoder", DECODERS, ids=name_of)
def test_no_spoilt_message_raises_or_lets_a_bad_value_through(decoder):
    """H07."""
    tally = fuzz(decoder, CASES, seed=1)
    assert tally.cases == CASES
    if decoder.takes_all:  # STOP stops whatever it says
        assert tally.refused == 0
    else:
        assert CASES / 4 < tally.refused < CASES


@pytest.mark.parametrize(
    ("kind", "careless"),
    [
        ("reading", json.loads),  # takes NaN and any integer, and raises what it does not declare
        ("stop", lambda payload: {"stop_id": payload.decode("utf-8", "replace")}),
        ("plain_number", lambda payload: float(payload.split()[0] if payload.split() else b"0")),
    ],
)
def test_a_careless_decoder_is_found_out(kind, careless):
    with pytest.raises((AssertionError, ValueError)):
        fuzz(Decoder("careless", kind, careless, bounds={}), 200, seed=1)


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_no_bytes_raise(payload):
    for decoder in DECODERS:
        found = decoder.read(payload)
        assert found is not None or not decoder.takes_all  # anything stops


@pytest.mark.parametrize("kind", ["reading", "node_state", "permit", "challenge", "intent"])
def test_what_the_broker_kept_is_refused(kind):
    payload = orjson.dumps(GOOD[kind])
    retained = {
        "reading": lambda: wire.decode_reading(
            *("core-1", payload), retained=True, received_s=1.0, boot_id=BOOT_ID, newest_tick=1042
        ),
        "node_state": lambda: wire.decode_node_state(payload, retained=True, received_s=1.0),
        "permit": lambda: wire.decode_permit(payload, retained=True, received_s=1.0),
        "challenge": lambda: wire.decode_challenge(payload, retained=True),
        "intent": lambda: wire.decode_intent(payload, retained=True, received_s=1.0, reply_to=None),
    }[kind]()
    assert "retained" in retained.why


CODEC_PAYLOADS = st.one_of(
    st.binary(max_size=60),
    st.floats().map(lambda number: str(number).encode()),
    st.sampled_from([b"nan", b"inf", b"1e400", b"9" * 4000, b"--1", b"1.2.3", b"", b" 37.5 \n"]),
    st.sampled_from([b'{"a":{"b":[1,37.5]}}', b'{"a":"37.5"}', b'{"a":true}', b"[]", b"{"]),
)


@settings(max_examples=300)
@given(
    payload=CODEC_PAYLOADS,
    codec=st.sampled_from(["number", "json"]),
    pointer=st.sampled_from(["/a", "/a/b/1", "/a/b/-1", "/", "", "/a/b/x", "/~0~1"]),
)
def test_no_foreign_message_raises_or_gives_a_number_that_is_none(payload, codec, pointer):
    binding = Binding("air-1", "other/topic", codec, pointer)
    found = bindings.decode(binding, payload, retained=False, seq=1, received_s=1.0)
    if not hasattr(found, "why"):
        assert math.isfinite(found.temp_c)
        assert found.tick_lag is None  # nothing proves when it was taken


@pytest.mark.parametrize(
    ("codec", "pointer", "payload", "temp_c"),
    [
        ("number", "", b" 37.61 \n", 37.61),
        ("number", "", b"-4", -4.0),
        ("json", "/temperature", b'{"temperature": 37.5}', 37.5),
        ("json", "/sensors/1/DS18B20/t", b'{"sensors":[0,{"DS18B20":{"t":21}}]}', 21.0),
        ("json", "/a~1b/m~0n", b'{"a/b":{"m~n":1.5}}', 1.5),
    ],
)
def test_foreign_messages_are_read_by_their_codec(codec, pointer, payload, temp_c):
    binding = Binding("air-1", "other/topic", codec, pointer)
    found = bindings.decode(binding, payload, retained=False, seq=7, received_s=2.0)
    assert (found.temp_c, found.seq, found.received_s) == (temp_c, 7, 2.0)
