"""What people do in these sessions, and what they are told."""

from __future__ import annotations

from dataclasses import replace

from controllers.session import Phase
from thermod.acts import Reply
from thermod.mailbox import Intent
from thermod.sim.world import World

CREATE = {"protocol": "hold-5", "subject": "SIM-1", "staff": "NURSE-1", "consent": True}
TARGET_C = 38.5


def create(world: World, **details: object) -> Intent:
    return world.ask("create", {**CREATE, **details})


def start(world: World, target_c: float = TARGET_C) -> Intent:
    return world.ask("start", {"target_c": target_c})


def resume(world: World, *, reason: str = "seen to it", same_patient: bool = True) -> Intent:
    return world.ask("resume", {"target_c": TARGET_C, "same_patient": same_patient}, reason)


def for_session(world: World, session_id: str | None) -> Intent:
    """What was asked last, for another session than the one on the dome."""
    world._queue[-1] = replace(world._queue[-1], session_id=session_id)
    return world._queue[-1]


def reset(world: World, *names: str, reason: str = "found and put right") -> Intent:
    """Everything that is latched, unless names are given."""
    latched = names or (*world.state.latches, *world.guard.latches)
    return world.ask("reset", {"latches": list(latched)}, reason)


def answer(world: World, intent: Intent) -> Reply:
    """Control's answer, one half second later."""
    world.step()
    return next(each for each in reversed(world.replies) if each.intent == intent)


def is_accepted(world: World, intent: Intent) -> bool:
    return answer(world, intent).accepted


def passes_preflight(world: World) -> None:
    """From idle to a checklist with a tick on every line."""
    create(world)
    world.run_until(lambda w: all_ticked(w), within_s=30.0)


def all_ticked(world: World) -> bool:
    checks = () if world.outcome is None else world.outcome.checks
    return world.phase is Phase.PREFLIGHT and bool(checks) and all(each.ok for each in checks)


def open_lines(world: World) -> dict[str, str]:
    """The lines of the checklist that are not ticked, with what they say."""
    checks = () if world.outcome is None else world.outcome.checks
    return {each.check_id: each.text for each in checks if each.ok is not True}


def why(world: World) -> str:
    """Why power is no higher."""
    if world.outcome is None:
        return ""
    return "; ".join((*world.outcome.limited.because, world.outcome.wanted.because))


def heats_again(world: World, within_s: float = 30.0) -> bool:
    try:
        world.run_until(lambda w: w.heater_w > 0.0, within_s)
    except TimeoutError:
        return False
    return True


def is_off_within(world: World, seconds: float) -> bool:
    """Does true heater power fall to 0 in this time, and stay there for five seconds more?"""
    try:
        world.run_until(lambda w: w.heater_w == 0.0, seconds)
    except TimeoutError:
        return False
    for _ in range(10):
        world.step()
        if world.heater_w > 0.0:
            return False
    return True


def stays_cold(world: World, seconds: float) -> bool:
    """No half second of it with power at the heater."""
    for _ in range(round(seconds * 2.0)):
        world.step()
        if world.heater_w > 0.0:
            return False
    return True
