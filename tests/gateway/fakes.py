"""What the gateway's tests stand on: a snapshot, a bus without a broker, a clock that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from alarms.limits import Limits
from controllers.protocol import HOLD_45
from thermod.gateway.answers import Answers
from thermod.gateway.auth import People, Role
from thermod.gateway.forward import ForwardStatus
from thermod.gateway.records import Records
from thermod.gateway.service import Gateway, Parts
from thermod.gateway.state import Picture
from thermod.gateway.store import Store
from thermod.gateway.topics import Topics
from thermod.mqtt import Inbound
from thermod.snapshot import (
    AlarmView,
    CheckView,
    ControlView,
    CoreView,
    GuardView,
    HealthView,
    NodeView,
    PowerView,
    ProbeView,
    SessionView,
    Snapshot,
)

SITE = "clinic"
NOW_MS = 1_760_000_000_000
TOPICS = Topics(SITE, "gateway")

ALARM = AlarmView(
    alarm_id="core_warm",
    priority="medium",
    state="active",
    text="Core 38.72 °C (core-1) is above 38.70 °C",
    do="Watch the trend; expect power to fall by itself.",
    since_ms=NOW_MS - 30_000,
    first_out=True,
    acknowledged_by=None,
    audio_paused_s=0.0,
)
SESSION = SessionView(
    session_id="s-1",
    subject="P-017",
    staff="nurse-7",
    protocol="hold-45",
    created_ms=NOW_MS - 3_600_000,
    heat_min=41.0,
    heat_up_min=41.0,
    hold_min=0.0,
    hold_left_min=None,
    in_band_min=0.0,
    since_first_heat_min=42.0,
    presence_due_s=720.0,
    manual_check_due_s=None,
    dose_cem43_min=0.1,
)
CHECKS = (
    CheckView("core_probes", True, "Two core probes agree", ""),
    CheckView("guard", True, "The guard would permit", ""),
    CheckView("on_test", True, "Heater on-test passed", ""),
)
PROBES = (
    ProbeView("core-1", "core", "rectum", "good", "", 37.61, 0.4),
    ProbeView("core-2", "core", "rectum", "good", "", 37.58, 0.4),
    ProbeView("skin-1", "skin", "chest", "good", "", 38.9, 0.4),
    ProbeView("air-1", "air", "dome", "good", "", 54.2, 0.4),
)


def snapshot(dome: str = "dome-1", **changes: Any) -> Snapshot:
    """An idle dome with healthy probes; name what is to differ."""
    idle = Snapshot(
        site=SITE,
        dome=dome,
        controller_id="c-1",
        cycle=100,
        at_ms=NOW_MS,
        phase="idle",
        phase_min=1.0,
        target_c=38.5,
        setpoint_c=None,
        heat="off",
        core=CoreView(37.6, 0.0, 0.4, 0.03, 2, 0, "highest of two good probes"),
        skin_temp_c=38.9,
        air_temp_c=54.2,
        room_temp_c=23.1,
        probes=PROBES,
        power=PowerView(0.0, 0.0, ("no session",), 0.0, 0.0, 2000.0),
        control=ControlView(None, None, 0.0, 0.0, 0.0, 0.0),
        alarms=(),
        latches=(),
        guard=GuardView("g-1", False, (), (), 0.3, "no epoch is open"),
        node=NodeView("0123456789abcdef", 7, 0.3, "closed", True, (False,), 0, None, (), "idle"),
        preflight=(),
        session=None,
        epoch=None,
        stop_id=None,
        health=HealthView(1.2, 0, 0, 0, {}),
    )
    return replace(idle, **changes)


def guard_state(**changes: Any) -> dict[str, Any]:
    return {
        "guard_id": "g-1",
        "permitting": False,
        "scope": "none",
        "broken": [],
        "tripped_by": [],
        "epoch": 0,
        "stop_id": None,
        "controller_id": None,
        "probes": {"core-1": "core"},
        "limits": {"core_temp_c_max": 39.2},
        "limits_sha256": "0",
        "refused": {},
        **changes,
    }


def node_state(**changes: Any) -> dict[str, Any]:
    return {
        "boot_id": "0123456789abcdef",
        "tick": 7,
        "applied_pct": 0.0,
        "measured_w": 0.0,
        "rated_w": 2000.0,
        "window_s": 1.0,
        "contactors_closed": [False],
        "epoch": 0,
        "guard_id": None,
        "controller_id": None,
        "command_seq": 0,
        "stop_id": None,
        "lid": "closed",
        "fan_running": True,
        "probes": {},
        "faults": [],
        "because": "no permit",
        **changes,
    }


class FakeClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time_s = 1000.0

    def now_s(self) -> float:
        return self.time_s

    def wall_ms(self) -> int:
        return NOW_MS + round((self.time_s - 1000.0) * 1000)

    async def sleep_until(self, deadline_s: float) -> None:
        self.time_s = max(self.time_s, deadline_s)


@dataclass
class Sent:
    """One message as the gateway published it."""

    topic: str
    body: dict[str, Any]
    options: dict[str, Any]


@dataclass
class FakeBus:
    """Keeps what is published; `on_publish` plays the rest of the world."""

    connected: bool = True
    sent: list[Sent] = field(default_factory=list)
    on_publish: Callable[[Sent], None] = lambda sent: None

    def publish(self, topic: str, payload: bytes, **options: Any) -> bool:
        if self.connected:
            self.sent.append(Sent(topic, orjson.loads(payload), options))
            self.on_publish(self.sent[-1])
        return self.connected

    def named(self, name: str) -> list[Sent]:
        return [one for one in self.sent if one.topic.endswith(f"/{name}")]


async def eventually(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    """Waits until something holds; for what happens in real time."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110  # what it waits for has no event
            await asyncio.sleep(0.005)


