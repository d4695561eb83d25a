"""The engine where two things meet in one cycle, or where something is left of what was before."""

from alarms.engine import restored
from alarms.evidence import Response, Rise, watch_response, watch_rise
from alarms.model import Effect, Priority, Rule
from alarms.people import pause_audio, reset

STEP_S = 10.0


def warm(alarm_id, limit_c=38.0, effect=Effect.NONE, **more):
    value, limit = (lambda seen: seen.core_temp_c), (lambda limits: limit_c)
    return Rule(alarm_id, value, limit, Priority.HIGH, f"{alarm_id} speaks", "-", effect, **more)


def test_what_is_inside_its_deadband_is_no_older_than_the_condition(monitor):
    """A trip that has come back is not gone the moment it is inside again."""
    watch = monitor([warm("trip", effect=Effect.TRIP, inside_delta=0.1, inside_s=2.0)])
    watch.see(core_temp_c=38.5)
    watch.see(3.0, core_temp_c=37.0)
    assert reset(watch.rows, ["trip"])[1] is None  # it could be reset now; nobody does
    watch.see(core_temp_c=38.5)
    watch.see(core_temp_c=37.0)
    assert "still stands" in reset(watch.rows, ["trip"])[1]


def test_a_latch_whose_condition_has_only_just_come_back_cannot_be_reset(monitor):
    """Though it has yet to last long enough to act again."""
    watch = monitor([warm("trip", effect=Effect.TRIP, for_s=2.0)])
    watch.see(3.0, core_temp_c=38.5)
    watch.see(core_temp_c=37.0)
    watch.see(core_temp_c=38.5)
    assert not watch.is_active("trip")
    assert "still stands" in reset(watch.rows, ["trip"])[1]


def test_a_latch_of_before_the_restart_stays_when_its_condition_comes_and_goes(monitor):
    """Also one whose row does not latch any more."""
    watch = monitor([warm("warm")])
    watch.rows = restored([rule for rule, _ in watch.rules], {"warm": "as it was"}, watch.now_s)
    watch.see(core_temp_c=38.5)
    watch.see(core_temp_c=37.0)
    assert watch.rows["warm"].latched


def test_a_latch_of_before_the_restart_is_the_first_of_nothing():
    (row,) = restored([warm("warm")], {"warm": "as it was"}, 7.0).values()
    assert (row.first_out, row.active, row.acknowledged_by) == (False, False, None)


def test_where_one_alarm_waits_for_somebody_none_that_comes_later_is_the_first(monitor):
    rules = [warm("old"), warm("quiet", 38.4, signals=False), warm("one", 38.4), warm("two", 38.4)]
    watch = monitor(rules)
    watch.see(core_temp_c=38.2)
    watch.see(core_temp_c=38.5)
    assert [name for name, row in watch.rows.items() if row.first_out] == ["old"]


def test_a_silenced_alarm_that_sounds_again_names_the_first_of_those_that_made_it(monitor):
    watch = monitor([warm("old"), warm("one", 38.4), warm("two", 38.4)])
    watch.see(core_temp_c=38.2)
    watch.rows = pause_audio(watch.rows, "old", watch.now_s)
    watch.see(core_temp_c=38.5)
    (again,) = [each for each in watch.log if each.change == "audio_resumed"]
    assert again.text == "sound again: one speaks"


def test_the_rise_spans_ten_minutes_and_not_a_point_more():
    rise = Rise()
    for number in range(100):
        rise = watch_rise(rise, {"core-1": 37.0 + 0.001 * number}, 1000.0 + STEP_S * number)
    assert len(rise.points) == 61
    assert rise.points[-1][0] - rise.points[0][0] == 600.0


def test_a_core_that_answers_is_asked_anew_from_nothing():
    """One second of power left over would count as an answer that did not come."""
    asked = watch_response(Response(), 37.0, power_pct=100.0, counts=True, dt_s=60.0)
    assert asked == (37.0, 0.0, 0.0)
    asked = watch_response(asked, 37.0, power_pct=100.0, counts=True, dt_s=60.0)
    assert asked == (37.0, 60.0, 60.0)
    assert watch_response(asked, 37.1, power_pct=100.0, counts=True, dt_s=60.0) == (37.1, 0.0, 0.0)
