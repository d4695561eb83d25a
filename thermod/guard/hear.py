"""One message as it came, told to the dome it is for. Nothing that arrives here raises."""

from collections.abc import Callable, Mapping
from typing import Final

from thermod.guard.decode import (
    decode_arm,
    decode_command,
    decode_heartbeat,
    decode_intent,
    decode_node,
    decode_permit_guard_id,
    decode_reading,
    decode_stop,
)
from thermod.guard.dome import GuardDome
from thermod.guard.foreign import decode_foreign
from thermod.guard.heard import (
    ArmSeen,
    CommandSeen,
    HeartbeatSeen,
    IntentSeen,
    NodeSeen,
    Refusal,
)
from thermod.guard.specs import ProbeSpec

Heard = NodeSeen | HeartbeatSeen | CommandSeen | ArmSeen | IntentSeen | str | None

# The topic after `thermod/v1/<site>/<dome>/`, how its refusals begin, and who reads it.
_TOPICS: Final[Mapping[str, tuple[str, Callable[[bytes], Heard | Refusal]]]] = {
    "node/state": ("node", decode_node),
    "heartbeat": ("heartbeat", decode_heartbeat),
    "heater/command": ("command", decode_command),
    "arm": ("arm", decode_arm),
    "guard/permit": ("permit", decode_permit_guard_id),
    "intent": ("intent", decode_intent),
}
SUFFIXES: Final = (*_TOPICS, "sensor/+/reading", "stop")  # what to subscribe to


def hear(dome: GuardDome, suffix: str, payload: bytes, retained: bool, now_s: float) -> None:
    """`suffix` is the topic after `thermod/v1/<site>/<dome>/`."""
    if suffix == "stop":  # however it comes and whatever it says
        dome.on_stop(decode_stop(payload))
    elif suffix in _TOPICS:
        _hear_message(dome, suffix, payload, retained, now_s)
    elif (probe_id := _probe_id(suffix)) is not None:
        _hear_reading(dome, probe_id, payload, retained, now_s)
    else:
        dome.senses.count("topic_unknown")


def hear_foreign(
    dome: GuardDome, probe: ProbeSpec, payload: bytes, retained: bool, now_s: float
) -> None:
    """A message on the topic that the config binds to a probe."""
    if retained:
        dome.senses.count("reading_retained")
        return
    seen = decode_foreign(payload, probe.codec, probe.pointer)
    if isinstance(seen, Refusal):
        dome.senses.count(seen.kind)
        dome.senses.unreadable_reading(probe.probe_id, now_s)
    else:
        dome.senses.take_foreign(probe.probe_id, seen, now_s)


def _hear_message(
    dome: GuardDome, suffix: str, payload: bytes, retained: bool, now_s: float
) -> None:
    kind, decode = _TOPICS[suffix]
    if retained:  # the broker replays the past, and its age is unknown
        dome.senses.count(f"{kind}_retained")
        return
    match decode(payload):
        case Refusal() as refusal:
            dome.senses.count(refusal.kind)
            if suffix == "node/state":
                dome.senses.node.unreadable()
        case NodeSeen() as node:
            dome.on_node(node, now_s)
        case HeartbeatSeen() as beat:
            dome.on_heartbeat(beat, now_s)
        case CommandSeen() as command:
            dome.on_command(command, now_s)
        case ArmSeen() as arm:
            dome.on_arm(arm, now_s)
        case IntentSeen() as intent:
            dome.on_intent(intent, now_s)
        case str() as guard_id:
            dome.on_permit_echo(guard_id, now_s)
        case None:
            pass  # an intent that is not the guard's business


def _hear_reading(
    dome: GuardDome, probe_id: str, payload: bytes, retained: bool, now_s: float
) -> None:
    if retained:
        dome.senses.count("reading_retained")
        return
    seen = decode_reading(probe_id, payload)
    if isinstance(seen, Refusal):
        dome.senses.count(seen.kind)
        dome.senses.unreadable_reading(probe_id, now_s)
    else:
        dome.on_reading(seen, now_s)


def _probe_id(suffix: str) -> str | None:
    steps = suffix.split("/")
    return steps[1] if len(steps) == 3 and steps[0] == "sensor" and steps[2] == "reading" else None
