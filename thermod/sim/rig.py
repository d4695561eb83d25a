"""One simulated dome, whole: node, heater circuit, plant and faults, moved by the time handed in.

It knows no network. What it hears comes as bytes through `hear`, what it says leaves `tick` as
bytes; what truly happened goes to `record`, for the judge.
"""

import json
from collections.abc import Callable, Mapping
from math import ceil, isfinite, isinf

from thermod.sim.faults import DOME_FAULTS, Fault
from thermod.sim.heater import Heater
from thermod.sim.node import Node, NodeSpec, Reaction
from thermod.sim.node_messages import NodeState, encode_state
from thermod.sim.plant import DomePlant
from thermod.sim.probes import HEALTHY

PLANT_STEP_S = 0.1
PLANT_STEP_S_MAX = 10.0
WINDOW_S = 1.0  # the SSR's time-proportioning window

Record = Callable[[Mapping[str, object]], None]


def record_nothing(facts: Mapping[str, object]) -> None:
    """For rigs that nobody judges."""


class Rig:
    """`look` at least every 20 ms, `hear` each message, `tick` every 0.5 s."""

    def __init__(
        self,
        dome: str,
        plant: DomePlant,
        new_boot_id: Callable[[], str],
        now_s: float,
        record: Record = record_nothing,
    ) -> None:
        self.dome = dome
        self.plant = plant
        self.node = Node(NodeSpec(plant.heater_w_max, WINDOW_S), new_boot_id, now_s)
        self.heater = Heater(plant.heater_w_max, WINDOW_S, now_s)
        self._record = record
        self._silent = False
        self._fan_dead = False
        self._nan_in_state = False
        self._new_id = new_boot_id
        self._pressed: str | None = None  # the stop_id of the dome's own button, while it is held
        self._seqs = dict.fromkeys(plant.probes, 0)
        self._plant_s = now_s  # up to here the plant has moved
        self._plant_energy_j = 0.0

    # --- time -------------------------------------------------------------------------------------

    def look(self, now_s: float) -> None:
        """Sense, judge again, switch, and let body and dome follow."""
        self.node.sense(now_s, self.heater.measured_w(), self._lid(), self._air_temp_c())
        actuation = self.node.look(now_s)
        changed = self.heater.switch(actuation.heater_pct, actuation.contactors_closed, now_s)
        if changed:
            self._tell("power", now_s)
        self.plant.fan_running = actuation.vent and not self._fan_dead
        if now_s - self._plant_s >= PLANT_STEP_S:
            self._move_plant(now_s)

    def _move_plant(self, now_s: float) -> None:
        """With the mean power since the last move, so that no energy is lost or made."""
        passed_s = now_s - self._plant_s
        power_w = (self.heater.energy_j - self._plant_energy_j) / passed_s
        moves = ceil(passed_s / PLANT_STEP_S_MAX)  # more than one after the host was suspended
        for _ in range(moves):
            self.plant.step(power_w, passed_s / moves)
        self._plant_s, self._plant_energy_j = now_s, self.heater.energy_j

    def tick(self, now_s: float) -> list[tuple[str, bytes]]:
        """What the node says now: topics below the dome's, with payloads. Nothing while silent."""
        self.look(now_s)
        readings = self.plant.readings()
        lost = {} if self._nan_in_state else _not_finite(readings)
        good = {probe: temp_c for probe, temp_c in readings.items() if probe not in lost}
        measured_w, fan = self.heater.measured_w(), self.plant.fan_running
        state = self.node.tick(now_s, measured_w, good, self._lid(), fan, self._air_temp_c())
        self.look(now_s)
        self._count_samples(state.tick)
        self._tell(
            "tick",
            now_s,
            tick=state.tick,
            measured_w=measured_w,
            silent=self._silent,
            refused=sum(self.node.refused.values()),
            readings={
                probe: None if probe in lost else temp_c for probe, temp_c in readings.items()
            },
        )
        if self._silent:
            return []
        said = [("node/state", encode_state(state, self._seqs)), *self._strays(state, lost)]
        if self._pressed is not None:
            said.append(("stop", _stop(self._pressed)))
        return said

    def _strays(self, state: NodeState, lost: Mapping[str, float]) -> list[tuple[str, bytes]]:
        """A reading that is no number travels on its own topic, so as to spoil only itself."""
        return [
            (
                f"sensor/{probe}/reading",
                json.dumps(
                    {
                        "boot_id": state.boot_id,
                        "seq": self._seqs[probe],
                        "tick": state.tick,
                        "temp_c": temp_c,
                    }
                ).encode(),
            )
            for probe, temp_c in lost.items()
        ]

    def _count_samples(self, tick: int) -> None:
        for probe in self._seqs:
            if not self.plant.probe(probe).faults.sequence_frozen:
                self._seqs[probe] = tick

    # --- messages and faults ----------------------------------------------------------------------

    def hear(self, suffix: str, payload: bytes, retained: bool, now_s: float) -> Reaction:
        """A message to the node. It acts before this returns."""
        reaction = self.node.hear(suffix, payload, retained, now_s)
        self.look(now_s)
        return reaction

    def fail(self, fault: Fault, now_s: float) -> None:
        """Put a fault on, or take it off. Raises ValueError for a probe that the plant lacks."""
        if fault.kind not in DOME_FAULTS:
            for probe in self._probes(fault.probe):
                self.plant.probe(probe).fail(fault.of_probe if fault.on else HEALTHY)
        elif fault.kind == "reboot":
            self.node.reboot(now_s)
        else:
            self._fail_dome(fault, now_s)
        self.look(now_s)
        self._tell("fault", now_s, fault=fault.kind, probe=fault.probe, on=fault.on)

    def _fail_dome(self, fault: Fault, now_s: float) -> None:
        if fault.kind == "stop-button":
            self._press(fault.on, now_s)
        elif fault.kind == "lid-open":
            self.plant.lid_open = fault.on
        elif fault.kind == "fan-dead":
            self._fan_dead = fault.on
        elif fault.kind == "silent":
            self._silent = fault.on
        elif fault.kind == "nan-in-state":
            self._nan_in_state = fault.on
        elif fault.kind == "ssr-welded":
            self.heater.ssr_welded = fault.on
        elif fault.kind == "contactors-welded":
            self.heater.contactors_welded = fault.on
        elif fault.kind == "heater-weak":
            self.heater.output_share = fault.size if fault.on else 1.0

    def _press(self, on: bool, now_s: float) -> None:
        """The button works without a network; with one the node tells control and guard."""
        self._pressed = f"d-{self._new_id()}" if on else None
        if self._pressed is not None:
            self.node.on_stop(self._pressed, now_s)

    def _probes(self, wanted: str) -> list[str]:
        """One probe by its id, or all of a role."""
        of_role = [probe for probe, role in self.plant.probes.items() if role == wanted]
        return of_role or [wanted]

    # --- what is --------------------------------------------------------------------------------

    def _lid(self) -> str:
        return "open" if self.plant.lid_open else "closed"

    def _air_temp_c(self) -> float:
        """The thermostat hangs in the true air; no probe's fault reaches it."""
        return self.plant.dome.air_temp_c

    def _tell(self, what: str, now_s: float, **more: object) -> None:
        if self._record is record_nothing:
            return
        actuation, authority = self.node.look(now_s), self.node.authority
        permit_age_s, command_age_s = authority.lease_ages_s(now_s)
        truth = self.plant.truth()
        self._record(
            {
                "dome": self.dome,
                "what": what,
                "now_s": now_s,
                "heater_w": self.heater.power_w,
                "heater_pct": actuation.heater_pct,
                "contactors_closed": actuation.contactors_closed,
                "because": actuation.because,
                "core_temp_c": truth["core_temp_c"],
                "skin_temp_c_max": truth["skin_temp_c_max"],
                "air_temp_c": truth["air_temp_c"],
                "boot_id": authority.boot_id,
                "epoch": authority.epoch,
                "controller_id": authority.controller_id,
                "stop_id": authority.stop_id,
                "permit_age_s": None if isinf(permit_age_s) else permit_age_s,
                "command_age_s": None if isinf(command_age_s) else command_age_s,
                **more,
            }
        )


def _stop(stop_id: str) -> bytes:
    return json.dumps({"stop_id": stop_id, "by": "dome"}).encode()


def _not_finite(readings: Mapping[str, float | None]) -> dict[str, float]:
    return {
        probe: temp_c
        for probe, temp_c in readings.items()
        if temp_c is not None and not isfinite(temp_c)
    }
