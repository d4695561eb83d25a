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
from tests.gateway.fakes import SITE
from tests.gateway.serving import config_for, live, serving, until_json
from tests.servers import HOST
from thermod.clock import BootClock
from thermod.errors import ThermodError
from thermod.gateway.app import serve
from thermod.gateway.keys import list_keys

pytestmark = pytest.mark.broker
CREATE = {"protocol": "hold-45", "subject": "P-017", "staff": "N7", "consent": True}


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


async def test_a_small_answer_does_not_wait_for_an_acknowledgement(mosquitto, tmp_path):
    """Without TCP_NODELAY each takes 40 ms; that would stand before every STOP."""
    loop = asyncio.get_running_loop()
    async with serving(config_for(tmp_path, mosquitto)) as client:
        times_s = []
        for _ in range(11):
            began_s = loop.time()
            await client.get("/healthz")
            times_s.append(loop.time() - began_s)
    assert sorted(times_s)[5] < 0.03


async def test_a_taken_port_is_an_error_that_says_what_to_do(mosquitto, tmp_path):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        config = config_for(tmp_path, mosquitto, port=taken.getsockname()[1])
        with pytest.raises(ThermodError, match="Choose another port"):
            await serve(config, BootClock())


async def test_its_first_run_makes_an_admins_key_that_is_for_its_own_eyes(mosquitto, tmp_path):
    config = config_for(tmp_path, mosquitto)
    stopped = asyncio.create_task(serve(config, BootClock(), on_ready=lambda address: end()))

    def end():
        for name in ("gateway.db", "first-key.txt"):
            assert stat.S_IMODE((config.state_dir / name).stat().st_mode) == 0o600
        signal.raise_signal(signal.SIGTERM)

    async with asyncio.timeout(10.0):
        await stopped
    token = (config.state_dir / "first-key.txt").read_text().strip()
    (first,) = list_keys(config.state_dir)
    assert (first.role, first.label, first.key_id) == ("admin", "first-admin", token.split("_")[1])
