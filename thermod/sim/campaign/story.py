"""What happened in a session, in words, for the person who looks for the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from thermod.sim.campaign.network import Message, Topic
from thermod.sim.campaign.ward import Ward

Tell = Callable[[float, str], None]
_TOLD_ALWAYS: Final = frozenset({Topic.INTENT, Topic.ARM, Topic.STOP})


def tell_nobody(at_s: float, text: str) -> None:
    """For sessions that nobody reads."""


class Story:
    """Listens beside the judge, and tells what changes in what is said."""

    def __init__(self, ward: Ward, tell: Tell) -> None:
        self._ward = ward
        self._tell = tell
        self._began_s = ward.now_s
        self._said: dict[tuple[str, Topic], Any] = {}
        self._judge = ward.network.watch
        ward.network.watch = self._hear

    def _hear(self, message: Message) -> None:
        if self._judge is not None:
            self._judge(message)
        if isinstance(message.value, bytes):
            return
        text = _words(message)
        if text is None:
            return
        key = (message.sender, message.topic)
        if message.topic in _TOLD_ALWAYS or self._said.get(key) != text:
            self._said[key] = text
            self._tell(self._ward.now_s - self._began_s, f"{message.sender}: {text}")


def _words(message: Message) -> str | None:
    """What of a message is worth telling when it changes."""
    value = message.value
    match message.topic:
        case Topic.NODE:
            return f"{value.state.because}, epoch {value.state.epoch}"
        case Topic.STATE:
            alarms = ", ".join(value.alarms) or "no alarm"
            return f"{value.phase.value}; {alarms}; latched: {', '.join(value.latches) or '-'}"
        case Topic.GUARD_STATE:
            broken, tripped = ", ".join(value.broken), ", ".join(value.tripped_by)
            return f"epoch {value.epoch} {value.scope}; broken: {broken or '-'}; {tripped}"
        case Topic.PERMIT:
            verb = "grants" if value.granted else "ends" if value.ended else "withholds"
            return f"{verb}: {value.why}"
        case Topic.INTENT:
            return f"asks for {value.kind} {dict(value.details) or ''} ({value.intent_id})"
        case Topic.ARM:
            return f"arms {value.scope} for {value.intent_id}"
        case Topic.STOP:
            return f"STOP {value.stop_id}"
    return None
