"""The staff of a drill: they bring domes to heat with the intents that people would send, after a
fault too, and put the simulated faults on.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from controllers.session import HEATING, Phase
from thermod.clock import Clock
from thermod.sim.bedside import PRESENCE_DUE_S
from thermod.sim.drill.bus import Bus
from thermod.sim.drill.deeds import AtDome
from thermod.sim.nurse import Deed, Nurse, Sight

BREATH_S = 1.5  # between two acts on one dome: longer than it takes to see what became of the first
SEEN_S_MAX = 2.0  # nobody acts on an older snapshot

State = Mapping[str, Any]


class Staff:
    """Looks at `state` of every dome and acts on one at a time."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._seen: dict[str, tuple[float, State]] = {}
        self._acted_s: dict[str, float] = {}
        self._opened: dict[str, bytes] = {}  # the intents that asked for heat last
        bus.listen(self._see)

    def bring_to_heat(self, dome: str) -> None:
        """Do the next thing that brings it there, if there is one now."""
        now_s = self._clock.now_s()
        seen_s, state = self._seen.get(dome, (-SEEN_S_MAX, None))
        if state is None or not now_s - seen_s <= SEEN_S_MAX:
            return
        if not now_s - self._acted_s.get(dome, -BREATH_S) >= BREATH_S:
            return
        deed = next_deed(state)
        if deed is not None:
            self._acted_s[dome] = now_s
            self._ask(dome, deed, state)

    def is_in_treatment(self, dome: str) -> bool:
        """In a phase that heats a patient: the preflight's heat is none to measure by."""
        _, state = self._seen.get(dome, (0.0, None))
        return state is not None and state["phase"] in HEATING

    def put_fault(self, dome: str, fault: AtDome, *, on: bool) -> None:
        """A message that only the simulator understands."""
        self._bus.say(dome, "sim/fault", fault.message(on=on))

    def press_stop(self, dome: str, stop_id: str) -> None:
        """The big red button, pressed once."""
        self._bus.say(dome, "stop", {"stop_id": stop_id, "by": "drill"})

    def pause(self, dome: str) -> None:
        """A person pauses the session."""
        self._ask(dome, Deed("pause", {}, "drill"), self._seen[dome][1])

    def last_opening(self, dome: str) -> bytes:
        """The `start` or `resume` that opened the epoch in which it heats, word by word."""
        return self._opened[dome]

    def whom(self, dome: str, *, cycles_ago: int) -> dict[str, Any]:
        """To whom an intent of then would have spoken."""
        _, state = self._seen[dome]
        return {
            "controller_id": state["controller_id"],
            "cycle": max(0, state["cycle"] - cycles_ago),
        }

    def look(self, dome: str) -> str:
        """In words, for whoever must find out why a dome does not heat."""
        _, state = self._seen.get(dome, (0.0, None))
        if state is None:
            return f"{dome} was never seen"
        guard, power = state["guard"], state["power"]
        open_checks = [each["text"] for each in state["preflight"] if each["ok"] is not True]
        return (
            f"{dome} is in {state['phase']}, heat {state['heat']}, power {power['power_pct']} % "
            f"({', '.join(power['because'])}), latched {state['latches']}, guard broken "
            f"{guard['broken']} tripped {guard['tripped_by']}, dome: {state['node']['because']}, "
            f"not ticked {open_checks}"
        )

    def _see(self, dome: str, suffix: str, payload: bytes) -> None:
        if suffix == "state":
            self._seen[dome] = (self._clock.now_s(), orjson.loads(payload))

    def _ask(self, dome: str, deed: Deed, state: State) -> None:
        payload = orjson.dumps(_intent(deed, state))
        if deed.kind in ("start", "resume"):
            self._opened[dome] = payload
        self._bus.repeat(dome, "intent", payload)


def next_deed(state: State) -> Deed | None:
    """What a careful person would do next about a dome that shall heat."""
    latched = {*state["latches"], *state["guard"]["tripped_by"]}
    if latched:
        return Deed("reset", {"latches": sorted(latched)}, "drill: the fault is over")
    checks = [check["ok"] for check in state["preflight"]]
    due_s = None if state["session"] is None else state["session"]["presence_due_s"]
    begins_anew = state["phase"] == Phase.ENDED or _has_failed(checks)
    return Nurse(resumes=True).deed(
        Sight(
            phase="idle" if begins_anew else state["phase"],
            target_c=state["target_c"],
            core_temp_c=state["core"]["temp_c"],
            presence_age_s=0.0 if due_s is None else PRESENCE_DUE_S - due_s,
            checklist_done=all(ok is True for ok in checks),
            latched=False,
            guard_would_permit=not state["guard"]["broken"],
        )
    )


def _has_failed(checks: Sequence[bool | None]) -> bool:
    """A preflight that is over and not passed, as on a machine too busy to keep its times."""
    return False in checks and None not in checks


def _intent(deed: Deed, state: State) -> dict[str, Any]:
    session = state["session"]
    return {
        "intent_id": f"i-{secrets.token_hex(8)}",
        "kind": deed.kind,
        "by": "drill",
        "role": "clinician",
        "reason": deed.reason,
        "controller_id": state["controller_id"],
        "cycle": state["cycle"],
        "session_id": None if session is None else session["session_id"],
        "details": dict(deed.details),
    }
