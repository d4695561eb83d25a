"""One drill session: taken up at a checkpoint, hit by its faults, judged to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Final

from controllers.session import HEATING, Phase
from thermod.sim.campaign.checkpoints import HOLD_20, NURSE, Moment, take_up
from thermod.sim.campaign.mishap import Mishap, Single, Undo
from thermod.sim.campaign.plan import Planned, SessionPlan, plan_session
from thermod.sim.campaign.story import Story, Tell, tell_nobody
from thermod.sim.campaign.ward import Ward
from thermod.sim.plant import factory

STEP_S: Final = 5.0
COLD_S: Final = 1800.0  # a whole session that has not heated for so long will not heat again
REST_S: Final = 10.0  # a session in which nothing can happen any more is let go on for this long
SETTLES_S: Final = 20.0  # an act that the guard does not answer is over after 10 s
QUIET: Final = frozenset({Phase.IDLE, Phase.COOL_DOWN, Phase.ENDED, Phase.RETENTION})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one session came to. Times are pretend time."""

    seed: int
    moment: str
    faults: tuple[str, ...]
    unsafe: tuple[str, ...]
    stuck: str  # a single fault after which it neither recovered nor ended cleanly; empty: it did
    lasted_s: float
    heated_s: float  # of it, with true heat
    excused: tuple[str, ...]  # the classes it belongs to
    core_temp_c_max: float
    skin_temp_c_max: float
    welded_alarm_s: float | None  # None: it was never to be alarmed; infinite: it was not in time
    trace_sha256: str


class Session:
    """Plays one plan. `tell` hears its story, each line with the time into the session."""

    def __init__(
        self, plan: SessionPlan, moments: Sequence[Moment], tell: Tell | None = None
    ) -> None:
        self.plan = plan
        self.tell = tell or tell_nobody
        self.moment = "whole" if plan.is_whole else moments[plan.moment].name
        if plan.is_whole:
            random = Random(f"whole/{plan.seed}")
            self.ward = Ward(factory(plan.seed), random, nurse=NURSE, protocol=HOLD_20)
            self.ward.hurry()
        else:
            self.ward = take_up(moments[plan.moment].ward)
            self.ward.random.seed(f"session/{plan.seed}")
        self._random = Random(f"faults/{plan.seed}")
        self._began_s = self.ward.now_s
        self._left = len(plan.planned)
        self._ended_s = 0.0  # when the last fault was taken away
        self._heated_s = 0.0  # when heat was last seen
        self._was_heating = self.ward.phase in HEATING
        if tell is not None:
            Story(self.ward, tell)

    def play(self) -> Verdict:
        """To its end, or to where nothing can happen any more."""
        ward, plan = self.ward, self.plan
        ward.oracle.begins(plan.terms)
        for each in plan.planned:
            ward.agenda.at(self._began_s + each.at_s, self._begin, each)
        end_s = self._began_s + plan.lasts_s
        while ward.now_s < end_s and not self._is_over():
            ward.run(min(STEP_S, end_s - ward.now_s))
        while self._why_stuck() and ward.now_s < end_s + SETTLES_S:
            ward.run(STEP_S)  # a resume may have been asked for a moment ago
        return self._verdict()

    def _begin(self, each: Planned) -> None:
        ward, row = self.ward, each.mishap
        self.tell(ward.now_s - self._began_s, f"FAULT {row.name}: {row.what}")
        ward.faults_on += 1
        undo = row.begin(ward, self._random)
        ward.agenda.after(each.lasts_s, self._end, row, undo)

    def _end(self, row: Mishap, undo: Undo) -> None:
        self.tell(self.ward.now_s - self._began_s, f"{row.name} is over")
        undo()
        self.ward.faults_on -= 1
        self._left -= 1
        self._ended_s = self.ward.now_s

    def _is_over(self) -> bool:
        """No fault to come, no heat, and nobody who would ask for any."""
        ward = self.ward
        if ward.oracle.heat_w > 0.0:
            self._heated_s = ward.now_s
        if self.plan.is_whole and ward.phase is Phase.ENDED:
            return True
        if self._left > 0:
            return False
        if self.plan.is_whole:
            return ward.now_s - max(self._heated_s, self._ended_s) >= COLD_S
        rested_s = ward.now_s - max(self._heated_s, self._ended_s)
        return rested_s >= REST_S and ward.phase in QUIET - {Phase.IDLE}

    # --- how it ended -----------------------------------------------------------------------------

    def _verdict(self) -> Verdict:
        ward, plan, oracle = self.ward, self.plan, self.ward.oracle
        for breach in oracle.breaches:
            self.tell(breach.at_s - self._began_s, f"UNSAFE: {breach.why}")
        return Verdict(
            plan.seed,
            self.moment,
            tuple(each.mishap.name for each in plan.planned),
            tuple(f"{each.at_s - self._began_s:.2f} s: {each.why}" for each in oracle.breaches),
            self._why_stuck(),
            plan.lasts_s if not plan.is_whole else ward.now_s - self._began_s,
            oracle.heated_s,
            excuses(plan),
            oracle.worst_core_c,
            oracle.worst_skin_c,
            oracle.welded_alarm_s,
            sha256(oracle.trace).hexdigest(),
        )

    def _why_stuck(self) -> str:
        """After one fault: may it heat again, or is it over and told? Else what is wrong."""
        ward, single = self.ward, self.plan.single
        if single is None or self.plan.terms.all_switches_welded:
            return ""
        if not (ward.control.is_alive and ward.guard.is_alive):
            return "a process did not come back"
        outcome, phase = ward.control.outcome, ward.phase
        may_heat = outcome is not None and outcome.hold.may_heat
        if phase in HEATING:
            if may_heat:
                return ""
            why = "" if outcome is None else outcome.hold.because
            return f"in {phase.value} and nobody may heat: {why}"
        if ward.oracle.heat_w > 0.0:
            return f"heat in {phase.value}"
        if single.single is Single.ENDS or phase in QUIET or not self._was_heating:
            return ""
        latches = (*ward.control.state.latches, *ward.guard.dome.latches)
        return f"did not recover: {phase.value}, latched {', '.join(latches) or 'nothing'}"


def excuses(plan: SessionPlan) -> tuple[str, ...]:
    """The classes of SAFETY.md section 6 that this session belongs to, by its fault list."""
    terms = plan.terms
    classes = {
        "every switch welded": terms.all_switches_welded,
        "every core probe reads low": terms.core_misled,
        "every skin probe reads low": terms.skin_misled,
    }
    return tuple(name for name, holds in classes.items() if holds)


def play_seed(seed: int, moments: Sequence[Moment], tell: Tell | None = None) -> Verdict:
    """The session of this seed."""
    return Session(plan_session(seed, len(moments)), moments, tell).play()
