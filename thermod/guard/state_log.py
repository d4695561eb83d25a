"""The guard's log: each change of what it thinks, once, and what it refuses."""

import json
import logging

from thermod.guard.said import GuardState

log = logging.getLogger("thermod.guard")


class StateLog:
    """Told every `guard/state`; it writes down what is new in it."""

    def __init__(self) -> None:
        self._lines: dict[str, object] = {}  # by dome
        self._refused: dict[tuple[str, str], int] = {}  # by dome and kind, when last written down

    def tell(self, dome_id: str, state: GuardState) -> None:
        line = {
            "permitting": state.permitting,
            "scope": state.scope,
            "epoch": state.epoch,
            "broken": list(state.broken),
            "tripped_by": list(state.tripped_by),
            "stop_id": state.stop_id,
            "controller_id": state.controller_id,
        }
        if self._lines.get(dome_id) != line:
            self._lines[dome_id] = line
            log.info("%s %s", dome_id, json.dumps(line))
        for kind, count in state.refused.items():  # at about 1, 2, 4, 8…: a flood fills no log
            if count >= 2 * self._refused.get((dome_id, kind), 0):
                self._refused[dome_id, kind] = count
                log.warning("%s refused %s: %d so far", dome_id, kind, count)
