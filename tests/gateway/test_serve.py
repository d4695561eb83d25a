"""The whole gateway process on a real broker: it starts, says so, asks, stops and ends."""

import asyncio
import contextlib
import signal
import socket
import stat

import aiomqtt
import httpx
import orjson
import pytest

from tests.gateway.fake_control import FakeControl
from tests.gateway.fakes import SITE, eventually
from tests.servers import HOST, free_port
from thermod.clock import BootClock
from thermod.config import Broker, Config, Dome, Gateway
from thermod.errors import ThermodError
from thermod.gateway.app import serve

pytestmark = pytest.mark.broker
CREATE = {"protocol": "hold-45", "subject": "P-017", "staff": "N7", "consent": True}


def config_for(folder, broker, **more):
    return Config(
        site=SITE,
        state_dir=folder / "state",
        broker=Broker(host=HOST, port=broker.port),
        gateway=Gateway(port=more.pop("port", 0) or free_port()),
        dome=(Dome(id="dome-1", rated_w=2000.0),),
        **more,
    )


@contextlib.asynccontextmanager
async def serving(config):
    """Yields a client with the first admin's key; ends the gateway as a service manager would."""
    addresses = []
    task = asyncio.create_task(serve(config, BootClock(), on_ready=addresses.append))
    try:
        await eventually(lambda: addresses or task.done())
        token = (config.state_dir / "first-key.txt").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=addresses[0], headers=headers) as client:
            yield client
        if not task.done():
            signal.raise_signal(signal.SIGTERM)
        async with asyncio.timeout(5.0):
            await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_session_is_created_started_and_stopped_over_the_broker(mosquitto, tmp_path):
    control = FakeControl(mosquitto)
    async with control.running(), serving(config_for(tmp_path, mosquitto)) as client:
        await live(client)
        created = await client.post("/v1/domes/dome-1/sessions", json=CREATE)
        assert created.status_code == 201, created.text
        session = created.json()["session_id"]
        started = await client.post(f"/v1/sessions/{session}/start", json={})
        assert started.json()["phase"] == "heat_up"
        assert control.intents[1]["session_id"] == session
        assert control.intents[1]["details"] == {"target_c": 38.5}

        stopped = (await client.post("/v1/domes/dome-1/stop")).json()
        assert stopped["confirmed"] is True
        assert control.stop_id == stopped["stop_id"]


async def test_a_refusal_comes_back_over_the_broker(mosquitto, tmp_path):
    control = FakeControl(mosquitto)
    control.refuse = ("core-2 is out", "Check the cable.")
    async with control.running(), serving(config_for(tmp_path, mosquitto)) as client:
        await live(client)
        answer = await client.post("/v1/domes/dome-1/sessions", json=CREATE)
        assert (answer.status_code, answer.json()["detail"]) == (409, "core-2 is out")


async def test_a_lost_broker_shows_and_heals(mosquitto, tmp_path):
    control = FakeControl(mosquitto)
    async with control.running(), serving(config_for(tmp_path, mosquitto)) as client:
        await live(client)
        mosquitto.kill()
        await until_json(client, "/readyz", lambda ready: not ready["ready"])
        answer = await client.post("/v1/domes/dome-1/sessions", json=CREATE)
        assert answer.status_code == 503
        mosquitto.start()
        await until_json(client, "/readyz", lambda ready: ready["ready"])
        await live(client)


async def test_it_says_on_the_broker_that_it_came_and_went(mosquitto, tmp_path):
    link = {"protocol": aiomqtt.ProtocolVersion.V5, "timeout": 5.0}
    async with aiomqtt.Client(HOST, mosquitto.port, **link) as listener:
        await listener.subscribe(f"thermod/v1/{SITE}/-/status/gateway", qos=1)
        async with serving(config_for(tmp_path, mosquitto)):
            came = orjson.loads((await anext(listener.messages)).payload)
        went = orjson.loads((await anext(listener.messages)).payload)
    assert (came["online"], came["process"], came["domes"]) == (True, "gateway", ["dome-1"])
    assert went == {**came, "online": False}


async def test_open_event_streams_do_not_keep_it_from_ending(mosquitto, tmp_path):
    loop = asyncio.get_running_loop()
    async with serving(config_for(tmp_path, mosquitto)) as client:
        stream = await client.send(client.build_request("GET", "/v1/events"), stream=True)
        lines = stream.aiter_lines()
        await anext(lines)
        began_s = loop.time()
        signal.raise_signal(signal.SIGTERM)
        with contextlib.suppress(httpx.HTTPError):
            async for _ in lines:
                pass
        assert loop.time() - began_s < 2.0
        await stream.aclose()


async def test_a_taken_port_is_an_error_that_says_what_to_do(mosquitto, tmp_path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        config = config_for(tmp_path, mosquitto, port=taken.getsockname()[1])
        with pytest.raises(ThermodError, match="Choose another port"):
            await serve(config, BootClock())


async def test_what_it_keeps_is_for_its_own_eyes(mosquitto, tmp_path):
    config = config_for(tmp_path, mosquitto)
    async with serving(config):
        for name in ("gateway.db", "first-key.txt"):
            assert stat.S_IMODE((config.state_dir / name).stat().st_mode) == 0o600


async def live(client):
    await until_json(client, "/v1/domes/dome-1", lambda dome: dome["live"] == "live")


async def until_json(client, path, holds):
    async with asyncio.timeout(10.0):
        while not holds((await client.get(path)).json()):  # noqa: ASYNC110  # over HTTP
            await asyncio.sleep(0.02)
