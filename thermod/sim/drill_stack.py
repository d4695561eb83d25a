"""The real processes of a drill: broker, simulated domes, guard and control, as a service manager
would start them, in a folder that goes away; and the blows that a drill deals them.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from thermod.errors import ThermodError
from thermod.sim.demo_files import LOOPBACK, write_files
from thermod.sim.drill_faults import Blow

ENDS_S = 5.0  # after SIGTERM
LISTENS_S = 10.0
LAST_WORDS_BYTES = 2000

# Started by root it would become another user, and Linux would forget that it is to end with us.
MOSQUITTO = """\
user root
listener {port} {host}
allow_anonymous true
persistence false
set_tcp_nodelay true
sys_interval 0
log_dest stderr
"""


class Process:
    """One process of ours: started, hit, and always cleared away."""

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self.name = name
        self._command = command
        self._log = folder / f"{name}.log"
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises OSError when there is no such program."""
        leash = [sys.executable, "-m", "thermod.sim.drill_leash", str(os.getpid())]
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [*leash, *self._command],
                stdin=subprocess.DEVNULL,
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

    def hit(self, blow: Blow) -> None:
        """SIGKILL or SIGSTOP, and nothing that could be called polite."""
        running = self._alive()
        if blow is Blow.FREEZE:
            running.send_signal(signal.SIGSTOP)
        else:
            running.kill()
            running.wait()
            self._running = None

    def lift(self, blow: Blow) -> None:
        """Thaw it, or start it anew as the service manager would."""
        if blow is Blow.FREEZE:
            self._alive().send_signal(signal.SIGCONT)
        else:
            self.start()

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


class Stack:
    """All processes of one drill, and the folder in which they live."""

    def __init__(self, folder: Path, domes: Sequence[str]) -> None:
        """Writes the configurations. Raises ThermodError when there is no broker to start."""
        folder.mkdir()
        self.domes = tuple(domes)
        self.port = _free_port()
        self.truth_file = folder / "truth.jsonl"
        write_files(folder, self.port, _free_port(), domes)
        config = str(folder / "thermod.toml")
        self.broker, broker = _broker(folder, self.port)
        thermod, guard = _script("thermod"), _script("thermod-guard")
        commands: dict[str, list[str]] = {
            "broker": broker,
            "sim": [thermod, "sim", "--config", config, "--truth", str(self.truth_file)],
            "guard": [guard, "--config", str(folder / "guard.toml")],
            "control": [thermod, "control", "--config", config],
        }
        self._processes = {name: Process(name, each, folder) for name, each in commands.items()}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Whatever happens inside, nothing is left running."""
        try:
            for name, process in self._processes.items():
                process.start()
                if name == "broker":
                    self._wait_until_it_listens(process)
            yield
        finally:
            for name, process in self._processes.items():
                if name != "broker":  # it goes last: the others say goodbye through it
                    process.ask_to_end()
            for process in reversed(self._processes.values()):
                process.end()

    def check(self) -> None:
        """Raises ThermodError when a process ended that nobody has hit."""
        for process in self._processes.values():
            process.check()

    def hit(self, name: str, blow: Blow) -> None:
        """Deal a process a blow."""
        self._processes[name].hit(blow)

    def lift(self, name: str, blow: Blow) -> None:
        """Undo it."""
        self._processes[name].lift(blow)

    def start(self, name: str) -> None:
        """Start one that has ended. From the main thread: the leash is tied to the thread."""
        self._processes[name].start()

    def end(self, name: str) -> None:
        """Ask one to end, as for maintenance. It blocks meanwhile."""
        self._processes[name].end()

    def _wait_until_it_listens(self, broker: Process) -> None:
        deadline_s = time.monotonic() + LISTENS_S
        while time.monotonic() < deadline_s:
            broker.check()
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), 0.2):
                return
            time.sleep(0.02)
        raise ThermodError("the broker does not listen", where="thermod drill", do="Try again.")


def _broker(folder: Path, port: int) -> tuple[str, list[str]]:
    """Debian's mosquitto, else the embedded broker: what it is called, and its command."""
    daemons = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin"  # a user's PATH lacks them
    mosquitto = shutil.which("mosquitto", path=daemons)
    if mosquitto is not None:
        config = folder / "mosquitto.conf"
        config.write_text(MOSQUITTO.format(host=LOOPBACK, port=port), "utf-8")
        said = subprocess.run([mosquitto, "-h"], capture_output=True, text=True, check=False)
        name = said.stdout.partition("\n")[0].replace(" version", "")
        return name or "mosquitto", [mosquitto, "-c", str(config)]
    if find_spec("iotcore") is None:
        raise ThermodError(
            "there is no broker to drill with",
            where="mosquitto, iotcore",
            do="As root: apt-get install mosquitto. Or: pip install 'thermod[demo]'.",
        )
    command = [sys.executable, "-m", "iotcore", "--config", str(folder / "broker.toml")]
    return "iotcore", command


def _script(name: str) -> str:
    """The console script that was installed with us: what a service manager would start."""
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise ThermodError(f"{path} is missing", where="thermod drill", do="Install thermod anew.")
    return str(path)


def _free_port() -> int:
    """Outside the range from which Linux takes the ports of clients: while a broker is down, nobody
    shall take its port by chance.
    """
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.randrange(20_000, 32_768)
            probe.bind((LOOPBACK, port))
            return port
