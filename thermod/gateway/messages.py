"""What control says to people becomes a frozen value here, or a refusal with a reason.

`thermod.wire` decodes what the dome and the guard say; this decodes what only the gateway reads.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from thermod.snapshot import Snapshot
from thermod.wire import BYTES_MAX, STATE_BYTES_MAX, Refused, explain

Text = Annotated[str, StringConstraints(max_length=2000)]
Id = Annotated[str, StringConstraints(max_length=64)]
Model = TypeVar("Model", bound=BaseModel)


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False, extra="ignore", frozen=True)


class AlarmMessage(_Message):
    """`alarm/<id>`: the retained word on one alarm, for the time when no snapshot comes."""

    id: Id
    priority: Id
    state: Id
    text: Text
    do: Text
    since_ms: int
    first_out: bool = False
    acknowledged_by: Text | None = None
    value: float | None = None
    limit: float | None = None
    unit: Id = ""
    probe: Text = ""


class AlarmChange(_Message):
    """What happened to one alarm, inside an event of the kind `alarm`."""

    id: Id
    change: Id
    priority: Id
    value: float | None = None
    limit: float | None = None
    unit: Id = ""
    probe: Text = ""


class EventMessage(_Message):
    """`event`: something happened that belongs in the log."""

    at_ms: int
    kind: Id
    text: Text
    by: Text | None = None
    session_id: Id | None = None
    cycle: int = 0
    alarm: AlarmChange | None = None


class ReplyMessage(_Message):
    """Control's answer to an intent."""

    intent_id: Id
    accepted: bool
    because: Text = ""
    do: Text = ""
    session_id: Id | None = None
    phase: Id | None = None


class StatusMessage(_Message):
    """`status/<process>`: a process came or went. A hint, never a proof."""

    online: bool
    process: Id
    instance_id: Id
    version: Id = ""
    domes: list[Id] = Field(default_factory=list, max_length=256)


_SNAPSHOT = TypeAdapter(Snapshot)


def decode_snapshot(payload: bytes) -> Snapshot | Refused:
    if len(payload) > STATE_BYTES_MAX:
        return Refused("state_too_large", f"{len(payload)} bytes; at most {STATE_BYTES_MAX}")
    try:
        orjson.loads(payload)  # refuses NaN, Infinity and 1e400, which pydantic's own parser takes
        return _SNAPSHOT.validate_json(payload, strict=True)
    except orjson.JSONDecodeError as error:
        return Refused("state_malformed", f"no JSON: {error}")
    except ValidationError as error:
        return Refused("state_malformed", explain(error))


def decode(kind: str, model: type[Model], payload: bytes) -> Model | Refused:
    """A small message of this model. `kind` names the counter if it is refused."""
    if len(payload) > BYTES_MAX:
        return Refused(f"{kind}_too_large", f"{len(payload)} bytes; at most {BYTES_MAX}")
    try:
        parsed: Any = orjson.loads(payload)
        return model.model_validate(parsed)
    except orjson.JSONDecodeError as error:
        return Refused(f"{kind}_malformed", f"no JSON: {error}")
    except ValidationError as error:
        return Refused(f"{kind}_malformed", explain(error))
