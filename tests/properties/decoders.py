"""Every decoder there is, by the process that it guards, and what may come out of each.

A decoder takes bytes and gives a value or its declared refusal. `accepts` says whether a value may
be acted upon at all: each number finite and within its bounds, each id and each choice as it must.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from tests.properties.messages import BOOT_ID
from thermod import bindings, wire
from thermod.gateway import messages as gateway
from thermod.guard import decode as guard
from thermod.guard.foreign import decode_foreign
from thermod.guard.heard import Refusal
from thermod.sim import node_messages as node
from thermod.state import Binding

INTEGER_MAX = 2**31 - 1
ID = re.compile(r"[a-z0-9-]{1,36}")
BOUNDS: dict[str, tuple[float, float]] = {
    "applied_pct": (0.0, 100.0),
    "rated_w": (0.0, 20000.0),
    "window_s": (0.0, 60.0),
    "tick_lag": (-INTEGER_MAX, INTEGER_MAX),
}
GUARD_BOUNDS = {**BOUNDS, "power_pct": (0.0, 100.0), "target_c": (36.0, 38.6)}
FREE = (-math.inf, math.inf)
IDS = {"boot_id", "controller_id", "guard_id", "intent_id", "stop_id", "session_id"}
CHOICES = {
    "lid": {"open", "closed", "unknown"},
    "scope": {"none", "test", "session"},
}


@dataclass(frozen=True, slots=True)
class Decoder:
    """`kind` names the well-formed message. `refusals` and `raises` are what it declares."""

    name: str
    kind: str
    decode: Callable[[bytes], Any]
    refusals: tuple[type, ...] = ()
    raises: tuple[type[Exception], ...] = ()
    bounds: dict[str, tuple[float, float]] | None = None  # None: numbers need only be finite
    takes_all: bool = False  # STOP: whatever it says, it stops

    def read(self, payload: bytes) -> Any:
        """The value, or None where it was refused as declared. Anything else that it raises is a
        fault, and so is a value that it should have refused.
        """
        try:
            found = self.decode(payload)
        except self.raises:
            return None
        if isinstance(found, self.refusals):
            return None
        for name, value in _leaves(found):
            fault = self._fault(name, value)
            if fault:
                raise AssertionError(f"{self.name}: {fault} from {payload[:400]!r}")
        return found

    def _fault(self, name: str, value: Any) -> str:
        if isinstance(value, float) and not math.isfinite(value):
            return f"{name} is {value}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            if self.bounds is None:
                return ""
            low, high = self.bounds.get(name, (0, INTEGER_MAX) if isinstance(value, int) else FREE)
            return "" if low <= value <= high else f"{name} is {value}, outside {low}…{high}"
        if isinstance(value, str) and self.bounds is not None:
            if name in IDS and not ID.fullmatch(value):
                return f"{name} is no id: {value!r}"
            if name in CHOICES and value not in CHOICES[name]:
                return f"{name} is {value!r}"
        return ""


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and text in a decoded value, with the name of its field."""
    if value is None or isinstance(value, bool | str | int | float):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, str(key))
    elif is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), field.name)
    elif hasattr(value, "_fields"):
        for key in value._fields:
            yield from _leaves(getattr(value, key), key)
    elif hasattr(type(value), "model_fields"):
        for key in type(value).model_fields:
            yield from _leaves(getattr(value, key), key)
    else:
        for each in value:
            yield from _leaves(each, name)


def _control(name: str, decode: Callable[[bytes], Any], **more: Any) -> Decoder:
    refusals = (wire.Refused, wire.Rejection)
    return Decoder(f"control {name}", name, decode, refusals, bounds=BOUNDS, **more)


def _guard(name: str, kind: str, decode: Callable[[bytes], Any], **more: Any) -> Decoder:
    return Decoder(f"guard {name}", kind, decode, (Refusal,), bounds=GUARD_BOUNDS, **more)


def _node(name: str, decode: Callable[[bytes], Any], **more: Any) -> Decoder:
    raises = (node.MalformedError,)
    bounds = {**BOUNDS, "power_pct": FREE}  # whether it is a power is for the node to say
    return Decoder(f"node {name}", name, decode, raises=raises, bounds=bounds, **more)


def _permit_at_node(payload: bytes) -> dict[str, object]:
    """Of a revoke only what the node reads."""
    permit = node.decode_permit(payload)
    read = permit._fields if permit.granted else ("guard_id", "epoch", "seq")
    return {name: getattr(permit, name) for name in read}


def _gateway(name: str, decode: Callable[[bytes], Any]) -> Decoder:
    """What it reads it only shows: numbers must be numbers, and no more is asked."""
    return Decoder(f"gateway {name}", name, decode, (wire.Refused,))


def _bound(codec: str, kind: str, pointer: str) -> tuple[Decoder, Decoder]:
    binding = Binding("air-1", "other/topic", codec, pointer)
    return (
        Decoder(
            f"control {kind}",
            kind,
            lambda p: bindings.decode(binding, p, retained=False, seq=1, received_s=1.0),
            (wire.Rejection,),
            bounds={},
        ),
        Decoder(f"guard {kind}", kind, lambda p: decode_foreign(p, codec, pointer), (Refusal,)),
    )


DECODERS = (
    _control(
        "reading",
        lambda p: wire.decode_reading(
            *("core-1", p), retained=False, received_s=1.0, boot_id=BOOT_ID, newest_tick=1042
        ),
    ),
    _control("node_state", lambda p: wire.decode_node_state(p, retained=False, received_s=1.0)),
    _control("permit", lambda p: wire.decode_permit(p, retained=False, received_s=1.0)),
    _control("challenge", lambda p: wire.decode_challenge(p, retained=False)),
    _control("guard_state", lambda p: wire.decode_guard_state(p, received_s=1.0)),
    _control(
        "intent", lambda p: wire.decode_intent(p, retained=False, received_s=1.0, reply_to=None)
    ),
    _control("stop", lambda p: wire.decode_stop(p, received_s=1.0), takes_all=True),
    _control("speaker", wire.decode_controller_id),
    _guard("node", "node_state", guard.decode_node),
    _guard("reading", "reading", lambda p: guard.decode_reading("core-1", p)),
    _guard("command", "command", guard.decode_command),
    _guard("heartbeat", "heartbeat", guard.decode_heartbeat),
    _guard("arm", "arm", guard.decode_arm),
    _guard("intent", "intent", guard.decode_intent),
    _guard("permit", "permit", guard.decode_permit_guard_id),
    _guard("stop", "stop", guard.decode_stop, takes_all=True),
    _node("permit", _permit_at_node),
    _node("command", node.decode_command),
    _node("stop", node.decode_stop, takes_all=True),
    _gateway("state", gateway.decode_snapshot),
    _gateway("alarm", lambda p: gateway.decode("alarm", gateway.AlarmMessage, p)),
    _gateway("event", lambda p: gateway.decode("event", gateway.EventMessage, p)),
    _gateway("reply", lambda p: gateway.decode("reply", gateway.ReplyMessage, p)),
    _gateway("status", lambda p: gateway.decode("status", gateway.StatusMessage, p)),
    *_bound("number", "plain_number", ""),
    *_bound("json", "foreign", "/sensors/1/t"),
)
