"""The emergency STOP: sent at once, confirmed by all three, open to anybody we know."""

import asyncio

import pytest

from tests.gateway.fakes import (
    NOW_MS,
    TOPICS,
    FakeBus,
    eventually,
    guard_state,
    node_state,
    snapshot,
)
from thermod.gateway.access import COOKIE
from thermod.gateway.auth import LOGIN_MS, Role
from thermod.gateway.stop import Stops

STOP = "/v1/domes/dome-1/stop"


def world_echoes(rig, *who):
    """From now on these say every STOP back."""

    def echo(sent):
        if sent.topic.endswith("/stop"):
            stop_id = sent.body["stop_id"]
            if "node" in who:
                rig.hear("node/state", node_state(stop_id=stop_id))
            if "guard" in who:
                rig.hear("guard/state", guard_state(stop_id=stop_id), retain=True)
            if "control" in who:
                rig.hear("state", snapshot(stop_id=stop_id))

    rig.bus.on_publish = echo


async def test_stop_is_confirmed_when_node_guard_and_control_all_echo_it(rig, api):
    world_echoes(rig, "node", "guard", "control")
    answer = (await api.post(STOP)).json()
    assert answer["confirmed"] is True
    assert answer["by"] == {"node": True, "guard": True, "control": True}
    (sent,) = rig.bus.named("stop")
    assert sent.topic == "thermod/v1/clinic/dome-1/stop"
    assert sent.body == {"stop_id": answer["stop_id"], "by": "test-operator"}
    assert sent.options == {"qos": 1}  # never retained, never expiring


@pytest.mark.slow
async def test_after_two_seconds_without_all_echoes_it_says_not_confirmed(rig, api):
    world_echoes(rig, "node", "guard")
    repeater = asyncio.create_task(rig.gateway.stops.run())
    began_s = asyncio.get_running_loop().time()

    answer = (await api.post(STOP)).json()

    assert 1.9 < asyncio.get_running_loop().time() - began_s < 2.5
    assert answer["confirmed"] is False
    assert answer["by"] == {"node": True, "guard": True, "control": False}
    assert answer["say"] == "NOT CONFIRMED: use the stop button on the dome"
    assert len(rig.bus.named("stop")) >= 4  # at once and each 0.5 s

    sent = len(rig.bus.named("stop"))  # it goes on by itself until control answers
    rig.bus.on_publish = lambda sent: rig.hear("state", snapshot(stop_id=sent.body["stop_id"]))
    await eventually(lambda: rig.gateway.stops.newest("dome-1").is_confirmed)
    assert len(rig.bus.named("stop")) == sent + 1
    stop = (await api.get("/v1/domes/dome-1")).json()["stop"]
    assert stop["confirmed"] is True
    await cancelled(repeater)


async def test_an_echo_of_another_stop_confirms_nothing(rig):
    stops = rig.gateway.stops
    pressing = asyncio.create_task(stops.press("dome-1", "nurse"))
    await asyncio.sleep(0)
    for who in ("node", "guard", "control"):
        stops.heard("dome-1", who, "another")
        stops.heard("dome-1", who, None)
        stops.heard("dome-2", who, stops.newest("dome-1").stop_id)
    assert not stops.newest("dome-1").is_confirmed
    await cancelled(pressing)


async def test_two_people_who_press_at_once_share_one_stop(rig, api):
    first = asyncio.create_task(rig.gateway.stops.press("dome-1", "nurse"))
    second = asyncio.create_task(rig.gateway.stops.press("dome-1", "doctor"))
    await asyncio.sleep(0)
    sent = rig.bus.named("stop")
    assert len(sent) == 2
    assert sent[0].body == sent[1].body
    await cancelled(first, second)


async def test_a_press_after_a_confirmed_stop_is_a_new_stop(rig, api):
    world_echoes(rig, "node", "guard", "control")
    one = (await api.post(STOP)).json()
    other = (await api.post(STOP)).json()
    assert one["stop_id"] != other["stop_id"]


@pytest.mark.slow
async def test_without_a_broker_it_says_not_confirmed_and_sends_when_the_broker_is_back(rig, api):
    rig.bus.connected = False
    repeater = asyncio.create_task(rig.gateway.stops.run())
    answer = (await api.post(STOP)).json()
    assert (answer["confirmed"], answer["sent"]) == (False, 0)
    rig.bus.connected = True
    await eventually(lambda: rig.bus.named("stop"))
    assert rig.bus.named("stop")[0].body["stop_id"] == answer["stop_id"]
    await cancelled(repeater)


async def test_repeating_ends_after_a_minute():
    loop = asyncio.get_running_loop()
    stops = Stops(FakeBus(), TOPICS)
    pressing = asyncio.create_task(stops.press("dome-1", "nurse"))
    await asyncio.sleep(0)
    run = stops.newest("dome-1")
    assert 59.0 < run.until_s - loop.time() < 61.0
    await cancelled(pressing)


@pytest.mark.parametrize("role", list(Role))
async def test_a_key_of_any_role_may_stop(rig, api, role):
    world_echoes(rig, "node", "guard", "control")
    answer = await api.post(STOP, headers=rig.bearer(role))
    assert answer.json()["confirmed"] is True


async def test_an_expired_login_may_still_stop_and_nothing_else(rig, api):
    world_echoes(rig, "node", "guard", "control")
    viewer = rig.people.by_key(rig.keys[Role.VIEWER])
    cookie = rig.people.log_in(viewer, NOW_MS)
    rig.clock.time_s += LOGIN_MS / 1000
    del api.headers["Authorization"]
    api.cookies.set(COOKIE, cookie)

    assert (await api.post(STOP)).json()["confirmed"] is True  # also without a CSRF token
    assert (await api.get("/v1/domes")).status_code == 401
    me = (await api.get("/v1/me")).json()
    assert (me["expired"], me["domes"]) == (True, ["dome-1", "dome-2"])


async def test_a_stranger_cannot_stop(rig, api):
    del api.headers["Authorization"]
    assert (await api.post(STOP)).status_code == 401
    wrong = {"Authorization": "Bearer tk_0123456789_" + "x" * 43}
    assert (await api.post(STOP, headers=wrong)).status_code == 401
    assert rig.bus.sent == []


@pytest.mark.parametrize("body", [b"", b"{nonsense", b" " * 1_000_000])
async def test_no_body_hinders_stop(rig, api, body):
    world_echoes(rig, "node", "guard", "control")
    answer = await api.post(STOP, content=body, headers={"content-type": "application/json"})
    assert answer.json()["confirmed"] is True


async def test_a_hundred_presses_are_all_answered(rig, api):
    world_echoes(rig, "node", "guard", "control")
    answers = await asyncio.gather(*(api.post(STOP) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["confirmed"] for answer in answers)


async def cancelled(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
