"""The dome on pretend time: the node's specification, a true heater circuit, and the patient.

The node has a clock of its own, which may run a little fast or slow. It looks at each message and
at each tick, and at the moment when a lease runs out; in between nothing can change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from random import Random
from typing import Any, Final, NamedTuple, Protocol

from thermod.sim import handed
from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.network import Message, Network, Topic
from thermod.sim.heater import Heater
from thermod.sim.node import LOOK_S, TICK_S, Node, NodeSpec
from thermod.sim.node_authority import LEASE_S
from thermod.sim.node_messages import NodeState
from thermod.sim.plant import DomePlant

WINDOW_S: Final = 1.0
CALM_TICK_S: Final = 1.0  # where no heat can flow; see Ward
TOPICS: Final = (Topic.PERMIT, Topic.COMMAND, Topic.STOP)
UNREADABLE_STATE: Final = b'{"tick": NaN}'


class NodeWord(NamedTuple):
    """`node/state`: what the node says, and the sequence number of each of its probes."""

    state: NodeState
    seqs: Mapping[str, int]


class Judge(Protocol):
    """Who is told what truly happened here."""

    def at_node(self, message: Message, boot_id: str, now_s: float) -> None: ...
    def ticked(self, boot_id: str, tick: int, now_s: float) -> None: ...
    def power(self, heater_w: float, now_s: float) -> None: ...
    def body(self, core_temp_c: float, skin_temp_c: float, now_s: float) -> None: ...
    def rebooted(self, now_s: float) -> None: ...


class DomeSide:
    """Node, heater and patient."""

    name = "dome"

    def __init__(
        self,
        agenda: Agenda,
        network: Network,
        random: Random,
        plant: DomePlant,
        judge: Judge,
        make_node: Callable[..., Node] = Node,
    ) -> None:
        self.agenda = agenda
        self.network = network
        self.plant = plant
        self.judge = judge
        self.clock_rate = 1.0  # of the node's own clock; `set_clock` changes it
        self.tick_s = TICK_S
        self.is_alive = True
        self.is_silent = False  # it hears and acts, and says nothing
        self.is_deaf = False
        self.fan_dead = False
        self.garbles = False  # one NaN makes its whole message unreadable
        self.measures_nothing = False
        self.frozen: set[str] = set()  # probes whose sequence number stands still
        self._random = random
        self._clock = (agenda.now_s, agenda.now_s)  # true and own time at which they were compared
        self._boots = 0
        now_s = agenda.now_s
        self.node = make_node(NodeSpec(plant.heater_w_max, WINDOW_S), self._new_boot_id, now_s)
        self.heater = Heater(plant.heater_w_max, WINDOW_S, now_s)
        self._energy_j = 0.0
        self._ticked_s = now_s
        self._seqs = dict.fromkeys(plant.probes, 0)
        self._is_timed = False
        self._is_unplugged = False
        self._share = 1.0  # of its power that the heater gives, once there are mains again
        network.join(self, TOPICS)
        agenda.after(TICK_S, self._tick)

    def _new_boot_id(self) -> str:
        self._boots += 1
        return f"{self._boots:016x}"

    # --- time -------------------------------------------------------------------------------------

    def own_s(self) -> float:
        """What the node's clock shows."""
        true_s, own_s = self._clock
        return own_s + (self.agenda.now_s - true_s) * self.clock_rate

    def set_clock(self, rate: float) -> None:
        """From now on it runs at this rate."""
        self._clock = (self.agenda.now_s, self.own_s())
        self.clock_rate = rate

    def _tick(self) -> None:
        """Half a second by its own clock: patient, probes, heater; then it says so."""
        self.agenda.after(self.tick_s / self.clock_rate, self._tick)
        self.look()
        self._move_plant()
        if not self.is_alive:
            return
        plant, own_s = self.plant, self.own_s()
        lost: list[str] = []
        said: dict[str, float | None] = {}
        for probe_id, temp_c in plant.readings().items():
            if temp_c is not None and not isfinite(temp_c):
                lost.append(probe_id)
            else:
                said[probe_id] = temp_c
        measured_w = None if self.measures_nothing else self.heater.measured_w()
        state = self.node.tick(
            own_s, measured_w, said, self._lid(), plant.fan_running, plant.dome.air_temp_c
        )
        self.judge.ticked(state.boot_id, state.tick, self.agenda.now_s)
        self._count_samples(state.tick)
        self.look()
        if not self.is_silent:
            self._speak(state, lost)

    def _speak(self, state: NodeState, lost: list[str]) -> None:
        if self.garbles:
            self.network.send(self.name, Topic.NODE, UNREADABLE_STATE)
            return
        self.network.send(self.name, Topic.NODE, NodeWord(state, self._seqs))
        for probe_id in lost:
            self.network.send(self.name, Topic.READING, probe_id)

    def _move_plant(self) -> None:
        """With the mean power since the last tick, so that no energy is lost or made."""
        now_s, passed_s = self.agenda.now_s, self.agenda.now_s - self._ticked_s
        if passed_s > 0.0:
            self.plant.step((self.heater.energy_j - self._energy_j) / passed_s, passed_s)
            self._energy_j, self._ticked_s = self.heater.energy_j, now_s
            body = self.plant.body
            self.judge.body(body.rectal_temp_c, body.hottest_skin_temp_c, now_s)

    def _count_samples(self, tick: int) -> None:
        """A new number for each sample, but of a probe that says the same message for ever."""
        seqs = dict.fromkeys(self._seqs, tick)
        for probe_id in self.frozen:
            seqs[probe_id] = self._seqs[probe_id]
        self._seqs = seqs

    def look(self) -> None:
        """Judge again, switch, and wake up when the lease in force runs out."""
        if not self.is_alive:
            self._switch(0.0, contactors_closed=False)
            return
        actuation = self.node.look(self.own_s())
        self.plant.fan_running = actuation.vent and not self.fan_dead
        self._switch(actuation.heater_pct, contactors_closed=actuation.contactors_closed)
        if self.heater.power_w > 0.0 and not self._is_timed:
            self._is_timed = True
            self.agenda.after(self._lease_left_s() + LOOK_S * self._random.random(), self._wake)

    def _switch(self, heater_pct: float, *, contactors_closed: bool) -> None:
        now_s = self.agenda.now_s
        self.judge.power(self.heater.power_w, now_s)  # what flowed up to now
        if self.heater.switch(heater_pct, contactors_closed, now_s):
            self.judge.power(self.heater.power_w, now_s)

    def _lease_left_s(self) -> float:
        oldest_s = max(self.node.authority.lease_ages_s(self.own_s()))
        left_s = (LEASE_S - oldest_s) / self.clock_rate
        return left_s if left_s > LOOK_S else LOOK_S  # welded or late: every 20 ms

    def _wake(self) -> None:
        self._is_timed = False
        self.look()

    # --- what it hears ----------------------------------------------------------------------------

    def hear(self, message: Message) -> None:
        """It acts before this returns."""
        if not self.is_alive or self.is_deaf:
            return
        topic, value, own_s = message.topic, message.value, self.own_s()
        if isinstance(value, bytes):
            self.node.hear(topic.value, value, False, own_s)
        else:
            self._take_value(topic, value, own_s)
        self.judge.at_node(message, self.node.authority.boot_id, self.agenda.now_s)
        self.look()

    def _take_value(self, topic: Topic, value: Any, own_s: float) -> None:
        node = self.node
        if topic is Topic.PERMIT:
            node.on_permit(handed.permit_to_node(value), own_s)
        elif topic is Topic.COMMAND:
            controller_id, command = value
            node.on_command(handed.command_to_node(controller_id, command), own_s)
        elif topic is Topic.STOP:
            node.on_stop(value.stop_id, own_s)

    def reconnected(self) -> None:
        """It has nothing to say again: the next tick is near."""

    # --- what may happen to it --------------------------------------------------------------------

    def reboot(self) -> None:
        """It begins anew: another boot id, ticks from 1, nothing permitted."""
        self.node.reboot(self.own_s())
        self.judge.rebooted(self.agenda.now_s)
        self.look()

    def lose_power(self) -> None:
        """Mains gone: heater off, whatever is welded."""
        self.is_alive = False
        self._share = self.heater.output_share
        self.heater.output_share = 0.0
        self.look()

    def lose_power_for_good(self) -> None:
        """Somebody has pulled the plug."""
        self._is_unplugged = True
        if self.is_alive:
            self.lose_power()

    def get_power(self) -> None:
        """Mains back, if anything is plugged in."""
        if self._is_unplugged:
            return
        self.is_alive = True
        self.heater.output_share = self._share
        self.reboot()

    def open_lid(self, is_open: bool) -> None:
        """The switch tells the node at its next look."""
        self.plant.lid_open = is_open
        measured_w = None if self.measures_nothing else self.heater.measured_w()
        self.node.sense(self.own_s(), measured_w, self._lid(), self.plant.dome.air_temp_c)
        self.look()

    def _lid(self) -> str:
        return "open" if self.plant.lid_open else "closed"
