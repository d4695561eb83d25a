"""What arrives from MQTT becomes a frozen value here, or a refusal with a reason. Nothing is parsed
anywhere else in control.

The order is: retained? size? JSON (orjson refuses NaN, Infinity and 1e400)? strict model? A refusal
is a value too, counted by kind; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from controllers.actuation import Permit
from sensors.samples import ProbeSample, Rejection
from thermod.mailbox import GuardSeen, Intent, NodeSeen, Stop

BYTES_MAX = 4096
STATE_BYTES_MAX = 16384
INTENT_BYTES_MAX = 4096
TICKS_AHEAD_MAX = 6  # a reading may name the newest tick; one far beyond any heard is nonsense

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")

Int31 = Annotated[int, Field(ge=0, le=2**31 - 1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,36}$")]
Name = Annotated[str, StringConstraints(pattern=rf"^{NAME.pattern}$")]
Pct = Annotated[float, Field(ge=0.0, le=100.0)]
Text = Annotated[str, StringConstraints(max_length=500)]

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was not understood or not allowed. `kind` is what counters are named by."""

    kind: str
    why: str


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore", frozen=True)


class _Reading(_Message):
    boot_id: Id
    seq: Int31
    tick: Int31
    temp_c: float


class _ProbeEntry(_Message):
    seq: Int31
    temp_c: float
    tick: Int31 | None = None


class _NodeState(_Message):
    boot_id: Id
    tick: Int31
    applied_pct: Pct
    measured_w: float | None
    rated_w: Annotated[float, Field(gt=0.0, le=20000.0)]
    window_s: Annotated[float, Field(gt=0.0, le=60.0)]
    contactors_closed: tuple[bool, ...] = Field(max_length=8, strict=False)
    epoch: Int31
    controller_id: Id | None
    command_seq: Int31
    stop_id: Id | None
    lid: Literal["open", "closed", "unknown"]
    fan_running: bool | None
    probes: dict[str, Any] = Field(default_factory=dict, max_length=32)
    faults: list[Text] = Field(default_factory=list, max_length=16)
    because: Text = ""


class _Permit(_Message):
    granted: bool
    ended: bool
    why: Text
    guard_id: Id
    controller_id: Id | None
    epoch: Int31
    seq: Int31


class _Challenge(_Message):
    challenge: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]


class _GuardState(_Message):
    guard_id: Id
    permitting: bool
    broken: list[Text] = Field(max_length=64)
    tripped_by: list[Text] = Field(max_length=64)
    stop_id: Id | None = None
    probes: dict[str, str] = Field(default_factory=dict, max_length=64)
    limits: dict[str, float] = Field(default_factory=dict, max_length=64)
    refused: dict[Text, Int31] = Field(default_factory=dict, max_length=128)


class _Intent(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid", frozen=True)

    intent_id: Id
    kind: Literal[
        "create",
        "start",
        "pause",
        "resume",
        "stop",
        "close",
        "confirm-presence",
        "manual-check",
        "acknowledge",
        "audio-pause",
        "reset",
        "note",
    ]
    by: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    role: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    reason: Text = ""
    controller_id: Id
    cycle: Int31
    session_id: Id | None = None
    details: dict[str, Any] = Field(default_factory=dict, max_length=16)


class _Details(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid", frozen=True)


class _Create(_Details):
    protocol: Name
    subject: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,32}$")]
    staff: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,32}$")]
    consent: Literal[True]
    target_c: float | None = None
    one_core_probe: bool = False  # a clinician waives the second core probe for this session


class _Start(_Details):
    target_c: float


class _Resume(_Details):
    target_c: float
    same_patient: bool = False


class _ManualCheck(_Details):
    core_temp_c: Annotated[float, Field(ge=30.0, le=43.0)]  # as measured by hand


class _Alarm(_Details):
    alarm: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,48}$")]


class _Reset(_Details):
    latches: list[str] = Field(min_length=1, max_length=32)


class _Note(_Details):
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]


DETAILS: Mapping[str, type[_Details]] = {
    "create": _Create,
    "start": _Start,
    "resume": _Resume,
    "manual-check": _ManualCheck,
    "acknowledge": _Alarm,
    "audio-pause": _Alarm,
    "reset": _Reset,
    "note": _Note,
}


class _Stop(_Message):
    stop_id: Id
    by: Text = ""


class _Speaker(_Message):
    controller_id: Id


def is_name(text: str) -> bool:
    """May it name a site, a dome, a probe or a process?"""
    return NAME.fullmatch(text) is not None


def _parse(model: type[Model], payload: bytes, size_max: int) -> Model | str:
    if len(payload) > size_max:
        return f"{len(payload)} bytes; at most {size_max} are read"
    try:
        return model.model_validate(orjson.loads(payload))
    except orjson.JSONDecodeError as error:
        return f"no JSON: {error}"
    except ValidationError as error:
        return explain(error)


def explain(error: ValidationError) -> str:
    """One line for people: which key, what is wrong."""
    parts = [
        f"{'.'.join(str(step) for step in item['loc']) or 'message'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:4]
    ]
    return "; ".join(parts)


