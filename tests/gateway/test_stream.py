"""Live events: everything first, then what changes, bounded for each client."""

import asyncio
import contextlib

import httpx
import orjson
import pytest
import uvicorn

from tests.gateway.fakes import NOW_MS, Rig, eventually, snapshot
from tests.servers import free_port
from thermod.gateway.app import attach, guarded
from thermod.gateway.auth import Role
from thermod.gateway.stream import CLIENTS_MAX, HAPPENINGS_MAX, Hub


class Events:
    """Reads a stream as a browser would: one (id, event, data) after the other."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()

    async def next(self) -> tuple[str, str, dict]:
        fields = {}
        async with asyncio.timeout(5.0):
            async for line in self.lines:
                if not line:
                    return fields["id"], fields["event"], orjson.loads(fields["data"])
                name, _, value = line.partition(": ")
                fields[name] = value
        raise EOFError

    async def next_named(self, event: str) -> dict:
        while True:
            _, name, data = await self.next()
            if name == event:
                return data


@contextlib.asynccontextmanager
async def listening(rig: Rig, routes):
    """A real server on loopback, with the gateway's own beat."""
    attach(routes, rig.gateway)
    port = free_port()
    config = uvicorn.Config(
        guarded(routes), port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(rig.gateway.beat())]
    await eventually(lambda: server.started)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=rig.bearer("viewer")
        ) as client:
            yield client
    finally:
        rig.gateway.hub.close()
        server.should_exit = True
        await tasks[0]
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.slow
async def test_the_stream_begins_with_everything_then_says_what_changes(rig, routes):
    rig.hear_state(cycle=10)
    async with listening(rig, routes) as client, client.stream("GET", "/v1/events") as answer:
        events = Events(answer)
        assert answer.headers["content-type"].startswith("text/event-stream")
        first_id, name, everything = await events.next()
        assert name == "snapshot"
        assert [dome["dome"] for dome in everything["domes"]] == ["dome-1", "dome-2"]
        assert everything["domes"][0]["snapshot"]["cycle"] == 10

        rig.hear_state(cycle=11)
        changed = await events.next_named("dome")
        while changed["dome"] != "dome-1":
            changed = await events.next_named("dome")
        assert changed["snapshot"]["cycle"] == 11

        rig.hear("event", {"at_ms": NOW_MS, "kind": "phase", "text": "heat_up"})
        happening = await events.next_named("happening")
        assert (happening["dome"], happening["text"]) == ("dome-1", "heat_up")
        other_id, *_ = await events.next()
        assert other_id != first_id


@pytest.mark.slow
async def test_something_comes_at_least_once_a_second_also_when_nothing_happens(rig, routes):
    async with listening(rig, routes) as client, client.stream("GET", "/v1/events") as answer:
        events = Events(answer)
        loop = asyncio.get_running_loop()
        for _ in range(3):
            began_s = loop.time()
            beat = await events.next_named("beat")
            assert loop.time() - began_s < 1.0
        assert beat["link"] is True


@pytest.mark.slow
async def test_a_stream_of_a_revoked_key_ends_and_a_left_one_is_forgotten(rig, routes):
    async with listening(rig, routes) as client:
        async with client.stream("GET", "/v1/events") as answer:
            await Events(answer).next()
            assert len(rig.gateway.hub.clients) == 1
        await eventually(lambda: not rig.gateway.hub.clients)

        async with client.stream("GET", "/v1/events") as answer:
            events = Events(answer)
            await events.next()
            key_id = rig.people.by_key(rig.keys[Role.VIEWER]).key_id
            rig.people.revoke_key(key_id, NOW_MS)
            async with asyncio.timeout(5.0):
                with pytest.raises(EOFError):
                    await events.next_named("no such event")


async def test_a_stranger_hears_nothing(api):
    assert (await api.get("/v1/events", headers={"Authorization": ""})).status_code == 401


async def test_more_clients_than_may_listen_are_told_so(rig, api):
    with contextlib.ExitStack() as stack:
        for _ in range(CLIENTS_MAX):
            stack.enter_context(rig.gateway.hub.client())
        answer = await api.get("/v1/events")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/busy"


def test_a_slow_client_gets_the_newest_state_and_costs_no_more_memory():
    hub = Hub()
    with hub.client() as client:
        for number in range(10_000):
            hub.publish("dome", b"%d" % number, slot="dome/dome-1")
            hub.publish("happening", b"%d" % number)
        frames = client.take()
    assert frames.count(b"event: dome") == 1
    assert b"event: dome\ndata: 9999\n" in frames
    assert frames.count(b"event: happening") == HAPPENINGS_MAX
    assert b"event: happening\ndata: 9999\n" in frames
    assert hub.dropped_so_far == 10_000 - HAPPENINGS_MAX


def test_every_event_has_an_id_of_its_own():
    hub = Hub()
    with hub.client() as client:
        hub.publish("a", b"1")
        hub.publish("b", b"2", slot="x")
        ids = [line for line in client.take().split(b"\n") if line.startswith(b"id: ")]
    assert len(ids) == len(set(ids)) == 2


def test_a_frame_is_made_for_listeners_only():
    hub = Hub()
    hub.publish("dome", b"{}")
    with hub.client() as client:
        assert client.take() == b""


def test_a_dome_is_one_line_of_json(rig):
    rig.hear("state", snapshot(heat="with\nbreak"))
    assert b"\n" not in rig.gateway.domes().model_dump_json().encode()
