"""A process of an operating system, on pretend time: it runs, is stopped, is killed, begins anew.

While it is stopped what arrives waits in its socket; when it goes on all of that comes in one
burst, before or after its own overdue work, as luck has it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from random import Random
from typing import Protocol

from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.network import Message, Network


class Reader(Protocol):
    """Who is told what a process truly read."""

    def taken(self, name: str, message: Message, now_s: float) -> None: ...


class Process(ABC):
    """What control and guard have in common."""

    def __init__(
        self, name: str, agenda: Agenda, network: Network, random: Random, judge: Reader
    ) -> None:
        self.name = name
        self.judge = judge
        self.agenda = agenda
        self.network = network
        self.random = random
        self.is_alive = True
        self.stops = 0  # how many reasons there are for it to stand still
        self.life = 0  # each start is another one: a timer of an older one finds nobody
        self._socket: list[Message] = []

    def hear(self, message: Message) -> None:
        """It arrives at the socket."""
        if not self.is_alive:
            return
        if self.stops:
            self._socket.append(message)
        else:
            self.judge.taken(self.name, message, self.agenda.now_s)
            self.take(message)

    def stop(self) -> None:
        """SIGSTOP, a blocked loop, a suspended host: nothing of it runs."""
        self.stops += 1

    def go_on(self) -> None:
        """SIGCONT."""
        self.stops -= 1
        if self.stops or not self.is_alive:
            return
        if self.random.random() < 0.5:
            self.work()
            self._empty_socket()
        else:
            self._empty_socket()
            self.work()

    def _empty_socket(self) -> None:
        waiting, self._socket = self._socket, []
        for message in waiting:
            self.hear(message)

    def kill(self) -> None:
        """SIGKILL: what it had not yet written or said is lost."""
        self.is_alive = False
        self.life += 1
        self._socket.clear()

    def start(self) -> None:
        """Another one of it begins, with what the last one has left on disk."""
        if not self.is_alive:
            self.is_alive = True
            self.life += 1
            self.begin()

    @abstractmethod
    def begin(self) -> None:
        """The first thing it does."""

    @abstractmethod
    def take(self, message: Message) -> None:
        """It has read this message."""

    @abstractmethod
    def work(self) -> None:
        """Its overdue work, and the timer of what comes next."""

    def reconnected(self) -> None:  # noqa: B027  # most have nothing to do then
        """Its line to the broker is whole again."""
