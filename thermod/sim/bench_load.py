"""The other side of a bench: plays dome node and guard of many domes, cheaply, and times the
answers.

It follows the contract far enough that control runs whole sessions: it opens an epoch for every
`arm`, heats when commanded, and stamps each tick, so that the first command that echoes it tells
how long a reading took to become a command.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

import orjson

from thermod.clock import BootClock
from thermod.mqtt import Broker, Inbound, Link
from thermod.post import ROOT
from thermod.sim.plant import PROBES

TICK_S = 0.5
RATED_W = 2000.0
GUARD_LIMITS = {
    "core_temp_c_max": 39.2,
    "core_rise_c_per_min_max": 0.07,
    "skin_temp_c_max": 43.0,
    "air_temp_c_max": 78.0,
    "skin_dose_cem43_min_max": 15.0,
    "heat_span_min_max": 210.0,
    "core_age_s_max": 60.0,
}
TEMPS_C = {"core": 37.2, "skin": 36.0, "air": 45.0, "room": 24.0}


@dataclass(slots=True)
class Played:
    """One dome with its guard."""

    dome: str
    base: str
    boot_id: str = field(default_factory=lambda: secrets.token_hex(8))
    tick: int = 0
    epoch: int = 0
    seq: int = 0
    granted: bool = False
    controller_id: str | None = None
    power_pct: float = 0.0
    phase: str = ""
    session_id: str | None = None
    cycle: int = 0
    ready: bool = False
    overruns: int = 0
    sent_s: dict[int, float] = field(default_factory=dict)


class Load:
    """All played domes on one link."""

    def __init__(self, broker: Broker, site: str, domes: list[str]) -> None:
        self.clock = BootClock()
        self.latency_s: list[float] = []  # reading to command
        self.loop_back_s: list[float] = []  # broker's own round trip, measured beside it
        self.connected = asyncio.Event()
        self._domes = {dome: Played(dome, f"{ROOT}/{site}/{dome}") for dome in domes}
        self._ping = f"{ROOT}/{site}/-/ping"
        names = ("heater/command", "heartbeat", "arm", "state")
        wanted = [(f"{ROOT}/{site}/+/{name}", 0) for name in names]
        self.link = Link(
            broker=broker,
            client_id=f"bench-{secrets.token_hex(4)}",
            subscriptions=[*wanted, (self._ping, 0)],
            on_message=self._hear,
            on_change=self._link_changed,
        )

    def _link_changed(self, up: bool) -> None:
        if up:
            self.connected.set()

    @property
    def heating(self) -> int:
        """How many sessions are in heat-up or hold."""
        return sum(played.phase in ("heat_up", "hold") for played in self._domes.values())

    @property
    def overruns(self) -> int:
        """Late cycles so far, over all domes, as control counts them."""
        return sum(played.overruns for played in self._domes.values())

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.link.run(), name="link")
            tasks.create_task(self._tick(), name="tick")
            tasks.create_task(self._pinging(), name="ping")

    async def start_sessions(self, timeout_s: float) -> None:
        """Take every dome through create, preflight and start. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self.heating < len(self._domes):
                for played in self._domes.values():
                    self._next_act(played)
                await asyncio.sleep(1.0)

    def _next_act(self, played: Played) -> None:
        if played.phase == "idle":
            details = {"protocol": "hold-45", "subject": "B-1", "staff": "B-1", "consent": True}
            self._ask(played, "create", details)
        elif played.phase == "preflight" and played.ready:
            self._ask(played, "start", {"target_c": 38.5})

    def _ask(self, played: Played, kind: str, details: dict[str, object]) -> None:
        intent = {
            "intent_id": f"b-{secrets.token_hex(8)}",
            "kind": kind,
            "by": "bench",
            "role": "operator",
            "controller_id": played.controller_id,
            "cycle": played.cycle,
            "session_id": None if kind == "create" else played.session_id,
            "details": details,
        }
        self.link.publish(f"{played.base}/intent", orjson.dumps(intent), qos=1)

    async def _tick(self) -> None:
        domes = list(self._domes.values())
        slot_s = TICK_S / len(domes)
        start_s = self.clock.now_s()
        while True:
            for place, played in enumerate(domes):
                await self.clock.sleep_until(start_s + place * slot_s)
                self._one_tick(played)
            start_s += TICK_S

    def _one_tick(self, played: Played) -> None:
        publish, base = self.link.publish, played.base
        played.tick += 1
        played.sent_s[played.tick] = self.clock.now_s()
        publish(f"{base}/node/state", orjson.dumps(self._node_state(played)))
        challenge = {"challenge": f"{played.tick:08x}"}
        publish(f"{base}/guard/challenge", orjson.dumps(challenge), expiry_s=2)
        self._permit(played)
        if played.tick % 10 == 1:
            publish(f"{base}/guard/state", orjson.dumps(_guard_state(played)), qos=1, retain=True)

    def _permit(self, played: Played) -> None:
        played.seq += 1
        permit = {
            "granted": played.granted,
            "ended": not played.granted,
            "why": "all holds",
            "annunciate": False,
            "guard_id": "g-bench",
            "controller_id": played.controller_id,
            "epoch": played.epoch,
            "seq": played.seq,
            "boot_id": played.boot_id,
            "tick": played.tick,
        }
        self.link.publish(f"{played.base}/guard/permit", orjson.dumps(permit), expiry_s=2)

    def _node_state(self, played: Played) -> dict[str, object]:
        applied_pct = played.power_pct if played.granted else 0.0
        return {
            "boot_id": played.boot_id,
            "tick": played.tick,
            "applied_pct": applied_pct,
            "measured_w": applied_pct / 100.0 * RATED_W,
            "rated_w": RATED_W,
            "window_s": 1.0,
            "contactors_closed": [played.granted],
            "epoch": played.epoch,
            "guard_id": "g-bench",
            "controller_id": played.controller_id,
            "command_seq": 0,
            "stop_id": None,
            "lid": "closed",
            "fan_running": True,
            "probes": {
                probe_id: {
                    "seq": played.tick,
                    "temp_c": TEMPS_C[spec.role] + 0.01 * (played.tick % 3),
                }
                for probe_id, spec in PROBES.items()
            },
            "faults": [],
            "because": "heating",
        }

    def _hear(self, message: Inbound) -> None:
        now_s = self.clock.now_s()
        if message.topic == self._ping:
            self.loop_back_s.append(now_s - float(message.payload))
            return
        _, _, _, dome, suffix = message.topic.split("/", 4)
        played = self._domes[dome]
        said = orjson.loads(message.payload)
        if suffix == "heater/command":
            played.power_pct = said["power_pct"]
            sent_s = played.sent_s.pop(said["tick"], None)
            if sent_s is not None:
                self.latency_s.append(now_s - sent_s)
        elif suffix == "heartbeat":
            played.controller_id, played.cycle = said["controller_id"], said["cycle"]
            if said["scope"] == "none":
                played.granted = False
        elif suffix == "arm":
            played.epoch, played.seq, played.granted = played.epoch + 1, 0, True
            self._permit(played)
        elif suffix == "state":
            _look(played, said)

    async def _pinging(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            self.link.publish(self._ping, str(self.clock.now_s()).encode())


def _look(played: Played, state: dict[str, object]) -> None:
    """What the snapshot says about the session."""
    played.phase = str(state["phase"])
    checks, session, health = state["preflight"], state["session"], state["health"]
    if isinstance(checks, list):
        played.ready = bool(checks) and all(check["ok"] is True for check in checks)
    if isinstance(session, dict):
        played.session_id = session["session_id"]
    if isinstance(health, dict):
        played.overruns = health["overruns"]


def _guard_state(played: Played) -> dict[str, object]:
    return {
        "guard_id": "g-bench",
        "permitting": played.granted,
        "scope": "none",
        "broken": [],
        "tripped_by": [],
        "epoch": played.epoch,
        "stop_id": None,
        "controller_id": played.controller_id,
        "probes": {probe_id: spec.role for probe_id, spec in PROBES.items()},
        "limits": GUARD_LIMITS,
        "limits_sha256": "0" * 64,
        "refused": {},
    }
