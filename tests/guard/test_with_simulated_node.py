"""Guard and dome node, each written from the contract alone, understand each other on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.guard.pretend import Room
from thermod.guard.said import Permit, Said
from thermod.sim.node import Node, NodeSpec
from thermod.sim.node_messages import encode_state


class Wired(Room):
    """The room with the executable specification of L0 in place of the pretended node."""

    def __init__(self) -> None:
        super().__init__()
        self.l0 = Node(NodeSpec(), lambda: "9f31c2d4a5b60718", self.now_s)
        self.lid = "closed"
        self.node.state = self._state  # type: ignore[method-assign]
        self.node.heater_follows = False

    @property
    def heater_pct(self) -> float:
        return self.l0.look(self.now_s).heater_pct

    def say(self, said: Said) -> None:
        super().say(said)
        if isinstance(said, Permit):
            self.l0.hear("guard/permit", said.to_json(), False, self.now_s)

    def _state(self, **changes: Any) -> bytes:
        self.node.tick += 1
        measured_w = self.heater_pct * 20.0
        temps_c = dict(self.node.temps_c)
        state = self.l0.tick(self.now_s, measured_w, temps_c, self.lid, True, 50.0)
        return encode_state(state, dict.fromkeys(temps_c, self.node.tick))

    def hear(self, suffix: str, payload: Any, *, retained: bool = False) -> None:
        if suffix in ("heater/command", "stop"):
            body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            self.l0.hear(suffix, body, retained, self.now_s)
        super().hear(suffix, payload, retained=retained)


@pytest.fixture
def wired() -> Wired:
    room = Wired()
    room.start()
    room.run(seconds=10)
    assert room.granted, room.broken
    assert room.heater_pct == 40.0
    return room


def test_the_node_heats_on_the_guards_permit_for_as_long_as_it_is_renewed(wired):
    wired.run(minutes=10)
    assert wired.heater_pct == 40.0
    assert wired.latches == ()
    assert wired.l0.refused == {}


def test_a_revoke_is_obeyed_on_receipt_and_healing_restores_heat(wired):
    well = dict(wired.node.temps_c)
    wired.node.temps_c.update({"core-1": 85.0, "core-2": 85.0})  # which the node does not judge
    wired.hear("node/state", wired.node.state())
    assert wired.heater_pct == 0.0
    wired.node.temps_c.update(well)
    wired.run(seconds=16)  # 3 s to heal, and the contactor recloses 10 s after it opened
    assert wired.heater_pct == 40.0


def test_an_ended_epoch_does_not_come_back_and_the_next_act_opens_the_next(wired):
    wired.intent("pause")
    assert wired.heater_pct == 0.0
    wired.control.scope = "none"
    wired.run(minutes=1)
    assert wired.heater_pct == 0.0
    wired.start(kind="resume")
    wired.run(seconds=12)
    assert wired.heater_pct == 40.0
    assert wired.l0.authority.epoch == 2


def test_a_guard_that_restarts_takes_heat_away_within_the_lease(wired):
    wired.restart_guard()
    wired.run(seconds=3.5)
    assert wired.heater_pct == 0.0
    wired.run(minutes=2)
    assert wired.heater_pct == 0.0


def test_a_stop_that_only_the_guard_heard_stops_the_node_too(wired):
    Room.hear(wired, "stop", b"")
    assert wired.heater_pct == 0.0
