"""The guard as a real process on a real broker, in real time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.guard.pretend import Control, Node
from tests.guard.test_isolation import GUARD_TOML
from thermod.guard import state_file

pytestmark = [pytest.mark.broker, pytest.mark.slow]

TREE = "thermod/v1/clinic-1/dome-1/"


class Clinic:
    """Node, control and nurse on one MQTT client, each half second, until it is closed."""

    def __init__(self, port: int) -> None:
        self.node = Node()
        self.control = Control()
        self.permits: list[tuple[float, dict[str, Any]]] = []
        self.states: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self._port = port
        self._news = threading.Condition()
        self._closing = threading.Event()
        self.client = self._connected()
        self._thread = threading.Thread(target=self._beat)
        self._thread.start()

    def _connected(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.on_message = self._hear
        client.on_connect = lambda *_: client.subscribe("thermod/#", qos=1)
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", self._port, keepalive=5)
        client.loop_start()
        return client

    def _hear(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        suffix = message.topic.removeprefix(TREE)
        with self._news:
            if suffix == "guard/challenge":
                self.control.challenge = json.loads(message.payload)["challenge"]
            elif suffix == "guard/permit":
                permit = json.loads(message.payload)
                self.permits.append((time.monotonic(), permit))
                if permit["granted"]:
                    self.node.epoch, self.node.guard_id = permit["epoch"], permit["guard_id"]
            elif suffix == "guard/state":
                self.states.append(json.loads(message.payload))
            elif message.topic.endswith("-/status/guard"):
                self.statuses.append(json.loads(message.payload))
            self._news.notify_all()

    def _beat(self) -> None:
        while not self._closing.wait(0.5):
            self.publish("node/state", self.node.state())
            if self.control.challenge is not None and self.control.is_alive:
                self.publish("heartbeat", self.control.heartbeat())

    def publish(self, suffix: str, payload: bytes | dict[str, Any], **options: Any) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.client.publish(TREE + suffix, body, **options)

    def start_session(self, intent_id: str) -> None:
        """A nurse starts, and control accepts."""
        control = {"controller_id": self.control.controller_id, "intent_id": intent_id}
        nurse = {"kind": "start", "by": "nurse-7", "role": "operator", "reason": ""}
        details = {"session_id": "s-1", "details": {"target_c": 38.5}}
        self.publish("intent", {**control, **nurse, **details, "cycle": self.control.cycle}, qos=1)
        self.control.scope = "session"
        self.publish("arm", {**control, "scope": "session"}, qos=1)

    def wait(self, condition: Callable[[], bool], at_most_s: float) -> float:
        """How long it took."""
        began_s = time.monotonic()
        with self._news:
            while not condition():
                left_s = at_most_s - (time.monotonic() - began_s)
                assert left_s > 0.0, self.states[-1:]
                self._news.wait(left_s)
        return time.monotonic() - began_s

    def let_pass(self, seconds: float) -> None:
        """Time, in which everybody goes on."""
        self._closing.wait(seconds)

    def would_permit(self) -> bool:
        return bool(self.states) and self.states[-1]["broken"] == []

    def granted(self) -> bool:
        return bool(self.permits) and self.permits[-1][1]["granted"]

    def revoked(self) -> bool:
        return bool(self.permits) and not self.permits[-1][1]["granted"]

    def close(self) -> None:
        self._closing.set()
        self._thread.join()
        self.client.disconnect()
        self.client.loop_stop()


class GuardProcess:
    """`python -m thermod.guard` with a config of its own folder."""

    def __init__(self, folder: Any, port: int) -> None:
        self.folder = folder
        config = folder / "guard.toml"
        config.write_text(GUARD_TOML.format(state_dir=folder / "state", port=port), "utf-8")
        self._command = [sys.executable, "-m", "thermod.guard", "--config", str(config)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "guard.log").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        return self.process

    def send(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def log(self) -> str:
        return str((self.folder / "guard.log").read_text("utf-8"))

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        print(self.log())


@pytest.fixture
def guard(mosquitto, tmp_path) -> Iterator[GuardProcess]:
    state_file.create(tmp_path / "state", ["dome-1"])
    guard = GuardProcess(tmp_path, mosquitto.port)
    with contextlib.closing(guard):
        yield guard


@pytest.fixture
def clinic(mosquitto) -> Iterator[Clinic]:
    with contextlib.closing(Clinic(mosquitto.port)) as clinic:
        yield clinic


@pytest.fixture
def session(guard, clinic) -> Clinic:
    """A session under way."""
    guard.start()
    clinic.wait(clinic.would_permit, 10.0)
    assert not any(permit["granted"] for _, permit in clinic.permits)  # it booted revoking
    clinic.start_session("i-1")
    clinic.wait(clinic.granted, 2.0)
    clinic.wait(lambda: len([1 for _, permit in clinic.permits if permit["granted"]]) > 4, 5.0)
    return clinic


def test_it_boots_revoking_grants_on_an_act_and_revokes_on_arrival_of_a_nan(session):
    assert session.permits[-1][1]["epoch"] == 1
    assert session.statuses[-1]["online"] is True
    assert session.statuses[-1]["instance_id"] == session.permits[-1][1]["guard_id"]
    session.publish("node/state", session.node.state().replace(b"37.0", b"NaN"))
    assert session.wait(session.revoked, 1.0) < 0.3


def test_it_revokes_within_1_7_s_of_the_last_answer_and_heals(session):
    session.control.is_alive = False
    assert session.wait(session.revoked, 3.0) <= 1.7
    session.control.is_alive = True
    assert 3.0 <= session.wait(session.granted, 6.0) <= 4.5
    assert session.permits[-1][1]["epoch"] == 1


def test_any_stop_is_obeyed_and_echoed_at_once(session):
    session.publish("stop", b"\x00 not json", qos=1, retain=True)
    assert session.wait(lambda: session.permits[-1][1]["ended"], 1.0) < 0.3
    session.wait(lambda: session.states[-1]["stop_id"] == "unreadable", 1.0)
    assert session.states[-1]["tripped_by"] == ["stopped"]


def test_a_guard_that_was_frozen_comes_back_revoking_and_heals(session, guard):
    guard.send(signal.SIGSTOP)
    session.let_pass(3.0)
    before = len(session.permits)
    guard.send(signal.SIGCONT)
    session.wait(lambda: len(session.permits) > before, 2.0)
    assert not session.permits[before][1]["granted"]
    assert session.wait(session.granted, 8.0) >= 3.0
    assert session.permits[-1][1]["epoch"] == 1


def test_a_second_process_with_its_id_makes_the_first_one_end_for_good(session, guard, mosquitto):
    with contextlib.closing(GuardProcess(guard.folder, mosquitto.port)) as second:
        second.start()
        assert guard.process is not None
        assert guard.process.wait(10.0) == 64
        assert "another guard uses the id thermod-clinic-1-guard" in guard.log()
        assert second.process is not None
        assert second.process.poll() is None


def test_it_reconnects_after_a_restart_of_the_broker_and_heals(session, mosquitto):
    mosquitto.restart()
    session.wait(session.revoked, 10.0)
    session.wait(session.granted, 15.0)
    assert session.permits[-1][1]["epoch"] == 1
    assert session.states[-1]["tripped_by"] == []


def test_a_frozen_broker_is_survived_and_its_old_messages_are_not_believed(session, mosquitto):
    mosquitto.freeze()
    session.let_pass(4.0)
    before = len(session.permits)
    mosquitto.thaw()
    session.wait(lambda: session.revoked() and len(session.permits) > before, 5.0)
    session.wait(session.granted, 20.0)
    assert session.permits[-1][1]["epoch"] == 1
    assert session.states[-1]["tripped_by"] == []


def test_it_begins_without_a_broker_and_ends_cleanly_when_told_to(mosquitto, guard, clinic):
    mosquitto.kill()
    process = guard.start()
    clinic.let_pass(1.5)
    assert process.poll() is None
    mosquitto.start()
    clinic.wait(clinic.would_permit, 15.0)
    guard.send(signal.SIGTERM)
    assert process.wait(5.0) == 0
    clinic.wait(lambda: clinic.statuses[-1]["online"] is False, 2.0)


def test_a_killed_guard_goes_on_with_epoch_and_latches_from_its_file(session, guard):
    session.publish("stop", b'{"stop_id": "e1f0"}', qos=1)
    session.wait(lambda: session.states[-1]["tripped_by"] == ["stopped"], 2.0)
    first = session.states[-1]["guard_id"]
    guard.close()
    guard.start()
    session.wait(lambda: session.states[-1]["guard_id"] != first, 10.0)
    assert session.states[-1]["tripped_by"] == ["stopped"]
    assert session.states[-1]["epoch"] == 1
