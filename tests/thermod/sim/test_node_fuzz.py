"""Random stories: the node never raises, and heats only where a plain reading of the contract does.

The oracle keeps no state of its own: it looks at everything that was ever heard and asks, sentence
by sentence, whether heat can be right now. It is weaker than the node in places, never stronger.
"""

import json
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thermod.sim.node import TICK_S, Actuation, Node, NodeSpec

BOOT = "9f31c2d4a5b60718"
GOOD = {  # a permit and a command in one
    "granted": True,
    "ended": False,
    "annunciate": False,
    "guard_id": "g-1",
    "controller_id": "c-1",
    "epoch": 1,
    "seq": 1,
    "boot_id": BOOT,
    "tick": 1,
    "cycle": 1,
    "power_pct": 40.0,
}


@dataclass
class Heard:
    """Everything that happened to a node, as it was sent."""

    messages: list[tuple[float, str, dict, bool]] = field(default_factory=list)
    sent_s: dict[int, float] = field(default_factory=dict)  # tick → when the node sent it
    lid: str = "closed"

    def of(self, topic: str) -> list[tuple[float, dict]]:
        return [
            (at, m) for at, where, m, retained in self.messages if where == topic and not retained
        ]

    def was_fresh(self, message: dict, at_s: float) -> bool:
        sent_s = self.sent_s.get(message["tick"])
        known = [tick for tick, when in self.sent_s.items() if when <= at_s][-16:]
        return message["boot_id"] == BOOT and message["tick"] in known and at_s - sent_s <= 3.0


def why_heat_is_wrong(heard: Heard, actuation: Actuation, now_s: float) -> str | None:
    """None: some permit and some command that were heard justify this heat."""
    if heard.lid == "open":
        return "the lid is open"
    if not actuation.contactors_closed:
        return "the SSR is on behind open contactors"
    permits = heard.of("guard/permit")
    grants = [(at, p) for at, p in permits if p["granted"] and heard.was_fresh(p, at)]
    for at_s, permit in grants:
        if now_s - heard.sent_s[permit["tick"]] <= 3.0:
            broken = why_permit_is_wrong(heard, permits, grants, at_s, permit)
            if broken is None and a_command_says(heard, permit, actuation.heater_pct, now_s):
                return None
    return "no permit and command that were heard justify it"


def why_permit_is_wrong(heard, permits, grants, at_s, permit) -> str | None:
    epoch, guard = permit["epoch"], permit["guard_id"]
    opening = next(g for at, g in grants if g["epoch"] == epoch)
    revokes = [(at, r) for at, r in permits if not r["granted"]]

    def was_revoked_before(grant_s: float, grant: dict) -> bool:
        return any(
            at < grant_s and r["guard_id"] == grant["guard_id"] and r["epoch"] >= grant["epoch"]
            for at, r in revokes
        )

    def was_overtaken(revoke_s: float, revoke: dict) -> bool:
        return any(
            at < revoke_s and p["epoch"] == revoke["epoch"] and p["seq"] >= revoke["seq"]
            for at, p in permits
        )

    for at, other in grants:
        if other["epoch"] > epoch and not was_revoked_before(at, other):
            return "a higher epoch was adopted"
        if other is opening and not was_revoked_before(at, other):
            mine = (guard, permit["controller_id"])
            if mine != (other["guard_id"], other["controller_id"]):
                return "the epoch is bound to another pair"
    for at, revoke in revokes:
        if revoke["epoch"] > epoch and at > at_s:
            return "a higher epoch was revoked since"
        if (revoke["epoch"], revoke["guard_id"]) == (epoch, guard):
            if revoke["ended"] and not was_overtaken(at, revoke):
                return "the epoch has ended"
            if revoke["seq"] > permit["seq"]:
                return "it was revoked"
    stops = [at for at, topic, *_ in heard.messages if topic == "stop"]
    if any(at > at_s for at in stops):
        return "stopped since"
    return None


def a_command_says(heard: Heard, permit: dict, heater_pct: float, now_s: float) -> bool:
    bound = ("epoch", "controller_id", "boot_id")
    return any(
        all(command[key] == permit[key] for key in bound)
        and command["power_pct"] == heater_pct
        and 0.0 <= heater_pct <= 100.0
        and heard.was_fresh(command, at_s)
        and now_s - heard.sent_s[command["tick"]] <= 3.0
        for at_s, command in heard.of("heater/command")
    )


