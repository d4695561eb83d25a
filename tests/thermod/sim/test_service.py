"""`thermod sim` over a real broker: what it says, whom it obeys, and what the judge reads."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from thermod.clock import BootClock
from thermod.sim.clock import Origin, ScaledClock
from thermod.sim.service import Service, SimBroker, SimConfig

pytestmark = pytest.mark.broker

TOP = "thermod/v1/demo-here"


class Peer:
    """The least guard and controller: as long as it is asked to, it answers each node/state."""

    def __init__(self, client: aiomqtt.Client, dome: str) -> None:
        self.client = client
        self.top = f"{TOP}/{dome}"
        self.seq = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def at(cls, broker, dome="dome-1") -> AsyncIterator["Peer"]:
        v5 = aiomqtt.ProtocolVersion.V5
        async with aiomqtt.Client(broker.host, broker.port, protocol=v5, timeout=5.0) as client:
            peer = cls(client, dome)
            await client.subscribe(f"{peer.top}/node/state")
            yield peer

    async def state(self) -> dict:
        return json.loads((await anext(self.client.messages)).payload)

    async def fail(self, **fault) -> None:
        await self.client.publish(f"{self.top}/sim/fault", json.dumps(fault), qos=1)

    async def renew(self, state, power_pct=40.0) -> None:
        self.seq += 1
        common = {key: state[key] for key in ("boot_id", "tick")}
        common |= {"controller_id": "c-1", "epoch": 1, "seq": self.seq}
        permit = {"granted": True, "ended": False, "annunciate": False, "guard_id": "g-1"}
        command = {"cycle": self.seq, "power_pct": power_pct}
        await self.client.publish(f"{self.top}/guard/permit", json.dumps(common | permit))
        await self.client.publish(f"{self.top}/heater/command", json.dumps(common | command))

    async def heat_until(self, holds) -> dict:
        while not holds(state := await self.state()):
            await self.renew(state)
        return state

    async def wait_until(self, holds) -> dict:
        while not holds(state := await self.state()):
            pass
        return state


class Judge:
    """Hears the truth and lets a test wait for it."""

    def __init__(self) -> None:
        self.told: list[dict] = []
        self.news = asyncio.Event()

    def record(self, facts) -> None:
        self.told.append({"mono_s": BootClock().now_s(), **facts})
        self.news.set()

    async def wait_until(self, holds) -> dict:
        while not (self.told and holds(self.told[-1])):
            self.news.clear()
            await self.news.wait()
        return self.told[-1]

    def powers_w(self) -> list[float]:
        return [line["heater_w"] for line in self.told if line["what"] == "power"]


@contextlib.asynccontextmanager
async def simulated(broker, speed=10.0, domes=("dome-1",)) -> AsyncIterator[Judge]:
    real, judge = BootClock(), Judge()
    clock = real if speed == 1.0 else ScaledClock(speed, Origin.here(real))
    config = SimConfig(SimBroker(broker.host, broker.port), "demo-here", domes)
    service = Service(config, clock, judge.record)
    async with asyncio.timeout(30.0), asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(service.link.run()), tasks.create_task(service.beat())]
        yield judge
        for task in running:
            task.cancel()


async def test_a_dome_says_its_state_with_all_its_probes_tick_by_tick(mosquitto):
    async with simulated(mosquitto), Peer.at(mosquitto) as peer:
        first, second = await peer.state(), await peer.state()
    assert second["tick"] == first["tick"] + 1
    assert second["boot_id"] == first["boot_id"]
    assert set(second["probes"]) >= {"core-1", "core-2", "skin-1", "air-1"}
    assert second["probes"]["core-1"] == {
        "seq": second["tick"],
        "temp_c": pytest.approx(37.0, abs=0.1),
    }


async def test_permit_and_command_heat_and_stop_ends_it(mosquitto):
    async with simulated(mosquitto) as judge, Peer.at(mosquitto) as peer:
        state = await peer.heat_until(lambda state: state["measured_w"] > 700.0)
        assert state["applied_pct"] == 40.0
        await peer.client.publish(f"{peer.top}/stop", b"not even JSON", qos=1)
        state = await peer.wait_until(lambda state: state["stop_id"] is not None)
    assert state["stop_id"] == "unreadable"
    assert (state["applied_pct"], state["contactors_closed"]) == (0.0, [False])
    assert judge.powers_w() == [800.0, 0.0]


async def test_a_stop_that_was_retained_stops_a_dome_that_connects_later(mosquitto):
    async with Peer.at(mosquitto) as peer:
        await peer.client.publish(f"{peer.top}/stop", b'{"stop_id": "e1f0"}', qos=1, retain=True)
        async with simulated(mosquitto):
            assert (await peer.state())["stop_id"] == "e1f0"


async def test_a_fault_is_put_on_by_message_and_a_senseless_one_changes_nothing(mosquitto):
    async with simulated(mosquitto), Peer.at(mosquitto) as peer:
        await peer.fail(kind="boil")
        await peer.fail(kind="stuck", probe="core-9")
        await peer.fail(kind="drop-out", probe="core-1")
        await peer.fail(kind="lid-open")
        state = await peer.wait_until(lambda state: state["lid"] == "open")
    assert "core-1" not in state["probes"]
    assert "core-2" in state["probes"]


async def test_many_domes_share_a_connection_and_nothing_else(mosquitto):
    domes = ("dome-1", "dome-2", "dome-3")
    async with (
        simulated(mosquitto, domes=domes),
        Peer.at(mosquitto, "dome-1") as one,
        Peer.at(mosquitto, "dome-3") as three,
    ):
        await one.heat_until(lambda state: state["applied_pct"] > 0.0)
        await three.fail(kind="lid-open")
        other = await three.wait_until(lambda state: state["lid"] == "open")
        mine = await one.heat_until(lambda state: state["tick"] >= other["tick"])
    assert (mine["lid"], mine["applied_pct"]) == ("closed", 40.0)
    assert (other["epoch"], other["applied_pct"]) == (0, 0.0)
    assert other["boot_id"] != mine["boot_id"]


@pytest.mark.slow
async def test_silence_is_true_heat_off_within_3_05_s_of_the_last_echoed_tick(mosquitto):
    """H08, H12, on the real clock."""
    async with simulated(mosquitto, speed=1.0) as judge, Peer.at(mosquitto) as peer:
        last = await peer.heat_until(lambda state: state["measured_w"] > 700.0)
        off = await judge.wait_until(lambda line: line["heater_w"] == 0.0)
        await peer.wait_until(lambda state: state["applied_pct"] == 0.0)
    answered = last["tick"] - 1
    echoed_s = next(line["mono_s"] for line in judge.told if line.get("tick") == answered)
    assert 2.95 <= off["mono_s"] - echoed_s <= 3.05


@pytest.mark.slow
async def test_a_dome_outlives_its_broker_goes_off_by_its_own_clock_and_is_back(mosquitto):
    """H08."""
    async with simulated(mosquitto) as judge:
        async with Peer.at(mosquitto) as peer:
            before = await peer.heat_until(lambda state: state["applied_pct"] > 0.0)
            mosquitto.kill()
            await judge.wait_until(lambda line: line["heater_w"] == 0.0)
            with contextlib.suppress(aiomqtt.MqttError):
                await peer.wait_until(lambda state: False)
        mosquitto.start()
        async with Peer.at(mosquitto) as peer:
            after = await peer.state()
    assert after["boot_id"] == before["boot_id"]
    assert after["tick"] > before["tick"]
    assert after["because"] == "the permit is older than 3 s"


@pytest.mark.slow
async def test_what_a_frozen_broker_delivers_when_it_thaws_does_not_heat(mosquitto):
    """H05, H08."""
    async with simulated(mosquitto) as judge, Peer.at(mosquitto) as peer:
        state = await peer.heat_until(lambda state: state["applied_pct"] > 0.0)
        mosquitto.freeze()
        for _ in range(5):
            await peer.renew(state)
        too_old = state["tick"] + 7  # 3.5 s
        await judge.wait_until(lambda line: line.get("tick", 0) >= too_old)
        mosquitto.thaw()
        state = await peer.wait_until(lambda state: state["applied_pct"] == 0.0)
        await peer.wait_until(lambda later: later["tick"] > state["tick"] + 10)
    assert judge.powers_w() == [800.0, 0.0]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_ends_when_it_is_told_to(mosquitto, tmp_path, number):
    code = (
        "import sys; from pathlib import Path; from thermod.clock import BootClock; "
        "from thermod.sim.service import serve; port, truth = sys.argv[1:]; "
        "serve('127.0.0.1', int(port), 'demo-here', ['dome-1'], 0, BootClock(), Path(truth))"
    )
    truth = tmp_path / "truth.jsonl"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, str(mosquitto.port), str(truth)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    async with asyncio.timeout(30.0):
        async with Peer.at(mosquitto) as peer:
            await peer.state()
        process.send_signal(number)
        _, complaints = await process.communicate()
    assert (process.returncode, complaints) == (0, b"")
    told = [json.loads(line) for line in truth.read_text().splitlines()]
    assert told[0]["tick"] == 1
    assert told[0]["mono_ns"] < told[-1]["mono_ns"]
    assert told[-1]["heater_w"] == 0.0
