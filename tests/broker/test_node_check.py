"""`thermod node check` on a real broker, against the real `thermod sim`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from tests.servers import HOST, Mosquitto, free_port
from thermod.clock import BootClock
from thermod.conformance.hands import Hands
from thermod.conformance.over_mqtt import Session, Settings
from thermod.conformance.table import BY_NAME
from thermod.conformance.verdict import Outcome
from thermod.errors import ThermodError
from thermod.sim.clock import Origin, ScaledClock
from thermod.sim.service import Service, SimBroker, SimConfig

pytestmark = pytest.mark.broker

THERMOD = Path(sys.executable).with_name("thermod")
SPEED = 4.0
TOP = "thermod/v1/bench/dome-1"
PROBE = """
[[dome.probe]]
id = "{role}-1"
role = "{role}"
site = "somewhere"
resolution_c = 0.1
"""


class Quiet:
    """Nobody watches; errands are kept."""

    def __init__(self):
        self.errands = []
        self.began = asyncio.Event()

    def progress(self, run):
        self.began.set()

    def ask(self, errand):
        self.errands.append(errand)


@contextlib.asynccontextmanager
async def simulated_dome(broker: Mosquitto) -> AsyncIterator[ScaledClock]:
    clock = ScaledClock(SPEED, Origin.here(BootClock()))
    config = SimConfig(SimBroker(broker.host, broker.port), "bench", ("dome-1",))
    service = Service(config, clock, lambda facts: None)
    tasks = [asyncio.create_task(each) for each in (service.link.run(), service.beat())]
    try:
        yield clock
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def session(broker, clock, *names, dome="dome-1", port=None, watcher=None, **changes) -> Session:
    settings = {
        "broker": SimBroker(broker.host, port or broker.port),
        "site": "bench",
        "dome": dome,
        "requirements": [BY_NAME[name] for name in names],
        "power_pct": 20.0,
        "limit_s": 120.0,
        "hands": Hands.SIMULATOR,
        **changes,
    }
    return Session(Settings(**settings), clock, watcher or Quiet())


@pytest.fixture
def config(tmp_path, mosquitto):
    path = tmp_path / "thermod.toml"
    path.write_text(
        f'site = "bench"\nstate_dir = "{tmp_path}"\n'
        f'[broker]\nhost = "{mosquitto.host}"\nport = {mosquitto.port}\n'
        '[[dome]]\nid = "dome-1"\nrated_w = 2000\n'
        + "".join(PROBE.format(role=role) for role in ("core", "skin", "air"))
    )
    return path


def test_the_real_simulator_passes_in_real_time_and_heat_is_off_as_soon_as_promised(config):
    only = "heat,revoke,command-silence,permit-guard,reboot"
    command = [THERMOD, "node", "check", "--dome", "dome-1", "--config", config, "--yes"]
    with subprocess.Popen([THERMOD, "sim", "--config", config]) as sim:
        try:
            done = subprocess.run(
                [*command, "--hands", "sim", "--only", only, "--json", "-"],
                capture_output=True,
                text=True,
                timeout=120.0,
                check=False,
            )
        finally:
            sim.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["conforms"] is True
    rows = {row["requirement"]: row for row in report["requirements"]}
    assert sorted(rows) == sorted(only.split(","))
    assert {row["outcome"] for row in rows.values()} == {"pass"}
    assert rows["revoke"]["off_s"]["max"] <= 0.6
    assert rows["command-silence"]["off_s"]["meter"] <= 3.05 + 0.1  # and what the meter blurs
    assert rows["command-silence"]["section"] == "Times and sizes"


@pytest.mark.parametrize("mqtt_5", [True, False], ids=["MQTT 5", "MQTT 3.1.1"])
async def test_a_dome_is_checked_over_either_version_of_mqtt(mosquitto, mqtt_5):
    async with simulated_dome(mosquitto) as clock:
        run = await session(mosquitto, clock, "heat", "command-boot", mqtt_5=mqtt_5).check()
    assert [each.outcome for each in run.results] == [Outcome.PASS] * 2, run.results


async def test_the_dome_is_left_without_heat_and_its_epoch_over(mosquitto):
    async with simulated_dome(mosquitto) as clock:
        await session(mosquitto, clock, "heat").check()
        async with aiomqtt.Client(mosquitto.host, mosquitto.port) as client:
            await client.subscribe(f"{TOP}/node/state")
            await anext(client.messages)
            state = json.loads((await anext(client.messages)).payload)
    assert state["applied_pct"] == 0.0
    assert state["contactors_closed"] == [False]
    assert "ended" in state["because"]


@pytest.mark.parametrize("suffix", ["guard/challenge", "heartbeat"])
async def test_it_does_not_begin_beside_a_live_guard_or_control(mosquitto, suffix):
    async with simulated_dome(mosquitto) as clock, aiomqtt.Client(HOST, mosquitto.port) as other:
        checking = asyncio.create_task(session(mosquitto, clock, "heat").check())
        while not checking.done():
            await other.publish(f"{TOP}/{suffix}", "{}")
            await asyncio.sleep(0.1)
        with pytest.raises(ThermodError, match="somebody else serves dome-1"):
            await checking


async def test_a_stop_of_somebody_else_ends_the_check(mosquitto):
    async with simulated_dome(mosquitto) as clock, aiomqtt.Client(HOST, mosquitto.port) as other:
        watcher = Quiet()
        checking = session(mosquitto, clock, "heat", "all-silence", watcher=watcher).check()
        task = asyncio.create_task(checking)
        await watcher.began.wait()
        await other.publish(f"{TOP}/stop", json.dumps({"stop_id": "s-1", "by": "nurse-7"}), qos=1)
        run = await task
    assert {each.text for each in run.results} == {"STOP was pressed by nurse-7"}
    assert not run.conforms


async def test_a_guard_that_starts_in_the_middle_ends_the_check(mosquitto):
    async with simulated_dome(mosquitto) as clock, aiomqtt.Client(HOST, mosquitto.port) as other:
        watcher = Quiet()
        task = asyncio.create_task(session(mosquitto, clock, "meter", watcher=watcher).check())
        await watcher.began.wait()
        await other.publish(f"{TOP}/guard/challenge", '{"challenge": "1f9a03bc"}')
        run = await task
    assert run.results[0].outcome is Outcome.NOT_REACHED
    assert "guard, guard/challenge is published" in run.results[0].text


async def test_whoever_breaks_it_off_leaves_a_dome_without_heat(mosquitto):
    async with simulated_dome(mosquitto) as clock, aiomqtt.Client(HOST, mosquitto.port) as other:
        await other.subscribe(f"{TOP}/node/state")
        task = asyncio.create_task(session(mosquitto, clock, "all-silence").check())
        while not await applied_pct(other):
            pass
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await applied_pct(other)  # may have been said before
        assert await applied_pct(other) == 0.0


async def applied_pct(client: aiomqtt.Client) -> float:
    return json.loads((await anext(client.messages)).payload)["applied_pct"]


async def test_a_dome_that_is_not_there_is_told_with_those_that_are(mosquitto):
    async with simulated_dome(mosquitto) as clock:
        with pytest.raises(ThermodError, match=r"nothing on .*/dome-9/node/state.*heard: dome-1"):
            await session(mosquitto, clock, "heat", dome="dome-9").check()


async def test_a_dome_that_cannot_be_read_is_told_what_is_wrong(mosquitto):
    clock = ScaledClock(SPEED, Origin.here(BootClock()))
    async with aiomqtt.Client(HOST, mosquitto.port) as other:
        checking = asyncio.create_task(session(mosquitto, clock, "heat").check())
        while not checking.done():
            await other.publish(f"{TOP}/node/state", '{"boot_id": "abc", "tick": 1}')
            await asyncio.sleep(0.1)
        with pytest.raises(ThermodError, match="applied_pct: Field required"):
            await checking


async def test_a_broker_that_is_not_there_is_told(mosquitto):
    clock = ScaledClock(SPEED, Origin.here(BootClock()))
    with pytest.raises(ThermodError, match="no link to the broker"):
        await session(mosquitto, clock, "heat", port=free_port()).check()


async def test_a_broker_that_dies_in_the_middle_ends_the_check_and_the_lease_takes_the_heat(
    mosquitto,
):
    watcher = Quiet()
    async with simulated_dome(mosquitto) as clock:
        checking = session(mosquitto, clock, "meter", watcher=watcher).check()
        task = asyncio.create_task(checking)
        await watcher.began.wait()
        mosquitto.kill()
        with pytest.raises(ThermodError, match="no link to the broker"):
            await task


def test_without_a_person_at_the_terminal_nothing_begins(config):
    command = [THERMOD, "node", "check", "--dome", "dome-1", "--config", config]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30.0, stdin=subprocess.DEVNULL, check=False
    )
    assert done.returncode == 2
    assert "nobody is there to say that the dome is empty" in done.stderr
