"""Epochs and leases: node, guard and control's side, with a network that loses, holds and repeats.

The node and the guard are thermod's own, on the wire; control is its lease and its mailbox. Whether
there is heat is asked of the node alone. What must hold is SAFETY.md section 2, and nothing here
knows how any of the three comes to its decision.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from controllers import actuation
from controllers.actuation import NO_LEASE, Scope
from tests.guard.pretend import PROBES, Drawer, chain
from tests.properties.machines import bounded
from thermod import wire
from thermod.guard.dome import GuardDome
from thermod.guard.hear import hear
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits
from thermod.guard.said import ENVELOPES, Challenge, Permit
from thermod.guard.specs import DomeSpec, ProbeSpec
from thermod.mailbox import Mailbox
from thermod.sim.node import Node, NodeSpec
from thermod.sim.node_messages import encode_state

LEASE_S = 3.0
LOOKS = 5  # in half a second
WARM_C = {"core-1": 37.0, "core-2": 37.1, "skin-1": 34.0, "skin-2": 34.5, "air-1": 50.0}
SPEC = DomeSpec("dome-1", tuple(ProbeSpec(name, role) for name, role in PROBES.items()))
LINKS = ("node→guard", "node→control", "guard→node", "guard→control", "control→node")
OPENED_BY = {"create": Scope.TEST, "start": Scope.SESSION, "resume": Scope.SESSION}


class ControlSide:
    """Control as the bus sees it: a lease, a mailbox, a command and a beat in each cycle."""

    def __init__(self, controller_id: str) -> None:
        self.controller_id = controller_id
        self.lease = NO_LEASE
        self.box = Mailbox()
        self.boot_id: str | None = None
        self.tick = self.cycle = self.seq = 0

    def hear(self, suffix: str, payload: bytes, now_s: float) -> None:
        if suffix == "guard/permit":
            found = wire.decode_permit(payload, retained=False, received_s=now_s)
            if not isinstance(found, wire.Refused):
                self.box.set_permit(*found)
        elif suffix == "guard/challenge":
            found = wire.decode_challenge(payload, retained=False)
            self.box.challenge = found if isinstance(found, str) else ""
        elif suffix == "node/state":
            state = json.loads(payload)
            self.boot_id, self.tick = state["boot_id"], state["tick"]

    def arm(self, scope: Scope, intent_id: str, now_s: float) -> None:
        self.lease = actuation.arm(scope, intent_id, self.box.permit, now_s)

    def run(self, now_s: float) -> list[tuple[str, dict[str, object]]]:
        """What one cycle sends, the beat last."""
        before = self.lease.epoch
        hold = actuation.look(self.lease, self.box.permit, self.controller_id, self.boot_id, now_s)
        self.lease = hold.lease
        self.cycle += 1
        self.seq = 0 if self.lease.epoch != before else self.seq
        out: list[tuple[str, dict[str, object]]] = []
        if self.lease.epoch is not None:
            self.seq += 1
            strong_pct = 15.0 if self.lease.scope is Scope.TEST else 60.0
            out.append(("heater/command", self.command(strong_pct if hold.may_heat else 0.0)))
        challenge = self.box.challenge or "00000000"
        results = [self.cycle % 5] * 6
        beat = {"controller_id": self.controller_id, "scope": self.lease.scope.value}
        flow = chain(challenge, self.cycle, results)
        beat |= {"challenge": challenge, "cycle": self.cycle, "results": results, "flow": flow}
        return [*out, ("heartbeat", beat)]

    def command(self, power_pct: float) -> dict[str, object]:
        return {
            **{"controller_id": self.controller_id, "epoch": self.lease.epoch, "seq": self.seq},
            **{"boot_id": self.boot_id, "tick": self.tick, "cycle": self.cycle},
            "power_pct": power_pct,
        }


class Epochs(RuleBasedStateMachine):
    """What may happen to one dome, and the truth at its heater, ten times a second."""

    def __init__(self, seen: Counter[str]) -> None:
        super().__init__()
        self.seen = seen  # over all courses: what they have come to
        self.numbers = itertools.count(1)
        self.now_s = 1000.0
        self.drawer = Drawer()
        self.drawer.domes["dome-1"] = Kept()
        self.node = Node(NodeSpec(), lambda: f"{next(self.numbers):016x}", self.now_s)
        self.lid = "closed"
        self.guard_id = ""
        self.guard = self._new_guard()
        self.control = ControlSide(f"c-{next(self.numbers)}")
        self.down: dict[str, list[tuple[str, bytes]] | None] = {}  # links; None: what comes is lost
        self.sent: list[tuple[str, str, bytes]] = []  # everything so far, for replays
        # The record that the truth is held against.
        self.acts = 0
        self.said_s: dict[bytes, float] = {}  # when each message was said first
        self.granted_s: dict[int, float] = {}  # by epoch: the newest grant that reached the node
        self.commanded_s: dict[tuple[int, str], float] = {}  # and command, also by controller
        self.over_s: dict[
            int, float
        ] = {}  # by epoch: when its guard said, or died, that it is over
        self.bound: dict[int, tuple[str | None, str | None]] = {}  # by epoch that heated
        self.stopped_epoch = -1  # a STOP reached the node in this one
        # By guard, since one counts on its own: epoch, seq, granted of the newest that reached the
        # node; and the highest epoch that any has revoked there.
        self.newest_permit: dict[str, tuple[int, int, bool]] = {}
        self.revoked_epoch = -1
        self.lid_told = self.lid  # as the node felt it last
        self._run(6)

    # --- what may happen --------------------------------------------------------------------------

    @rule(half_seconds=st.sampled_from([1, 2, 3, 5, 8, 13]))
    def let_time_pass(self, half_seconds):
        self._run(half_seconds)

    @rule(kind=st.sampled_from(["start", "start", "resume", "create"]))
    def act(self, kind):
        """A person asks for heat, and control says yes."""
        self.acts += 1
        intent_id = self._intent(kind, {} if kind == "create" else {"target_c": 38.5})
        self.control.arm(OPENED_BY[kind], intent_id, self.now_s)
        arm = {"controller_id": self.control.controller_id, "intent_id": intent_id}
        self._send("control→guard", "arm", {**arm, "scope": OPENED_BY[kind].value})
        self._run(4)

    @initialize()
    def begin_with_heat(self):
        self.act("start")
        self._run(4)
        assert self.seen["heat"]

    @rule()
    def put_all_right_and_start(self):
        """After whatever has happened: there must be a way back, and it is a person's."""
        self.heal_everything(1, 1)
        self.lid = "closed"
        self._run(12)
        self.reset()
        self._run(12)
        self.act("resume")
        self._run(14)

    @rule()
    def pause(self):
        self._intent("pause", {})
        self.control.lease = NO_LEASE

    @rule(hears=st.sets(st.sampled_from(["node", "guard"]), min_size=1))
    def press_stop(self, hears):
        payload = json.dumps({"stop_id": f"stop-{next(self.numbers)}", "by": "x"}).encode()
        for who in hears:
            self._deliver(who, "stop", payload)
        self.control.lease = NO_LEASE

    @rule()
    def reset(self):
        self._intent("reset", {"latches": [*self.guard.latches, "stopped"]}, "looked at it")

    @rule(
        link=st.sampled_from([*LINKS, "control→guard"]),
        loses=st.booleans(),
        half_seconds=st.sampled_from([0, 2, 8]),
    )
    def cut(self, link, loses, half_seconds):
        self.down[link] = None if loses else []
        self._run(half_seconds)

    @rule(order=st.sampled_from([1, -1]), times=st.integers(1, 2))
    def heal_everything(self, order, times):
        """What was held comes now: in order or not, once or twice."""
        for link, held in list(self.down.items()):
            del self.down[link]
            for suffix, payload in (held or [])[::order] * times:
                self._deliver(link.partition("→")[2], suffix, payload)

    @rule(back=st.integers(1, 60))
    def replay(self, back):
        if back <= len(self.sent):
            to, suffix, payload = self.sent[-back]
            self._deliver(to, suffix, payload)

    @rule(lid=st.sampled_from(["open", "closed", "closed"]))
    def lid_is(self, lid):
        self.lid = lid

    @rule()
    def restart_guard(self):
        self._over(self.guard.keeper.epoch)
        self.guard = self._new_guard()

    @rule()
    def restart_control(self):
        self.control = ControlSide(f"c-{next(self.numbers)}")

    @rule()
    def reboot_dome(self):
        self.node.reboot(self.now_s)

    @rule(power_pct=st.sampled_from([0.0, 100.0]), lead=st.integers(1, 1000))
    def another_controller_commands(self, power_pct, lead):
        authority = self.node.authority
        command = {
            **{"controller_id": "c-other", "epoch": authority.epoch, "seq": lead},
            **{"boot_id": authority.boot_id, "tick": max(1, authority.ticks), "cycle": 1},
            "power_pct": power_pct,
        }
        for who in ("node", "guard"):
            self._deliver(who, "heater/command", json.dumps(command).encode())

    # --- time -------------------------------------------------------------------------------------

    def _run(self, half_seconds: int) -> None:
        for _ in range(half_seconds):
            measured_w = self.node.look(self.now_s).heater_pct * 20.0
            self.lid_told = self.lid
            state = self.node.tick(self.now_s, measured_w, WARM_C, self.lid, True, 50.0)
            payload = encode_state(state, dict.fromkeys(WARM_C, state.tick))
            self._send("node→guard", "node/state", payload)
            self._send("node→control", "node/state", payload)
            for suffix, message in self.control.run(self.now_s):
                self._send("control→guard", suffix, message)
                if suffix == "heater/command":
                    self._send("control→node", suffix, message)
            for _ in range(LOOKS):
                self._look()
                self.now_s = round(self.now_s + 0.5 / LOOKS, 6)
                self._check()

    def _look(self) -> None:
        for word in self.guard.look(self.now_s):
            if isinstance(word, Permit):
                self._note_permit(word)
                self._send("guard→node", ENVELOPES[type(word)].suffix, word.to_json())
            if isinstance(word, Permit | Challenge):
                self._send("guard→control", ENVELOPES[type(word)].suffix, word.to_json())

    def _note_permit(self, permit: Permit) -> None:
        if permit.granted:
            assert not permit.ended
            assert self.guard.broken == ()
            assert self.guard.latches == ()
            assert permit.epoch not in self.over_s, "an epoch that is over came back"
            assert self.drawer.domes["dome-1"].epoch >= permit.epoch, "used before it was safe"
            self.seen["granted"] += 1
        elif permit.ended:
            self._over(permit.epoch)

    def _over(self, epoch: int) -> None:
        self.over_s.setdefault(epoch, self.now_s)

    # --- what must hold ---------------------------------------------------------------------------

    def _check(self) -> None:
        if not self.node.look(self.now_s).heater_pct > 0.0:
            return
        authority, now_s = self.node.authority, self.now_s
        epoch, controller_id = authority.epoch, authority.controller_id
        self.seen["heat"] += 1
        assert now_s - self.granted_s[epoch] <= LEASE_S, "heat on an old permit"
        assert controller_id is not None
        assert now_s - self.commanded_s[epoch, controller_id] <= LEASE_S, "heat on an old command"
        if epoch in self.over_s:
            self.seen["heat after the end"] += 1  # the revoke was lost: the lease must end it
            assert now_s - self.over_s[epoch] <= LEASE_S, "heat in an epoch that is over"
        assert epoch > self.stopped_epoch, "heat after a STOP at the node"
        assert self.newest_permit[authority.guard_id][2], "heat after a revoke had reached the node"
        assert epoch >= self.revoked_epoch, "heat after a higher epoch was revoked"
        assert self.lid_told != "open"
        first = not self.bound or epoch > max(self.bound)
        assert first or epoch == max(self.bound), "heat went back to an older epoch"
        who = self.bound.setdefault(epoch, (controller_id, authority.guard_id))
        assert who == (controller_id, authority.guard_id), "two of a kind in one epoch"
        assert controller_id != "c-other"
        assert len(self.bound) <= self.acts, "heat that no person asked for"

    # --- messages ---------------------------------------------------------------------------------

    def _intent(self, kind: str, details: dict[str, object], reason: str = "") -> str:
        intent_id = f"i-{next(self.numbers)}"
        message = {
            **{"intent_id": intent_id, "kind": kind, "by": "nurse-7", "role": "operator"},
            **{"reason": reason, "controller_id": self.control.controller_id},
            **{"cycle": self.control.cycle, "session_id": "s-1", "details": details},
        }
        self._deliver("guard", "intent", json.dumps(message).encode())
        return intent_id

    def _send(self, link: str, suffix: str, message: bytes | dict[str, object]) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        to = link.partition("→")[2]
        self.said_s.setdefault(payload, self.now_s)
        self.sent = [*self.sent[-200:], (to, suffix, payload)]
        if link not in self.down:
            self._deliver(to, suffix, payload)
            return
        held = self.down[link]
        if held is not None:
            held.append((suffix, payload))

    def _deliver(self, to: str, suffix: str, payload: bytes) -> None:
        if to == "node":
            self._note_arrival(suffix, payload)
            self.node.hear(suffix, payload, False, self.now_s)
        elif to == "guard":
            hear(self.guard, suffix, payload, False, self.now_s)
            self._look()
        else:
            self.control.hear(suffix, payload, self.now_s)
        self._check()

    def _note_arrival(self, suffix: str, payload: bytes) -> None:
        """What the node has now heard of whom, and when that was said."""
        if suffix == "stop":
            self.stopped_epoch = self.node.authority.epoch
            return
        said_s, message = self.said_s.get(payload, self.now_s), json.loads(payload)
        epoch = message["epoch"]
        if suffix == "guard/permit":
            guard_id, newest = message["guard_id"], (epoch, message["seq"], message["granted"])
            self.newest_permit[guard_id] = max(self.newest_permit.get(guard_id, newest), newest)
            if not message["granted"]:
                self.revoked_epoch = max(self.revoked_epoch, epoch)
            if message["granted"]:
                self.granted_s[epoch] = max(said_s, self.granted_s.get(epoch, 0.0))
        else:
            who = epoch, message["controller_id"]
            self.commanded_s[who] = max(said_s, self.commanded_s.get(who, 0.0))

    def _new_guard(self) -> GuardDome:
        self.guard_id = f"g-{next(self.numbers)}"
        return GuardDome(
            SPEC,
            Limits(),
            guard_id=self.guard_id,
            kept=self.drawer.domes.get("dome-1"),
            store=self.drawer,
            new_challenge=lambda: f"{next(self.numbers):08x}",
            now_s=self.now_s,
        )


def test_there_is_heat_only_in_an_epoch_that_a_person_opened_and_while_its_lease_runs():
    seen: Counter[str] = Counter()
    run_state_machine_as_test(lambda: Epochs(seen), settings=bounded(examples=20, steps=16))
    assert min(seen[what] for what in ("granted", "heat", "heat after the end")) > 0, seen
