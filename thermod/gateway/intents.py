"""A person's wish becomes an intent on MQTT, and control's answer comes back as a value.

The gateway decides nothing: it names the snapshot that the person was looking at, says who asks,
and relays "accepted" or "refused because".
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from thermod.gateway.auth import Person
from thermod.gateway.bus import Bus
from thermod.gateway.messages import ReplyMessage
from thermod.gateway.problems import BUSY, NO_ANSWER, OFFLINE, REFUSED, Problem
from thermod.gateway.state import Live, Picture

ANSWER_WITHIN_S = 3.0
EXPIRY_S = 5  # control refuses an older one anyway
WAITING_MAX = 256
NAMESPACE = uuid.UUID("7d1c5c3e-6c55-4d0e-9d0c-2f1f7a3f5b11")  # of intent ids made from a key


@dataclass(frozen=True, slots=True)
class Seen:
    """The snapshot that the person was looking at."""

    controller_id: str
    cycle: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of control. `once` makes the id repeatable (see `intent_id_of`)."""

    dome: str
    kind: str
    person: Person
    reason: str = ""
    seen: Seen | None = None
    session_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    once: str | None = None


def intent_id_of(wish: Wish) -> str:
    """Random; or, for a repeated request, the same again, so that control acts on it only once.

    Control refuses an `intent_id` that it has seen. So a client that heard no answer may safely
    repeat a request with the same Idempotency-Key.
    """
    if wish.once is None:
        return str(uuid.uuid4())
    return str(uuid.uuid5(NAMESPACE, f"{wish.person.key_id}/{wish.dome}/{wish.kind}/{wish.once}"))


class Intents:
    """The intents that wait for control's answer."""

    def __init__(self, bus: Bus, picture: Picture) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()  # (kind, outcome)
        self._bus = bus
        self._picture = picture
        self._waiting: dict[str, asyncio.Future[ReplyMessage]] = {}

    async def ask(self, wish: Wish) -> ReplyMessage:
        """Control's "accepted". Raises Problem: refused, offline, busy, no answer within 3 s."""
        try:
            reply = await self._ask(wish)
        except Problem as problem:
            self.outcomes[wish.kind, problem.kind.slug] += 1
            raise
        self.outcomes[wish.kind, "accepted" if reply.accepted else "refused"] += 1
        if not reply.accepted:
            raise Problem(
                REFUSED,
                reply.because or "Control gave no reason.",
                do=reply.do or None,
                intent_id=reply.intent_id,
                session_id=reply.session_id,
                phase=reply.phase,
            )
        return reply

    def on_reply(self, reply: ReplyMessage) -> None:
        waiting = self._waiting.get(reply.intent_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)

    async def _ask(self, wish: Wish) -> ReplyMessage:
        intent_id = intent_id_of(wish)
        seen = wish.seen or self._newest(wish.dome)
        if intent_id in self._waiting or len(self._waiting) >= WAITING_MAX:
            raise Problem(BUSY, "This, or too much else, already waits for control's answer.")
        answer: asyncio.Future[ReplyMessage] = asyncio.get_running_loop().create_future()
        self._waiting[intent_id] = answer
        try:
            self._send(wish, intent_id, seen)
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await answer
        except TimeoutError:
            raise Problem(
                NO_ANSWER,
                f"Control on {wish.dome} did not answer within {ANSWER_WITHIN_S:.0f} s.",
                intent_id=intent_id,
            ) from None
        finally:
            del self._waiting[intent_id]

    def _newest(self, dome: str) -> Seen:
        picture = self._picture.domes[dome]
        now_s = self._picture.clock.now_s()
        if picture.snapshot is None or picture.live(now_s) is not Live.LIVE:
            raise Problem(
                OFFLINE,
                f"Control on {dome} is not being heard, so nobody can see what they would act on.",
            )
        return Seen(picture.snapshot.controller_id, picture.snapshot.cycle)

    def _send(self, wish: Wish, intent_id: str, seen: Seen) -> None:
        topics = self._picture.topics
        payload = {
            "intent_id": intent_id,
            "kind": wish.kind,
            "by": wish.person.label,
            "role": str(wish.person.role),
            "reason": wish.reason,
            "controller_id": seen.controller_id,
            "cycle": seen.cycle,
            "session_id": wish.session_id,
            "details": dict(wish.details),
        }
        sent = self._bus.publish(
            topics.of(wish.dome, "intent"),
            orjson.dumps(payload),
            qos=1,
            expiry_s=EXPIRY_S,
            response_topic=topics.reply(wish.dome),
            correlation=intent_id.encode(),
        )
        if not sent:
            raise Problem(OFFLINE, "The gateway has no connection to the broker.")
