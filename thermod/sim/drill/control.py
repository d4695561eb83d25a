"""`python -m thermod.sim.drill.control CONFIG`: the shipped control process, in which something can
go wrong that no signal from outside brings about.

Nothing in the product listens for this. What runs is `thermod.daemon.serve`, as `thermod control`
runs it, on a clock of ours: the clock is handed to it, as to every part that needs one. Each real-
time signal from `SIGRTMIN` on is one `Inside`.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from enum import Enum
from pathlib import Path

from thermod.clock import BootClock
from thermod.config import load
from thermod.daemon import serve
from thermod.logs import configure

LOOK_S = 0.02


class Inside(Enum):
    """What goes wrong: the name, and the number of its signal after `SIGRTMIN`."""

    BLOCK = 0  # the loop stands still, and with it every task; until `UNBLOCK`
    UNBLOCK = 1
    CYCLE_DIES = 2  # an exception in the task that runs the cycles
    CYCLE_HANGS = 3  # that task waits for something that never comes; the link lives on
    LINK_DIES = 4  # the task that keeps the connection ends
    LISTENER_DIES = 5  # the task that takes in what arrives ends
    SENDER_DIES = 6  # the task that sends commands and heartbeats ends

    @property
    def signal(self) -> int:
        """Its number."""
        return signal.SIGRTMIN + self.value


TASKS = {
    Inside.LINK_DIES: "link",
    Inside.LISTENER_DIES: "mqtt-listen",
    Inside.SENDER_DIES: "mqtt-send-0",
}


class FaultyClock(BootClock):
    """The boot clock, until the cycle's task is to die or to hang while it waits."""

    def __init__(self) -> None:
        self.inside: Inside | None = None

    async def sleep_until(self, deadline_s: float) -> None:
        await super().sleep_until(deadline_s)
        if self.inside is Inside.CYCLE_DIES:
            raise RuntimeError("the drill ends the task that runs the cycles")
        if self.inside is Inside.CYCLE_HANGS:
            await asyncio.Event().wait()


class Hand:
    """Does what a signal says, inside the loop of control."""

    def __init__(self, clock: FaultyClock) -> None:
        self._clock = clock
        self._blocked = False

    def listen(self) -> None:
        """Call it inside the loop."""
        loop = asyncio.get_running_loop()
        for inside in Inside:
            if inside is not Inside.UNBLOCK:
                loop.add_signal_handler(inside.signal, self._do, inside)
        signal.signal(Inside.UNBLOCK.signal, self._unblock)  # the loop could not hear it

    def _do(self, inside: Inside) -> None:
        if inside is Inside.BLOCK:
            self._blocked = True
            while self._blocked:
                time.sleep(LOOK_S)
        elif inside in TASKS:
            for task in asyncio.all_tasks():
                if task.get_name() == TASKS[inside]:
                    task.cancel()
        else:
            self._clock.inside = inside

    def _unblock(self, number: int, frame: object) -> None:
        self._blocked = False


async def main(config_file: Path) -> int:
    """As `thermod control`, and the exit status is the same."""
    clock = FaultyClock()
    Hand(clock).listen()
    return await serve(load(config_file), clock)


if __name__ == "__main__":
    configure()
    raise SystemExit(asyncio.run(main(Path(sys.argv[1]))))
