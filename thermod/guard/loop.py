"""The guard's loop: one thread that hears, judges and speaks, for all domes, until told to end.

It judges at once on every message, and every 20 ms without one.
"""

import json
import logging
import secrets
import time
from importlib import metadata
from math import inf
from pathlib import Path
from typing import Final, Protocol

from thermod.guard import service
from thermod.guard.clock import Clock
from thermod.guard.dome import GuardDome
from thermod.guard.fields import Breach, identifier, parse_object
from thermod.guard.hear import SUFFIXES, hear, hear_foreign
from thermod.guard.keeper import keep
from thermod.guard.link import Inbound, Link
from thermod.guard.said import ENVELOPES, GuardState, Said
from thermod.guard.specs import DomeSpec, GuardConfig, ProbeSpec
from thermod.guard.state_file import StateFile
from thermod.guard.state_log import StateLog
from thermod.guard.times import LOOK_S

EXIT_STOPPED: Final = 0
EXIT_TAKEN_OVER: Final = 64  # deploy/: RestartPreventExitStatus
RETRY_S: Final = 0.5  # real seconds between connections
STATUS_WAIT_S: Final = 0.5  # for the status that the broker has kept
WATCHDOG_S: Final = 1.0

log = logging.getLogger("thermod.guard")


class StopEvent(Protocol):
    """A threading.Event, or one of multiprocessing."""

    def is_set(self) -> bool: ...


def run(config: GuardConfig, clock: Clock, stop: StopEvent) -> int:
    """The exit code. Blocks until `stop` is set, or until another guard took our identity."""
    return Guard(config, clock, stop).run()


