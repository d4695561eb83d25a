"""The emergency STOP: say it until node, guard and control have all said it back.

One press sends at once and repeats every 0.5 s. It is never queued behind anything, never limited,
and asks nobody's leave. A second press while the first is unconfirmed joins it, so that two people
who press at once do not overwrite each other's echo, and no number of presses makes a crowd.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

import orjson
import structlog

from thermod.gateway.bus import Bus
from thermod.gateway.topics import Topics

REPEAT_S = 0.5
CONFIRM_WITHIN_S = 2.0
GIVE_UP_S = 60.0
WHO = ("node", "guard", "control")

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class StopRun:
    """One STOP on its way. `by` says who has echoed it; `until_s` is in the event loop's time."""

    dome: str
    stop_id: str
    pressed_by: str
    until_s: float
    tries: int = 0
    sent: int = 0  # tries that reached a broker
    by: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(WHO, False))
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed.is_set()


class Stops:
    """The newest STOP of each dome."""

    def __init__(self, bus: Bus, topics: Topics) -> None:
        self._bus = bus
        self._topics = topics
        self._runs: dict[str, StopRun] = {}
        self._pressed = asyncio.Event()

    async def press(self, dome: str, by: str) -> StopRun:
        """Send STOP now and wait at most 2 s for all three echoes. `run` goes on repeating."""
        run = self._begin_or_join(dome, by)
        self._send(run)
        self._pressed.set()
        try:
            async with asyncio.timeout(CONFIRM_WITHIN_S):
                await run.confirmed.wait()
        except TimeoutError:
            log.error("STOP not confirmed", dome=dome, stop_id=run.stop_id, echoed=run.by)
        return run

    def newest(self, dome: str) -> StopRun | None:
        return self._runs.get(dome)

    def heard(self, dome: str, who: str, stop_id: str | None) -> None:
        """`who` echoes this STOP."""
        run = self._runs.get(dome)
        if run is None or stop_id != run.stop_id:
            return
        run.by[who] = True
        if all(run.by.values()) and not run.is_confirmed:
            log.warning("STOP confirmed", dome=dome, stop_id=stop_id, tries=run.tries)
            run.confirmed.set()

    async def run(self) -> None:
        """Repeat what is not confirmed, until cancelled."""
        while True:
            await self._pressed.wait()
            await asyncio.sleep(REPEAT_S)
            unconfirmed = [run for run in self._runs.values() if self._goes_on(run)]
            if not unconfirmed:
                self._pressed.clear()
            for run in unconfirmed:
                self._send(run)

    def _begin_or_join(self, dome: str, by: str) -> StopRun:
        until_s = asyncio.get_running_loop().time() + GIVE_UP_S
        run = self._runs.get(dome)
        if run is not None and self._goes_on(run):
            run.until_s = until_s
            return run
        log.warning("STOP pressed", dome=dome, by=by)
        run = self._runs[dome] = StopRun(dome, str(uuid.uuid4()), by, until_s)
        return run

    def _goes_on(self, run: StopRun) -> bool:
        return not run.is_confirmed and asyncio.get_running_loop().time() < run.until_s

    def _send(self, run: StopRun) -> None:
        payload = orjson.dumps({"stop_id": run.stop_id, "by": run.pressed_by})
        run.tries += 1
        run.sent += self._bus.publish(self._topics.of(run.dome, "stop"), payload, qos=1)
