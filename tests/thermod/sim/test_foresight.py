"""What was told half-way up against what it took."""

from controllers.eta import Eta
from thermod.sim.foresight import Foresight


def told_each_minute(in_s_at, minutes=80):
    foresight = Foresight()
    for minute in range(minutes):
        in_s = in_s_at(minute)
        foresight.see(1000.0 + 60.0 * minute, None if in_s is None else Eta(in_s, in_s, in_s))
    return foresight


def test_only_what_was_told_half_way_counts_and_late_is_positive():
    foresight = told_each_minute(lambda minute: 60.0 * (47.0 if minute == 40 else 500.0))
    foresight.arrived(1000.0 + 80.0 * 60.0)
    foresight.arrived(1000.0 + 120.0 * 60.0)  # once more, after a pause
    assert foresight.error_half_way_min() == 7.0


def test_who_never_arrives_or_is_told_nothing_half_way_has_no_error():
    assert told_each_minute(lambda minute: 60.0).error_half_way_min() is None
    silent = told_each_minute(lambda minute: None)
    silent.arrived(5800.0)
    assert silent.error_half_way_min() is None
    assert Foresight().error_half_way_min() is None


def test_it_looks_once_a_minute():
    foresight = Foresight()
    assert foresight.is_due(1000.0)
    foresight.see(1000.0, None)
    assert not foresight.is_due(1059.0)
    assert foresight.is_due(1060.0)
