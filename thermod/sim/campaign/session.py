"""One drill session: taken up at a checkpoint, hit by its faults, judged to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Final

from controllers.session import HEATING, Phase
from thermod.sim.campaign.checkpoints import HOLD_20, NURSE, Moment, take_up, warm_patient
from thermod.sim.campaign.mishap import Mishap, Single, Undo
from thermod.sim.campaign.plan import Planned, SessionPlan, plan_session
from thermod.sim.campaign.story import Story, Tell, tell_nobody
from thermod.sim.campaign.ward import Ward

STEP_S: Final = 5.0
PULLS_PLUG_S: Final = 120.0  # from the alarm of a stuck heater until somebody has done it
COLD_S: Final = 1800.0  # a whole session that has not heated for so long will not heat again
REST_S: Final = 10.0  # a session in which nothing can happen any more is let go on for this long
SETTLES_S: Final = 20.0  # an act that the guard does not answer is over after 10 s
WELL_S: Final = 60.0  # … and one that is as if nothing had been, for this long
OVER: Final = frozenset({Phase.COOL_DOWN, Phase.ENDED, Phase.RETENTION})
QUIET: Final = OVER | {Phase.IDLE}


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
            self.ward = Ward(warm_patient(plan.seed), random, nurse=NURSE, protocol=HOLD_20)
            self.ward.hurry()
        else:
            self.ward = take_up(moments[plan.moment].ward)
            self.ward.random.seed(f"session/{plan.seed}")
        self._random = Random(f"faults/{plan.seed}")
        self._began_s = self.ward.now_s
        self._left = len(plan.planned)
        self._ended_s = 0.0  # when the last fault was taken away
        self._heated_s = 0.0  # when heat was last seen
        self._is_pulled = False
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
            if plan.terms.all_switches_welded:
                self._pull_the_plug()
        while self._why_stuck() and ward.now_s < end_s + SETTLES_S:
            ward.run(STEP_S)  # a resume may have been asked for a moment ago
        return self._verdict()

    def _pull_the_plug(self) -> None:
        """It is what the alarm asks for, and all that is left to do."""
        ward = self.ward
        if ward.oracle.is_alarmed and not self._is_pulled:
            self._is_pulled = True
            self.tell(ward.now_s - self._began_s, "somebody goes to pull the plug")
            ward.agenda.after(PULLS_PLUG_S, ward.dome.lose_power_for_good)

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
        """Can nothing happen any more that a session without a fault would not show?"""
        ward = self.ward
        if ward.oracle.heat_w > 0.0:
            self._heated_s = ward.now_s
        if self.plan.is_whole and ward.phase is Phase.ENDED:
            return True
        if self._left > 0:
            return False
        cold_s = ward.now_s - max(self._heated_s, self._ended_s)
        if self.plan.is_whole:
            return cold_s >= COLD_S
        if ward.phase in HEATING:
            return ward.now_s - self._ended_s >= WELL_S and self._is_well()
        return cold_s >= REST_S and ward.phase in OVER

    def _is_well(self) -> bool:
        """Heat may flow, no alarm stands, nothing is latched: as if there had been no fault."""
        state, outcome, dome = (
            self.ward.control.state,
            self.ward.control.outcome,
            self.ward.guard.dome,
        )
        if outcome is None or not outcome.hold.may_heat:
            return False
        return not (state.rows or state.latches or dome.broken or dome.latches)

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
            ward.now_s - self._began_s,
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
