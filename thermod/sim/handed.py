"""From one part's words to another's, as values: what the wire does with bytes, for speed."""

from __future__ import annotations

from collections.abc import Mapping

from controllers.actuation import Permit
from sensors.samples import ProbeSample, Rejection
from thermod.cycle import Command, Outcome
from thermod.guard import heard, said
from thermod.mailbox import GuardSeen, Intent, NodeSeen
from thermod.sim.node_messages import Command as NodeCommand
from thermod.sim.node_messages import NodeState
from thermod.sim.node_messages import Permit as NodePermit

GUARD_KINDS = frozenset({"create", "start", "resume", "pause", "stop", "reset"})
INFINITY = float("inf")


def node_to_control(state: NodeState, now_s: float) -> NodeSeen:
    return NodeSeen(
        state.boot_id, state.tick, state.applied_pct, state.measured_w, state.rated_w,
        state.window_s, state.contactors_closed, state.epoch, state.controller_id,
        state.command_seq, state.stop_id, state.lid, state.fan_running, state.faults,
        state.because, now_s,
    )  # fmt: skip


def reading_to_control(
    probe_id: str, temp_c: float, seq: int, now_s: float
) -> ProbeSample | Rejection:
    """A number that is none does not come through the decoder either."""
    if not -INFINITY < temp_c < INFINITY:
        return Rejection(probe_id, "no number", now_s)
    return ProbeSample(probe_id, seq, 0, temp_c, now_s)


def node_to_guard(state: NodeState, seqs: Mapping[str, int] | None = None) -> heard.NodeSeen:
    """`seqs` by probe; without them each sample has the number of its tick."""
    tick = state.tick
    probes = tuple(
        [
            heard.ProbeSeen(probe_id, tick if seqs is None else seqs[probe_id], tick, temp_c)
            for probe_id, temp_c in state.probes.items()
            if temp_c is not None
        ]
    )
    return heard.NodeSeen(
        state.boot_id, state.tick, state.applied_pct, state.measured_w, state.rated_w,
        state.window_s, state.epoch, state.guard_id, state.stop_id, state.lid,
        state.fan_running, probes,
    )  # fmt: skip


def permit_to_control(word: said.Permit, now_s: float) -> Permit:
    return Permit(
        word.granted, word.ended, word.why, word.guard_id, word.controller_id, word.epoch, now_s
    )


def permit_to_node(word: said.Permit) -> NodePermit:
    return NodePermit(
        word.granted, word.ended, word.annunciate, word.guard_id, word.controller_id,
        word.epoch, word.seq, word.boot_id, word.tick,
    )  # fmt: skip


def guard_to_control(word: said.GuardState, now_s: float) -> GuardSeen:
    return GuardSeen(
        word.guard_id, word.permitting, word.broken, word.tripped_by, word.probes, word.limits,
        word.stop_id, now_s, word.refused,
    )  # fmt: skip


def command_to_node(controller_id: str, command: Command) -> NodeCommand:
    return NodeCommand(
        controller_id, command.epoch, command.seq, command.boot_id, command.tick, command.power_pct
    )


def command_to_guard(controller_id: str, command: Command) -> heard.CommandSeen:
    return heard.CommandSeen(
        controller_id, command.epoch, command.seq, command.boot_id, command.power_pct
    )


def beat_to_guard(controller_id: str, outcome: Outcome) -> heard.HeartbeatSeen:
    flow = outcome.flow
    return heard.HeartbeatSeen(
        controller_id, outcome.scope, flow.challenge, flow.cycle, flow.results, flow.token
    )


def intent_to_guard(intent: Intent) -> heard.IntentSeen:
    target_c = intent.details.get("target_c")
    latches = intent.details.get("latches", ())
    subject = intent.details.get("subject")
    return heard.IntentSeen(
        intent.intent_id,
        intent.kind,
        intent.reason,
        intent.controller_id,
        intent.cycle,
        intent.session_id,
        target_c if isinstance(target_c, float) else None,
        tuple(str(name) for name in latches) if isinstance(latches, list | tuple) else (),
        subject if isinstance(subject, str) else None,
    )
