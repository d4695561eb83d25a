"""The preflight checklist: what must be so before a person may start heat. Each line says what to
do when it is not.
"""

from __future__ import annotations

from alarms.limits import not_enclosed
from controllers.actuation import ARM_S
from sensors.freshness import SAY
from sensors.picture import Picture
from sensors.placement import misplaced
from sensors.samples import Role
from sensors.standing import Status
from thermod.mailbox import GuardSeen, Inbox, NodeSeen
from thermod.selftest import RUNNING, SETTLE_S, Step
from thermod.snapshot import CheckView
from thermod.state import DomeBuilt, Plan, State

SPREAD_DELTA_C_MAX = 0.3
DISK_FREE_MB_MIN = 500.0
RATED_SHARE_MAX = 0.05  # two makers' figures for one heater may differ by as much
WINDOW_DELTA_S_MAX = 0.05
MARGIN_S = 1.5  # for the ways of intent and arm, and two cycles
STEP_TEXT = {
    Step.UNPERMITTED: "Without a permit nothing comes on",
    Step.ZERO: "At a command of 0 nothing comes on",
    Step.ON: "At a command of 20 % the heater gives 14-26 %",
    Step.REVOKE: "When the permit is given back heat goes off",
}
_ORDER = (Step.UNPERMITTED, Step.AWAIT, Step.ZERO, Step.ON, Step.REVOKE, Step.PASSED)


def checklist(
    plan: Plan, state: State, inbox: Inbox, picture: Picture, now_s: float
) -> tuple[CheckView, ...]:
    """Every line, in the order in which staff would go through them."""
    return (
        _dome(plan, inbox, now_s),
        guard_line(plan, state, inbox, now_s),
        *_probes(plan, state, picture),
        _placement(picture),
        _calibration(plan),
        _latches(state),
        _record(inbox),
        *_heat_obeys(state, inbox, now_s),
    )


def ready(checks: tuple[CheckView, ...]) -> bool:
    """True when there are lines and every one is ticked."""
    return bool(checks) and all(check.ok is True for check in checks)


def _dome(plan: Plan, inbox: Inbox, now_s: float) -> CheckView:
    node = inbox.node
    if node is None or not 0.0 <= now_s - node.received_s <= 1.5:
        return CheckView(
            "dome", False, "The dome is silent", "Switch the dome on; check its network."
        )
    has_lid_switch = plan.built is None or plan.built.has_lid_switch
    if node.lid == "open" or (has_lid_switch and node.lid != "closed"):
        return CheckView("dome", False, f"The dome's lid is {node.lid}", "Shut the lid.")
    odd = None if plan.built is None else _not_as_built(plan.built, node)
    if odd:
        do = "Correct the dome's section in thermod.toml, or the dome's own settings."
        return CheckView("dome", False, f"The dome is not as configured: {odd}", do)
    if node.faults:
        return CheckView(
            "dome", False, f"The dome reports {', '.join(node.faults)}", "Have it checked."
        )
    return CheckView("dome", True, "The dome answers, as configured, and its lid is shut", "")


def _not_as_built(built: DomeBuilt, node: NodeSeen) -> str | None:
    if not abs(node.rated_w - built.rated_w) <= RATED_SHARE_MAX * built.rated_w:
        return f"it says it is rated {node.rated_w:.0f} W, the file says {built.rated_w:.0f} W"
    if not abs(node.window_s - built.window_s) <= WINDOW_DELTA_S_MAX:
        return f"its window is {node.window_s:.1f} s, the file says {built.window_s:.1f} s"
    if (node.fan_running is not None) is not built.has_fan:
        return "it has no fan" if built.has_fan else "it has a fan, which the file does not know"
    return None


def guard_line(plan: Plan, state: State, inbox: Inbox, now_s: float) -> CheckView:
    """Would the guard permit heat, as far as we can hear? Asked before a resume, too."""
    guard = inbox.guard
    if guard is None or inbox.challenge_s is None or not 0.0 <= now_s - inbox.challenge_s <= 1.5:
        return CheckView("guard", False, "The guard is silent", "Start thermod-guard.")
    mismatch = _guard_mismatch(plan, state, guard)
    if mismatch:
        do = "Make guard.toml and thermod.toml agree, then restart both."
        return CheckView("guard", False, f"The guard's configuration does not fit: {mismatch}", do)
    if guard.tripped_by:
        return CheckView(
            "guard", False, f"The guard is tripped: {', '.join(guard.tripped_by)}", "Reset."
        )
    if guard.broken:
        text = f"The guard would not permit: {', '.join(guard.broken)}"
        return CheckView("guard", False, text, "Put right what it names.")
    return CheckView("guard", True, "The guard would permit heat", "")


def _guard_mismatch(plan: Plan, state: State, guard: GuardSeen) -> str:
    wrong = not_enclosed(state.limits, guard.limits)
    ours = {spec.probe_id: str(spec.role) for spec in plan.specs if spec.role is not Role.ROOM}
    theirs = {name: role for name, role in guard.probes.items() if role != "room"}
    if ours != theirs:
        odd = ", ".join(sorted(set(ours.items()) ^ set(theirs.items()))[0])
        wrong = (*wrong, f"probe lists differ, first at {odd}")
    return "; ".join(wrong)


