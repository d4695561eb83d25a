"""Everything on one pretend clock: the real cycle, the real guard's judgement, the node and a
plant, in lockstep.

Messages go from hand to hand as values, for speed; the encoding is tested elsewhere. Nothing here
decides anything that a real session would decide elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from controllers.actuation import Permit
from controllers.session import Phase
from sensors.samples import ProbeSample, ProbeSpec, Rejection, Role
from thermod import cycle
from thermod.checklist import ready
from thermod.cycle import Outcome
from thermod.guard import heard, said
from thermod.guard.dome import GuardDome
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits as GuardLimits
from thermod.guard.specs import DomeSpec as GuardDomeSpec
from thermod.guard.specs import ProbeSpec as GuardProbeSpec
from thermod.mailbox import GuardSeen, Inbox, Intent, NodeSeen
from thermod.sim.node import Node, NodeSpec
from thermod.sim.node_messages import Command as NodeCommand
from thermod.sim.node_messages import NodeState
from thermod.sim.node_messages import Permit as NodePermit
from thermod.sim.nurse import RETRY_S, Nurse, Sight
from thermod.sim.plant import Plant
from thermod.state import PERIOD_S, Plan, State, boot

CONTROLLER_ID = "c-world"
GUARD_ID = "g-world"
BOOT_ID = "0123456789abcdef"
NOW_S = 1024.0  # a power of two plus halves keeps every time exact
MEASURED_WINDOW_S = 1.0


class Safe:
    """A store that never fails: pretend time has no disk."""

    def save(self, dome_id: str, kept: Kept) -> bool:
        """Nothing outlives a simulation."""
        return True


class World:
    """One dome, one patient, one nurse. `step` lets half a second pass."""

    def __init__(self, plant: Plant, nurse: Nurse | None = None, plan: Plan | None = None) -> None:
        self.plant = plant
        self.nurse = nurse
        self.now_s = NOW_S
        self.plan = plan or plan_for(plant)
        self.state: State = boot(self.plan)
        self.outcome: Outcome | None = None
        self.heater_w = 0.0
        self._intents = 0
        self._asked_s = -RETRY_S
        self._queue: list[Intent] = []
        self._challenges = 0
        self._permit: Permit | None = None
        self._challenge = ("", NOW_S)
        self._guard_state: GuardSeen | None = None
        self._readings: dict[str, ProbeSample | Rejection] = {}
        self.node = Node(NodeSpec(rated_w=plant.heater_w_max), lambda: BOOT_ID, NOW_S)
        self.guard = GuardDome(
            _guard_spec(plant),
            GuardLimits(),
            guard_id=GUARD_ID,
            kept=Kept(),
            store=Safe(),
            new_challenge=self._new_challenge,
            now_s=NOW_S,
        )

    def step(self) -> Outcome:
        """Half a second: the body warms, the dome reports, the guard judges, control acts."""
        self.plant.step(self.heater_w, PERIOD_S)
        self.now_s += PERIOD_S
        node = self._dome_reports()
        outcome = self._control_acts(node)
        self._guard_speaks()
        actuation = self.node.look(self.now_s)
        self.heater_w = actuation.heater_pct / 100.0 * self.plant.heater_w_max
        self._nurse_looks(outcome)
        return outcome

    def ask(self, kind: str, details: Mapping[str, object], reason: str = "") -> None:
        """Somebody asks for something; control and guard hear it in the next half second."""
        self._intents += 1
        session = self.state.session
        self._queue.append(
            Intent(
                f"i-{self._intents}",
                kind,
                "nurse-1",
                "clinician",
                reason,
                CONTROLLER_ID,
                self.state.cycle,
                None if session is None or kind == "create" else session.session_id,
                details,
                self.now_s,
            )
        )

    def _dome_reports(self) -> NodeSeen:
        readings = self.plant.readings()
        lid = "open" if getattr(self.plant, "lid_open", False) else "closed"
        fan = getattr(self.plant, "fan_running", True)
        state = self.node.tick(self.now_s, self.heater_w, readings, lid, fan)
        self.guard.on_node(_for_guard(state), self.now_s)
        for probe_id, temp_c in readings.items():
            if temp_c is None:
                continue  # says nothing: the last reading ages
            if temp_c != temp_c or abs(temp_c) == float("inf"):
                self._readings[probe_id] = Rejection(probe_id, "no number", self.now_s)
            else:
                sample = ProbeSample(probe_id, state.tick, 0, temp_c, self.now_s)
                self._readings[probe_id] = sample
        return NodeSeen(
            state.boot_id,
            state.tick,
            state.applied_pct,
            state.measured_w,
            state.rated_w,
            state.window_s,
            state.contactors_closed,
            state.epoch,
            state.controller_id,
            state.command_seq,
            state.stop_id,
            state.lid,
            state.fan_running,
            state.faults,
            state.because,
            self.now_s,
        )

    def _guard_speaks(self) -> None:
        for word in self.guard.look(self.now_s):
            if isinstance(word, said.Challenge):
                self._challenge = (word.challenge, self.now_s)
            elif isinstance(word, said.Permit):
                self._hear_permit(word)
            else:
                self._guard_state = GuardSeen(
                    word.guard_id,
                    word.permitting,
                    word.broken,
                    word.tripped_by,
                    word.probes,
                    word.limits,
                    word.stop_id,
                    self.now_s,
                )

    def _hear_permit(self, word: said.Permit) -> None:
        self._permit = Permit(
            word.granted,
            word.ended,
            word.why,
            word.guard_id,
            word.controller_id,
            word.epoch,
            self.now_s,
        )
        self.node.on_permit(
            NodePermit(
                word.granted,
                word.ended,
                word.annunciate,
                word.guard_id,
                word.controller_id,
                word.epoch,
                word.seq,
                word.boot_id,
                word.tick,
            ),
            self.now_s,
        )

    def _control_acts(self, node: NodeSeen) -> Outcome:
        intents = tuple(replace(intent, received_s=self.now_s) for intent in self._queue)
        self._queue.clear()
        for intent in intents:
            if intent.kind in GUARD_KINDS:
                self.guard.on_intent(_intent_for_guard(intent), self.now_s)
        challenge, challenge_s = self._challenge
        inbox = Inbox(
            self._readings,
            node,
            self._permit,
            challenge,
            challenge_s,
            self._guard_state,
            intents,
        )
        self.state, outcome = cycle.step(self.plan, self.state, inbox, self.now_s)
        self.outcome = outcome
        for arm in outcome.arms:
            armed = heard.ArmSeen(CONTROLLER_ID, arm.intent_id, arm.scope.value)
            self.guard.on_arm(armed, self.now_s)
        if outcome.command is not None:
            self._say_command(outcome.command)
        flow = outcome.flow
        beat = heard.HeartbeatSeen(
            CONTROLLER_ID,
            outcome.scope.value,
            flow.challenge,
            flow.cycle,
            flow.results,
            flow.token,
        )
        self.guard.on_heartbeat(beat, self.now_s)
        return outcome

    def _say_command(self, command: cycle.Command) -> None:
        self.node.on_command(
            NodeCommand(
                CONTROLLER_ID,
                command.epoch,
                command.seq,
                command.boot_id,
                command.tick,
                command.power_pct,
            ),
            self.now_s,
        )
        self.guard.on_command(
            heard.CommandSeen(
                CONTROLLER_ID, command.epoch, command.seq, command.boot_id, command.power_pct
            ),
            self.now_s,
        )

    def _nurse_looks(self, outcome: Outcome) -> None:
        if self.nurse is None or not self.now_s - self._asked_s >= RETRY_S:
            return
        state, guard = self.state, self._guard_state
        deed = self.nurse.deed(
            Sight(
                state.phase.value,
                38.5 if state.session is None else state.session.target_c,
                outcome.picture.core.core_temp_c,
                state.clocks.presence_s,
                state.phase is Phase.PREFLIGHT and ready(outcome.checks),
                bool(state.latches),
                guard is not None and not guard.broken,
            )
        )
        if deed is not None:
            self._asked_s = self.now_s
            self.ask(deed.kind, deed.details, deed.reason)

    def _new_challenge(self) -> str:
        self._challenges += 1
        return f"{self._challenges:08x}"


GUARD_KINDS = frozenset({"create", "start", "resume", "pause", "stop", "reset"})


def plan_for(plant: Plant) -> Plan:
    """A plan for the probes that this plant has, with the default limits."""
    specs = tuple(
        ProbeSpec.of(probe_id, Role(role), "rectal" if role == "core" else role)
        for probe_id, role in plant.probes.items()
    )
    return Plan("sim", "dome-1", CONTROLLER_ID, specs)


def _guard_spec(plant: Plant) -> GuardDomeSpec:
    probes = tuple(GuardProbeSpec(probe_id, role) for probe_id, role in plant.probes.items())
    return GuardDomeSpec("dome-1", probes)


def _for_guard(state: NodeState) -> heard.NodeSeen:
    probes = tuple(
        heard.ProbeSeen(probe_id, state.tick, state.tick, temp_c)
        for probe_id, temp_c in state.probes.items()
        if temp_c is not None
    )
    return heard.NodeSeen(
        state.boot_id,
        state.tick,
        state.applied_pct,
        state.measured_w,
        state.rated_w,
        state.window_s,
        state.epoch,
        state.guard_id,
        state.lid,
        state.fan_running,
        probes,
    )


def _intent_for_guard(intent: Intent) -> heard.IntentSeen:
    target_c = intent.details.get("target_c")
    latches = intent.details.get("latches", ())
    return heard.IntentSeen(
        intent.intent_id,
        intent.kind,
        intent.reason,
        intent.controller_id,
        intent.cycle,
        intent.session_id,
        target_c if isinstance(target_c, float) else None,
        tuple(str(name) for name in latches) if isinstance(latches, list | tuple) else (),
    )
