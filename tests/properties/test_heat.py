"""What must hold of every session, whatever probes say and people press."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from controllers.session import Phase
from tests.scenarios.people import CREATE, TARGET_C
from thermod.acts import ROLES_THAT_ACT

SAID = st.one_of(
    st.none(),
    st.sampled_from([math.nan, math.inf, -math.inf, -127.0, 85.0, 0.0, 43.0, 43.01, 39.31, 1e300]),
    st.floats(30.0, 43.0),
    st.floats(38.0, 38.3),
)
CORE = st.lists(st.tuples(SAID, SAID), min_size=1, max_size=12)


@settings(max_examples=60)
@given(said=CORE)
def test_without_a_good_core_probe_the_command_is_zero(heating_once, said):
    world = heating_once.fork()
    for one_c, other_c in said:
        world.sent = lambda readings, a=one_c, b=other_c: {**readings, "core-1": a, "core-2": b}
        outcome = world.step()
        assert 0.0 <= world.state.power_pct <= 100.0
        if outcome.picture.core.good == 0:
            assert world.state.power_pct == 0.0
            assert world.heater_w == 0.0


@settings(max_examples=40)
@given(said=CORE, after_s=st.sampled_from([0.5, 1.0, 1.5, 3.0, 6.0, 8.0]))
def test_not_even_the_heater_test_commands_power_without_a_good_core_probe(
    idle_once, said, after_s
):
    world = idle_once.fork()
    world.ask("create", CREATE)
    world.run(after_s)
    for one_c, other_c in said:
        world.sent = lambda readings, a=one_c, b=other_c: {**readings, "core-1": a, "core-2": b}
        outcome = world.step()
        assert world.state.power_pct <= 20.0
        if outcome.picture.core.good == 0:
            assert world.state.power_pct == 0.0


# Everything that can be asked for but `start`, well-formed and fresh.
ACTS = st.sampled_from(
    [
        ("create", CREATE),
        ("create", {**CREATE, "one_core_probe": True}),
        ("create", {**CREATE, "target_c": 37.5}),
        ("resume", {"target_c": TARGET_C, "same_patient": True}),
        ("pause", {}),
        ("stop", {}),
        ("close", {}),
        ("confirm-presence", {}),
        ("acknowledge", {"alarm": "stopped"}),
        ("audio-pause", {"alarm": "stopped"}),
        ("reset", {"latches": ["stopped", "guard_tripped", "dome_restarted"]}),
        ("note", {"text": "…"}),
    ]
)
HAPPENS = st.one_of(
    st.tuples(st.just("act"), ACTS),
    st.tuples(st.just("wait"), st.floats(0.5, 15.0)),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("lid"), st.booleans()),
    st.tuples(st.just("restart"), st.sampled_from(["control", "guard", "dome"])),
    st.tuples(st.just("lose"), st.sets(st.sampled_from(["node", "permit", "command", "arm"]))),
)


@settings(max_examples=40)
@given(course=st.lists(HAPPENS, max_size=15), role=st.sampled_from(sorted(ROLES_THAT_ACT)))
def test_nothing_but_a_start_brings_more_than_the_heater_test(idle_once, course, role):
    world = idle_once.fork()
    for what, more in course:
        match what:
            case "act":
                world.ask(more[0], more[1], "a reason", role=role)
            case "stop":
                world.press_stop()
            case "lid":
                world.plant.lid_open = more
            case "lose":
                world.lost = set(more)
            case "restart":
                {
                    "control": world.restart_control,
                    "guard": world.restart_guard,
                    "dome": world.reboot_dome,
                }[more]()
        for _ in range(round(more * 2.0) if what == "wait" else 1):
            world.step()
            in_test = world.phase is Phase.PREFLIGHT
            assert world.state.power_pct <= (20.0 if in_test else 0.0)
            assert world.heater_w <= 0.2 * world.plant.heater_w_max
            assert world.phase not in (Phase.HEAT_UP, Phase.HOLD)
