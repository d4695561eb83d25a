"""The control process as it is shipped, on a real broker, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.properties.messages import GOOD
from tests.servers import Mosquitto
from thermod.guard.flow import flow_token
from thermod.journal_read import JournalReader
from thermod.latches import Kept, KeptDome, Latch, LatchFile

pytestmark = [pytest.mark.broker, pytest.mark.slow]

BASE = "thermod/v1/clinic/dome-1"
STATUS = "thermod/v1/clinic/-/status/control"
THERMOD = Path(sys.executable).with_name("thermod")

CONFIG = """
site = "clinic"
state_dir = "{folder}"

[broker]
host = "{host}"
port = {port}

[[dome]]
id = "dome-1"
rated_w = 2000.0
{probes}
"""
PROBE = """
[[dome.probe]]
id = "{id}"
role = "{role}"
site = "{role}"
resolution_c = 0.01
calibrated_on = 2020-01-01
due = 2099-01-01
"""
PROBES = {"core-1": "core", "core-2": "core", "skin-1": "skin", "air-1": "air"}


class Control:
    """One `thermod control`, its folder, and how it ended."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.config = folder / "thermod.toml"
        probes = "".join(PROBE.format(id=name, role=role) for name, role in PROBES.items())
        self.config.write_text(
            CONFIG.format(folder=folder, host=broker.host, port=broker.port, probes=probes)
        )
        self.file = LatchFile(folder / "latches.json")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "control.log").open("ab") as log:
            self.process = subprocess.Popen(
                [THERMOD, "control", "--config", self.config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "NOTIFY_SOCKET": ""},
            )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def ended(self, within_s: float) -> int:
        assert self.process is not None
        process = self.process
        await until(lambda: process.poll() is not None, within_s)
        assert process.returncode is not None
        return process.returncode

    def log(self) -> str:
        return (self.folder / "control.log").read_text()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Ear:
    """Everything that is said on the bus, with when it was heard; and a mouth."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[float, str, bytes, bool]] = []

    async def listen(self) -> None:
        async for message in self.client.messages:
            at_s = time.monotonic()
            self.heard.append((at_s, message.topic.value, message.payload, message.retain))

    def all(self, topic: str, since_s: float = 0.0) -> list[tuple[float, Any]]:
        return [
            (at_s, orjson.loads(payload) if payload else None)
            for at_s, name, payload, _ in self.heard
            if name == topic and at_s >= since_s
        ]

    def last(self, topic: str) -> Any:
        found = self.all(topic)
        return found[-1][1] if found else None

    async def say(self, topic: str, fields: dict[str, Any], **options: Any) -> None:
        await self.client.publish(f"{BASE}/{topic}", orjson.dumps(fields), **options)


async def until(holds: Callable[[], Any], within_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"not within {within_s} s")
        await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(broker: Mosquitto) -> AsyncIterator[Ear]:
    async with aiomqtt.Client(
        broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5, timeout=5.0
    ) as client:
        ear = Ear(client)
        await client.subscribe("thermod/#", qos=1)
        task = asyncio.create_task(ear.listen())
        try:
            yield ear
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def control(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Control]:
    """Not started yet; with a latch file, as after a first start that somebody reset."""
    control = Control(tmp_path / "state", mosquitto)
    control.file.save(Kept({"dome-1": KeptDome()}))
    try:
        yield control
    finally:
        control.kill()


def is_online(ear: Ear) -> bool:
    status = ear.last(STATUS)
    return status is not None and status["online"]


def node_state(tick: int) -> dict[str, Any]:
    temps_c = {"core-1": 37.1, "core-2": 37.12, "skin-1": 34.0, "air-1": 26.0}
    probes = {name: {"seq": tick, "temp_c": temp_c} for name, temp_c in temps_c.items()}
    cold = {"applied_pct": 0.0, "measured_w": 0.0, "epoch": 0, "guard_id": None}
    return {**GOOD["node_state"], **cold, "tick": tick, "probes": probes}


def intent(ear: Ear, intent_id: str, kind: str, **more: Any) -> dict[str, Any]:
    state = ear.last(f"{BASE}/state")
    return {
        **{"intent_id": intent_id, "kind": kind, "by": "nurse-1", "role": "clinician"},
        **{"controller_id": state["controller_id"], "cycle": state["cycle"], "details": {}},
        **more,
    }


async def test_it_boots_idle_beats_at_2_hz_and_shows_itself_at_1_hz(control, mosquitto):
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: is_online(ear))
        await until(lambda: ear.all(f"{BASE}/heartbeat"))
        from_s = time.monotonic()
        for tick in range(1, 11):
            await ear.say("node/state", node_state(tick))
            await ear.say("guard/challenge", {"challenge": f"{tick:08x}"})
            await asyncio.sleep(0.5)
        took_s = time.monotonic() - from_s

        beats = [beat for _, beat in ear.all(f"{BASE}/heartbeat", from_s)]
        states = [state for _, state in ear.all(f"{BASE}/state", from_s)]
        assert len(beats) == pytest.approx(2.0 * took_s, abs=2)
        assert len(states) == pytest.approx(took_s, abs=2)
        assert [beat["cycle"] for beat in beats] == list(
            range(beats[0]["cycle"], beats[0]["cycle"] + len(beats))
        )
        for beat in beats:
            token = flow_token(beat["challenge"], beat["cycle"], beat["results"])
            assert (beat["flow"], beat["scope"]) == (token, "none")
        assert beats[-1]["challenge"] in ("0000000a", "00000009")
        assert {state["phase"] for state in states} == {"idle"}
        assert states[-1]["core"]["temp_c"] == pytest.approx(37.11)
        assert states[-1]["latches"] == []
        assert ear.all(f"{BASE}/heater/command") == []  # nobody asked for heat
        assert ear.last(STATUS)["instance_id"] == states[-1]["controller_id"]


async def test_told_to_stop_it_says_goodbye_and_leaves_its_record(control, mosquitto):
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: len(ear.all(f"{BASE}/state")) >= 2)
        control.signal(signal.SIGTERM)
        assert await control.ended(within_s=5.0) == 0
        await until(lambda: not is_online(ear), within_s=1.0)
    kept = orjson.loads((control.folder / "latches.json").read_bytes())
    assert (kept["running"], kept["crashes_ms"]) == (False, [])
    with contextlib.closing(sqlite3.connect(control.folder / "journal.db")) as journal:
        rows = journal.execute("SELECT cycle, phase FROM cycles ORDER BY id").fetchall()
    assert len(rows) >= 3
    assert [cycle for cycle, _ in rows] == list(range(1, len(rows) + 1))
    assert {phase for _, phase in rows} == {"idle"}


async def test_killed_three_times_within_minutes_it_locks(control, mosquitto):
    """H11."""
    async with listening(mosquitto) as ear:
        for _ in range(3):
            since_s = time.monotonic()
            control.start()
            await until(lambda since_s=since_s: ear.all(f"{BASE}/state", since_s))
            assert ear.last(f"{BASE}/state")["latches"] == []
            control.signal(signal.SIGKILL)
            await control.ended(within_s=5.0)
            await until(lambda: not is_online(ear), within_s=5.0)  # its will says so
        since_s = time.monotonic()
        control.start()
        await until(lambda: ear.all(f"{BASE}/state", since_s))
        assert ear.last(f"{BASE}/state")["latches"] == ["crash_loop"]
        await until(lambda: ear.last(f"{BASE}/alarm/crash_loop"))


async def test_a_damaged_journal_is_set_aside_and_told_of_and_nothing_else(control, mosquitto):
    """H20."""
    (control.folder / "journal.db").write_bytes(b"not a database" * 1000)
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: len(ear.all(f"{BASE}/state")) >= 2)
        assert ear.last(f"{BASE}/state")["latches"] == []
        control.signal(signal.SIGTERM)
        assert await control.ended(within_s=5.0) == 0
    with contextlib.closing(sqlite3.connect(control.folder / "journal.db")) as journal:
        (text,) = journal.execute("SELECT text FROM events WHERE kind = 'journal'").fetchone()
    assert text.startswith("the journal was set aside as")


async def test_a_first_start_without_a_latch_file_is_latched(control, mosquitto):
    (control.folder / "latches.json").unlink()
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: ear.all(f"{BASE}/state"))
        assert ear.last(f"{BASE}/state")["latches"] == ["state_lost"]


async def test_a_second_process_of_its_name_ends_the_first_with_64(control, mosquitto, tmp_path):
    """H13: the service manager is told by the exit code not to restart it."""
    second = Control(tmp_path / "second", mosquitto)
    second.file.save(Kept({"dome-1": KeptDome()}))
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: is_online(ear))
        first_id = ear.last(STATUS)["instance_id"]
        try:
            second.start()
            assert await control.ended(within_s=15.0) == 64
            await until(lambda: is_online(ear) and ear.last(STATUS)["instance_id"] != first_id)
            assert orjson.loads((control.folder / "latches.json").read_bytes())["running"] is False
        finally:
            second.kill()


async def test_people_are_answered_on_their_reply_topic_and_nowhere_else(control, mosquitto):
    reply_to = f"{BASE}/reply/gateway"
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: ear.all(f"{BASE}/state"))
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic, properties.CorrelationData = reply_to, b"i-1"
        asked = intent(ear, "i-1", "resume", session_id="s-1", details={"target_c": 38.5})
        await ear.say("intent", asked, qos=1, properties=properties)
        await until(lambda: ear.last(reply_to))
        assert ear.last(reply_to)["accepted"] is False
        assert "s-1 is not the one on this dome" in ear.last(reply_to)["because"]

        properties.ResponseTopic = f"{BASE}/guard/permit"
        asked = intent(ear, "i-2", "note", details={"text": "…"})
        await ear.say("intent", asked, qos=1, properties=properties)
        await until(lambda: "intent_reply_topic" in control.log())
        assert ear.all(f"{BASE}/guard/permit") == []


async def test_a_stop_is_echoed_latched_and_told_anew_to_a_broker_that_forgot(control, mosquitto):
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: ear.all(f"{BASE}/state"))
        await ear.say("stop", {"stop_id": "e1f0", "by": "nurse-1"}, qos=1)
        await until(lambda: ear.last(f"{BASE}/state")["stop_id"] == "e1f0", within_s=2.0)
        assert ear.last(f"{BASE}/state")["latches"] == ["stopped"]
        await until(lambda: ear.last(f"{BASE}/alarm/stopped"), within_s=2.0)
        assert ear.last(f"{BASE}/alarm/stopped")["priority"] == "high"
    mosquitto.restart()
    async with listening(mosquitto) as ear:
        await until(lambda: ear.last(f"{BASE}/alarm/stopped"), within_s=10.0)
        await until(lambda: is_online(ear))


async def test_a_latch_outlives_the_process(control, mosquitto):
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: ear.all(f"{BASE}/state"))
        await ear.say("stop", {"stop_id": "e1f0", "by": "nurse-1"}, qos=1)
        path = control.folder / "latches.json"
        await until(lambda: b"STOP was pressed" in path.read_bytes(), within_s=3.0)
        control.signal(signal.SIGKILL)
        await control.ended(within_s=5.0)
        since_s = time.monotonic()
        control.start()
        await until(lambda: ear.all(f"{BASE}/state", since_s))
        assert ear.last(f"{BASE}/state")["latches"] == ["stopped"]


async def test_alarms_that_a_former_process_left_on_the_broker_are_cleared(control, mosquitto):
    """Also under a name that no row has any more: nobody else would ever clear it."""
    left = {"id": "core_hot", "priority": "high", "state": "active", "text": "", "do": ""}
    async with listening(mosquitto) as ear:
        for name in ("core_hot", "row_of_last_year", "stopped"):
            await ear.say(f"alarm/{name}", {**left, "id": name, "since_ms": 1}, qos=1, retain=True)
        control.file.save(Kept({"dome-1": KeptDome({"stopped": Latch(1, "STOP by nurse-1")})}))
        control.start()
        await until(lambda: ear.all(f"{BASE}/alarm/core_hot")[-1][1] is None)
        await until(lambda: ear.all(f"{BASE}/alarm/row_of_last_year")[-1][1] is None)
        await until(lambda: ear.last(f"{BASE}/alarm/stopped")["state"] == "latched")
        assert ear.last(f"{BASE}/alarm/stopped")["text"] == "STOP by nurse-1"
    async with listening(mosquitto) as late:
        await until(lambda: late.last(f"{BASE}/alarm/stopped"))
        assert late.all(f"{BASE}/alarm/core_hot") == []
        assert late.all(f"{BASE}/alarm/row_of_last_year") == []


async def test_the_alarm_log_and_the_latch_outlive_a_power_cut_and_a_reset_is_logged(
    control, mosquitto
):
    """H16, H18: SIGKILL a second after the alarm; what was raised and reset is on the disk."""
    async with listening(mosquitto) as ear:
        control.start()
        await until(lambda: ear.all(f"{BASE}/state"))
        await ear.say("stop", {"stop_id": "e1f0", "by": "nurse-1"}, qos=1)
        await until(lambda: ear.last(f"{BASE}/alarm/stopped"))
        await asyncio.sleep(1.0)
        control.signal(signal.SIGKILL)
        await control.ended(within_s=5.0)
        since_s = time.monotonic()
        control.start()
        await until(lambda: ear.all(f"{BASE}/state", since_s))
        asked = intent(ear, "i-1", "reset", reason="seen to", details={"latches": ["stopped"]})
        await ear.say("intent", asked, qos=1)
        await until(lambda: ear.last(f"{BASE}/state")["latches"] == [])
        await until(lambda: ear.all(f"{BASE}/alarm/stopped")[-1][1] is None)
        await asyncio.sleep(1.0)
        control.signal(signal.SIGKILL)
        await control.ended(within_s=5.0)
    log = JournalReader(control.folder / "journal.db").alarm_log("dome-1", None, 100)
    told = [(row.change, row.by) for row in log if row.alarm_id == "stopped"]
    assert told == [("reset", "nurse-1"), ("condition_gone", None), ("raised", None)]