def _probes(plan: Plan, state: State, picture: Picture) -> tuple[CheckView, ...]:
    lines = [_core(plan, state, picture)]
    for name, found in (("skin", picture.skin), ("air", picture.air)):
        if found.good < 1:
            text = f"No {name} probe can be trusted: {_why(picture, Role(name))}"
            lines.append(CheckView(name, False, text, "Check the probe and its cable."))
        else:
            lines.append(CheckView(name, True, f"{found.good} {name} probe(s) good", ""))
    return tuple(lines)


def _core(plan: Plan, state: State, picture: Picture) -> CheckView:
    core, session = picture.core, state.session
    needed = 1 if session is not None and session.one_core_probe else 2
    if core.good < needed:
        why = _why(picture, Role.CORE) or f"{len(plan.core_probes())} configured"
        do = "Check the probes, or let a clinician waive the second one for this session."
        return CheckView("core", False, f"{core.good} of {needed} core probes good: {why}", do)
    if core.spread_delta_c is not None and not core.spread_delta_c <= SPREAD_DELTA_C_MAX:
        text = f"The core probes differ by {core.spread_delta_c:.2f} °C"
        return CheckView("core", False, text, "Check how they lie.")
    return CheckView("core", True, f"{core.good} core probe(s) good and in agreement", "")


def _placement(picture: Picture) -> CheckView:
    """Asked only here: a patient under the dome is warm all over after a while."""
    found = misplaced(picture)
    if found:
        do = "Check where each probe lies and which plug it is in."
        return CheckView("placement", False, "; ".join(found), do)
    return CheckView("placement", True, "Each probe lies where its role says", "")


def _why(picture: Picture, role: Role) -> str:
    return "; ".join(
        f"{reading.spec.probe_id} {SAY[reading.why]}"
        for reading in picture.probes.values()
        if reading.spec.role is role
        and reading.status is not Status.GOOD
        and reading.why is not None
    )


def _calibration(plan: Plan) -> CheckView:
    if plan.calibration_problems:
        text = "; ".join(plan.calibration_problems)
        return CheckView("calibration", False, text, "Calibrate, then enter the new date.")
    return CheckView("calibration", True, "No calibration is overdue", "")


def _latches(state: State) -> CheckView:
    if state.latches:
        text = f"Latched: {', '.join(state.latches)}"
        return CheckView("latches", False, text, "Find the reason, then reset.")
    return CheckView("latches", True, "Nothing is latched", "")


def _record(inbox: Inbox) -> CheckView:
    if inbox.journal_error:
        text = f"The journal cannot be written: {inbox.journal_error}"
        return CheckView("record", False, text, "Free or replace the disk.")
    if inbox.disk_free_mb is not None and not inbox.disk_free_mb >= DISK_FREE_MB_MIN:
        text = f"Only {inbox.disk_free_mb:.0f} MB of disk are free"
        return CheckView("record", False, text, f"Free at least {DISK_FREE_MB_MIN:.0f} MB.")
    return CheckView("record", True, "The journal is being written", "")


def asked_too_long_ago(state: State, inbox: Inbox, now_s: float) -> bool:
    """The guard opens the test only soon after the `create` that asks for it, and the first step
    comes before that: a test begun later than this cannot pass.
    """
    session, node = state.session, inbox.node
    if session is None or node is None:
        return False
    left_s = ARM_S - MARGIN_S - (node.window_s + SETTLE_S)
    return not 0.0 <= now_s - session.created_s <= left_s


def _heat_obeys(state: State, inbox: Inbox, now_s: float) -> tuple[CheckView, ...]:
    """One line for each step of the self-test, ticked as it goes by."""
    test = state.selftest
    if test is None:
        if asked_too_long_ago(state, inbox, now_s):
            text = "The heater test must begin within seconds of the request"
            return (CheckView("self_test", False, text, "Check again, with all lines ticked."),)
        return (CheckView("self_test", None, "The heater test waits for the lines above", ""),)
    reached = test.failed_at if test.failed_at is not None else test.step
    at = _ORDER.index(reached)
    lines = []
    for step, text in STEP_TEXT.items():
        place = _ORDER.index(step)
        if place < at:
            lines.append(CheckView(step.value, True, text, ""))
        elif test.step in RUNNING:
            lines.append(CheckView(step.value, None, text, ""))
        else:
            what = (
                f"{text}: {test.why}"
                if place == at or step is Step.ZERO and reached is Step.AWAIT
                else text
            )
            lines.append(
                CheckView(step.value, False, what, "Have the dome checked, then check again.")
            )
    return tuple(lines)


def may_test(checks: tuple[CheckView, ...]) -> bool:
    """The heater test begins when all that needs no heat is in order, soon after the request."""
    return all(
        check.ok is None if check.check_id == "self_test" else check.ok is True for check in checks
    )