class Guard:
    """All domes of one process, on one link after the other."""

    def __init__(self, config: GuardConfig, clock: Clock, stop: StopEvent) -> None:
        self._config = config
        self._clock = clock
        self._stop = stop
        self._guard_id = f"g-{secrets.token_hex(8)}"
        self._prefix = f"thermod/v1/{config.site}/"
        self._status_topic = f"{self._prefix}-/status/{config.process}"
        state_file = StateFile(Path(config.state_dir))
        if state_file.lost is not None:
            log.error("state lost: %s. A person must reset state_lost.", state_file.lost)
        self._state_file = state_file
        self._domes = {
            spec.dome_id: self._dome(spec, state_file, clock.now_s()) for spec in config.domes
        }
        self._foreign: dict[str, list[tuple[GuardDome, ProbeSpec]]] = {}
        for spec in config.domes:
            for probe in spec.probes:
                if probe.topic is not None:
                    bound = (self._domes[spec.dome_id], probe)
                    self._foreign.setdefault(probe.topic, []).append(bound)
        self._states: dict[str, GuardState] = {}  # of this round, not said yet
        self._log = StateLog()
        self._was_online = False  # on an earlier link
        self._is_online = False  # on this one: our status is out, and we speak
        self._speaks_at_s = 0.0
        self._look_due_s = clock.now_s()
        self._watchdog_due_s = 0.0

    def run(self) -> int:
        """Link after link."""
        log.info("guard %s begins, revoking: %s", self._guard_id, ", ".join(self._domes))
        service.notify("READY=1")
        while not self._stop.is_set():
            link = self._new_link()
            link.connect()
            self._serve(link)
            self._was_online = self._was_online or self._is_online
            self._is_online = False
            if link.was_taken_over:
                link.close()  # in peace: our will must not overwrite the other's status
                log.error("another guard uses the id %s: this one ends", self._config.client_id)
                return EXIT_TAKEN_OVER
            link.drop()
            if not self._stop.is_set():
                log.warning("%s; trying again", link.lost_because)
                self._wait(RETRY_S)
        log.info("guard %s ends", self._guard_id)
        return EXIT_STOPPED

    # --- one link ---------------------------------------------------------------------------------

    def _new_link(self) -> Link:
        filters = [
            f"{self._prefix}{dome_id}/{suffix}" for dome_id in self._domes for suffix in SUFFIXES
        ]
        return Link(
            self._config.broker,
            self._config.client_id,
            [*filters, *self._foreign, self._status_topic],
            self._status_topic,
            self._status(online=False),
        )

    def _serve(self, link: Link) -> None:
        self._speaks_at_s = inf
        while link.lost_because is None and not self._stop.is_set():
            link.turn(self._clock.wait_s(LOOK_S))
            while link.inbox:
                self._hear(link.inbox.popleft(), link)
            if link.is_ready and not self._is_online:
                self._greet_when_alone(link)
            self._look_at_all(link)
            self._keep(link)
        if self._stop.is_set():
            self._say_farewell(link)

    def _greet_when_alone(self, link: Link) -> None:
        """Coming back, see first what our status topic says: another guard may have our id now."""
        if self._speaks_at_s == inf:
            self._speaks_at_s = time.monotonic() + (STATUS_WAIT_S if self._was_online else 0.0)
        if time.monotonic() >= self._speaks_at_s:
            self._greet(link)

    def _hear_status(self, message: Inbound, link: Link) -> None:
        """Not every broker says why it closes (Mosquitto 2.0.11 does not), but it keeps a status.

        What it kept while we were away is our own, or that of a process that has our identity.
        """
        if not message.retained or not self._was_online or self._is_online:
            return
        self._speaks_at_s = 0.0
        try:
            instance_id = identifier(parse_object(message.payload), "instance_id")
        except Breach:
            return
        if instance_id != self._guard_id:
            link.give_up()

    def _greet(self, link: Link) -> None:
        self._is_online = True
        log.info("connected to %s:%d", self._config.broker.host, self._config.broker.port)
        link.publish(self._status_topic, self._status(online=True), 1, True, None)
        for dome in self._domes.values():
            dome.reconnected()

    def _say_farewell(self, link: Link) -> None:
        service.notify("STOPPING=1")
        for dome in self._domes.values():
            dome.close()
        self._look_due_s = self._clock.now_s()
        self._look_at_all(link)
        self._keep(link)
        if self._is_online:
            link.publish(self._status_topic, self._status(online=False), 1, True, None)
            link.close()

    def _wait(self, span_s: float) -> None:
        """Between two links: nobody hears us, but time passes and must be judged."""
        end_s = time.monotonic() + span_s
        while time.monotonic() < end_s and not self._stop.is_set():
            time.sleep(self._clock.wait_s(LOOK_S))
            self._look_at_all(None)
            self._keep(None)

    # --- hearing, judging, speaking ---------------------------------------------------------------

    def _hear(self, message: Inbound, link: Link) -> None:
        now_s = self._clock.now_s()
        if message.topic == self._status_topic:
            self._hear_status(message, link)
            return
        for dome, probe in self._foreign.get(message.topic, ()):
            hear_foreign(dome, probe, message.payload, message.retained, now_s)
            self._look(dome, link)
        dome_id, _, suffix = message.topic.removeprefix(self._prefix).partition("/")
        known = self._domes.get(dome_id)
        if known is not None:
            hear(known, suffix, message.payload, message.retained, now_s)
            self._look(known, link)

    def _look_at_all(self, link: Link | None) -> None:
        now_s = self._clock.now_s()
        if 0.0 <= self._look_due_s - now_s <= LOOK_S:
            return
        self._look_due_s = now_s + LOOK_S
        for dome in self._domes.values():
            self._look(dome, link)
        if time.monotonic() >= self._watchdog_due_s:
            self._watchdog_due_s = time.monotonic() + WATCHDOG_S
            service.notify("WATCHDOG=1")

    def _look(self, dome: GuardDome, link: Link | None) -> None:
        for each in dome.look(self._clock.now_s()):
            if isinstance(each, GuardState):
                self._states[dome.dome_id] = each
            else:
                self._say(dome.dome_id, each, link)

    def _say(self, dome_id: str, said: Said, link: Link | None) -> None:
        if link is not None and self._is_online:
            envelope = ENVELOPES[type(said)]
            topic = f"{self._prefix}{dome_id}/{envelope.suffix}"
            payload = said.to_json()
            link.publish(topic, payload, envelope.qos, envelope.retain, envelope.expiry_s)

    def _keep(self, link: Link | None) -> None:
        """Every revoke of this round is out: now the disk may take its time, once for all domes.

        Only then `guard/state`: a latch that somebody has seen must outlive us.
        """
        keepers = [dome.keeper for dome in self._domes.values()]
        for keeper in keep(keepers, self._state_file, self._clock.now_s()):
            self._domes[keeper.dome_id].state_is_lost()
        for dome_id, state in self._states.items():
            self._say(dome_id, state, link)
            self._log.tell(dome_id, state)
        self._states.clear()

    # --- parts ------------------------------------------------------------------------------------

    def _dome(self, spec: DomeSpec, state_file: StateFile, now_s: float) -> GuardDome:
        return GuardDome(
            spec,
            self._config.limits,
            guard_id=self._guard_id,
            kept=state_file.load(spec.dome_id),
            store=state_file,
            new_challenge=lambda: secrets.token_hex(4),
            now_s=now_s,
            limits_sha256=self._config.sha256,
        )

    def _status(self, *, online: bool) -> bytes:
        fields = {
            "online": online,
            "process": self._config.process,
            "instance_id": self._guard_id,
            "version": _version(),
            "domes": list(self._domes),
        }
        return json.dumps(fields, separators=(",", ":")).encode()


def _version() -> str:
    try:
        return metadata.version("thermod")
    except metadata.PackageNotFoundError:  # run from a folder, not installed
        return "0"