class Rig:
    """A gateway on a fake bus, with a key for each role."""

    def __init__(self, folder: Path, domes: tuple[str, ...] = ("dome-1", "dome-2")) -> None:
        self.clock = FakeClock()
        self.bus = FakeBus()
        self.store = Store(folder / "gateway.db")
        self.people = People(self.store)
        self.journal = folder / "journal.db"
        self.gateway = Gateway(
            Parts(
                bus=self.bus,
                picture=Picture(TOPICS, domes, self.clock),
                people=self.people,
                answers=Answers(self.store),
                records=Records(self.journal),
                forward=ForwardStatus(),
                protocols=(HOLD_45,),
                limits=Limits(),
            )
        )
        self.keys = {
            role: self.people.create_key(role=role, label=f"test-{role}", now_ms=NOW_MS)
            for role in Role
        }

    def hear(
        self, name: str, body: Any, *, dome: str = "dome-1", retain: bool = False, **options: Any
    ) -> None:
        """A message arrives from the broker."""
        payload = body if isinstance(body, bytes) else orjson.dumps(body)
        topic = TOPICS.of(dome, name)
        self.gateway.on_message(Inbound(topic, payload, retain, None, options.get("correlation")))

    def hear_state(self, **changes: Any) -> None:
        self.hear("state", snapshot(**changes), dome=changes.get("dome", "dome-1"))

    def control_answers(self, **answer: Any) -> None:
        """From now on control answers each intent with this."""

        def reply(sent: Sent) -> None:
            if sent.topic.endswith("/intent"):
                intent_id = sent.body["intent_id"]
                body = {
                    "intent_id": intent_id,
                    "accepted": True,
                    "because": "",
                    "do": "",
                    "session_id": "s-1",
                    "phase": "preflight",
                    **answer,
                }
                self.hear(
                    "reply/gateway",
                    body,
                    dome=sent.topic.split("/")[3],
                    correlation=intent_id.encode(),
                )

        self.bus.on_publish = reply

    def bearer(self, role: str = "operator") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[Role(role)]}"}
