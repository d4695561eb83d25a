"""The network between dome, guard, control and people: a broker in the middle, a line each way.

Messages are values. On a whole line they arrive in order, after a random delay. A line can lose,
repeat, delay and reorder them, be cut (they are lost) or be held (they arrive later, all at once
and in order, as after a frozen broker). Whatever is at least once by contract (QoS 1) comes late
instead of never while its line is whole.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Final, NamedTuple, Protocol

from thermod.sim.campaign.agenda import Agenda

REMEMBERED: Final = 48  # messages that a replay can choose from
RESENT_S: Final = (0.2, 0.5)  # when a lost message of QoS 1 comes after all, and holds up others
RECONNECT_S: Final = (0.2, 1.5)  # until a client is back after its line was cut
BURST_S: Final = 0.0005  # between two messages that were held


class Topic(StrEnum):
    """The last part of a topic of CONTRACT.md, as far as anybody here listens."""

    NODE = "node/state"
    READING = "sensor/reading"  # of a probe whose number is none; all others travel in node/state
    COMMAND = "heater/command"
    HEARTBEAT = "heartbeat"
    ARM = "arm"
    CHALLENGE = "guard/challenge"
    PERMIT = "guard/permit"
    GUARD_STATE = "guard/state"
    INTENT = "intent"
    STOP = "stop"
    STATE = "state"


AT_LEAST_ONCE: Final = frozenset({Topic.ARM, Topic.INTENT, Topic.STOP, Topic.GUARD_STATE})


class Message(NamedTuple):
    """One message under way. `sent_s` is true time, for the judge: nobody else may look at it."""

    topic: Topic
    sender: str
    value: Any
    sent_s: float
    number: int


class Party(Protocol):
    """Somebody on the network."""

    name: str

    def hear(self, message: Message) -> None:
        """It arrives now."""

    def reconnected(self) -> None:
        """The line is whole again; what was said meanwhile nobody heard."""


@dataclass(slots=True)
class Line:
    """One direction between a party and the broker, as it is now."""

    loss: float = 0.0  # chance of each message
    repeats: float = 0.0
    overtakes: float = 0.0  # chance to come up to a second late, and behind younger ones
    delay_s: float = 0.0  # beside the network's own
    cuts: int = 0  # how many reasons there are for it to be cut
    holds: int = 0  # … or to be held

    @property
    def is_plain(self) -> bool:
        """Nothing is wrong with it."""
        return not (
            self.cuts or self.holds or self.loss or self.repeats or self.overtakes or self.delay_s
        )


@dataclass(frozen=True, slots=True)
class Weather:
    """What is normal here."""

    delay_s_min: float = 0.001
    delay_s_max: float = 0.02
    loss: float = 0.0


class Network:
    """Who hears what, when."""

    def __init__(self, agenda: Agenda, random: Random, weather: Weather) -> None:
        self.agenda = agenda
        self.weather = weather
        self.up: dict[str, Line] = {}  # from a party to the broker
        self.down: dict[str, Line] = {}  # from the broker to a party
        self.past: deque[Message] = deque(maxlen=REMEMBERED)
        self.watch: Callable[[Message], None] | None = None  # hears what is said, as it is said
        self._random = random
        self._parties: dict[str, Party] = {}
        self._hearers: dict[Topic, tuple[str, ...]] = dict.fromkeys(Topic, ())
        self._held: list[tuple[str, Message]] = []
        self._broker_s: dict[str, float] = {}  # when the newest of each party reaches the broker
        self._arrives_s: dict[str, float] = {}  # … and when the newest to it arrives
        self._retained: dict[Topic, Message] = {}
        self._numbered = 0

    def join(self, party: Party, topics: tuple[Topic, ...]) -> None:
        """From now on `party` hears these topics."""
        self._parties[party.name] = party
        self.up[party.name], self.down[party.name] = Line(), Line()
        for topic in topics:
            self._hearers[topic] = (*self._hearers[topic], party.name)

    def leave(self, name: str) -> None:
        """It is gone; what is on its way to it arrives nowhere."""
        del self._parties[name]
        for topic, hearers in self._hearers.items():
            self._hearers[topic] = tuple(each for each in hearers if each != name)

    # --- messages ---------------------------------------------------------------------------------

    def send(self, sender: str, topic: Topic, value: Any) -> None:
        """To everybody who listens, but the sender."""
        self._numbered += 1
        message = Message(topic, sender, value, self.agenda.now_s, self._numbered)
        if self.watch is not None:
            self.watch(message)
        if topic is not Topic.STATE:
            self.past.append(message)
        if topic is Topic.GUARD_STATE:
            self._retained[topic] = message
        up = self.up[sender]
        for name in self._hearers[topic]:
            if name != sender:
                self._carry(message, name, up)

    def say_again(self, message: Message, late_s: float = 0.0) -> None:
        """The very same once more, by whoever: a replay. `sent_s` is when it was first said."""
        for name in self._hearers[message.topic]:
            if name != message.sender:
                self.agenda.after(late_s + self._delay_s(), self._arrive, name, message)

    def _carry(self, message: Message, name: str, up: Line) -> None:
        down = self.down[name]
        if up.is_plain and down.is_plain and not self.weather.loss:
            self._deliver(message, name, self._delay_s())
        elif up.cuts or down.cuts:
            return
        elif up.holds or down.holds:
            self._held.append((name, message))
        else:
            self._carry_badly(message, name, up, down)

    def _carry_badly(self, message: Message, name: str, up: Line, down: Line) -> None:
        random, delay_s = self._random, self._delay_s() + up.delay_s + down.delay_s
        for loss in (up.loss, down.loss, self.weather.loss):
            if loss and random.random() < loss:
                if message.topic not in AT_LEAST_ONCE:
                    return
                delay_s += random.uniform(*RESENT_S)
        for line in (up, down):
            if line.overtakes and random.random() < line.overtakes:
                self.agenda.after(delay_s + random.uniform(0.1, 1.0), self._arrive, name, message)
                return
            if line.repeats and random.random() < line.repeats:
                late_s = delay_s + random.uniform(0.0, 2.0)
                self.agenda.after(late_s, self._arrive, name, message)
        self._deliver(message, name, delay_s)

    def _deliver(self, message: Message, name: str, delay_s: float) -> None:
        """On each of the two lines after all that went there before it. So whatever was caused by
        a message cannot come before it.
        """
        sender, half_s = message.sender, 0.5 * delay_s
        up_s, down_s = self._broker_s, self._arrives_s
        broker_s = max(up_s.get(sender, 0.0), self.agenda.now_s + half_s)
        arrives_s = max(down_s.get(name, 0.0), broker_s + half_s)
        up_s[sender], down_s[name] = broker_s, arrives_s
        self.agenda.at(arrives_s, self._arrive, name, message)

    def _arrive(self, name: str, message: Message) -> None:
        party = self._parties.get(name)
        if party is not None:
            party.hear(message)

    def _delay_s(self) -> float:
        low_s = self.weather.delay_s_min
        return low_s + (self.weather.delay_s_max - low_s) * self._random.random()

    # --- lines ------------------------------------------------------------------------------------

    def cut(self, *lines: Line) -> None:
        """What is sent is lost."""
        for line in lines:
            line.cuts += 1

    def mend(self, *lines: Line) -> None:
        """Whole again, once the client at its end has noticed."""
        for line in lines:
            self.agenda.after(self._random.uniform(*RECONNECT_S), self._mended, line)

    def hold(self, *lines: Line) -> None:
        """What is sent waits."""
        for line in lines:
            line.holds += 1

    def release(self, *lines: Line) -> None:
        """What waited arrives at once, in order."""
        for line in lines:
            line.holds -= 1
        waiting, self._held = self._held, []
        for place, (name, message) in enumerate(waiting):
            if name not in self.down:
                continue
            if self.up[message.sender].holds or self.down[name].holds:
                self._held.append((name, message))
            else:
                self._deliver(message, name, BURST_S * place)

    def forget(self) -> None:
        """The broker died with what it held, also with what it had been told to keep."""
        self._held.clear()
        self._retained.clear()

    def _mended(self, line: Line) -> None:
        line.cuts -= 1
        if line.cuts:
            return
        for name, party in self._parties.items():
            if self.down[name] is line or self.up[name] is line:
                party.reconnected()
            if self.down[name] is line:
                self._tell_what_was_kept(name)

    def _tell_what_was_kept(self, name: str) -> None:
        for topic, message in self._retained.items():
            if name in self._hearers[topic] and name != message.sender:
                self._deliver(message, name, self._delay_s())

    def lines_of(self, *names: str) -> list[Line]:
        """Both directions of these parties, or of all."""
        return [
            line for name in names or tuple(self.up) for line in (self.up[name], self.down[name])
        ]
