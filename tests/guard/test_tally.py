"""What a person has had: the span of heat of a session, and the dose of each skin site in a day."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from thermod.guard.tally import Tallies, cem43_per_min

DAY_S = 86_400.0


@pytest.fixture
def tallies() -> Tallies:
    """Somebody has just lain down, at 1000 s."""
    tallies = Tallies((), 1000.0)
    tallies.open("s-1", "P-1", 1000.0)
    return tallies


def warm(tallies: Tallies, minutes: Mapping[str, float]) -> None:
    """Each of these sites is at 43 °C for so long: 1 CEM43 a minute."""
    for site, site_min in minutes.items():
        tallies.skin(site, 43.0, 60.0 * site_min)


def test_h23_from_43_degrees_on_each_degree_doubles_the_dose():
    assert cem43_per_min(43.5) == pytest.approx(2.0**0.5)


def test_where_nobody_has_lain_there_was_neither_heat_nor_dose():
    tallies = Tallies((), 1000.0)
    assert tallies.heat_span_min == 0.0
    assert tallies.skin_dose_cem43_min == 0.0


# --- what must be written down --------------------------------------------------------------------


def test_h24_heat_counts_from_its_second_moment_on_and_is_then_worth_writing_down(tallies):
    for at_s in (1010.0, 1010.0):  # as it begins, and twice at the same moment
        tallies.heat(at_s)
        assert tallies.heat_span_min == 0.0
        assert not tallies.changed
    tallies.heat(1040.0)
    assert tallies.heat_span_min == 0.5
    assert tallies.changed


@pytest.mark.parametrize(("temp_c", "counts"), [(38.9, False), (39.0, True)])
def test_h23_only_a_site_of_39_degrees_is_worth_writing_down(tallies, temp_c, counts):
    tallies.skin("skin-1", temp_c, 60.0)
    assert (tallies.skin_dose_cem43_min > 0.0) is counts
    assert tallies.changed is counts


def test_what_was_written_down_need_not_be_written_again(tallies):
    warm(tallies, {"skin-1": 1.0})
    assert tallies.changed
    tallies.kept(1060.0)
    assert not tallies.changed


@pytest.mark.parametrize("age_s", [0.0, 0.5, 30.0])
def test_a_session_is_written_down_with_its_age(tallies, age_s):
    assert [each.age_s for each in tallies.kept(1000.0 + age_s)] == [age_s]


# --- one person, one day --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now_min", "most_cem43_min"),
    [({}, 4.0), ({"skin-2": 2.0}, 4.0), ({"skin-2": 5.0}, 6.0), ({"skin-3": 6.0}, 6.0)],
)
def test_h23_the_site_that_had_most_in_both_sessions_of_a_day_counts(
    tallies, now_min, most_cem43_min
):
    warm(tallies, {"skin-1": 4.0, "skin-2": 1.0})
    tallies.open("s-2", "P-1", 5000.0)
    warm(tallies, now_min)
    assert tallies.skin_dose_cem43_min == most_cem43_min


@pytest.mark.parametrize(("later_s", "dose_cem43_min"), [(DAY_S - 0.5, 4.0), (DAY_S, 0.0)])
def test_h23_a_session_counts_until_a_day_after_it_began(tallies, later_s, dose_cem43_min):
    warm(tallies, {"skin-1": 4.0})
    tallies.open("s-2", "P-1", 1000.0 + later_s)
    assert tallies.skin_dose_cem43_min == dose_cem43_min


@pytest.mark.parametrize(("later_s", "dose_cem43_min"), [(59.5, 4.0), (60.0, 0.0)])
def test_h23_the_day_of_a_session_goes_on_when_the_guard_begins_anew(
    tallies, later_s, dose_cem43_min
):
    """A minute before it is over, on a host whose clock has begun anew too."""
    warm(tallies, {"skin-1": 4.0})
    anew = Tallies(tallies.kept(1000.0 + DAY_S - 60.0), 5.0)
    anew.open("s-2", "P-1", 5.0 + later_s)
    assert anew.skin_dose_cem43_min == dose_cem43_min
