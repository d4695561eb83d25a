"""When a dome heats: for a fresh command and a fresh permit that belong together, and only then."""

from __future__ import annotations

from thermod.conformance.bench import ASIDE_S, TICK_S, Bench
from thermod.conformance.meter import SETTLES_S
from thermod.conformance.seen import State
from thermod.conformance.verdict import BrokenError, Held, Script

TRIES = 4  # states
METER_SHARE = 0.3  # SAFETY.md: 20 % is to measure 14-26 %


def command_alone(bench: Bench) -> Script:
    """An epoch is never adopted from a command."""
    bench.permitting, bench.commanding = False, True
    bench.wanted_pct = bench.power_pct
    bench.open_epoch()
    epoch_before = bench.state.node.epoch
    for _ in range(TRIES):
        state = yield from bench.next_state()
        _require_cold(state, "command")
        if state.node.epoch != epoch_before:
            raise BrokenError(f"adopted epoch {state.node.epoch} from a command")
    return Held("no heat, no epoch adopted")


def permit_alone(bench: Bench) -> Script:
    """It is adopted and echoed, and does not heat."""
    bench.permitting, bench.commanding = True, False
    bench.open_epoch()
    for _ in range(TRIES):
        _require_cold((yield from bench.next_state()), "permit")
    state = bench.state
    _require_bound(bench, state)
    if state.node.command_seq != 0:
        raise BrokenError(f"command_seq is {state.node.command_seq} before the first command")
    return Held(f"epoch {state.node.epoch}, guard and controller echoed, no heat")


def both_heat(bench: Bench) -> Script:
    yield from bench.heat()
    began_s = bench.now_s
    bench.open_epoch()  # a new one forgets the old command, so this is a start from nothing
    while True:
        state = yield from bench.next_state()
        if bench.heats(state) and state.node.command_seq > 0:
            break
        if not bench.now_s - began_s <= TRIES * TICK_S:
            raise BrokenError(
                f"{state.node.applied_pct:.0f} %, command_seq {state.node.command_seq} after "
                f"{bench.now_s - began_s:.1f} s: {state.node.because}"
            )
    _require_bound(bench, state)
    return Held(f"{state.node.applied_pct:.0f} % after {bench.now_s - began_s:.2f} s")


def power_follows(bench: Bench) -> Script:
    """The newest command is in force in the next state, and its number is echoed."""
    yield from bench.heat()
    for power_pct in (bench.power_pct / 2.0, 0.0, bench.power_pct):
        yield from bench.pause(ASIDE_S)
        bench.wanted_pct = power_pct
        bench.voices.say_command(bench.state, power_pct)
        said_seq = bench.voices.command_seq
        state = yield from bench.next_state()
        if not state.has_power(power_pct):
            raise BrokenError(f"{state.node.applied_pct:.1f} % when told {power_pct:.1f} %")
        if state.node.command_seq != said_seq:
            raise BrokenError(f"echoes command_seq {state.node.command_seq}, not {said_seq}")
    return Held("three changes, each in the next state")


def meter_follows(bench: Bench) -> Script:
    """The power measured is the power commanded."""
    yield from bench.heat()
    node = bench.state.node
    if node.measured_w is None:
        return Held("measured_w is null: fit a meter, or a stuck heater is not seen", unseen=True)
    yield from bench.pause(node.window_s + SETTLES_S + TICK_S)
    node = bench.state.node
    if node.measured_w is None:
        raise BrokenError("measured_w became null while heating")
    share_pct = 100.0 * node.measured_w / node.rated_w
    low_pct, high_pct = ((1.0 + off) * bench.power_pct for off in (-METER_SHARE, METER_SHARE))
    text = f"{share_pct:.1f} % of rated at {bench.power_pct:.0f} %"
    if not low_pct <= share_pct <= high_pct:
        raise BrokenError(f"{text}; {low_pct:.0f} to {high_pct:.0f} % expected")
    return Held(text)


def _require_cold(state: State, what: str) -> None:
    if not state.is_off:
        raise BrokenError(f"heats at {state.node.applied_pct:.0f} % on a {what} alone")


def _require_bound(bench: Bench, state: State) -> None:
    """Epoch, guard and controller echoed are those of the permit."""
    voices = bench.voices
    wanted = (voices.epoch, voices.guard_id, voices.controller_id)
    echoed = (state.node.epoch, state.guard_id, state.node.controller_id)
    if echoed != wanted:
        raise BrokenError(f"echoes epoch, guard, controller {echoed}, not {wanted}")
