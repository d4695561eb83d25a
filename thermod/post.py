"""From a message on the bus to the mailbox of its dome: which topic means what, and who may be
believed.

Everything refused is counted by kind; nothing raises and nothing drives control.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import structlog

from sensors.freshness import TICK_LAG_MAX
from sensors.samples import ProbeSample, Rejection
from thermod import wire
from thermod.bindings import decode
from thermod.mailbox import Mailbox, NodeSeen
from thermod.mqtt import Inbound
from thermod.state import Binding, Plan
from thermod.wire import Refused

ROOT = "thermod/v1"
ALARMS_LEFT_MAX = 256  # retained alarms to look at in one cycle; more than we have rows

log = structlog.get_logger("post")

Handler = Callable[[Inbound, float], None]


class Post:
    """Sorts the messages of one dome."""

    def __init__(self, plan: Plan) -> None:
        self.box = Mailbox()
        self._plan = plan
        self._base = f"{ROOT}/{plan.site}/{plan.dome}"
        self._specs = {spec.probe_id for spec in plan.specs}
        self._in_node_state: set[str] = set()  # probes whose readings come inside node/state
        self._counted: dict[str, tuple[str | None, int]] = {}  # boot and newest seq of each probe
        self._foreign_seq = 0
        self._alarms_left: dict[str, None] = {}  # in order, none twice

    def alarms_left(self) -> tuple[str, ...]:
        """The alarms that were found lying on the broker, once: they may be of another time, of a
        former process or of a former version of it, and must be said anew or cleared.
        """
        left = tuple(self._alarms_left)
        self._alarms_left.clear()
        return left

    def routes(self) -> list[tuple[str, int, Handler]]:
        """Topic, QoS and handler. A foreign topic may carry the readings of several probes. In a
        topic `+` at the end stands for any one name.
        """
        base = self._base
        foreign = {binding.probe_id for binding in self._plan.bindings}
        return [
            (f"{base}/node/state", 0, self._node_state),
            (f"{base}/guard/permit", 0, self._permit),
            (f"{base}/guard/challenge", 0, self._challenge),
            (f"{base}/guard/state", 1, self._guard_state),
            (f"{base}/intent", 1, self._intent),
            (f"{base}/stop", 1, self._stop),
            (f"{base}/alarm/+", 1, self._alarm),
            (f"{base}/heater/command", 0, self._other_controller),
            (f"{base}/heartbeat", 0, self._other_controller),
            *(
                (binding.topic, 0, partial(self._foreign, binding))
                for binding in self._plan.bindings
            ),
            *(
                (f"{base}/sensor/{probe_id}/reading", 0, partial(self._reading, probe_id))
                for probe_id in sorted(self._specs - foreign)
            ),
        ]

    def _node_state(self, message: Inbound, now_s: float) -> None:
        decoded = wire.decode_node_state(message.payload, retained=message.retain, received_s=now_s)
        if isinstance(decoded, Refused):
            self._refuse(decoded)
            if (
                decoded.kind == "node_state_malformed"
            ):  # nonsense is no reading: what came inside is not one either
                for probe_id in self._in_node_state:
                    self.box.readings[probe_id] = Rejection(probe_id, decoded.why, now_s)
            return
        self.take_node(*decoded)

    def take_node(self, node: NodeSeen, readings: Mapping[str, ProbeSample | Rejection]) -> None:
        """The dome's word, decoded: into the mailbox if it is news."""
        if not self.box.set_node(node):
            self._refuse(Refused("node_state_old", f"tick {node.tick} of {node.boot_id}"))
            return
        for probe_id, reading in readings.items():
            if probe_id not in self._specs:
                self.box.refused["reading_unknown_probe"] += 1
                continue
            if isinstance(reading, Rejection):
                self._refuse(Refused("reading_malformed", f"{probe_id}: {reading.why}"))
            self.box.readings[probe_id] = reading
            self._in_node_state.add(probe_id)

    def _reading(self, probe_id: str, message: Inbound, now_s: float) -> None:
        node = self.box.node
        boot_id = None if node is None else node.boot_id
        reading = wire.decode_reading(
            probe_id,
            message.payload,
            retained=message.retain,
            received_s=now_s,
            boot_id=boot_id,
            newest_tick=None if node is None else node.tick,
        )
        if isinstance(reading, Rejection):
            kind = "reading_retained" if message.retain else "reading_malformed"
            self._refuse(Refused(kind, f"{probe_id}: {reading.why}"))
            if message.retain:
                return  # the past says nothing about now, neither good nor bad
        else:
            counted_boot_id, seq = self._counted.get(probe_id, (boot_id, -1))
            if boot_id == counted_boot_id and reading.seq <= seq:
                self._refuse(Refused("reading_repeated", f"{probe_id}: seq {reading.seq} again"))
                return
            if reading.tick_lag is None or 0 <= reading.tick_lag <= TICK_LAG_MAX:
                # A number from a far tick is not believed, so it must not outrun those that are.
                self._counted[probe_id] = (boot_id, reading.seq)
        self.box.readings[probe_id] = reading

    def _foreign(self, binding: Binding, message: Inbound, now_s: float) -> None:
        self._foreign_seq += 1
        reading = decode(
            binding,
            message.payload,
            retained=message.retain,
            seq=self._foreign_seq,
            received_s=now_s,
        )
        if isinstance(reading, Rejection):
            self._refuse(Refused("reading_foreign", f"{binding.probe_id}: {reading.why}"))
            if message.retain:
                return
        self.box.readings[binding.probe_id] = reading

    def _permit(self, message: Inbound, now_s: float) -> None:
        decoded = wire.decode_permit(message.payload, retained=message.retain, received_s=now_s)
        if isinstance(decoded, Refused):
            self._refuse(decoded)
            return
        permit, seq = decoded
        if not self.box.set_permit(permit, seq):
            self._refuse(Refused("permit_old", f"seq {seq} of epoch {permit.epoch}"))

    def _challenge(self, message: Inbound, now_s: float) -> None:
        decoded = wire.decode_challenge(message.payload, retained=message.retain)
        if isinstance(decoded, Refused):
            self._refuse(decoded)
        else:
            self.box.challenge, self.box.challenge_s = decoded, now_s

    def _guard_state(self, message: Inbound, now_s: float) -> None:
        decoded = wire.decode_guard_state(message.payload, received_s=now_s)
        if isinstance(decoded, Refused):
            self._refuse(decoded)
        else:
            self.box.guard = decoded

    def _intent(self, message: Inbound, now_s: float) -> None:
        reply_to = message.response_topic
        if reply_to is not None and not self._is_reply_topic(reply_to):
            # It would be ours to publish on: commands and permits are topics, too.
            self._refuse(Refused("intent_reply_topic", f"{reply_to[:80]!r} is no reply topic"))
            return
        decoded = wire.decode_intent(
            message.payload, retained=message.retain, received_s=now_s, reply_to=reply_to
        )
        if isinstance(decoded, Refused):
            self._refuse(decoded)
        elif not self.box.add_intent(decoded):
            log.warning("too many intents at once", dome=self._plan.dome)

    def _is_reply_topic(self, topic: str) -> bool:
        """`…/<dome>/reply/<process>`."""
        beginning = f"{self._base}/reply/"
        return topic.startswith(beginning) and wire.is_name(topic[len(beginning) :])

    def _stop(self, message: Inbound, now_s: float) -> None:
        self.box.add_stop(wire.decode_stop(message.payload, received_s=now_s))

    def _alarm(self, message: Inbound, now_s: float) -> None:
        """Retained: one of ours, of before. Not retained: a second controller's, who is heard by
        its commands.
        """
        if message.retain and message.payload and len(self._alarms_left) < ALARMS_LEFT_MAX:
            self._alarms_left[message.topic.removeprefix(f"{self._base}/alarm/")] = None

    def _other_controller(self, message: Inbound, now_s: float) -> None:
        """We do not hear our own messages (MQTT 5 no-local), so whatever comes here is somebody
        else's.
        """
        decoded = wire.decode_controller_id(message.payload)
        if isinstance(decoded, Refused):
            self._refuse(decoded)
        elif decoded != self._plan.controller_id:
            self.box.heard_controller(decoded)

    def _refuse(self, refused: Refused) -> None:
        count = self.box.refused[refused.kind] = self.box.refused[refused.kind] + 1
        if count & (count - 1) == 0:  # the 1st, 2nd, 4th, 8th…: a flood must not fill the log
            log.warning(
                "refused", dome=self._plan.dome, kind=refused.kind, why=refused.why, times=count
            )
