"""What somebody must do at the dome, and what no message shows."""

from __future__ import annotations

from thermod.conformance.bench import HAND_S, LEASE_TICKS, Bench, Steps
from thermod.conformance.hands import Hands
from thermod.conformance.meter import REST_SHARE_MAX
from thermod.conformance.seen import State
from thermod.conformance.speech import BOOT_ID
from thermod.conformance.verdict import BrokenError, Held, NotReachedError, Script

NOBODY = "nobody was at the dome: run it with --hands person"


def lid(bench: Bench) -> Script:
    """An open lid takes heat away at once; closed, heat may go on."""
    if bench.hands is Hands.NOBODY:
        return Held(NOBODY, unseen=True)
    yield from bench.heat()
    bench.run_errand("open-lid")
    state = yield from _wait_lid(bench, "open")
    if not state.is_off:
        raise BrokenError(f"heats at {state.node.applied_pct:.0f} % with the lid open")
    bench.run_errand("close-lid")
    yield from _wait_lid(bench, "closed")
    yield from bench.heat()
    return Held("off in the state that said open")


def reboot(bench: Bench) -> Script:
    """Everything is forgotten: a new boot_id, no epoch, and nothing from before fits."""
    if bench.hands is Hands.NOBODY:
        return Held(NOBODY, unseen=True)
    yield from bench.heat()
    old = bench.state
    bench.run_errand("reboot")
    bench.permitting = bench.commanding = False
    until_s = bench.now_s + HAND_S
    while bench.state.node.boot_id == old.node.boot_id:
        if bench.state.tick < old.tick:
            raise BrokenError(f"counts from tick {bench.state.tick} with the boot_id of before")
        if not bench.now_s < until_s:
            raise NotReachedError("the dome was not seen to boot")
        yield until_s
    state = bench.state
    if not BOOT_ID.fullmatch(state.node.boot_id):
        raise BrokenError(f"boot_id {state.node.boot_id!r} is not 16 hex digits")
    node = state.node
    forgotten = (node.epoch, state.guard_id, node.controller_id, node.command_seq)
    if forgotten != (0, None, None, 0):
        raise BrokenError(f"remembers epoch, guard, controller, command_seq {forgotten}")
    if not (state.is_off and state.is_open):
        raise BrokenError("does not boot into heat off and contactors open")
    yield from _try_what_was_fresh(bench, old)
    return Held(f"boot_id {old.node.boot_id} became {node.boot_id}")


def _try_what_was_fresh(bench: Bench, old: State) -> Script:
    """Permits of the boot before open nothing, and under a good one its commands heat nothing."""
    bench.open_epoch()
    for _ in range(2):
        bench.voices.say_permit(old)
        state = yield from bench.next_state()
        if state.node.epoch != 0:
            raise BrokenError("adopted a permit that was meant for the boot before")
    bench.permitting = True
    yield from bench.next_state()
    for _ in range(2):
        bench.voices.say_command(old, bench.power_pct)
        state = yield from bench.next_state()
        if not state.is_off or state.node.command_seq != 0:
            raise BrokenError("obeyed a command that was meant for the boot before")
    return Held()


def _wait_lid(bench: Bench, wanted: str) -> Steps:
    until_s = bench.now_s + HAND_S
    while bench.now_s < until_s:
        state = yield from bench.next_state()
        if state.node.lid == wanted:
            return state
    raise NotReachedError(f"the dome never said that its lid is {wanted}")


def rests_by_the_meter(bench: Bench) -> Script:
    """Over the whole run: whenever the node said off, power was gone."""
    yield from bench.pause(0.0)
    meter = bench.meter
    if meter.rests == 0:
        return Held("measured_w is null: fit a meter, or a stuck heater is not seen", unseen=True)
    text = f"at most {meter.worst_share_pct:.1f} % of rated in {meter.rests} states"
    if not meter.worst_share_pct <= 100.0 * REST_SHARE_MAX:
        raise BrokenError(text)
    return Held(text)


def retained(bench: Bench) -> Script:
    """A live message never bears the mark, so no harness on the bus can set it."""
    yield from bench.pause(0.0)
    return Held(
        "a broker marks a message as retained for a new subscriber only: play node_vectors.json",
        unseen=True,
    )


def sounder(bench: Bench) -> Script:
    """A permit that asks for the sounder is a permit like any other: heat outlasts a lease."""
    yield from bench.heat()
    yield from bench.pause()
    bench.permitting = False
    if bench.hands is Hands.PERSON:
        bench.errands.append("Listen: the sounder of the dome must sound for 4 s now.")
    for _ in range(LEASE_TICKS + 2):
        bench.voices.say_permit(bench.state, annunciate=True)
        state = yield from bench.next_state()
        if not bench.heats(state):
            raise BrokenError("a permit that asks for the sounder is not obeyed as a permit")
    bench.permitting = True
    yield from bench.next_state()
    return Held("asked for 4 s, obeyed as a permit; whether it sounded, ears must say", unseen=True)


def hard_wired(bench: Bench) -> Script:
    """What must work with every computer unplugged is tried with every computer unplugged."""
    yield from bench.pause(0.0)
    return Held(
        "thermostat, stop button and power at the heater's terminals: try them at the dome",
        unseen=True,
    )
