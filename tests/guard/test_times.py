"""The guard's times at their very edge: at the figure of the contract, and just beyond it."""

import pytest

from tests.guard.pretend import Room
from thermod.guard.decode import decode_node
from thermod.guard.epoch import Act
from thermod.guard.heard import IntentSeen
from thermod.guard.heater_watch import HeaterWatch
from thermod.guard.probes import Probe, role_view
from thermod.guard.specs import ProbeSpec
from thermod.guard.standing import annunciates
from thermod.guard.times import LOOK_S, PERIOD_S

START = IntentSeen("i-1", "start", "", "c-1", 100, "s-1", 38.5, ())
RATED_W = 2000.0


def node(measured_w):
    room = Room()
    return decode_node(room.node.state(measured_w=measured_w, rated_w=RATED_W, window_s=1.0))


@pytest.mark.parametrize(
    ("lag", "refusal"),
    [(0, None), (6, None), (-6, None), (7, "reading_old_tick"), (-7, "reading_old_tick")],
)
def test_a_reading_may_be_six_ticks_off_the_newest_either_way(lag, refusal):
    core = Probe(ProbeSpec("core-1", "core"))
    assert core.refuses(1, 100 - lag, 100) == refusal


@pytest.mark.parametrize(("age_s", "counts"), [(59.9, True), (60.0, True), (60.1, False)])
def test_a_probe_that_fell_silent_while_too_hot_counts_for_60_s(age_s, counts):
    core = Probe(ProbeSpec("core-1", "core"))
    core.take(39.3, 39.2, 100.0)
    seen = role_view([core], 0, 100.0 + age_s)
    assert (seen.temp_c, seen.over_samples) == ((39.3, 1) if counts else (None, 0))


@pytest.mark.parametrize(("age_s", "sounds"), [(3.0, False), (3.01, True), (None, True)])
def test_the_sounder_calls_once_control_has_been_silent_for_3_s(age_s, sounds):
    assert annunciates(age_s, True, ()) is sounds


@pytest.mark.parametrize(("open_s", "is_over"), [(60.0, False), (60.01, True)])
def test_a_test_is_open_for_60_s(open_s, is_over):
    act = Act(START, 0.0, 0.0, "test", "c-1", number=1, opened_s=0.0, scope_seen=True)
    assert (act.why_over(open_s) is not None) is is_over


@pytest.mark.parametrize(("wait_s", "is_over"), [(10.0, False), (10.01, True)])
def test_an_armed_act_waits_for_10_s_since_its_intent(wait_s, is_over):
    act = Act(START, 0.0, 5.0, "session", "c-1", scope_seen=True)
    assert (act.why_over(wait_s) is not None) is is_over


@pytest.mark.parametrize(("unseen_s", "is_over"), [(2.0, False), (2.01, True)])
def test_control_has_2_s_to_want_what_it_armed(unseen_s, is_over):
    act = Act(START, 0.0, 0.0, "session", "c-1", number=1)
    assert (act.why_over(unseen_s) is not None) is is_over


@pytest.mark.parametrize(("measured_w", "is_heat"), [(40.0, False), (40.1, True)])
def test_more_than_2_percent_of_rated_power_is_heat(measured_w, is_heat):
    watch = HeaterWatch(0.0)
    assert watch.take(node(measured_w), 0.5) is is_heat
    assert watch.take(node(measured_w), 1.0) is is_heat
    assert watch.heat_s == (0.5 if is_heat else 0.0)


@pytest.mark.parametrize(("measured_w", "is_stuck"), [(100.0, False), (100.1, True)])
def test_more_than_5_percent_of_rated_power_is_a_heater_stuck_on(measured_w, is_stuck):
    watch = HeaterWatch(0.0)
    for half_second in range(1, 17):
        watch.take(node(measured_w), 0.5 * half_second)
    assert watch.stuck_on is is_stuck


def test_a_test_may_have_10_s_of_heat():
    watch = HeaterWatch(0.0)
    watch.take(node(300.0), 0.0)
    for half_second in range(1, 21):
        watch.take(node(300.0), 0.5 * half_second)
    assert watch.heat_s == 10.0
    assert not watch.is_past_a_test(10.0)
    watch.take(node(300.0), 10.5)
    assert watch.is_past_a_test(10.5)


@pytest.mark.parametrize(("gap_s", "is_gap"), [(2.0, False), (2.01, True)])
def test_looks_two_seconds_apart_are_no_gap_and_longer_ones_are(gap_s, is_gap):
    """H06: what passes in a gap is nobody's silence, for nobody was there to hear."""
    room = Room()
    room.start()
    room.run(seconds=1)
    permission = room.guard._epochs.permission
    heard_s = room.now_s
    room.now_s += gap_s
    room.guard.on_node(decode_node(room.node.state()), room.now_s)  # it was heard all the same
    room.look()
    assert permission._withheld_since_s == (heard_s if is_gap else room.now_s)


def test_it_looks_fifty_times_a_second_and_speaks_twice():
    assert LOOK_S == 0.02
    assert PERIOD_S == 0.5
