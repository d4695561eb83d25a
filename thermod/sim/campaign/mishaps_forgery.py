"""Messages that nobody should believe: repeated from the past, late, malformed, or of a second
controller, guard or dome.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any, Final

from thermod.cycle import Command
from thermod.sim.campaign.control_side import ControlSide, Disk
from thermod.sim.campaign.dome_side import NodeWord
from thermod.sim.campaign.guard_side import Drawer, GuardSide
from thermod.sim.campaign.mishap import Begin, Group, Mishap, Undo
from thermod.sim.campaign.network import Topic
from thermod.sim.campaign.ward import Ward
from thermod.sim.world import guard_spec_for

ROGUE: Final = "rogue"
ROGUE_PCT: Final = 61.37
JUNK: Final = (
    b"",
    b"{",
    b"null",
    b"[]" * 40,
    b'{"granted": true}',
    b'{"power_pct": NaN}',
    b'{"boot_id": 1, "tick": -1}',
    b'{"temp_c": 1e400}',
    b"\xff\xfe\x00",
    b'{"a":' * 300,
    b"9" * 5000,
)


def _again(ward: Ward, random: Random, *, topic: Topic) -> Undo:
    """Whatever was said on this topic lately is said again, for a while."""
    standing = _Standing()

    def repeat() -> None:
        past = [message for message in ward.network.past if message.topic is topic]
        if past and standing.is_on:
            ward.network.say_again(random.choice(past))
        if standing.is_on:
            ward.agenda.after(random.uniform(0.05, 1.0), repeat)

    repeat()
    return standing.end


class _Standing:
    """Whether a scripted intruder still speaks."""

    def __init__(self) -> None:
        self.is_on = True

    def end(self) -> None:
        self.is_on = False


def _joined(ward: Ward) -> None:
    if ROGUE not in ward.network.up:
        ward.network.join(_Rogue(), ())


class _Rogue:
    """It speaks and hears nothing."""

    name = ROGUE

    def hear(self, message: object) -> None: ...
    def reconnected(self) -> None: ...


def _speak(ward: Ward, say: Callable[[], None], period_s: float) -> Undo:
    _joined(ward)
    standing = _Standing()

    def again() -> None:
        if standing.is_on:
            say()
            ward.agenda.after(period_s, again)

    again()
    return standing.end


def _rogue_controller(ward: Ward, random: Random) -> Undo:
    """It knows the epoch, the boot and the tick, and has an id of its own."""
    numbers = iter(range(1_000_000, 2_000_000))

    def say() -> None:
        authority = ward.dome.node.authority
        command = Command(
            authority.epoch, next(numbers), authority.boot_id, authority.ticks, 1, ROGUE_PCT
        )
        ward.network.send(ROGUE, Topic.COMMAND, ("c-rogue", command))

    return _speak(ward, say, random.uniform(0.2, 0.7))


def _second_controller(ward: Ward, random: Random) -> Undo:
    """A whole second process, with a disk of its own."""
    if "control-2" in ward.network.up:
        return _ended
    plan = ward.control.plan
    second = ControlSide(
        "control-2", ward.agenda, ward.network, random, ward.oracle, plan, Disk(plan.dome)
    )

    def undo() -> None:
        second.kill()
        ward.network.leave(second.name)

    return undo


def _second_guard(ward: Ward, random: Random) -> Undo:
    """A whole second process, which hears the same people."""
    if "guard-2" in ward.network.up:
        return _ended
    drawer = Drawer()
    drawer.kept = ward.drawer.kept
    spec = guard_spec_for(ward.plant)
    second = GuardSide("guard-2", ward.agenda, ward.network, random, ward.oracle, spec, drawer)

    def undo() -> None:
        second.kill()
        ward.network.leave(second.name)

    return undo


def _second_dome(ward: Ward, random: Random) -> Undo:
    """Another node speaks as ours, of a cool patient."""
    ticks = iter(range(1, 100_000))
    boot_id = f"{random.getrandbits(60):016x}"

    def say() -> None:
        past = [m for m in ward.network.past if m.topic is Topic.NODE and m.sender == "dome"]
        if not past or not isinstance(past[-1].value, NodeWord):
            return
        state, tick = past[-1].value.state, next(ticks)
        probes = {probe_id: _cool(probe_id, temp_c) for probe_id, temp_c in state.probes.items()}
        word = state._replace(boot_id=boot_id, tick=tick, probes=probes)
        ward.network.send(ROGUE, Topic.NODE, NodeWord(word, dict.fromkeys(probes, tick)))

    return _speak(ward, say, 0.5)


def _cool(probe_id: str, temp_c: float | None) -> float | None:
    return 37.0 if probe_id.startswith("core") else temp_c


def _junk(ward: Ward, random: Random) -> Undo:
    """Bytes that are no message, on every topic."""

    def say() -> None:
        topic: Any = random.choice(
            (Topic.NODE, Topic.COMMAND, Topic.HEARTBEAT, Topic.ARM, Topic.PERMIT, Topic.INTENT)
        )
        ward.network.send(ROGUE, topic, random.choice(JUNK))

    return _speak(ward, say, random.uniform(0.05, 0.5))


def _late_intent(ward: Ward, random: Random) -> Undo:
    """What somebody asks for now arrives 6-60 s later."""
    intent = ward.people.make_intent("resume", {"target_c": 38.5, "same_patient": True}, "late")
    if intent is not None:
        for late_s in (random.uniform(6.0, 60.0), random.uniform(0.0, 60.0)):
            ward.agenda.after(late_s, ward.network.send, "people", Topic.INTENT, intent)
    return _ended


def _ended() -> None:
    """It has happened, or it happens by itself."""


def _row(name: str, what: str, begin: Begin, *, hinders: bool = False) -> Mishap:
    return Mishap(name, what, Group.FORGERY, begin, hinders=hinders)


FORGERY: Final = (
    *(
        _row(
            f"replay-{name}",
            f"{topic.value} of the last seconds is said again",
            partial(_again, topic=topic),
        )
        for name, topic in (
            ("permit", Topic.PERMIT),
            ("command", Topic.COMMAND),
            ("node-state", Topic.NODE),
            ("heartbeat", Topic.HEARTBEAT),
            ("arm", Topic.ARM),
            ("intent", Topic.INTENT),
            ("challenge", Topic.CHALLENGE),
            ("guard-state", Topic.GUARD_STATE),
        )
    ),
    _row("late-intent", "a resume arrives 6-60 s after it was asked for", _late_intent),
    _row("junk", "bytes that are no message, on every topic", _junk),
    _row("rogue-controller", "a stranger commands 61 % in the open epoch", _rogue_controller),
    _row(
        "second-controller",
        "a second control process on the dome",
        _second_controller,
        hinders=True,
    ),
    _row("second-guard", "a second guard process on the dome", _second_guard, hinders=True),
    _row(
        "second-dome", "another node speaks as ours, of a cool patient", _second_dome, hinders=True
    ),
)
