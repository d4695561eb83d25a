"""Everything on one pretend clock: the real cycle, the real guard's judgement, the node and a
plant, in lockstep.

Messages go from hand to hand as values, for speed; the encoding is tested elsewhere. Nothing here
decides anything that a real session would decide elsewhere. What can go wrong is done to the world
from outside, with the fields under "faults" and the methods under "what can happen".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace

from controllers.actuation import Permit
from controllers.session import Phase
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from thermod import cycle
from thermod.acts import Reply
from thermod.checklist import ready
from thermod.cycle import Outcome
from thermod.guard import heard, said
from thermod.guard.dome import GuardDome
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits as GuardLimits
from thermod.guard.specs import DomeSpec as GuardDomeSpec
from thermod.guard.specs import ProbeSpec as GuardProbeSpec
from thermod.keep import keep, restore
from thermod.mailbox import GuardSeen, Inbox, Intent, NodeSeen, Stop
from thermod.sim import handed
from thermod.sim.node import Actuation, Node, NodeSpec
from thermod.sim.nurse import RETRY_S, Nurse, Sight
from thermod.sim.plant import Plant
from thermod.sim.probes import HEALTHY
from thermod.state import PERIOD_S, Plan, State, boot

CONTROLLER_ID = "c-world"
CALM_PERIOD_S = 2.0  # beyond it control and guard would call it a gap of their own
NOW_S = 1024.0  # a power of two plus halves keeps every time exact

Readings = dict[str, float | None]


class Drawer:
    """Where the guard keeps what must outlive it: pretend time has no disk."""

    def __init__(self) -> None:
        self.kept = Kept()

    def save(self, changed: Mapping[str, Kept]) -> bool:
        """It never fails."""
        (self.kept,) = changed.values()
        return True


def as_read(readings: Readings) -> Readings:
    """What the probes say is what is sent."""
    return readings


def as_switched(actuation: Actuation) -> float:
    """The heater gives what the node switches, percent of its rating."""
    return actuation.heater_pct


class World:
    """One dome, one patient, one nurse. `step` lets half a second pass."""

    def __init__(self, plant: Plant, nurse: Nurse | None = None, plan: Plan | None = None) -> None:
        self.plant = plant
        self.nurse = nurse
        self.now_s = NOW_S
        self.plan = plan or plan_for(plant)
        self._period_s = PERIOD_S  # of this step
        self.state: State = boot(self.plan)
        self.outcome: Outcome | None = None
        self.replies: list[Reply] = []  # control's answers to everything that was asked
        self.heater_w = 0.0  # true power, as the plant gets it

        # Faults. `lost`: kinds of messages that do not arrive: node, command, heartbeat, arm,
        # permit, challenge, guard_state, stop (which the dome still hears).
        self.sent: Callable[[Readings], Readings] = as_read
        self.heater_pct: Callable[[Actuation], float] = as_switched
        self.lost: set[str] = set()
        self.control_runs = True
        self.guard_runs = True
        # Probes report at 1 Hz, the slowest that the contract allows, and steps are longer in
        # cool-down, where no heat can flow.
        self.hurries = False
        self.cycle_s = PERIOD_S  # of control and guard; 1 s halves what a session costs

        self._looked_s = -RETRY_S
        self._queue: list[Intent] = []
        self._stops: list[Stop] = []
        self._other_controller_id = ""
        self._count = 0  # of boots, guards, intents and challenges: no id comes twice
        self._node_seen: NodeSeen | None = None
        self._permit: Permit | None = None
        self._challenge: tuple[str, float | None] = ("", None)
        self._guard_state: GuardSeen | None = None
        self._readings: dict[str, ProbeSample | Rejection] = {}
        self._drawer = Drawer()
        self.node = Node(NodeSpec(rated_w=plant.heater_w_max), self._new_boot_id, self.now_s)
        self.guard = self._new_guard()

    def step(self) -> Outcome:
        """Half a second: the body warms, the dome reports, control acts, the guard judges. With
        `hurries` a step of cool-down is 2 s.

        Returns control's newest outcome. Raises ValueError while control has never run.
        """
        calm = self.hurries and self.state.phase is Phase.COOL_DOWN and self.heater_w == 0.0
        self._period_s = CALM_PERIOD_S if calm else self.cycle_s
        self.plant.step(self.heater_w, self._period_s)
        self.now_s += self._period_s
        self._dome_reports()
        intents, stops = tuple(self._queue), tuple(self._stops)
        self._queue.clear()
        self._stops.clear()
        for stop in stops:
            self.node.on_stop(stop.stop_id, self.now_s)
        stops = () if "stop" in self.lost else stops
        if self.guard_runs:
            self._guard_hears(intents, stops)
        if self.control_runs:
            self._control_acts(intents, stops)
        if self.guard_runs:
            self._guard_speaks()
        share = self.heater_pct(self.node.look(self.now_s)) / 100.0
        self.heater_w = share * self.plant.heater_w_max
        if self.outcome is None:
            raise ValueError("control has not run yet: there is nothing to look at")
        if self.nurse is not None:
            self._nurse_looks(self.nurse, self.outcome)
        return self.outcome

    @property
    def phase(self) -> Phase:
        """Where the session stands."""
        return self.state.phase

    def run(self, seconds: float) -> None:
        """Let some time pass."""
        for _ in range(round(seconds / PERIOD_S)):
            self.step()

    def run_until(self, happened: Callable[[World], bool], within_s: float) -> float:
        """Until it has, in seconds. Raises TimeoutError if it does not happen within `within_s`."""
        began_s = self.now_s
        while not happened(self):
            if self.now_s - began_s >= within_s:
                raise TimeoutError(f"it has not happened within {within_s} s")
            self.step()
        return self.now_s - began_s

    def fork(self) -> World:
        """The same moment once more, free to go another way. What never changes is shared."""
        shared = (HEALTHY, self.plan, self.state, self.outcome)
        return deepcopy(self, {id(each): each for each in shared})

    # --- what can happen --------------------------------------------------------------------------

    def ask(
        self,
        kind: str,
        details: Mapping[str, object] | None = None,
        reason: str = "",
        *,
        role: str = "clinician",
        cycles_old: int = 0,
    ) -> Intent:
        """Somebody asks for something; control and guard hear it in the next half second."""
        session = self.state.session
        intent = Intent(
            f"i-{self._next()}",
            kind,
            "nurse-1",
            role,
            reason,
            self.plan.controller_id,
            self.state.cycle - cycles_old,
            None if session is None or kind == "create" else session.session_id,
            details or {},
            self.now_s + PERIOD_S,
        )
        self._queue.append(intent)
        return intent

    def say_again(self, intent: Intent) -> None:
        """The same message once more."""
        self._queue.append(intent)

    def press_stop(self, by: str = "nurse-1") -> str:
        """STOP; node, guard and control hear it in the next half second. Returns its id."""
        stop = Stop(f"stop-{self._next()}", by, self.now_s + PERIOD_S)
        self._stops.append(stop)
        return stop.stop_id

    def reboot_dome(self) -> None:
        """The node begins anew: another boot id, ticks from 1, nothing permitted."""
        self.node.reboot(self.now_s)

    def restart_control(self) -> None:
        """Another process takes up what the last one kept."""
        at_ms = round(self.now_s * 1000.0)
        kept = keep(self.state, at_ms)
        self.plan = replace(self.plan, controller_id=f"c-{self._next()}")
        self.state = restore(self.plan, kept, now_s=self.now_s, at_ms=at_ms)

    def restart_guard(self) -> None:
        """Another process takes up what the last one kept."""
        self.guard = self._new_guard()

    def hear_other_controller(self, controller_id: str, power_pct: float) -> None:
        """A second controller speaks on this dome, in the epoch that is open."""
        node = self._node_seen
        if node is None:
            return
        command = cycle.Command(
            node.epoch, 1_000_000, node.boot_id, node.tick, self.state.cycle, power_pct
        )
        self._other_controller_id = controller_id
        self.node.on_command(handed.command_to_node(controller_id, command), self.now_s)
        self.guard.on_command(handed.command_to_guard(controller_id, command), self.now_s)

    # --- half a second ----------------------------------------------------------------------------

    def _dome_reports(self) -> None:
        skips = self.hurries and self._period_s == PERIOD_S and self.now_s % 1.0 != 0.0
        readings = {} if skips else self.sent(self.plant.readings())
        lid = "open" if getattr(self.plant, "lid_open", False) else "closed"
        fan = getattr(self.plant, "fan_running", True)
        state = self.node.tick(self.now_s, self.heater_w, readings, lid, fan)
        if "node" in self.lost:
            return
        if self.guard_runs:
            self.guard.on_node(handed.node_to_guard(state), self.now_s)
        for probe_id, temp_c in readings.items():
            if temp_c is not None:  # None says nothing: the last reading ages
                reading = handed.reading_to_control(probe_id, temp_c, state.tick, self.now_s)
                self._readings[probe_id] = reading
        self._node_seen = handed.node_to_control(state, self.now_s)

    def _guard_hears(self, intents: tuple[Intent, ...], stops: tuple[Stop, ...]) -> None:
        """The guard hears people itself."""
        for stop in stops:
            self.guard.on_stop(stop.stop_id)
        for intent in intents:
            if intent.kind in handed.GUARD_KINDS:
                self.guard.on_intent(handed.intent_to_guard(intent), self.now_s)

    def _control_acts(self, intents: tuple[Intent, ...], stops: tuple[Stop, ...]) -> None:
        challenge, challenge_s = self._challenge
        inbox = Inbox(
            dict(self._readings),
            self._node_seen,
            self._permit,
            challenge,
            challenge_s,
            self._guard_state,
            intents,
            stops,
            self._other_controller_id,
        )
        self._other_controller_id = ""
        if self.plan.period_s != self._period_s:
            self.plan = replace(self.plan, period_s=self._period_s)
        self.state, outcome = cycle.step(self.plan, self.state, inbox, self.now_s)
        self.outcome = outcome
        self.replies.extend(outcome.replies)
        self._say(outcome)

    def _say(self, outcome: Outcome) -> None:
        """In the order in which control speaks."""
        controller_id, now_s = self.plan.controller_id, self.now_s
        command = outcome.command
        if command is not None and "command" not in self.lost:
            self.node.on_command(handed.command_to_node(controller_id, command), now_s)
            if self.guard_runs:
                self.guard.on_command(handed.command_to_guard(controller_id, command), now_s)
        if not self.guard_runs:
            return
        if "arm" not in self.lost:
            for arm in outcome.arms:
                armed = heard.ArmSeen(controller_id, arm.intent_id, arm.scope.value)
                self.guard.on_arm(armed, now_s)
        if "heartbeat" not in self.lost:
            self.guard.on_heartbeat(handed.beat_to_guard(controller_id, outcome), now_s)

    def _guard_speaks(self) -> None:
        for word in self.guard.look(self.now_s):
            if isinstance(word, said.Challenge):
                if "challenge" not in self.lost:
                    self._challenge = (word.challenge, self.now_s)
            elif isinstance(word, said.Permit):
                if "permit" not in self.lost:
                    self._permit = handed.permit_to_control(word, self.now_s)
                    self.node.on_permit(handed.permit_to_node(word), self.now_s)
            elif "guard_state" not in self.lost:
                self._guard_state = handed.guard_to_control(word, self.now_s)
        self.guard.keep(self.now_s)

    def _nurse_looks(self, nurse: Nurse, outcome: Outcome) -> None:
        if not self.now_s - self._looked_s >= RETRY_S:
            return
        self._looked_s = self.now_s
        state, guard = self.state, self._guard_state
        deed = nurse.deed(
            Sight(
                state.phase.value,
                38.5 if state.session is None else state.session.target_c,
                outcome.picture.core.core_temp_c,
                state.clocks.presence_s,
                state.phase is Phase.PREFLIGHT and ready(outcome.checks),
                bool(state.latches),
                guard is not None and not guard.broken,
                state.clocks.manual_check_s,
                round(self.plant.truth()["core_temp_c"], 1),
                state.clocks.phase_s,
            )
        )
        if deed is not None:
            self.ask(deed.kind, deed.details, deed.reason)

    # --- ids --------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _new_boot_id(self) -> str:
        return f"{self._next():016x}"

    def _new_challenge(self) -> str:
        return f"{self._next():08x}"

    def _new_guard(self) -> GuardDome:
        return GuardDome(
            guard_spec_for(self.plant),
            GuardLimits(),
            guard_id=f"g-{self._next()}",
            kept=self._drawer.kept,
            store=self._drawer,
            new_challenge=self._new_challenge,
            now_s=self.now_s,
        )


def plan_for(plant: Plant) -> Plan:
    """A plan for the probes that this plant has, with the default limits."""
    specs = tuple(
        ProbeSpec.of(probe_id, Role(role), "rectal" if role == "core" else role)
        for probe_id, role in plant.probes.items()
    )
    return Plan("sim", "dome-1", CONTROLLER_ID, specs)


def guard_spec_for(plant: Plant) -> GuardDomeSpec:
    """The same probes, as the guard's own file would name them."""
    probes = tuple(GuardProbeSpec(probe_id, role) for probe_id, role in plant.probes.items())
    return GuardDomeSpec("dome-1", probes)
