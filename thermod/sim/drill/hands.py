"""The hands of a drill: every deed of `deeds.py` is done here, and taken back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Sequence

from thermod.sim.drill.control import Inside
from thermod.sim.drill.deeds import (
    AtDome,
    Blow,
    Deed,
    Hit,
    Network,
    Order,
    Pause,
    Replay,
    Second,
    Stop,
)
from thermod.sim.drill.stack import Stack
from thermod.sim.drill.staff import Staff
from thermod.sim.drill.stranger import Stranger
from thermod.sim.drill.witness import Witness

STARVED_FOR_S, FED_FOR_S = 1.45, 0.05
STOP_REPEATED_S = 0.5  # SAFETY.md section 2
ECHOES = ("echo:control", "echo:guard", "echo:dome")


class Hands:
    """Does a deed to a stack, or to some of its domes. What goes on by itself is a task."""

    def __init__(
        self,
        stack: Stack,
        staff: Staff,
        stranger: Stranger,
        witness: Witness,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._stack = stack
        self._staff = staff
        self._stranger = stranger
        self._witness = witness
        self._tasks = tasks
        self._going: list[asyncio.Task[None]] = []

    def do(self, deed: Deed, domes: Sequence[str]) -> None:
        """Now. Nothing here waits."""
        match deed:
            case Hit():
                self._hit(deed)
            case Order():
                self._stack["control"].signal(deed.inside.signal)
            case Network():
                self._turn(deed)
            case Second():
                self._stack.start_second(deed.process, takes_over=deed.takes_over)
            case AtDome():
                for dome in domes:
                    self._staff.put_fault(dome, deed, on=True)
            case Stop():
                for dome in domes:
                    self._stop(dome, deed)
            case Pause():
                for dome in domes:
                    self._staff.pause(dome)
            case Replay():
                self._go_on(self._stranger.says(deed.words, tuple(domes)))

    def lift(self, deed: Deed, domes: Sequence[str]) -> None:
        """Take it away, where there is something to take away; a process comes back in any case."""
        match deed:
            case Hit():
                self._lift_hit(deed)
            case Order(Inside.BLOCK):
                self._stack["control"].signal(Inside.UNBLOCK.signal)
            case Order():  # what a service manager does that misses its watchdog
                self._see_whether_it_ended("control", domes)
                self._stack["control"].kill()
                self._stack["control"].start()
            case Network():
                self._stack.order(Network(deed.links))
            case Second():
                self._lift_second(deed, domes)
            case AtDome():
                for dome in domes:
                    self._staff.put_fault(dome, deed, on=False)

    async def rest(self) -> None:
        """End whatever goes on. Call it before deeds are lifted."""
        going, self._going = self._going, []
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    # --- each kind --------------------------------------------------------------------------------

    def _hit(self, deed: Hit) -> None:
        for name in deed.processes:
            process = self._stack[name]
            if deed.blow is Blow.FREEZE:
                process.freeze()
            elif deed.blow is Blow.STARVE:
                process.freeze()
                self._go_on(self._starve(name))
            else:
                process.kill()
                if deed.blow is Blow.RESTART:
                    process.start()

    def _lift_hit(self, deed: Hit) -> None:
        for name in deed.processes:
            if deed.blow is Blow.KILL:
                self._stack[name].start()
            elif deed.blow is not Blow.RESTART:
                self._stack[name].thaw()

    async def _starve(self, name: str) -> None:
        process = self._stack[name]
        while True:
            await asyncio.sleep(STARVED_FOR_S)
            process.thaw()
            await asyncio.sleep(FED_FOR_S)
            process.freeze()

    def _lift_second(self, deed: Second, domes: Sequence[str]) -> None:
        self._see_whether_it_ended(deed.process, domes)
        self._stack.end_second(deed.process)
        if deed.takes_over:
            self._stack[deed.process].kill()
            self._stack[deed.process].start()

    def _see_whether_it_ended(self, name: str, domes: Sequence[str]) -> None:
        code = self._stack[name].exit_code
        if code is not None:
            for dome in domes:
                self._witness.saw(dome, f"exit:{name}:{code}")

    def _stop(self, dome: str, deed: Stop) -> None:
        stop_id = f"e-{secrets.token_hex(8)}"
        self._staff.press_stop(dome, stop_id)
        if deed.until_echoed:
            self._go_on(self._press_until_echoed(dome, stop_id))

    async def _press_until_echoed(self, dome: str, stop_id: str) -> None:
        while self._witness.told_s(dome, ECHOES) is None:
            await asyncio.sleep(STOP_REPEATED_S)
            self._staff.press_stop(dome, stop_id)

    def _turn(self, deed: Network) -> None:
        if deed.after_s == 0.0:
            self._stack.order(deed)
        if deed.after_s > 0.0 or deed.for_s is not None:
            self._go_on(self._turn_later(deed))

    async def _turn_later(self, deed: Network) -> None:
        await asyncio.sleep(deed.after_s)
        self._stack.order(deed)
        if deed.for_s is not None:
            await asyncio.sleep(deed.for_s)
            self._stack.order(Network(deed.links))

    def _go_on(self, what: Coroutine[None, None, None]) -> None:
        self._going.append(self._tasks.create_task(what))
