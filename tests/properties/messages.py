"""Well-formed messages by kind, and ways to spoil them. Seeded: a failure comes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

BOOT_ID = "9f31c2d4a5b60718"

GOOD: dict[str, Any] = {
    "reading": {"boot_id": BOOT_ID, "seq": 481, "tick": 1042, "temp_c": 37.612},
    "node_state": {
        **{"boot_id": BOOT_ID, "tick": 1042, "applied_pct": 41.0, "measured_w": 820.0},
        **{"rated_w": 2000.0, "window_s": 1.0, "contactors_closed": [True], "epoch": 7},
        **{"guard_id": "g-5d1e", "controller_id": "c-77aa", "command_seq": 311, "stop_id": None},
        **{"lid": "closed", "fan_running": True, "faults": [], "because": "heating"},
        "probes": {"core-1": {"seq": 1042, "temp_c": 37.612}, "skin-1": {"seq": 1, "temp_c": 38.9}},
    },
    "permit": {
        **{"granted": True, "ended": False, "why": "all holds", "annunciate": False},
        **{"guard_id": "g-5d1e", "controller_id": "c-77aa", "epoch": 7, "seq": 88},
        **{"boot_id": BOOT_ID, "tick": 1042},
    },
    "challenge": {"challenge": "1f9a03bc"},
    "guard_state": {
        **{"guard_id": "g-5d1e", "permitting": False, "scope": "none", "broken": ["core_fresh"]},
        **{"tripped_by": [], "epoch": 7, "stop_id": None, "controller_id": "c-77aa"},
        "probes": {"core-1": "core", "skin-1": "skin", "air-1": "air"},
        **{"limits": {"core_temp_c_max": 39.2}, "limits_sha256": "00", "refused": {"x": 1}},
    },
    "intent": {
        **{"intent_id": "5e0c", "kind": "start", "by": "nurse-7", "role": "operator"},
        **{"reason": "", "controller_id": "c-77aa", "cycle": 9021, "session_id": "s-1"},
        "details": {"target_c": 38.5},
    },
    "stop": {"stop_id": "e1f0", "by": "nurse-7"},
    "speaker": {"controller_id": "c-77aa", "challenge": "1f9a03bc"},
    "command": {
        **{"controller_id": "c-77aa", "epoch": 7, "seq": 311, "boot_id": BOOT_ID, "tick": 1042},
        **{"cycle": 9021, "power_pct": 41.0},
    },
    "heartbeat": {
        **{"controller_id": "c-77aa", "scope": "session", "challenge": "1f9a03bc", "cycle": 9021},
        **{"results": [101, 102, 103, 104, 105, 106], "flow": 1808402602},
    },
    "arm": {"controller_id": "c-77aa", "intent_id": "5e0c", "scope": "session"},
    "state": {
        **{"site": "sim", "dome": "dome-1", "controller_id": "c-77aa", "cycle": 9021},
        **{"at_ms": 1764000000000, "phase": "idle", "phase_min": 1.0, "target_c": 38.5},
        **{"setpoint_c": None, "heat": "off", "skin_temp_c": 38.9, "air_temp_c": 54.2},
        **{"room_temp_c": 23.1, "probes": [], "alarms": [], "latches": [], "preflight": []},
        **{"session": None, "epoch": None, "stop_id": None},
        "guard": {
            **{"guard_id": "g-5d1e", "permitting": False, "broken": [], "tripped_by": []},
            **{"age_s": 0.3, "why": "no epoch is open"},
        },
        "node": {
            **{"boot_id": BOOT_ID, "tick": 1042, "age_s": 0.3, "lid": "closed"},
            **{"fan_running": True, "contactors_closed": [False], "epoch": 0, "stop_id": None},
            **{"faults": [], "because": "commanded 0"},
        },
        "core": {
            **{"temp_c": 37.6, "slope_c_per_min": 0.0, "age_s": 0.4, "spread_delta_c": 0.03},
            **{"good": 2, "suspect": 0, "because": "agree"},
        },
        "power": {
            **{"wanted_pct": 0.0, "power_pct": 0.0, "because": ["no session"]},
            **{"applied_pct": 0.0, "measured_w": 0.0, "rated_w": 2000.0},
        },
        "control": {
            **{"forecast_c": None, "air_setpoint_c": None, "outer_p": 0.0, "outer_i": 0.0},
            **{"inner_p": 0.0, "inner_i": 0.0},
        },
        "health": {
            **{"cycle_ms": 1.2, "overruns": 0, "journal_waiting": 0, "journal_lost": 0},
            "refused": {"reading_repeated": 1},
        },
    },
    "alarm": {
        **{"id": "core_hot", "priority": "high", "state": "active", "text": "…", "do": "…"},
        **{"since_ms": 1764000000000, "value": 38.95, "limit": 38.9, "unit": "°C"},
    },
    "event": {
        **{"at_ms": 1764000000000, "kind": "alarm", "text": "…", "by": None, "session_id": None},
        **{"cycle": 9021, "alarm": {"id": "core_hot", "change": "raised", "priority": "high"}},
    },
    "reply": {"intent_id": "5e0c", "accepted": False, "because": "…", "do": "…", "phase": "idle"},
    "status": {
        **{"online": True, "process": "control", "instance_id": "c-77aa", "version": "0.1.0"},
        "domes": ["dome-1"],
    },
    "plain_number": 37.61,
    "foreign": {"sensors": [0, {"t": 37.61, "unit": "C"}], "at": "12:00"},
}

# Values as they may stand in a payload, some of which JSON has no word for.
ODD = [
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1e308", "-0.0", "0", "1", "-1"),
    *("2147483647", "2147483648", "9007199254740993", "99999999999999999999999", "0.5", "100.1"),
    *("100", "100.00000000000001", "-0.0000001", "20000.1", "60.1", "38.61", "35.99", "1e-400"),
    *("null", "true", "false", "[]", "{}", "[[]]", '""', '"x"', '"37.6"', '"A"', '"é"'),
    *('"\\u0000"', '"\\ud800"', '"a\\n"', '"../x"', '"#"', '"nan"', '"closed "', '"session"'),
    *('"' + "a" * 600 + '"', "9" * 400, "[1,2,3]", '{"a":1}', "[" * 40 + "]" * 40),
    *("0x10", "1_000", "+1", "1.", ".5", "٣", "01", "'x'", "undefined"),
]
_BYTES_BEFORE = (b"\xef\xbb\xbf", b"\x00", b" ", b"\n", b"\xff")


def spoilt(kind: str, count: int, seed: int) -> Iterator[bytes]:
    """Payloads that are almost a message of this kind."""
    random = Random(f"{kind}/{seed}")
    good = GOOD[kind]
    for _ in range(count):
        text = _altered(good, random, random.randint(1, 3))
        payload = text.encode("utf-8", "surrogatepass")
        yield _torn(payload, random) if random.random() < 0.15 else payload


def _altered(value: Any, random: Random, changes: int) -> str:
    """The value as JSON, with so many changes somewhere in it."""
    if not changes:
        return json.dumps(value)
    if isinstance(value, dict) and value:
        return _altered_object(value, random, changes)
    if isinstance(value, list) and value and random.random() < 0.7:
        at = random.randrange(len(value))
        texts = [_altered(each, random, changes * (i == at)) for i, each in enumerate(value)]
        if random.random() < 0.3:
            texts = random.choice((texts[:at], texts + texts, texts * 40))
        return f"[{','.join(texts)}]"
    return _instead(value, random)


def _altered_object(value: dict[str, Any], random: Random, changes: int) -> str:
    pairs = [(key, json.dumps(each)) for key, each in value.items()]
    for _ in range(changes):
        if not pairs:
            break
        at = random.randrange(len(pairs))
        key, text = pairs[at]
        match random.randint(0, 7):
            case 0:
                del pairs[at]
            case 1:
                pairs.append((key, random.choice(ODD)))  # twice: the last one counts
            case 2:
                pairs.append(("extra", random.choice(ODD)))
            case 3:
                pairs[at] = key, random.choice(pairs)[1]  # another field's value
            case 4:
                pairs[at] = key.upper(), text
            case _:
                pairs[at] = key, _altered(value.get(key), random, 1)
    return "{" + ",".join(f'"{key}":{text}' for key, text in pairs) + "}"


def _instead(value: Any, random: Random) -> str:
    """Something else in this place, of the same sort or of none."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and random.random() < 0.3:
        factor = random.choice((-1.0, 0.0, 1.0 + 1e-12, 10.0, 1e6, 1e300))
        return repr(value * factor)
    if isinstance(value, str) and random.random() < 0.3:
        return json.dumps(random.choice((value + " ", value.upper(), value * 40, "", value[:-1])))
    return random.choice(ODD)


def _torn(payload: bytes, random: Random) -> bytes:
    at = random.randrange(len(payload))
    match random.randint(0, 5):
        case 0:
            return payload[:at]
        case 1:
            return payload[:at] + bytes([random.randrange(256)]) + payload[at:]
        case 2:
            return payload + payload
        case 3:
            return payload + b" " * 20_000
        case 4:
            return (
                payload[:at] + bytes([payload[at] ^ 1 << random.randrange(8)]) + payload[at + 1 :]
            )
        case _:
            return random.choice(_BYTES_BEFORE) + payload
