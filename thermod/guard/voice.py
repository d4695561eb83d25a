"""When the guard speaks: at once on a change, and by the beat when nothing changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from thermod.guard.node_watch import NodeWatch
from thermod.guard.said import WHY_LENGTH_MAX, Challenge, GuardState, Permit, Said
from thermod.guard.senses import Senses
from thermod.guard.standing import Standing
from thermod.guard.times import (
    PERIOD_S,
    REVOKE_REPEAT_S,
    REVOKE_REPEATED_FOR_S,
    STATE_PERIOD_S,
)


@dataclass(frozen=True, slots=True)
class Constants:
    """What every guard/state repeats."""

    guard_id: str
    probes: Mapping[str, str]
    limits: Mapping[str, float]
    limits_sha256: str


class Voice:
    """Makes the messages of one dome from one look after the other."""

    def __init__(self, constants: Constants, new_challenge: Callable[[], str]) -> None:
        self._constants = constants
        self._new_challenge = new_challenge
        self._said: Standing | None = None
        self._seq = 0
        self._seq_epoch: int | None = None  # the epoch in which `seq` counts
        self._challenge_due_s = -inf
        self._permit_due_s = -inf
        self._state_due_s = -inf
        self._revoke_fast_until_s = -inf

    def forget(self) -> None:
        """Nobody heard what was said: say all of it again."""
        self._said = None
        self._challenge_due_s = self._permit_due_s = -inf

    def say(
        self,
        standing: Standing,
        senses: Senses,
        now_s: float,
    ) -> list[Said]:
        """What is due now. The permit comes first: nothing may delay a revoke."""
        said = self._said
        is_new = said != standing
        out: list[Said] = []
        if now_s >= self._permit_due_s or is_new:
            out.append(self._permit(standing, senses.node, now_s))
        if now_s >= self._state_due_s or is_new:
            self._state_due_s = now_s + STATE_PERIOD_S
            out.append(self._state(standing, senses.refused))
        if now_s >= self._challenge_due_s:
            self._challenge_due_s = _next(self._challenge_due_s, now_s)
            challenge = self._new_challenge()
            senses.control.asked(challenge, now_s)
            out.append(Challenge(challenge))
        self._said = standing
        return out

    def _permit(self, standing: Standing, node: NodeWatch, now_s: float) -> Permit:
        said = self._said
        if said is not None and said.granted:  # so a revoke now is the first one
            self._revoke_fast_until_s = now_s + REVOKE_REPEATED_FOR_S
        if standing.epoch != self._seq_epoch:
            self._seq_epoch = standing.epoch
            self._seq = 0
        self._seq += 1
        if now_s < self._revoke_fast_until_s and not standing.granted:
            self._permit_due_s = now_s + REVOKE_REPEAT_S
        else:
            self._permit_due_s = _next(self._permit_due_s, now_s)
        return Permit(
            granted=standing.granted,
            ended=standing.ended,
            why=standing.why[:WHY_LENGTH_MAX],
            annunciate=standing.annunciate,
            guard_id=self._constants.guard_id,
            controller_id=standing.permit_controller_id,
            epoch=standing.epoch,
            seq=self._seq,
            boot_id=node.boot_id,
            tick=node.tick,
        )

    def _state(self, standing: Standing, refused: Mapping[str, int]) -> GuardState:
        return GuardState(
            guard_id=self._constants.guard_id,
            permitting=standing.granted,
            scope=standing.scope,
            broken=standing.broken,
            tripped_by=standing.tripped_by,
            epoch=standing.epoch,
            stop_id=standing.stop_id,
            controller_id=standing.controller_id,
            probes=self._constants.probes,
            limits=self._constants.limits,
            limits_sha256=self._constants.limits_sha256,
            refused=dict(refused),
        )


def _next(due_s: float, now_s: float) -> float:
    """The next beat: without drift, and without catching up after a pause."""
    if due_s > now_s:
        return due_s  # said before its time, because of a change
    return due_s + PERIOD_S if now_s - due_s < PERIOD_S else now_s + PERIOD_S