@dataclass
class Story:
    """Plays acts on a node: mostly what a sane guard and controller send, often a little off."""

    node: Node = field(default_factory=lambda: Node(NodeSpec(), lambda: BOOT, now_s=0.0))
    heard: Heard = field(default_factory=Heard)
    now_s: float = 0.0
    epoch: int = 1
    permit_seq: int = 0
    command_seq: int = 0
    seconds_of_heat: float = 0.0

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.now_s = round(min(until_s, self.now_s + 0.25), 9)
            if self.now_s >= (self.node.authority.ticks + 1) * TICK_S:
                self.node.tick(self.now_s, None, {}, self.heard.lid, None)
                self.heard.sent_s[self.node.authority.ticks] = self.now_s
            if self.check().heater_pct > 0.0:
                self.seconds_of_heat += 0.25

    def check(self) -> Actuation:
        actuation = self.node.look(self.now_s)
        if actuation.heater_pct != 0.0:
            wrong = why_heat_is_wrong(self.heard, actuation, self.now_s)
            assert wrong is None, (wrong, actuation, self.now_s, self.heard.messages)
        return actuation

    def act(self, act: tuple) -> None:
        what, wait_s, epoch_off, seq_off, tick_off, guard, controller, boot, power, retained = act
        self.run(wait_s)
        self.now_s = round(self.now_s + 0.01, 9)  # no two messages at once
        if what == "lid":
            self.heard.lid = "closed" if self.heard.lid == "open" else "open"
            self.node.sense(self.now_s, None, self.heard.lid, None)
        elif what == "next epoch":
            self.epoch, self.permit_seq, self.command_seq = self.epoch + 1, 0, 0
        else:
            message = GOOD | {
                "granted": what in ("grant", "both"),
                "ended": what in ("end", "both"),
                "guard_id": guard,
                "controller_id": controller,
                "boot_id": boot,
                "epoch": max(0, self.epoch + epoch_off),
                "tick": max(0, self.node.authority.ticks + tick_off),
                "power_pct": power,
            }
            self.send(what, retained, message, seq_off)
        self.check()

    def send(self, what: str, retained: bool, message: dict, seq_off: int) -> None:
        if what == "command":
            topic, self.command_seq = "heater/command", self.command_seq + 1
            message["seq"] = max(0, self.command_seq + seq_off)
        elif what == "stop":
            topic = "stop"
        else:
            topic, self.permit_seq = "guard/permit", self.permit_seq + 1
            message["seq"] = max(0, self.permit_seq + seq_off)
        if what != "both":  # granted and ended at once is no message at all
            self.heard.messages.append((self.now_s, topic, message, retained))
        self.node.hear(topic, json.dumps(message).encode(), retained, self.now_s)


ACTS = (
    ["grant"] * 8 + ["command"] * 8 + ["revoke", "lid", "next epoch"] * 2 + ["end", "stop", "both"],
    [0.0] * 6 + [0.1, 0.25, 0.5, 1.0, 3.0, 12.0],
    [0] * 9 + [1, -1],
    [0] * 9 + [-1, -3, 40],
    [0] * 8 + [-1, -5, -7, -16, 1],
    ["g-1"] * 9 + ["g-2"],
    ["c-1"] * 9 + ["c-2"],
    [BOOT] * 14 + ["00000000deadbeef"],
    [0.0, 12.5, 40.0, 55.0, 100.0, 100.5, -1.0],
    [False] * 14 + [True],
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300)
@given(st.lists(st.tuples(*(st.sampled_from(choices) for choices in ACTS)), max_size=60))
def test_the_node_heats_only_where_the_contract_allows_it(acts):
    story = Story()
    for act in acts:
        story.act(act)
    story.run(4.0)
    assert story.check().heater_pct == 0.0  # everything has run out


@pytest.mark.slow
def test_random_stories_do_heat_so_that_the_fuzz_proves_something():
    random, heated = Random(1), 0
    for _ in range(300):
        story = Story()
        for _ in range(60):
            story.act(tuple(random.choice(choices) for choices in ACTS))
        heated += story.seconds_of_heat > 0.0
    assert heated >= 50


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=300)
@given(
    st.sampled_from(["guard/permit", "heater/command", "stop", "arm", "", "stop/"]),
    st.binary(max_size=600)
    | st.dictionaries(st.sampled_from([*GOOD, "stop_id"]), JSON, max_size=4),
    st.booleans(),
)
def test_no_payload_makes_the_node_raise_or_heat(topic, payload, retained):
    node = Node(NodeSpec(), lambda: BOOT, now_s=0.0)
    node.tick(0.5, None, {}, "closed", None)
    if isinstance(payload, dict):
        payload = json.dumps(GOOD | payload).encode()

    node.hear(topic, payload, retained, 0.6)

    assert node.look(0.6).heater_pct == 0.0