def decode_node_state(
    payload: bytes, *, retained: bool, received_s: float
) -> tuple[NodeSeen, dict[str, ProbeSample | Rejection]] | Refused:
    """The dome's word, and the readings that it carries. One bad reading does not blind us to the
    others.
    """
    if retained:
        return Refused("node_state_retained", "node/state is never retained")
    message = _parse(_NodeState, payload, BYTES_MAX)
    if isinstance(message, str):
        return Refused("node_state_malformed", message)
    readings: dict[str, ProbeSample | Rejection] = {}
    for probe_id, entry in message.probes.items():
        readings[probe_id] = _entry(probe_id, entry, message.tick, received_s)
    node = NodeSeen(
        message.boot_id,
        message.tick,
        message.applied_pct,
        message.measured_w,
        message.rated_w,
        message.window_s,
        message.contactors_closed,
        message.epoch,
        message.controller_id,
        message.command_seq,
        message.stop_id,
        message.lid,
        message.fan_running,
        tuple(message.faults),
        message.because,
        received_s,
    )
    return node, readings


def _entry(
    probe_id: str, entry: object, node_tick: int, received_s: float
) -> ProbeSample | Rejection:
    try:
        reading = _ProbeEntry.model_validate(entry)
    except ValidationError as error:
        return Rejection(probe_id, explain(error), received_s)
    lag = 0 if reading.tick is None else node_tick - reading.tick
    return ProbeSample(probe_id, reading.seq, lag, reading.temp_c, received_s)


def decode_reading(
    probe_id: str,
    payload: bytes,
    *,
    retained: bool,
    received_s: float,
    boot_id: str | None,
    newest_tick: int | None,
) -> ProbeSample | Rejection:
    """A reading on a topic of its own, held against the newest tick of the dome that it names."""
    if retained:  # the broker replays the past; its age is unknown
        return Rejection(probe_id, "retained: publish readings with retain off", received_s)
    message = _parse(_Reading, payload, BYTES_MAX)
    if isinstance(message, str):
        return Rejection(probe_id, message, received_s)
    if boot_id is None or newest_tick is None:
        return ProbeSample(probe_id, message.seq, None, message.temp_c, received_s)
    if message.boot_id != boot_id:
        return Rejection(
            probe_id, f"boot_id {message.boot_id} is not the dome's {boot_id}", received_s
        )
    lag = newest_tick - message.tick
    if -TICKS_AHEAD_MAX <= lag < 0:  # the node/state of its tick is to come, or was lost
        lag = 0
    return ProbeSample(probe_id, message.seq, lag, message.temp_c, received_s)


def decode_permit(
    payload: bytes, *, retained: bool, received_s: float
) -> tuple[Permit, int] | Refused:
    """The guard's word on whether there may be heat, and its number in the epoch."""
    if retained:
        return Refused("permit_retained", "a permit is never retained")
    message = _parse(_Permit, payload, BYTES_MAX)
    if isinstance(message, str):
        return Refused("permit_malformed", message)
    permit = Permit(
        message.granted,
        message.ended,
        message.why,
        message.guard_id,
        message.controller_id,
        message.epoch,
        received_s,
    )
    return permit, message.seq


def decode_challenge(payload: bytes, *, retained: bool) -> str | Refused:
    """The guard's newest challenge."""
    if retained:
        return Refused("challenge_retained", "a challenge is never retained")
    message = _parse(_Challenge, payload, BYTES_MAX)
    return (
        Refused("challenge_malformed", message) if isinstance(message, str) else message.challenge
    )


def decode_guard_state(payload: bytes, *, received_s: float) -> GuardSeen | Refused:
    """The guard's own picture; retained, so its age is judged by challenges, never by this."""
    message = _parse(_GuardState, payload, STATE_BYTES_MAX)
    if isinstance(message, str):
        return Refused("guard_state_malformed", message)
    return GuardSeen(
        message.guard_id,
        message.permitting,
        tuple(message.broken),
        tuple(message.tripped_by),
        message.probes,
        message.limits,
        message.stop_id,
        received_s,
        message.refused,
    )


def decode_intent(
    payload: bytes, *, retained: bool, received_s: float, reply_to: str | None
) -> Intent | Refused:
    """A person's act. Unknown keys are refused: a misspelt one must not be a silent default."""
    if retained:
        return Refused("intent_retained", "an intent is never retained")
    message = _parse(_Intent, payload, INTENT_BYTES_MAX)
    if isinstance(message, str):
        return Refused("intent_malformed", message)
    model = DETAILS.get(message.kind, _Details)
    try:
        details = model.model_validate(message.details)
    except ValidationError as error:
        return Refused("intent_malformed", f"details of {message.kind}: {explain(error)}")
    return Intent(
        message.intent_id,
        message.kind,
        message.by,
        message.role,
        message.reason.strip(),
        message.controller_id,
        message.cycle,
        message.session_id,
        details.model_dump(),
        received_s,
        reply_to,
    )


def decode_stop(payload: bytes, *, received_s: float) -> Stop:
    """STOP stops, whatever it says: a message that cannot be read is echoed as `unreadable`."""
    message = _parse(_Stop, payload, BYTES_MAX)
    if isinstance(message, str):
        return Stop("unreadable", "unknown", received_s)
    return Stop(message.stop_id, message.by, received_s)


def decode_controller_id(payload: bytes) -> str | Refused:
    """Who sent this command or heartbeat on our dome?"""
    message = _parse(_Speaker, payload, BYTES_MAX)
    return (
        Refused("command_malformed", message) if isinstance(message, str) else message.controller_id
    )
