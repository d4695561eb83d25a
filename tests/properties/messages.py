"""Well-formed messages by kind, and ways to spoil them. Seeded: a failure comes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

BOOT_ID = "9f31c2d4a5b60718"

GOOD: dict[str, dict[str, Any]] = {
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
}

# Values as they may stand in a payload, some of which JSON has no word for.
ODD = [
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1e308", "-0.0", "0", "1", "-1"),
    *("2147483647", "2147483648", "9007199254740993", "99999999999999999999999", "0.5", "100.1"),
    *(
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "[[]]",
        '""',
        '"x"',
        '"37.6"',
        '"A"',
        '"é"',
        '"\\u0000"',
    ),
    *('"../x"', '"#"', '"' + "a" * 600 + '"', "[1,2,3]", '{"a":1}', "[" * 40 + "]" * 40, '"nan"'),
]


def spoilt(kind: str, count: int, seed: int) -> Iterator[bytes]:
    """Payloads that are almost a message of this kind."""
    random = Random(f"{kind}/{seed}")
    good = GOOD[kind]
    for _ in range(count):
        texts = {key: json.dumps(value) for key, value in good.items()}
        for _ in range(random.randint(1, 3)):
            key = random.choice([*texts, "extra"])
            match random.randint(0, 3):
                case 0:
                    texts.pop(key, None)
                case 1 if isinstance(good.get(key), dict) and good[key]:
                    texts[key] = _nested(good[key], random)
                case _:
                    texts[key] = random.choice(ODD)
        text = "{" + ",".join(f'"{key}":{value}' for key, value in texts.items()) + "}"
        payload = text.encode()
        if random.random() < 0.15:
            payload = _torn(payload, random)
        yield payload


def _nested(value: dict[str, Any], random: Random) -> str:
    texts = {key: json.dumps(each) for key, each in value.items()}
    key = random.choice(list(texts))
    if isinstance(value[key], dict) and random.random() < 0.7:
        texts[key] = _nested(value[key], random)
    else:
        texts[key] = random.choice(ODD)
    return "{" + ",".join(f'"{key}":{each}' for key, each in texts.items()) + "}"


def _torn(payload: bytes, random: Random) -> bytes:
    at = random.randrange(len(payload))
    match random.randint(0, 3):
        case 0:
            return payload[:at]
        case 1:
            return payload[:at] + bytes([random.randrange(256)]) + payload[at:]
        case 2:
            return payload + payload
        case _:
            return payload + b" " * 20_000
