"""One dome with all that belongs to it on one pretend clock: patient, node, network, control, guard
and people. What can go wrong is done to it from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Final

from controllers.protocol import Protocol
from controllers.session import Phase
from thermod.sim.campaign.agenda import Agenda
from thermod.sim.campaign.control_side import ControlSide, Disk
from thermod.sim.campaign.dome_side import CALM_TICK_S, DomeSide
from thermod.sim.campaign.guard_side import Drawer, GuardSide
from thermod.sim.campaign.network import Network, Weather
from thermod.sim.campaign.oracle import Oracle
from thermod.sim.campaign.people import People
from thermod.sim.node import TICK_S, Node
from thermod.sim.nurse import Nurse
from thermod.sim.plant import DomePlant
from thermod.sim.world import guard_spec_for, plan_for
from thermod.state import PERIOD_S, boot

BEGIN_S: Final = 1000.0
CALM_CHECK_S: Final = 10.0
GOOD_NETWORK: Final = Weather()
NURSE: Final = Nurse()


class Ward:
    """All of it. The parts are public: whoever makes faults reaches in."""

    def __init__(
        self,
        plant: DomePlant,
        random: Random,
        *,
        weather: Weather = GOOD_NETWORK,
        nurse: Nurse = NURSE,
        protocol: Protocol | None = None,
        make_node: Callable[..., Node] = Node,
    ) -> None:
        self.random = random
        self.agenda = Agenda(BEGIN_S)
        self.oracle = Oracle(plant.heater_w_max, BEGIN_S)
        self.network = Network(self.agenda, random, weather)
        self.network.watch = self.oracle.sent
        self.dome = DomeSide(self.agenda, self.network, random, plant, self.oracle, make_node)
        plan = plan_for(plant)
        if protocol is not None:
            plan = replace(plan, protocols={protocol.protocol_id: protocol})
        self.disk, self.drawer = Disk(plan.dome), Drawer()
        shared = (self.agenda, self.network, random, self.oracle)
        self.guard = GuardSide("guard", *shared, guard_spec_for(plant), self.drawer)
        self.control = ControlSide("control", *shared, plan, self.disk)
        self.people = People(self.agenda, self.network, random, nurse)
        self.faults_on = 0  # how many stand now
        self._may_hurry = False

    @property
    def now_s(self) -> float:
        """Pretend time."""
        return self.agenda.now_s

    @property
    def phase(self) -> Phase:
        """Where control's session stands."""
        return self.control.state.phase

    @property
    def plant(self) -> DomePlant:
        """Patient and dome, as they truly are."""
        return self.dome.plant

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.agenda.run_until(self.agenda.now_s + seconds)

    def kill(self, process: ControlSide | GuardSide) -> None:
        """SIGKILL to control or guard, and the judge knows."""
        if process.is_alive:
            self.oracle.died(self.agenda.now_s)
            process.kill()

    def declare_resolution(self, probe_id: str, resolution_c: float) -> None:
        """In control's configuration: this probe reads in such steps."""
        control = self.control
        specs = tuple(
            replace(spec, resolution_c=resolution_c) if spec.probe_id == probe_id else spec
            for spec in control.plan.specs
        )
        control.plan = replace(control.plan, specs=specs)
        control.state = boot(control.plan)

    # --- time skipped -----------------------------------------------------------------------------

    def hurry(self) -> None:
        """Where no heat can flow and no fault stands, let cool-down go by in steps of 1 s."""
        self._may_hurry = True
        self.agenda.after(CALM_CHECK_S, self._look_whether_calm)

    def _look_whether_calm(self) -> None:
        is_calm = (
            self.phase is Phase.COOL_DOWN and self.oracle.heat_w == 0.0 and self.faults_on == 0
        )
        self.dome.tick_s = CALM_TICK_S if is_calm else TICK_S
        self.guard.idle_s = CALM_TICK_S if is_calm else PERIOD_S
        control = self.control
        if (control.plan.period_s != PERIOD_S) is not is_calm:
            period_s = CALM_TICK_S if is_calm else PERIOD_S
            control.plan = replace(control.plan, period_s=period_s)
        if self._may_hurry:
            self.agenda.after(CALM_CHECK_S, self._look_whether_calm)
