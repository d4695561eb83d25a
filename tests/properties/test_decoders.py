"""H07, H19: whatever arrives becomes a value within its bounds or a refusal; nothing raises."""

import math
from dataclasses import fields, is_dataclass

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.messages import BOOT_ID, GOOD, spoilt
from thermod import bindings, wire
from thermod.state import Binding

CASES = 1500  # of each kind: more than 10,000 in all
INTEGER_MAX = 2**31 - 1


def reading(payload):
    return wire.decode_reading(
        *("core-1", payload), retained=False, received_s=1.0, boot_id=BOOT_ID, newest_tick=1042
    )


DECODERS = {
    "reading": reading,
    "node_state": lambda p: wire.decode_node_state(p, retained=False, received_s=1.0),
    "permit": lambda p: wire.decode_permit(p, retained=False, received_s=1.0),
    "challenge": lambda p: wire.decode_challenge(p, retained=False),
    "guard_state": lambda p: wire.decode_guard_state(p, received_s=1.0),
    "intent": lambda p: wire.decode_intent(p, retained=False, received_s=1.0, reply_to=None),
    "stop": lambda p: wire.decode_stop(p, received_s=1.0),
    "speaker": wire.decode_controller_id,
}
BOUNDS = {"applied_pct": (0.0, 100.0), "rated_w": (0.0, 20000.0), "window_s": (0.0, 60.0)}


def numbers(value, name=""):
    """Every number in a decoded value, with the name of its field."""
    if isinstance(value, bool) or value is None or isinstance(value, str | bytes):
        return
    if isinstance(value, int | float):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from numbers(each, str(key))
    elif is_dataclass(value):
        for field in fields(value):
            yield from numbers(getattr(value, field.name), field.name)
    elif hasattr(value, "_fields"):
        for key in value._fields:
            yield from numbers(getattr(value, key), key)
    else:
        for each in value:
            yield from numbers(each, name)


@pytest.mark.parametrize("kind", DECODERS)
def test_the_well_formed_message_is_understood(kind):
    decoded = DECODERS[kind](orjson.dumps(GOOD[kind]))
    assert not isinstance(decoded, wire.Refused), decoded
    assert list(numbers(decoded)) or isinstance(decoded, str)


@pytest.mark.parametrize("kind", DECODERS)
def test_no_spoilt_message_raises_or_lets_a_bad_number_through(kind):
    """H07."""
    refused = 0
    for payload in spoilt(kind, CASES, seed=1):
        decoded = DECODERS[kind](payload)
        refused += isinstance(decoded, wire.Refused) or hasattr(decoded, "why")
        for name, number in numbers(decoded):
            assert math.isfinite(number), (name, payload)
            low, high = BOUNDS.get(name, (-math.inf, math.inf))
            assert low <= number <= high, (name, payload)
            if isinstance(number, int) and name not in ("tick_lag", "target_c"):
                assert 0 <= number <= INTEGER_MAX, (name, payload)
    if kind != "stop":  # which stops whatever it says
        assert refused > CASES / 10


@settings(max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_no_bytes_raise(payload):
    for decode in DECODERS.values():
        decode(payload)
    assert wire.decode_stop(payload, received_s=1.0).stop_id  # anything stops


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
