"""A guard and everything that it hears, on pretend time: a dome node, control and a nurse.

What is pretended here is simpler than the simulated dome on purpose: it is written against the wire
contract alone, so it shares no mistake with the product.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from thermod.guard.dome import GuardDome
from thermod.guard.hear import hear
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits
from thermod.guard.said import Challenge, GuardState, Permit, Said
from thermod.guard.specs import DomeSpec, ProbeSpec

BOOT_ID = "9f31c2d4a5b60718"
PROBES = {"core-1": "core", "core-2": "core", "skin-1": "skin", "skin-2": "skin", "air-1": "air"}
STAGES = ("ingest", "estimate", "alarms", "control", "limit", "publish")


def chain(challenge: str, cycle: int, results: list[int]) -> int:
    """The flow of CONTRACT.md, written from its text."""

    def crc(text: str) -> int:
        return crc32(text.encode("ascii")) & 0x7FFFFFFF

    token = crc(f"{challenge}:{cycle}")
    for stage, result in zip(STAGES, results, strict=True):
        token = crc(f"{token}:{stage}:{cycle}:{result}")
    return token


class Drawer:
    """Where the guard keeps what must outlive it; it can be stuck."""

    def __init__(self) -> None:
        self.domes: dict[str, Kept] = {}
        self.is_stuck = False
        self.writes = 0

    def save(self, changed: Mapping[str, Kept]) -> bool:
        if self.is_stuck:
            return False
        self.writes += 1
        self.domes.update(changed)
        return True


@dataclass
class Node:
    """What the dome says, in the words of the contract."""

    boot_id: str = BOOT_ID
    tick: int = 0
    epoch: int = 0
    guard_id: str | None = None
    stop_id: str | None = None
    controller_id: str | None = None
    lid: str = "closed"
    fan_running: bool | None = True
    measured_w: float | None = 0.0
    heater_follows: bool = True  # the measured power is what is commanded and permitted
    temps_c: dict[str, float] = field(
        default_factory=lambda: {
            **{"core-1": 37.0, "core-2": 37.1},
            **{"skin-1": 34.0, "skin-2": 34.5, "air-1": 50.0},
        }
    )
    is_alive: bool = True
    is_adopting: bool = True

    def state(self, **changes: Any) -> bytes:
        self.tick += 1
        message = {
            **{"boot_id": self.boot_id, "tick": self.tick, "applied_pct": 0.0},
            **{"measured_w": self.measured_w, "rated_w": 2000.0, "window_s": 1.0},
            **{"contactors_closed": [True], "epoch": self.epoch, "guard_id": self.guard_id},
            **{"controller_id": self.controller_id, "command_seq": 0, "stop_id": self.stop_id},
            **{"lid": self.lid, "fan_running": self.fan_running, "faults": [], "because": "-"},
            "probes": {
                probe: {"seq": self.tick, "temp_c": temp_c}
                for probe, temp_c in self.temps_c.items()
            },
        }
        return json.dumps({**message, **changes}).encode()


@dataclass
class Control:
    """What control says."""

    controller_id: str = "c-1"
    scope: str = "none"
    cycle: int = 100
    power_pct: float = 0.0
    seq: int = 0
    challenge: str | None = None
    is_alive: bool = True
    skips_a_stage: bool = False

    def heartbeat(self, **changes: Any) -> bytes:
        self.cycle += 1
        challenge = self.challenge or "00000000"
        results = [self.cycle % 7 + n for n in range(6)]
        flow = chain(challenge, self.cycle, results)
        message = {
            **{"controller_id": self.controller_id, "scope": self.scope, "challenge": challenge},
            **{"cycle": self.cycle, "results": results, "flow": flow ^ self.skips_a_stage},
        }
        return json.dumps({**message, **changes}).encode()


class Room:
    """One dome under guard. `run` lets time pass; whatever is changed before shows from then on."""

    def __init__(self, limits: Limits | None = None, spec: DomeSpec | None = None) -> None:
        self.limits = limits or Limits()
        self.spec = spec or DomeSpec("dome-1", tuple(ProbeSpec(p, r) for p, r in PROBES.items()))
        self.drawer = Drawer()
        self.drawer.domes[self.spec.dome_id] = Kept()
        self.node = Node()
        self.control = Control()
        self.now_s = 1000.0
        self.said: list[tuple[float, Said]] = []
        self.permit: Permit | None = None  # the newest
        self._numbers = itertools.count(1)
        self.guard = self.new_guard()

    def new_guard(self) -> GuardDome:
        """A new guard process over the same drawer."""
        guard_id = f"g-{next(self._numbers)}"
        return GuardDome(
            self.spec,
            self.limits,
            guard_id=guard_id,
            kept=self.drawer.domes.get(self.spec.dome_id),
            store=self.drawer,
            new_challenge=lambda: f"{next(self._numbers):08x}",
            now_s=self.now_s,
        )

    def restart_guard(self) -> None:
        self.guard = self.new_guard()

    # --- messages ---------------------------------------------------------------------------------

    def hear(self, suffix: str, payload: bytes | dict[str, Any], *, retained: bool = False) -> None:
        """The guard hears this now, and judges at once as its loop does."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        hear(self.guard, suffix, body, retained, self.now_s)
        self.look()

    def look(self) -> None:
        for said in self.guard.look(self.now_s):
            self.say(said)
        self.guard.keep(self.now_s)

    def say(self, said: Said) -> None:
        """Everybody hears what the guard says."""
        self.said.append((self.now_s, said))
        if isinstance(said, Challenge) and self.control.is_alive:
            self.control.challenge = said.challenge
        if isinstance(said, Permit):
            self.permit = said
            self._node_hears(said)

    def _node_hears(self, permit: Permit) -> None:
        node = self.node
        if node.is_adopting and permit.granted:
            node.epoch, node.guard_id = permit.epoch, permit.guard_id
        if node.heater_follows:
            may_heat = permit.granted and self.control.is_alive
            node.measured_w = self.control.power_pct * 20.0 if may_heat else 0.0

    # --- time -------------------------------------------------------------------------------------

    def run(self, seconds: float = 0.0, *, minutes: float = 0.0, looks: int = 5) -> None:
        """Half seconds, each with a node/state, a cycle of control, and some looks."""
        for _ in range(round((seconds + 60.0 * minutes) / 0.5)):
            if self.node.is_alive:
                self.hear("node/state", self.node.state())
            if self.control.is_alive:
                self.cycle()
            for _ in range(looks):
                self.now_s = round(self.now_s + 0.5 / looks, 6)
                self.look()

    def cycle(self) -> None:
        """What control sends in one cycle."""
        permit = self.permit
        if permit is not None and not permit.ended:
            self.control.seq += 1
            self.hear("heater/command", self.command(epoch=permit.epoch))
        self.hear("heartbeat", self.control.heartbeat())

    def command(self, **changes: Any) -> dict[str, Any]:
        control = self.control
        command = {
            **{"controller_id": control.controller_id, "epoch": 0, "seq": control.seq},
            **{"boot_id": self.node.boot_id, "tick": self.node.tick, "cycle": control.cycle},
            "power_pct": control.power_pct,
        }
        return {**command, **changes}

    # --- people -----------------------------------------------------------------------------------

    def intent(self, kind: str, details: dict[str, Any] | None = None, **changes: Any) -> str:
        """A nurse's act; returns its id."""
        intent_id = f"i-{next(self._numbers)}"
        message = {
            **{"intent_id": intent_id, "kind": kind, "by": "nurse-7", "role": "operator"},
            **{"reason": "", "controller_id": self.control.controller_id},
            **{"cycle": self.control.cycle, "session_id": "s-1", "details": details or {}},
        }
        self.hear("intent", {**message, **changes})
        return str(changes.get("intent_id", intent_id))

    def arm(self, intent_id: str, scope: str = "session", **changes: Any) -> None:
        """Control accepts an intent."""
        self.control.scope = scope
        self.control.seq = 0
        message = {"controller_id": self.control.controller_id, "intent_id": intent_id}
        self.hear("arm", {**message, "scope": scope, **changes})

    def start(self, target_c: float = 38.5, power_pct: float = 40.0, kind: str = "start") -> None:
        """From a guard that would permit to one that does."""
        self.run(seconds=3)
        self.control.power_pct = power_pct
        self.arm(self.intent(kind, {"target_c": target_c}))
        self.run(seconds=2)

    def reset(self, *latches: str, reason: str = "looked at it", **changes: Any) -> None:
        self.intent("reset", {"latches": list(latches)}, reason=reason, **changes)

    # --- what the guard says ----------------------------------------------------------------------

    def heard(self, kind: type[Said]) -> list[Any]:
        return [said for _, said in self.said if isinstance(said, kind)]

    @property
    def state(self) -> GuardState:
        newest: GuardState = self.heard(GuardState)[-1]
        return newest

    @property
    def granted(self) -> bool:
        return self.permit is not None and self.permit.granted

    @property
    def ended(self) -> bool:
        return self.permit is not None and self.permit.ended

    @property
    def broken(self) -> tuple[str, ...]:
        return self.guard.broken

    @property
    def latches(self) -> tuple[str, ...]:
        return self.guard.latches

    def refused(self, kind: str) -> int:
        return self.guard.senses.refused.get(kind, 0)

    def seconds_until(self, condition: Any, at_most: float = 70.0) -> float:
        """Let time pass until it holds; how long that took."""
        began_s = self.now_s
        while not condition():
            if not self.now_s - began_s < at_most:
                raise AssertionError(f"not within {at_most} s")
            self.run(seconds=0.5)
        return round(self.now_s - began_s, 3)
