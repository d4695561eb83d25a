"""A stranger on the bus with a recorder: he says again what others said, or what nobody should.

He has no account that an access list would stop: what he says must be harmless by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

import orjson

from thermod.sim.drill.bus import Bus
from thermod.sim.drill.canary import now_ns
from thermod.sim.drill.deeds import Words
from thermod.sim.drill.staff import Staff

RECORDED = ("node/state", "guard/permit", "heater/command", "arm", "heartbeat")
KEPT_MAX = 40  # of each kind and dome: 20 s at 2 Hz
OLD_BY = 12  # messages: older than any lease, and than any reading that counts as fresh
FAR_AHEAD_TICKS = 1000
LATE_CYCLES = 20
SAYS_EVERY_S = 0.25
SAYS_AT_ONCE = 8  # of many: all of a record in 4 s, and no flood, which would be another fault
WHO = {"heartbeat": "controller_id", "guard/permit": "guard_id"}


class Stranger:
    """Records what he hears. `says` is a task: it ends when it is cancelled."""

    def __init__(self, bus: Bus, staff: Staff) -> None:
        self._bus = bus
        self._staff = staff
        self._recorded: dict[tuple[str, str], deque[bytes]] = {}
        self._known: set[str] = set()  # all who spoke before the last `mark`
        self._heard: set[str] = set()
        self._others_ns: dict[str, int] = {}
        self._repeats: set[str] = set()  # domes whose node/state he says a second time
        bus.listen(self._hear)

    def mark(self) -> None:
        """Whoever speaks from here on for the first time is another one."""
        self._known |= self._heard
        self._others_ns.clear()

    def others_word_ns(self, dome: str) -> int | None:
        """When another control or guard than those before was first heard of this dome."""
        return self._others_ns.get(dome)

    async def says(self, words: Words, domes: Sequence[str]) -> None:
        """Once or for ever, as the words need it."""
        if words is Words.RETAINED:
            for dome in domes:
                self._plant(dome)
            return
        if words is Words.REPEATED:
            self._repeats.update(domes)
            try:
                await asyncio.Event().wait()
            finally:
                self._repeats.difference_update(domes)
        over = {dome: deque(self._authority(dome)) for dome in domes}
        while True:
            for dome in domes:
                self._say(words, dome, over[dome])
            await asyncio.sleep(SAYS_EVERY_S)

    def _say(self, words: Words, dome: str, over: deque[tuple[str, bytes]]) -> None:
        repeat = self._bus.repeat
        if words is Words.REPLAYED:
            repeat(dome, "node/state", self._old(dome, "node/state"))
        elif words is Words.FUTURE:
            repeat(dome, "sensor/core-1/reading", self._reading(dome, FAR_AHEAD_TICKS))
        elif words is Words.AUTHORITY:
            for suffix, payload in tuple(islice(over, SAYS_AT_ONCE)):
                repeat(dome, suffix, payload)
            over.rotate(-SAYS_AT_ONCE)
        elif words is Words.INTENT_AGAIN:
            repeat(dome, "intent", self._staff.last_opening(dome))
        elif words is Words.INTENT_LATE:
            late = orjson.loads(self._staff.last_opening(dome))
            late |= {"intent_id": f"i-{secrets.token_hex(8)}", "kind": "resume", "reason": "late"}
            late |= self._staff.whom(dome, cycles_ago=LATE_CYCLES)
            late["details"] = {"target_c": 38.5, "same_patient": True}
            self._bus.say(dome, "intent", late)

    def _plant(self, dome: str) -> None:
        """Old words that the broker will say anew to whoever comes back."""
        planted = {
            "node/state": self._old(dome, "node/state"),
            "guard/permit": self._old(dome, "guard/permit"),
            "heater/command": self._old(dome, "heater/command"),
            "sensor/core-1/reading": self._reading(dome, 0),
            "intent": self._staff.last_opening(dome),
        }
        for suffix, payload in planted.items():
            self._bus.repeat(dome, suffix, payload, retain=True)

    def _old(self, dome: str, suffix: str) -> bytes:
        heard = self._recorded[dome, suffix]
        return heard[max(0, len(heard) - OLD_BY)]

    def _reading(self, dome: str, ahead_ticks: int) -> bytes:
        state: dict[str, Any] = orjson.loads(self._recorded[dome, "node/state"][-1])
        tick = state["tick"] + ahead_ticks
        return orjson.dumps({"boot_id": state["boot_id"], "seq": tick, "tick": tick, "temp_c": 36})

    def _authority(self, dome: str) -> list[tuple[str, bytes]]:
        """All that opened and kept up the epoch, in its order."""
        return [
            (suffix, payload)
            for suffix in ("arm", "guard/permit", "heater/command")
            for payload in self._recorded.get((dome, suffix), ())
        ]

    def _hear(self, dome: str, suffix: str, payload: bytes) -> None:
        if suffix not in RECORDED:
            return
        kept = self._recorded.setdefault((dome, suffix), deque(maxlen=KEPT_MAX))
        kept.append(payload)
        if suffix in WHO:
            who = orjson.loads(payload)[WHO[suffix]]
            self._heard.add(who)
            if who not in self._known:
                self._others_ns.setdefault(dome, now_ns())
        elif suffix == "node/state" and dome in self._repeats:
            self._bus.repeat(dome, suffix, payload)
