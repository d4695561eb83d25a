"""Bytes from the wire become a frozen value or a Refusal. Nothing raises, and nothing is guessed.

The order is: size, UTF-8, JSON without NaN, Infinity and 1e400, then each field that is used. Keys
that the contract does not know are ignored, except in intents.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from thermod.guard.fields import (
    INTEGER_MAX,
    Breach,
    Fields,
    identifier,
    integer,
    is_name,
    items,
    matching,
    number,
    number_within,
    one_of,
    only_keys,
    or_none,
    parse_object,
    text,
)
from thermod.guard.heard import (
    ArmSeen,
    CommandSeen,
    HeartbeatSeen,
    IntentSeen,
    NodeSeen,
    ProbeSeen,
    ReadingSeen,
    Refusal,
)
from thermod.guard.limits import TARGET_C_MAX, TARGET_C_MIN

PAYLOAD_BYTES_MAX: Final = 4096  # CONTRACT.md, "Times and sizes"
PROBES_MAX: Final = 64  # in one node/state
RATED_W_MAX: Final = 20_000.0
WINDOW_S_MAX: Final = 60.0
STAGES: Final = 6  # of a cycle
TEXT_MAX: Final = 500
LATCHES_MAX: Final = 32
UNREADABLE: Final = "unreadable"  # the stop_id that a STOP without a readable one is echoed as

_BOOT_ID = re.compile(r"[0-9a-f]{16}")
_CHALLENGE = re.compile(r"[0-9a-f]{8}")
_LIDS = frozenset({"open", "closed", "unknown"})
_SCOPES = frozenset({"none", "test", "session"})
_ARM_SCOPES = frozenset({"test", "session"})
_INTENT_KEYS = frozenset(
    {"intent_id", "kind", "by", "role", "reason", "controller_id", "cycle", "session_id", "details"}
)
# CONTRACT.md, kinds of intent: the keys of their `details`. The guard acts on these alone.
_DETAILS: Mapping[str, frozenset[str]] = {
    "create": frozenset({"protocol", "subject", "staff", "consent", "target_c", "one_core_probe"}),
    "start": frozenset({"target_c"}),
    "resume": frozenset({"target_c", "same_patient"}),
    "pause": frozenset(),
    "stop": frozenset(),
    "reset": frozenset({"latches"}),
}
_NOT_OURS = frozenset(
    {
        "close",
        "confirm-presence",
        "manual-check",
        "acknowledge",
        "audio-pause",
        "note",
    }
)

Seen = TypeVar("Seen")


def decode_node(payload: bytes) -> NodeSeen | Refusal:
    """`node/state`."""
    return _decode("node", payload, _node)


def decode_reading(probe_id: str, payload: bytes) -> ReadingSeen | Refusal:
    """`sensor/<probe>/reading`."""

    def read(fields: Fields) -> ReadingSeen:
        sample = ProbeSeen(
            probe_id, integer(fields, "seq"), integer(fields, "tick"), number(fields, "temp_c")
        )
        return ReadingSeen(matching(fields, "boot_id", _BOOT_ID), sample)

    return _decode("reading", payload, read)


def decode_command(payload: bytes) -> CommandSeen | Refusal:
    """`heater/command`."""
    return _decode("command", payload, _command)


def decode_heartbeat(payload: bytes) -> HeartbeatSeen | Refusal:
    """`heartbeat`."""
    return _decode("heartbeat", payload, _heartbeat)


def decode_arm(payload: bytes) -> ArmSeen | Refusal:
    """`arm`."""
    return _decode("arm", payload, _arm)


def decode_intent(payload: bytes) -> IntentSeen | Refusal | None:
    """`intent`. None: of a kind that does not concern the guard."""
    return _decode("intent", payload, _intent)


def decode_permit_guard_id(payload: bytes) -> str | Refusal:
    """Who speaks on `guard/permit`."""
    return _decode("permit", payload, lambda fields: identifier(fields, "guard_id"))


def decode_stop(payload: bytes) -> str:
    """The `stop_id` to echo. Whatever arrives on `stop` stops."""
    seen = _decode("stop", payload, lambda fields: identifier(fields, "stop_id"))
    return UNREADABLE if isinstance(seen, Refusal) else seen


def _decode(what: str, payload: bytes, read: Callable[[Fields], Seen]) -> Seen | Refusal:
    if len(payload) > PAYLOAD_BYTES_MAX:
        said = f"{len(payload)} bytes; at most {PAYLOAD_BYTES_MAX} are read"
        return Refusal(f"{what}_too_large", said)
    try:
        return read(parse_object(payload))
    except Breach as breach:
        return Refusal(f"{what}_{breach.kind}", str(breach))


def _node(fields: Fields) -> NodeSeen:
    tick = integer(fields, "tick")
    rated_w = number_within(fields, "rated_w", 0.0, RATED_W_MAX)
    window_s = number_within(fields, "window_s", 0.0, WINDOW_S_MAX)
    probes, bad_probes = _probes(fields.get("probes", {}), tick)
    if not (rated_w > 0.0 and window_s > 0.0):
        raise Breach("malformed", "rated_w and window_s must be above 0")
    return NodeSeen(
        boot_id=matching(fields, "boot_id", _BOOT_ID),
        tick=tick,
        applied_pct=number_within(fields, "applied_pct", 0.0, 100.0),
        measured_w=or_none(fields, "measured_w", number),
        rated_w=rated_w,
        window_s=window_s,
        epoch=integer(fields, "epoch"),
        guard_id=or_none(fields, "guard_id", identifier),
        stop_id=or_none(fields, "stop_id", identifier),
        lid=one_of(fields, "lid", _LIDS),
        fan_running=or_none(fields, "fan_running", _boolean),
        probes=probes,
        bad_probes=bad_probes,
    )


def _boolean(fields: Fields, key: str) -> bool:
    value = fields[key]
    if isinstance(value, bool):
        return value
    raise Breach("malformed", f"{key} is neither true nor false")


def _probes(entries: object, tick: int) -> tuple[tuple[ProbeSeen, ...], tuple[str, ...]]:
    """The readings, and the probes whose entry made no sense: it blinds us to no other probe."""
    if not isinstance(entries, dict) or len(entries) > PROBES_MAX:
        raise Breach("malformed", f"probes is not an object of at most {PROBES_MAX}")
    seen, bad = [], []
    for probe_id, entry in entries.items():
        if not is_name(probe_id):
            raise Breach("malformed", f"probes.{probe_id[:32]} is not a probe's id")
        try:
            seen.append(_probe(probe_id, entry, tick))
        except Breach:
            bad.append(probe_id)
    return tuple(seen), tuple(bad)


def _probe(probe_id: str, entry: object, tick: int) -> ProbeSeen:
    if not isinstance(entry, dict):
        raise Breach("malformed", f"probes.{probe_id} is not a reading")
    own_tick = integer(entry, "tick") if "tick" in entry else tick
    return ProbeSeen(probe_id, integer(entry, "seq"), own_tick, number(entry, "temp_c"))


def _command(fields: Fields) -> CommandSeen:
    return CommandSeen(
        controller_id=identifier(fields, "controller_id"),
        epoch=integer(fields, "epoch"),
        seq=integer(fields, "seq"),
        boot_id=matching(fields, "boot_id", _BOOT_ID),
        power_pct=number_within(fields, "power_pct", 0.0, 100.0),
    )


def _heartbeat(fields: Fields) -> HeartbeatSeen:
    results = items(fields, "results", STAGES)
    numbers = tuple(each for each in results if type(each) is int and 0 <= each <= INTEGER_MAX)
    if len(numbers) != STAGES or len(results) != STAGES:
        raise Breach("malformed", f"results are not {STAGES} integers in 0…{INTEGER_MAX}")
    return HeartbeatSeen(
        controller_id=identifier(fields, "controller_id"),
        scope=one_of(fields, "scope", _SCOPES),
        challenge=matching(fields, "challenge", _CHALLENGE),
        cycle=integer(fields, "cycle"),
        results=numbers,
        flow=integer(fields, "flow"),
    )


def _arm(fields: Fields) -> ArmSeen:
    return ArmSeen(
        controller_id=identifier(fields, "controller_id"),
        intent_id=identifier(fields, "intent_id"),
        scope=one_of(fields, "scope", _ARM_SCOPES),
    )


def _intent(fields: Fields) -> IntentSeen | None:
    kind = one_of(fields, "kind", _NOT_OURS | _DETAILS.keys())
    if kind in _NOT_OURS:
        return None
    only_keys(fields, _INTENT_KEYS, "the intent")
    text(fields, "by", TEXT_MAX)  # who and in what role is control's to judge and to record
    text(fields, "role", TEXT_MAX)
    details = _details(fields, kind)
    session_id = identifier(fields, "session_id") if fields.get("session_id") is not None else None
    if session_id is None and kind in ("start", "resume"):  # control names one at `create`
        raise Breach("malformed", f"{kind} names no session_id")
    return IntentSeen(
        intent_id=identifier(fields, "intent_id"),
        kind=kind,
        reason=text(fields, "reason", TEXT_MAX) if "reason" in fields else "",
        controller_id=identifier(fields, "controller_id"),
        cycle=integer(fields, "cycle"),
        session_id=session_id,
        target_c=_target_c(details, kind),
        latches=_latches(details) if kind == "reset" else (),
        subject=text(details, "subject", TEXT_MAX) if "subject" in details else None,
    )


def _details(fields: Fields, kind: str) -> Fields:
    details = fields.get("details", {})
    if not isinstance(details, dict):
        raise Breach("malformed", "details is not an object")
    only_keys(details, _DETAILS[kind], f"details of {kind}")
    return details


def _target_c(details: Fields, kind: str) -> float | None:
    if kind in ("start", "resume") or details.get("target_c") is not None:
        return number_within(details, "target_c", TARGET_C_MIN, TARGET_C_MAX)
    return None


def _latches(details: Fields) -> tuple[str, ...]:
    latches = items(details, "latches", LATCHES_MAX)
    if not latches or not all(isinstance(each, str) and len(each) <= 48 for each in latches):
        raise Breach("malformed", "latches is not a list of names")
    return tuple(each for each in latches if isinstance(each, str))
