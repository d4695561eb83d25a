"""What is told of a fault, as anybody on the bus can hear it. Heat is not judged by it.

A sign is one of

    alarm:<id>                    control shows the alarm in `state`, or latches it
    guard:<name>                  the guard names it in `guard/state`, as broken or tripped by
    refused:control:<kind>        control has counted one more refused message of this kind
    refused:guard:<kind>          the guard has
    refused:dome                  the dome has, of any kind: by the truth file
    echo:control|guard|dome       it echoes the newest STOP
    exit:<process>:<code>         a process has ended with this code

and counts when it comes up after the fault, not when it stood before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from thermod.clock import Clock
from thermod.sim.drill.bus import Bus


class Witness:
    """Remembers which signs came up at each dome since the last `mark`, and when."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._clock = clock
        self._standing: dict[tuple[str, str], set[str]] = {}  # by dome and who said so
        self._counts: dict[tuple[str, str], tuple[str, Mapping[str, int]]] = {}
        self._signs: dict[str, dict[str, float]] = {}
        bus.listen(self._hear)

    def mark(self, dome: str) -> None:
        """From here on, anew."""
        self._signs[dome] = {}

    def saw(self, dome: str, sign: str) -> None:
        """For signs that are not on the bus."""
        self._signs.setdefault(dome, {}).setdefault(sign, self._clock.now_s())

    def told_s(self, dome: str, wanted: tuple[str, ...]) -> float | None:
        """When the last of them came up, on the boot clock; None when one has not."""
        seen = self._signs.get(dome, {})
        times_s = []
        for one in wanted:
            came_s = [seen[sign] for sign in one.split("|") if sign in seen]
            if not came_s:
                return None
            times_s.append(min(came_s))
        return max(times_s, default=None)

    def signs(self, dome: str) -> list[str]:
        """All that came up, for whoever must find out why one did not."""
        return list(self._signs.get(dome, {}))

    def _hear(self, dome: str, suffix: str, payload: bytes) -> None:
        if suffix == "state":
            self._hear_control(dome, orjson.loads(payload))
        elif suffix == "guard/state":
            self._hear_guard(dome, orjson.loads(payload))

    def _hear_control(self, dome: str, state: Mapping[str, Any]) -> None:
        alarms = {each["alarm_id"] for each in state["alarms"]}
        latches = set(state["latches"]) - set(state["guard"]["tripped_by"])
        self._stands(dome, "alarm", {f"alarm:{name}" for name in alarms | latches})
        self._echo(dome, "control", state["stop_id"])
        self._echo(dome, "dome", state["node"]["stop_id"])
        self._count(dome, "control", state["controller_id"], state["health"]["refused"])

    def _hear_guard(self, dome: str, state: Mapping[str, Any]) -> None:
        names = {*state["broken"], *state["tripped_by"]}
        self._stands(dome, "guard", {f"guard:{name}" for name in names})
        self._echo(dome, "guard", state["stop_id"])
        self._count(dome, "guard", state["guard_id"], state["refused"])

    def _echo(self, dome: str, who: str, stop_id: str | None) -> None:
        said = set() if stop_id is None else {stop_id}
        before = self._standing.get((dome, f"{who} echo"), set())
        if said - before:
            self.saw(dome, f"echo:{who}")
        self._standing[dome, f"{who} echo"] = said

    def _stands(self, dome: str, who: str, signs: set[str]) -> None:
        for sign in signs - self._standing.get((dome, who), set()):
            self.saw(dome, sign)
        self._standing[dome, who] = signs

    def _count(self, dome: str, who: str, instance: str, counts: Mapping[str, int]) -> None:
        instance_before, before = self._counts.get((dome, who), ("", {}))
        if instance != instance_before:
            before = {}
        for kind, count in counts.items():
            if count > before.get(kind, 0):
                self.saw(dome, f"refused:{who}:{kind}")
        self._counts[dome, who] = (instance, counts)
