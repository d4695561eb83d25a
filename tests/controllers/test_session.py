"""The phases of a session, every pair of phase and event, and the clocks that run in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.session import (
    HEATING,
    PAUSE_S_MAX,
    UNDER_WAY,
    Clocks,
    Event,
    Phase,
    after,
    run_clocks,
)

# What a person's act leads to, as SAFETY.md section 4 and SAFETY.md sections 2 and 5 have it.
ACTS = """
             create     start    pause   resume   stop       close  reset
idle         preflight  .        .       .        .          .      .
preflight    preflight  heat_up  .       .        ended      .      .
heat_up      .          .        paused  .        cool_down  .      .
hold         .          .        paused  .        cool_down  .      .
retention    .          .        .       .        cool_down  ended  .
cool_down    .          .        .       .        .          ended  .
ended        preflight  .        .       .        .          .      .
paused       .          .        .       heat_up  cool_down  .      .
interrupted  .          .        .       heat_up  cool_down  .      .
tripped      .          .        .       .        cool_down  .      paused
"""

# What the course of things and the alarms lead to.
COURSE = """
            in_band hold_done retain    end_heating pause_due paused_too_long interrupt   trip
idle        .       .         .         .           .         .               .           .
preflight   .       .         .         .           .         .               .           ended
heat_up     hold    .         .         retention   paused    .               interrupted tripped
hold        .       cool_down retention cool_down   paused    .               interrupted tripped
retention   .       .         .         .           .         .               .           cool_down
cool_down   .       .         .         .           .         .               .           .
ended       .       .         .         .           .         .               .           .
paused      .       .         .         cool_down   .         cool_down       .           tripped
interrupted .       .         .         cool_down   .         .               .           tripped
tripped     .       .         .         cool_down   .         .               .           .
"""


def cells(table):
    head, *lines = table.strip().splitlines()
    for line in lines:
        phase, *leads = line.split()
        for event, lead in zip(head.split(), leads, strict=True):
            yield Phase(phase), Event(event), None if lead == "." else Phase(lead)


EXPECTED = [*cells(ACTS), *cells(COURSE)]


def test_the_tables_of_this_test_name_every_pair_once():
    pairs = [(phase, event) for phase, event, _ in EXPECTED]
    assert len(pairs) == len({*pairs}) == len(Phase) * len(Event)


@pytest.mark.parametrize(("phase", "event", "leads_to"), EXPECTED)
def test_every_event_leads_where_it_should_in_every_phase(phase, event, leads_to):
    assert after(phase, event) is leads_to


def test_only_start_and_resume_lead_to_heat():
    to_heat = {
        (phase, event)
        for phase in set(Phase) - HEATING
        for event in Event
        if after(phase, event) in HEATING
    }
    assert to_heat == {
        (Phase.PREFLIGHT, Event.START),
        (Phase.PAUSED, Event.RESUME),
        (Phase.INTERRUPTED, Event.RESUME),
    }


@pytest.mark.parametrize("over", [Phase.RETENTION, Phase.COOL_DOWN, Phase.ENDED])
def test_where_heat_is_over_only_a_new_session_with_its_checklist_heats_again(over):
    reached, waiting = set(), [over]
    while waiting:
        phase = waiting.pop()
        reached.add(phase)
        leads = {after(phase, event) for event in Event if event is not Event.CREATE}
        waiting += leads - reached - {None}
    assert reached.isdisjoint(HEATING | {Phase.PREFLIGHT})


@pytest.mark.parametrize("phase", sorted(UNDER_WAY - {Phase.COOL_DOWN}))
def test_a_patient_can_always_be_brought_to_cool_down_by_one_act(phase):
    assert after(phase, Event.STOP) is Phase.COOL_DOWN


@pytest.mark.parametrize("phase", sorted(HEATING))
@pytest.mark.parametrize(
    "event",
    [Event.STOP, Event.PAUSE, Event.PAUSE_DUE, Event.INTERRUPT, Event.TRIP, Event.END_HEATING],
)
def test_whatever_ends_heat_ends_it_in_both_heating_phases(phase, event):
    assert after(phase, event) not in HEATING


def test_a_pause_lasts_20_min_at_most():
    assert PAUSE_S_MAX == 1200.0


# --- clocks ---------------------------------------------------------------------------------------


def run(clocks, phase, *, heating=False, may_heat=False, in_band=False, dt_s=10.0):
    return run_clocks(clocks, phase, heating=heating, may_heat=may_heat, in_band=in_band, dt_s=dt_s)


@pytest.mark.parametrize("phase", Phase)
def test_the_time_of_a_phase_always_runs(phase):
    assert run(Clocks(), phase).phase_s == 10.0


@pytest.mark.parametrize("phase", Phase)
def test_presence_falls_due_while_a_patient_is_there_heat_or_not(phase):
    assert run(Clocks(), phase).presence_s == (10.0 if phase in UNDER_WAY else 0.0)


@pytest.mark.parametrize("phase", Phase)
def test_the_ramp_climbs_only_while_heat_is_permitted_in_a_heating_phase(phase):
    assert run(Clocks(), phase, may_heat=True).ramp_s == (10.0 if phase in HEATING else 0.0)
    assert run(Clocks(), phase, may_heat=False).ramp_s == 0.0


def test_heat_up_counts_minutes_with_power_until_the_core_is_first_in_band():
    clocks = run(Clocks(), Phase.HEAT_UP, heating=True)
    clocks = run(clocks, Phase.HEAT_UP, heating=False)
    assert (clocks.heat_s, clocks.heat_up_s) == (10.0, 10.0)
    held = run(Clocks(hold_s=0.0), Phase.HEAT_UP, heating=True)  # resumed out of a hold
    assert (held.heat_s, held.heat_up_s) == (10.0, 0.0)


def test_the_span_begins_with_the_first_heat_and_then_runs_until_the_session_is_over():
    clocks = run(Clocks(), Phase.HEAT_UP, heating=False)
    assert clocks.span_s is None
    clocks = run(clocks, Phase.HEAT_UP, heating=True)
    assert clocks.span_s == 0.0
    for phase in (Phase.HEAT_UP, Phase.PAUSED, Phase.INTERRUPTED, Phase.TRIPPED, Phase.HOLD):
        clocks = run(clocks, phase)
    assert clocks.span_s == 50.0
    assert run(clocks, Phase.ENDED).span_s == 50.0


def test_the_heater_test_of_the_preflight_begins_no_span():
    clocks = run(Clocks(), Phase.PREFLIGHT, heating=True, may_heat=True)
    assert clocks == Clocks(phase_s=10.0)


@pytest.mark.parametrize("phase", Phase)
def test_a_hold_that_has_begun_runs_on_while_heat_is_only_suspended(phase):
    runs = {Phase.HEAT_UP, Phase.HOLD, Phase.PAUSED, Phase.INTERRUPTED, Phase.TRIPPED}
    assert run(Clocks(hold_s=5.0), phase).hold_s == (15.0 if phase in runs else 5.0)
    assert run(Clocks(), phase).hold_s is None


def test_time_in_band_counts_in_the_heating_phases_alone():
    counted = {phase for phase in Phase if run(Clocks(), phase, in_band=True).in_band_s > 0.0}
    assert counted == HEATING
    assert run(Clocks(), Phase.HOLD, in_band=False).in_band_s == 0.0


@given(
    st.lists(
        st.tuples(st.sampled_from([*Phase]), st.booleans(), st.booleans(), st.booleans()),
        max_size=30,
    )
)
def test_no_clock_ever_runs_backwards_and_none_runs_faster_than_time(story):
    clocks, gone_s = Clocks(hold_s=0.0), 0.0
    for phase, heating, may_heat, in_band in story:
        before = clocks
        clocks = run(clocks, phase, heating=heating, may_heat=may_heat, in_band=in_band, dt_s=0.5)
        gone_s += 0.5
        for name in Clocks.__slots__:
            was, now = getattr(before, name) or 0.0, getattr(clocks, name) or 0.0
            assert was <= now <= min(was + 0.5, gone_s)


def test_the_time_at_target_counts_only_while_it_lasts_and_only_while_heating():
    kept = run_clocks(
        Clocks(at_target_s=50.0),
        Phase.HOLD,
        heating=True,
        may_heat=True,
        in_band=True,
        at_target=True,
        dt_s=10.0,
    )
    assert kept.at_target_s == 60.0
    lost = run_clocks(kept, Phase.HOLD, heating=True, may_heat=True, in_band=True, dt_s=10.0)
    assert lost.at_target_s == 0.0
    paused = run_clocks(
        kept,
        Phase.PAUSED,
        heating=False,
        may_heat=False,
        in_band=True,
        at_target=True,
        dt_s=10.0,
    )
    assert paused.at_target_s == 0.0
