"""A scripted control, guard and dome on a real broker, for the tests that look through a browser.

It follows the contract's messages and none of its judgement: what it accepts and shows is what a
test tells it to. The real ones are tested where they live.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson

from tests.gateway.fakes import CHECKS, PROBES, SESSION, SITE, guard_state, node_state, snapshot
from tests.servers import Mosquitto
from thermod.config import Broker
from thermod.gateway.topics import Topics
from thermod.mqtt import Inbound, Link
from thermod.snapshot import AlarmView, CoreView, NodeView, PowerView, Snapshot

PERIOD_S = 0.25
HEATS = {"heat_up", "hold"}
AFTER = {
    "start": "heat_up", "resume": "heat_up", "pause": "paused", "stop": "cool_down",
    "close": "ended", "reset": "paused",
}  # fmt: skip


class FakeControl:
    """One dome. Tests change `snapshot` or set `refuse`, `silent`, `deaf_to_stop`."""

    def __init__(self, broker: Mosquitto, dome: str = "dome-1") -> None:
        self.snapshot: Snapshot = snapshot(dome, target_c=38.5)
        self.refuse: tuple[str, str] | None = None  # because, do
        self.silent = False
        self.deaf_to_stop: set[str] = set()  # of node, guard, control
        self.intents: list[dict[str, Any]] = []
        self.stop_id: str | None = None
        self._dome = dome
        self._topics = Topics(SITE, "fake")
        self._link = Link(
            broker=Broker(host=broker.host, port=broker.port),
            client_id=f"fake-{dome}",
            subscriptions=[(self._topics.of(dome, name), 1) for name in ("intent", "stop")],
            on_message=self._on_message,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FakeControl]:
        tasks = [asyncio.create_task(self._link.run()), asyncio.create_task(self._tell())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def become(self, **changes: Any) -> None:
        """From now on the snapshot says this."""
        self.snapshot = replace(self.snapshot, **changes)

    def raise_alarm(self, alarm: AlarmView) -> None:
        alarms = [one for one in self.snapshot.alarms if one.alarm_id != alarm.alarm_id]
        self.become(alarms=(*alarms, alarm))

    async def _tell(self) -> None:
        while True:
            if not self.silent:
                self._cycle()
                self._publish("state", self.snapshot, retain=True, expiry_s=10)
            heard = {"stop_id": None if "node" in self.deaf_to_stop else self.stop_id}
            power = self.snapshot.power
            watts = {"applied_pct": power.applied_pct, "measured_w": power.measured_w}
            self._publish("node/state", node_state(**heard, **watts))
            heard = {"stop_id": None if "guard" in self.deaf_to_stop else self.stop_id}
            self._publish("guard/state", guard_state(**heard), qos=1, retain=True)
            await asyncio.sleep(PERIOD_S)

    def _cycle(self) -> None:
        now = self.snapshot
        power_pct = 62.0 if now.phase in HEATS else 0.0
        because = ("forecast 38.52 °C in 14 min",) if power_pct else (f"phase {now.phase}",)
        core = (now.core.temp_c or 37.0) + (0.002 if power_pct else 0.0)
        probes = tuple(
            replace(probe, temp_c=core) if probe.role == "core" else probe for probe in PROBES
        )
        self.become(
            cycle=now.cycle + 1,
            at_ms=time.time_ns() // 1_000_000,
            core=CoreView(core, 0.021 if power_pct else 0.0, 0.3, 0.03, 2, 0, "highest of two"),
            probes=probes,
            power=PowerView(78.0 if power_pct else 0.0, power_pct, because, power_pct,
                            power_pct * 20, 2000.0),
            heat="permitted" if power_pct else "off",
            setpoint_c=38.1 if power_pct else None,
            stop_id=None if "control" in self.deaf_to_stop else self.stop_id,
            node=NodeView("0123456789abcdef", now.cycle, 0.2, "closed", True, (bool(power_pct),),
                          7, self.stop_id, (), "heating" if power_pct else "no permit"),
        )  # fmt: skip

    def _on_message(self, message: Inbound) -> None:
        body = orjson.loads(message.payload)
        if message.topic.endswith("/stop"):
            self.stop_id = body["stop_id"]
            if "control" not in self.deaf_to_stop and self.snapshot.session is not None:
                self.become(phase="tripped", latches=("stopped",))
            return
        self.intents.append(body)
        accepted = self.refuse is None
        if accepted:
            self._obey(body)
        because, do = self.refuse or ("", "")
        session = self.snapshot.session
        answer = {
            "intent_id": body["intent_id"],
            "accepted": accepted,
            "because": because,
            "do": do,
            "session_id": None if session is None else session.session_id,
            "phase": self.snapshot.phase,
        }
        self._link.publish(
            message.response_topic or "", orjson.dumps(answer), qos=1,
            correlation=message.correlation,
        )  # fmt: skip

    def _obey(self, body: dict[str, Any]) -> None:
        kind, details = body["kind"], body["details"]
        if kind == "create":
            who = {"subject": details["subject"], "staff": details["staff"]}
            waiting = tuple(replace(check, ok=None) for check in CHECKS)
            self.become(
                phase="preflight",
                session=replace(SESSION, session_id=f"s-{self.snapshot.cycle}", **who),
                preflight=waiting,
            )
        if kind in ("acknowledge", "audio-pause"):
            changed = {
                "acknowledge": {"acknowledged_by": body["by"]},
                "audio-pause": {"audio_paused_s": 120.0},
            }[kind]
            self.become(
                alarms=tuple(
                    replace(one, **changed) if one.alarm_id == details["alarm"] else one
                    for one in self.snapshot.alarms
                )
            )
        if kind in AFTER:
            self.become(phase=AFTER[kind])
        at_ms = time.time_ns() // 1_000_000
        told = {"at_ms": at_ms, "kind": "act", "text": f"{kind} by {body['by']}", "cycle": 0}
        self._publish("event", told, qos=1)
        if kind == "reset":
            self.become(latches=())

    def pass_preflight(self) -> None:
        self.become(preflight=CHECKS)

    def _publish(self, name: str, body: Any, **options: Any) -> None:
        self._link.publish(self._topics.of(self._dome, name), orjson.dumps(body), **options)
