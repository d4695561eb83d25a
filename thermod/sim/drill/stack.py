"""The real processes of a drill: broker, its proxy, simulated domes, guard and control, as a
service manager would start them, in a folder that goes away.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
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
from thermod.sim.drill.deeds import LINKS, Network
from thermod.sim.drill.process import Process

LISTENS_S = 10.0
_given_ports: set[int] = set()

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


class Stack:
    """All processes of one drill. Each has its own folder, and its own way to the broker."""

    def __init__(self, folder: Path, domes: Sequence[str], *, seed: int, inside: bool) -> None:
        """Writes the configurations. `inside`: something shall go wrong inside of control. Raises
        ThermodError when there is no broker to start.
        """
        folder.mkdir()
        self.domes = tuple(domes)
        self.port = _free_port()
        self.truth_file = folder / "truth.jsonl"
        self._folder = folder
        links = {name: _free_port() for name in LINKS}
        config = {name: self._files(name, port) for name, port in links.items()}
        setup = folder / "proxy.json"
        setup.write_text(json.dumps({"broker": self.port, "seed": seed, "links": links}), "utf-8")
        self.broker, broker = _broker(folder, config["sim"].parent, self.port)
        control = _command("control", config["control"])
        if inside:
            module = [sys.executable, "-m", "thermod.sim.drill.control"]
            control = [*module, str(config["control"])]
        commands = {
            "broker": broker,
            "proxy": [sys.executable, "-m", "thermod.sim.drill.proxy", str(setup)],
            "sim": [*_command("sim", config["sim"]), "--truth", str(self.truth_file)],
            "guard": _command("guard", config["guard"]),
            "control": control,
        }
        self._processes = {
            name: Process(name, command, folder, takes_orders=name == "proxy")
            for name, command in commands.items()
        }
        self._seconds: dict[str, Process] = {}

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
            self.end()

    def end(self) -> None:
        """All of it, for good. It blocks meanwhile, and does no harm the second time."""
        for name, process in self._processes.items():
            if name not in ("broker", "proxy"):  # these go last: goodbyes are said through them
                process.ask_to_end()
        for process in (*self._seconds.values(), *reversed(self._processes.values())):
            process.end()

    def __getitem__(self, name: str) -> Process:
        """`broker`, `proxy`, `sim`, `guard` or `control`."""
        return self._processes[name]

    def check(self) -> None:
        """Raises ThermodError when a process ended that nobody has hit."""
        for process in self._processes.values():
            process.check()

    def order(self, network: Network) -> None:
        """Tell the proxy what becomes of these links."""
        for link in network.links:
            line = json.dumps({"link": link, **network.weather()})
            self._processes["proxy"].write(f"{line}\n".encode())

    def start_second(self, name: str, *, takes_over: bool) -> None:
        """Another one of the same kind, with files of its own, straight at the broker."""
        folder = f"second-{name}-{len(list(self._folder.glob('second-*')))}"
        config = self._files(folder, self.port, "" if takes_over else f"{name}-2")
        if name == "guard":
            config = config.with_name("guard.toml")
        process = Process(folder, _command(name, config), self._folder)
        self._seconds[name] = process
        process.start()

    def end_second(self, name: str) -> None:
        """It goes as it came."""
        self._seconds.pop(name).end()

    def _files(self, name: str, port: int, process: str = "") -> Path:
        """Both configurations for one process, in a folder of its own. The one of this process."""
        folder = self._folder / name
        folder.mkdir()
        write_files(folder, port, _free_port(), self.domes)
        thermod, guard = folder / "thermod.toml", folder / "guard.toml"
        if process:
            thermod.write_text(f'{thermod.read_text()}[control]\nprocess = "{process}"\n')
            guard.write_text(f'process = "{process}"\n{guard.read_text()}')
        return guard if name == "guard" else thermod

    def _wait_until_it_listens(self, broker: Process) -> None:
        deadline_s = time.monotonic() + LISTENS_S
        while time.monotonic() < deadline_s:
            broker.check()
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), 0.2):
                return
            time.sleep(0.02)
        raise ThermodError("the broker does not listen", where="thermod drill", do="Try again.")


def _command(name: str, config: Path) -> list[str]:
    """What a service manager would start."""
    if name == "guard":
        return [_script("thermod-guard"), "--config", str(config)]
    return [_script("thermod"), name, "--config", str(config)]


def _broker(folder: Path, files: Path, port: int) -> tuple[str, list[str]]:
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
    config = folder / "broker.toml"
    text = (files / "broker.toml").read_text("utf-8")
    config.write_text(re.sub(rf"{LOOPBACK}:\d+", f"{LOOPBACK}:{port}", text), "utf-8")
    return "iotcore", [sys.executable, "-m", "iotcore", "--config", str(config)]


def _script(name: str) -> str:
    """The console script that was installed with us."""
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.exists():
        raise ThermodError(f"{path} is missing", where="thermod drill", do="Install thermod anew.")
    return str(path)


def _free_port() -> int:
    """Outside the range from which Linux takes the ports of clients: while a broker is down, nobody
    shall take its port by chance. None is given out twice: with as many as a drill needs, chance
    would do it once in ten drills.
    """
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.randrange(20_000, 32_768)
            if port not in _given_ports:
                probe.bind((LOOPBACK, port))
                _given_ports.add(port)
                return port
