"""What is kept comes back as it was, and as nothing that heats."""

from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.occurrence import Row
from alarms.rules import RULES
from controllers.session import HEATING, Clocks, Phase
from thermod.keep import AFTER_RESTART, keep, restore
from thermod.latches import KeptDome, Latch

SECONDS = st.floats(0.0, 1e6)
CLOCKS = st.builds(
    Clocks,
    *(SECONDS, SECONDS, SECONDS, SECONDS, st.none() | SECONDS, st.none() | SECONDS),
    *(SECONDS, SECONDS, SECONDS, st.just(0.0)),
)
TRIPS = st.sets(st.sampled_from([rule.alarm_id for rule in RULES if rule.trips]), max_size=4)


def through_the_file(kept):
    """As the latch file writes and reads it."""
    session = orjson.loads(orjson.dumps(kept.session)) if kept.session is not None else None
    return KeptDome(
        {name: Latch(latch.since_ms, latch.text) for name, latch in kept.latches.items()}, session
    )


@settings(max_examples=150)
@given(
    phase=st.sampled_from(list(Phase)),
    clocks=CLOCKS,
    dose=st.dictionaries(st.sampled_from(["skin-1", "skin-2"]), st.floats(0.0, 20.0)),
    trips=TRIPS,
    gain=st.floats(0.65, 1.35),
)
def test_what_is_kept_comes_back_and_never_heats(heating_once, phase, clocks, dose, trips, gain):
    world = heating_once
    rows = {name: Row(None, latched=True, raised_s=world.now_s, text=name) for name in trips}
    state = world.state._replace(
        phase=phase, clocks=clocks, dose_min=dose, rows=rows, latches=tuple(rows), gain=gain
    )
    now_s, at_ms = state.at_s, 1_764_000_000_000

    kept = keep(state, at_ms)
    back = restore(world.plan, through_the_file(kept), now_s=now_s, at_ms=at_ms)

    assert set(back.latches) == set(back.rows) == trips
    assert back.phase not in HEATING
    assert back.lease.epoch is None
    assert back.power_pct == 0.0
    if phase not in AFTER_RESTART:
        assert back.session is None
        return
    assert back.session == replace(state.session, created_by="")
    assert back.clocks == clocks._replace(phase_s=0.0)
    assert (back.dose_min, back.gain, back.limits) == (dose, gain, state.limits)
    again = restore(
        world.plan,
        through_the_file(keep(back._replace(at_s=now_s), at_ms)),
        now_s=now_s,
        at_ms=at_ms,
    )
    assert again.clocks == back.clocks
    assert again.phase is back.phase


DAMAGED = [
    *("phase", "clocks", "protocol", "dose_min", "gain", "target_c", "age_s", "saved_s"),
    *("saved_ms", "cool_down_s", "outer_integral", "heat_s", "span_s", "session_id"),
]
SHORT = st.text(max_size=3)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-9, 9) | SHORT,
    lambda each: st.lists(each, max_size=2) | st.dictionaries(SHORT, each, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300)
@given(name=st.sampled_from(DAMAGED), damage=JSON)
def test_damage_to_what_was_kept_is_refused_or_harmless(heating_once, name, damage):
    world = heating_once
    session = through_the_file(keep(world.state, 1_764_000_000_000)).session
    if name in session["clocks"]:
        session["clocks"][name] = damage
    else:
        session[name] = damage
    try:
        state = restore(world.plan, KeptDome({}, session), now_s=world.now_s, at_ms=0)
    except (KeyError, TypeError, ValueError):
        return
    damaged = world.fork()
    damaged.state = state
    damaged.lost = {"permit"}
    for _ in range(3):
        damaged.step()
        assert damaged.state.power_pct == 0.0
        assert damaged.phase not in HEATING
