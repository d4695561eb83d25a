"""One process of a drill: started on a leash, dealt blows, and always cleared away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from thermod.errors import ThermodError

ENDS_S = 5.0  # after SIGTERM
LAST_WORDS_BYTES = 2000


class Process:
    """One process of ours: started, hit, and always cleared away."""

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, *, takes_orders: bool = False
    ) -> None:
        self.name = name
        self._command = command
        self._log = folder / f"{name}.log"
        self._stdin = subprocess.PIPE if takes_orders else subprocess.DEVNULL
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises OSError when there is no such program."""
        leash = [sys.executable, "-m", "thermod.sim.drill.leash", str(os.getpid())]
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [*leash, *self._command],
                stdin=self._stdin,
                stdout=log,
                stderr=log,
                process_group=0,  # a Ctrl-C is for the drill, which then ends us
            )

    def check(self) -> None:
        """Raises ThermodError with its last words when it ended by itself."""
        if self._running is not None and self._running.poll() is not None:
            code, said = self._running.returncode, self._log.read_text("utf-8", "replace")
            raise ThermodError(
                f"{self.name} ended by itself ({code}): …{said[-LAST_WORDS_BYTES:]}",
                where="thermod drill",
                do="Read its last words above.",
            )

    def kill(self) -> None:
        """SIGKILL, and nothing that could be called polite. It may have ended by itself before."""
        running = self._alive()
        running.kill()
        running.wait()
        self._running = None

    def freeze(self) -> None:
        """It keeps its connections, and does nothing."""
        self._alive().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """And it goes on where it was."""
        self._alive().send_signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        """For a control in which something shall go wrong."""
        self._alive().send_signal(number)

    def write(self, line: bytes) -> None:
        """To the stdin of one that takes orders there."""
        stdin = self._alive().stdin
        if stdin is not None:
            stdin.write(line)
            stdin.flush()

    @property
    def exit_code(self) -> int | None:
        """None while it runs, or when it was ended by us."""
        return None if self._running is None else self._running.poll()

    def ask_to_end(self) -> None:
        """A frozen one cannot hear, so it is thawed."""
        if self._running is not None:
            self._running.send_signal(signal.SIGTERM)
            self._running.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """Ask, wait, and do not ask again."""
        self.ask_to_end()
        running, self._running = self._running, None
        if running is None:
            return
        try:
            running.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._running is None:
            raise ThermodError(f"{self.name} does not run", where="thermod drill", do="Report it.")
        return self._running
