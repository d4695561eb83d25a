"""The servers that the broker tests lean on do what the tests believe they do."""

import socket
import time
import urllib.request

import aiomqtt
import pytest

from tests.servers import HOST, Mosquitto, ServerDidNotStart, VictoriaMetrics

pytestmark = pytest.mark.broker


def client(broker: Mosquitto) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5, timeout=5.0
    )


async def test_a_message_goes_through_the_broker(mosquitto):
    async with client(mosquitto) as listener, client(mosquitto) as speaker:
        await listener.subscribe("said")
        await speaker.publish("said", b"warm")
        message = await anext(listener.messages)
        assert message.payload == b"warm"


async def test_a_restarted_broker_keeps_its_port_and_forgets_what_was_retained(mosquitto):
    port = mosquitto.port
    async with client(mosquitto) as speaker:
        await speaker.publish("kept", b"old", qos=1, retain=True)

    mosquitto.restart()

    assert mosquitto.port == port
    async with client(mosquitto) as listener:
        await listener.subscribe("#")
        await listener.publish("fresh", b"new")
        message = await anext(listener.messages)
        assert message.topic.value == "fresh"


def test_a_killed_broker_refuses_connections(mosquitto):
    mosquitto.kill()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, mosquitto.port), timeout=1.0)


def test_a_frozen_broker_accepts_and_stays_silent_until_it_is_thawed(mosquitto):
    connect_v311 = bytes([0x10, 13, 0, 4, *b"MQTT", 4, 2, 0, 10, 0, 1, *b"t"])
    mosquitto.freeze()
    with socket.create_connection((HOST, mosquitto.port), timeout=1.0) as link:
        link.sendall(connect_v311)
        link.settimeout(0.2)
        with pytest.raises(TimeoutError):
            link.recv(4)
        mosquitto.thaw()
        link.settimeout(5.0)
        assert link.recv(4)[0] == 0x20  # CONNACK


def test_a_broker_whose_port_is_taken_reports_its_own_log(mosquitto, tmp_path):
    second = Mosquitto(tmp_path)
    second.port = mosquitto.port
    with pytest.raises(ServerDidNotStart, match="Address already in use"):
        second.start()


def test_points_written_as_influxdb_v2_are_read_back_as_written(victoria_metrics):
    now_ms = int(time.time() * 1000)
    write(victoria_metrics, f"room,site=here air_temp_c=23.5 {now_ms}")

    victoria_metrics.flush()

    (series,) = victoria_metrics.export("room_air_temp_c", now_ms - 1000, now_ms + 1000)
    assert series["metric"]["site"] == "here"
    assert series["values"] == [23.5]
    assert series["timestamps"] == [now_ms]


def test_garbage_is_answered_204_and_stores_nothing(victoria_metrics):
    """Why every test of the forwarder reads back what it wrote."""
    assert write(victoria_metrics, "this is no line protocol") == 204

    victoria_metrics.flush()

    assert victoria_metrics.export('{__name__!=""}', 0, int(time.time() * 1000) + 1000) == []


def write(database: VictoriaMetrics, line: str) -> int:
    address = f"{database.url}/api/v2/write?org=o&bucket=b&precision=ms"
    with urllib.request.urlopen(address, data=line.encode(), timeout=10.0) as answer:
        return answer.status
