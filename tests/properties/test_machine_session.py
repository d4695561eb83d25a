"""A session's phases under any acts of people and any course of things.

The acts are thermod's own, on a checklist that is complete; the course is what alarms and time may
bring. What must hold is written from SAFETY.md: only a person's start or resume leads to heat.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from alarms.occurrence import Row
from controllers.actuation import Scope
from controllers.session import HEATING, UNDER_WAY, Event, Phase, after, run_clocks
from tests.properties.machines import bounded
from tests.scenarios.people import CREATE, TARGET_C
from thermod import acts
from thermod.acts import ROLES_THAT_ACT, Reply
from thermod.mailbox import Intent
from thermod.selftest import SelfTest, Step
from thermod.snapshot import CheckView
from thermod.state import boot, enter

TICKED = (CheckView("all", True, "everything is in order", ""),)
OPEN = (CheckView("core", False, "no core probe", "Place one."),)
DETAILS = {
    "create": CREATE,
    "start": {"target_c": TARGET_C},
    "resume": {"target_c": TARGET_C, "same_patient": True},
    "reset": {"latches": ["core_cutoff", "stopped"]},
}
COURSE = [
    *(Event.IN_BAND, Event.HOLD_DONE, Event.END_HEATING, Event.PAUSE_DUE),
    *(Event.PAUSED_TOO_LONG, Event.INTERRUPT),
]


class Sessions(RuleBasedStateMachine):
    """`world` heats; its inbox and picture are the ones that all acts are judged against."""

    def __init__(self, world, done: Counter[str]) -> None:
        super().__init__()
        self.world = world
        self.done = done  # accepted acts by kind, over all courses
        self.state = boot(world.plan)._replace(cycle=100)
        self.count = 0
        self.accepted: set[str] = set()
        self.replies: list[Reply] = []
        self.may_heat = False  # by a person's start or resume, and nothing has ended it since
        self.latest: Intent | None = None

    # --- what people do ---------------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(["create", "start", "resume", "pause", "stop", "close", "reset"]),
        role=st.sampled_from(["operator", "operator", "operator", "viewer"]),
        reason=st.sampled_from(["", "seen to it"]),
        cycles_old=st.sampled_from([0, 0, 0, 0, 10, 12]),
        of_this_session=st.sampled_from([True, True, True, False]),
        is_ready=st.sampled_from([True, True, False]),
    )
    def act(self, kind, role, reason, cycles_old, of_this_session, is_ready):
        session = self.state.session
        session_id = None if session is None or kind == "create" else session.session_id
        if not of_this_session:
            session_id = "s-another"
        self.count += 1
        self.latest = Intent(
            *(f"i-{self.count}", kind, "nurse-1", role, reason, self.world.plan.controller_id),
            *(self.state.cycle + 1 - cycles_old, session_id, DETAILS.get(kind, {})),
            self.world.now_s,
        )
        self._handle(self.latest, is_ready)

    @rule()
    def take_the_next_step(self):
        """As somebody does who knows what comes next, and does all of it right."""
        match self.state.phase:
            case Phase.IDLE | Phase.ENDED:
                kind = "create"
            case Phase.PREFLIGHT:
                kind = "start"
            case Phase.PAUSED | Phase.INTERRUPTED if not self.state.latches:
                kind = "resume"
            case Phase.COOL_DOWN | Phase.RETENTION:
                kind = "close"
            case Phase.HEAT_UP | Phase.HOLD:
                kind = "pause"
            case _:
                self.what_tripped_has_gone()
                kind = "reset"
        self.act(kind, "operator", "seen to it", 0, True, True)

    @rule()
    def say_it_again(self):
        if self.latest is not None:
            before, is_known = self.state, self.latest.intent_id in self.state.seen_intents
            reply = self._handle(self.latest, True)
            assert not (is_known and reply.accepted)
            assert not is_known or self.state.phase is before.phase

    @rule()
    def press_stop(self):
        """What cycle.py makes of it: acts of before count for nothing, and the row trips."""
        self.state = self.state._replace(stop_cycle=self.state.cycle + 1)
        self._trip("stopped")

    # --- what happens -----------------------------------------------------------------------------

    @rule(event=st.sampled_from(COURSE))
    def go_on(self, event):
        self._move(event)

    @rule(name=st.sampled_from(["core_cutoff", "stopped"]))
    def trip(self, name):
        self._trip(name)

    @rule()
    def what_tripped_has_gone(self):
        rows = {name: replace(row, since_s=None, active=False) for name, row in self._rows()}
        self.state = self.state._replace(rows=rows)

    @rule(cycles=st.integers(1, 30), may_heat=st.booleans())
    def let_time_pass(self, cycles, may_heat):
        before, dt_s = self.state.clocks, 0.5 * cycles
        clocks = run_clocks(
            *(before, self.state.phase),
            heating=may_heat and self.state.phase in HEATING,
            may_heat=may_heat,
            in_band=False,
            at_target=False,
            dt_s=dt_s,
        )
        for name, was, is_now in zip(before._fields, before, clocks, strict=True):
            if name != "at_target_s":  # which begins anew whenever the core dips
                assert (was or 0.0) <= (is_now or 0.0) <= (was or 0.0) + dt_s, name
        if self.state.phase not in HEATING:
            assert (clocks.heat_up_s, clocks.ramp_s) == (before.heat_up_s, before.ramp_s)
        self.state = self.state._replace(cycle=self.state.cycle + cycles, clocks=clocks)

    # --- what must hold ---------------------------------------------------------------------------

    @invariant()
    def only_a_persons_act_leads_to_heat(self):
        assert (self.state.phase in HEATING) <= self.may_heat

    @invariant()
    def a_lease_ends_with_heating(self):
        assert self.state.lease.scope is Scope.NONE or self.state.phase in HEATING

    @invariant()
    def nothing_heats_over_a_latch(self):
        assert not (self.state.latches and self.state.phase in HEATING)

    @invariant()
    def every_answer_says_why_and_every_refusal_what_to_do(self):
        for reply in self.replies[-1:]:
            assert reply.because
            assert reply.accepted or reply.do

    # --- how --------------------------------------------------------------------------------------

    def _handle(self, intent: Intent, is_ready: bool) -> Reply:
        is_ready = is_ready and not self.state.latches  # which has a line of its own
        if is_ready and self.state.phase is Phase.PREFLIGHT:
            self.state = self.state._replace(selftest=SelfTest(Step.PASSED, 0.0))
        before, outcome = self.state, self.world.outcome
        scene = acts.Scene(
            self.world.plan,
            outcome.inbox,
            outcome.picture,
            TICKED if is_ready else OPEN,
            self.world.now_s,
        )
        acted = acts.act(before, intent, scene)
        self.state, reply = acted.state, acted.reply
        self.replies.append(reply)
        if not reply.accepted:
            assert self.state == before._replace(seen_intents=self.state.seen_intents)
            assert acted.arms is Scope.NONE
            return reply
        self.done[intent.kind] += 1
        self._check_accepted(before, intent, is_ready)
        assert (acted.arms is Scope.SESSION) is (intent.kind in ("start", "resume"))
        return reply

    def _check_accepted(self, before, intent, is_ready):
        assert intent.intent_id not in self.accepted
        self.accepted.add(intent.intent_id)
        assert intent.role in ROLES_THAT_ACT or intent.kind == "stop"
        assert before.stop_cycle < intent.cycle <= before.cycle + 1 <= intent.cycle + 10
        assert intent.session_id in (None, getattr(before.session, "session_id", None))
        match intent.kind:
            case "start":
                assert before.phase is Phase.PREFLIGHT
                assert is_ready
            case "resume":
                assert before.phase in (Phase.PAUSED, Phase.INTERRUPTED)
                assert not before.latches
                assert intent.reason or before.phase is Phase.PAUSED
            case "reset":
                assert intent.reason
        self.may_heat = self.may_heat and self.state.phase in HEATING
        if intent.kind in ("start", "resume"):
            self.may_heat = True
            assert self.state.phase is Phase.HEAT_UP
            assert self.state.lease.epoch is None  # the guard has still to open one
        elif self.state.phase in HEATING:
            assert before.phase is self.state.phase

    def _move(self, event):
        phase = after(self.state.phase, event)
        if phase is not None:
            assert phase not in HEATING or self.state.phase in HEATING
            self.state = enter(self.state, phase)
            self.may_heat = self.may_heat and phase in HEATING

    def _trip(self, name):
        was_under_way = self.state.phase in UNDER_WAY
        rows = {**dict(self._rows()), name: Row(1.0, active=True, latched=True, text=name)}
        latches = tuple(dict.fromkeys((*self.state.latches, name)))
        self.state = self.state._replace(rows=rows, latches=latches)
        self._move(Event.TRIP)
        assert self.state.phase not in HEATING
        assert (self.state.phase in UNDER_WAY) is was_under_way  # nobody is forgotten

    def _rows(self):
        return self.state.rows.items()


def test_no_course_of_acts_and_events_heats_without_a_persons_start_or_resume(heating_once):
    done: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Sessions(heating_once, done), settings=bounded(examples=100, steps=40)
    )
    for kind in ("create", "start", "pause", "resume", "stop", "reset", "close"):
        assert done[kind] > 0, f"no course had a {kind}: they prove little"
