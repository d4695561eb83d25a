"""From core temperature to power: two loops, their fall-backs, and what they never do."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers.observer import BLIND
from controllers.regulator import Regulator, Tuning, fresh, rest, want, within

TUNING = Tuning()
PLAIN = "plain cascade: the observer has not begun; "
any_number = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))


class Loop:
    """A regulator that is asked twice a second; what it sees stays until a test changes it."""

    def __init__(self) -> None:
        self.memory = fresh(TUNING)
        self.now_s = 1024.0
        self.sees = {
            "setpoint_c": 38.5,
            "setpoint_then_c": 38.5,
            "core_temp_c": 37.5,
            "core_slope_c_per_s": 0.0004,
            "skin_temp_c": 39.0,
            "air_temp_c": 50.0,
            "power_known": True,
            "frozen": False,
        }
        self.wanted = None

    def run(self, seconds=0.5, cycle_s=0.5, **sees):
        """Gives what was wanted last."""
        self.sees |= sees
        for _ in range(round(seconds / cycle_s)):
            self.now_s += cycle_s
            self.memory, self.wanted = want(
                self.memory, TUNING, BLIND, now_s=self.now_s, **self.sees
            )
        return self.wanted

    @property
    def integrals(self):
        return self.memory.outer_integral, self.memory.inner_integral


@pytest.fixture
def loop():
    made = Loop()
    made.run(60.0)
    return made


def test_a_fresh_one_knows_the_climate_that_about_holds_a_patient_and_no_more():
    assert fresh(TUNING) == Regulator(43.0, 0.0, None, None)


# --- the two loops --------------------------------------------------------------------------------


def test_the_first_cycle_starts_and_the_next_one_heats():
    loop = Loop()
    assert loop.run().power_pct == 0.0
    assert loop.wanted.because == "the regulator starts"
    assert loop.run().power_pct > 0.0


def test_a_core_below_its_set_point_calls_for_warm_air_and_warm_air_for_heat(loop):
    loop.run(600.0)
    assert loop.wanted.air_setpoint_c == 60.0
    assert loop.wanted.power_pct > 50.0
    assert loop.wanted.because == f"{PLAIN}heating: forecast 37.70 °C below 38.50 °C"


def test_it_holds_back_on_the_forecast_before_the_core_is_there(loop):
    loop.run(600.0)
    held = loop.run(core_temp_c=38.35, core_slope_c_per_s=0.0005)
    assert held.forecast_c == pytest.approx(38.6)
    assert held.air_setpoint_c < 50.0
    assert held.power_pct == 0.0
    assert held.because == f"{PLAIN}holding back: forecast 38.60 °C against 38.50 °C"


def test_the_steeper_the_core_rises_the_less_is_wanted():
    wanted = []
    for slope in (0.0, 0.0002, 0.0004, 0.0006):
        loop = Loop()
        wanted.append(loop.run(120.0, core_temp_c=38.3, core_slope_c_per_s=slope).air_setpoint_c)
    assert wanted == sorted(wanted, reverse=True)
    assert wanted[0] > wanted[-1]


def test_what_it_shows_of_its_terms_adds_up():
    loop = Loop()
    found = loop.run(10.0, core_temp_c=38.4, core_slope_c_per_s=0.0, air_temp_c=44.0)
    assert found.outer_p == pytest.approx(60.0 * (38.5 - found.forecast_c))
    assert found.inner_p == pytest.approx(12.0 * (found.air_setpoint_c - 44.0))
    assert found.power_pct == pytest.approx(found.inner_p + found.inner_i)


# --- slew and folds -------------------------------------------------------------------------------


def test_the_air_set_point_rises_by_18_c_a_minute_from_the_air_at_least_and_falls_at_once():
    loop = Loop()
    loop.run(60.5, air_temp_c=25.0)
    assert loop.wanted.air_setpoint_c == pytest.approx(43.0)
    loop.run(30.0)
    assert loop.wanted.air_setpoint_c == pytest.approx(52.0)
    loop.run(air_temp_c=55.0)
    assert loop.wanted.air_setpoint_c == pytest.approx(55.15)
    loop.run(core_temp_c=39.0)
    assert loop.wanted.air_setpoint_c == 30.0


@pytest.mark.parametrize(
    ("skin_temp_c", "air_setpoint_c"),
    [(40.3, 60.0), (40.55, 51.5), (40.8, 43.0), (45.0, 43.0), (nan, 43.0), (None, 60.0)],
)
def test_warm_skin_folds_the_air_back_to_what_holds_a_patient(loop, skin_temp_c, air_setpoint_c):
    loop.run(600.0)
    found = loop.run(skin_temp_c=skin_temp_c)
    assert found.air_setpoint_c == pytest.approx(air_setpoint_c)
    if air_setpoint_c < 60.0:
        assert (
            found.because
            == f"{PLAIN}air held to {air_setpoint_c:.1f} °C by skin temperature or rise rate"
        )


@pytest.mark.parametrize(
    ("c_per_min", "air_setpoint_c"), [(0.033, 60.0), (0.0355, 51.5), (0.04, 43.0)]
)
def test_a_brisk_rise_folds_it_back_too(loop, c_per_min, air_setpoint_c):
    loop.run(600.0)
    found = loop.run(core_temp_c=37.0, core_slope_c_per_s=c_per_min / 60.0)
    assert found.air_setpoint_c == pytest.approx(air_setpoint_c)


def test_the_stricter_of_skin_and_rise_governs(loop):
    loop.run(600.0)
    found = loop.run(core_temp_c=37.0, skin_temp_c=40.55, core_slope_c_per_s=0.04 / 60.0)
    assert found.air_setpoint_c == pytest.approx(43.0)


# --- integrals ------------------------------------------------------------------------------------


def test_against_a_bound_the_outer_integral_does_not_grow_and_may_still_fall(loop):
    before = loop.memory.outer_integral
    loop.run(600.0)  # the air set-point is at its top
    assert loop.memory.outer_integral == before
    loop.run(600.0, skin_temp_c=40.7, core_temp_c=38.3, core_slope_c_per_s=0.0)  # … or folded back
    assert loop.memory.outer_integral == before
    loop.run(60.0, core_temp_c=38.55)
    assert loop.memory.outer_integral < before


def test_near_the_target_the_outer_integral_learns_the_climate_that_holds():
    loop = Loop()
    before = loop.memory.outer_integral
    loop.run(600.0, core_temp_c=38.45, core_slope_c_per_s=0.0, air_temp_c=46.0)
    assert loop.memory.outer_integral == pytest.approx(before + 0.004 * 0.05 * 599.5, rel=0.01)


def test_frozen_integrals_stay_as_they_are_and_run_on_afterwards(loop):
    loop.sees |= {"core_temp_c": 38.45, "core_slope_c_per_s": 0.0, "air_temp_c": 44.0}
    loop.run(60.0)
    before = loop.integrals
    loop.run(120.0, frozen=True)
    assert loop.integrals == before
    loop.run(60.0, frozen=False)
    assert loop.memory.outer_integral > before[0]
    assert loop.memory.inner_integral > before[1]


def test_a_rest_forgets_the_power_and_keeps_the_climate():
    resting = rest(Regulator(45.5, 30.0, 52.0, 100.0), TUNING)
    assert resting == Regulator(45.5, 0.0, None, None)
    assert rest(resting, TUNING) is resting


# --- fall-backs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        ("core_temp_c", "no core temperature to act on"),
        ("core_slope_c_per_s", "no slope of the core temperature yet to act on"),
        ("air_temp_c", "no air temperature to act on"),
    ],
)
def test_without_core_or_air_there_is_no_heat_in_that_cycle_and_a_start_afterwards(
    loop, lost, what
):
    before, known = loop.memory.outer_integral, loop.sees[lost]
    found = loop.run(**{lost: None})
    assert (found.power_pct, found.because) == (0.0, what)
    assert loop.memory == Regulator(before, 0.0, None, None)
    assert loop.run(**{lost: known}).because == "the regulator starts"
    assert loop.run().power_pct > 0.0


@pytest.mark.parametrize("name", ["core_temp_c", "core_slope_c_per_s", "air_temp_c", "setpoint_c"])
@pytest.mark.parametrize("absurd", [nan, inf, -inf, -1e9, 1e9])
def test_an_absurd_number_gives_no_heat_and_leaves_nothing_behind(loop, name, absurd):
    known = loop.sees[name]
    found = loop.run(**{name: absurd})
    assert found.power_pct == 0.0
    assert found.because.endswith("loop gave no answer")
    assert loop.memory == fresh(TUNING)
    clean = Loop()
    clean.sees, clean.now_s = {**loop.sees, name: known}, loop.now_s
    assert loop.run(30.0, **{name: known}) == clean.run(30.0)


@pytest.mark.parametrize("absurd", [nan, -127.0, inf])
def test_an_absurd_air_temperature_in_the_starting_cycle_leaves_nothing_behind(absurd):
    loop, clean = Loop(), Loop()
    loop.run(air_temp_c=absurd)
    clean.run()
    assert loop.run(30.0, air_temp_c=50.0) == clean.run(30.0)


@pytest.mark.parametrize("gap_s", [2.5, 600.0, 0.0, -0.5, nan])
def test_after_a_gap_or_a_clock_gone_mad_it_starts_and_does_not_integrate_the_gap(loop, gap_s):
    before = loop.memory.outer_integral
    loop.now_s += gap_s - 0.5
    found = loop.run()
    assert (found.power_pct, found.because) == (0.0, "the regulator starts")
    assert loop.integrals == (before, TUNING.inner_start_pct)


@pytest.mark.parametrize(
    ("core_temp_c", "start_pct"),
    [(37.0, 60.0), (38.19, 60.0), (38.21, 0.0), (38.6, 0.0), (nan, 0.0)],
)
def test_far_below_the_target_the_inner_loop_starts_at_the_power_that_it_will_come_to(
    core_temp_c, start_pct
):
    loop = Loop()
    loop.run(core_temp_c=core_temp_c, core_slope_c_per_s=0.0)
    assert loop.memory.inner_integral == start_pct


@pytest.mark.parametrize("cycle_s", [0.1, 0.5, 1.0, 2.0])
def test_a_late_or_early_cycle_is_worked_out_with_the_time_it_took(cycle_s):
    loop = Loop()
    loop.sees |= {"core_temp_c": 38.45, "core_slope_c_per_s": 0.0, "air_temp_c": 46.0}
    loop.run(100.0, cycle_s)
    learnt_c = loop.memory.outer_integral - TUNING.air_start_c
    assert learnt_c == pytest.approx(0.004 * 0.05 * (100.0 - cycle_s))


def test_an_integral_from_disk_that_cannot_be_is_replaced_by_a_fresh_one(loop):
    for absurd in (nan, -5.0, 1e9):
        loop.memory = loop.memory._replace(outer_integral=absurd)
        assert loop.run().power_pct == 0.0
        assert loop.memory == fresh(TUNING)
        loop.run(1.0)


# --- whatever it sees -----------------------------------------------------------------------------

readings = st.fixed_dictionaries(
    {
        "setpoint_c": st.floats(allow_nan=True, allow_infinity=True),
        "core_temp_c": any_number,
        "core_slope_c_per_s": any_number,
        "skin_temp_c": any_number,
        "air_temp_c": any_number,
        "frozen": st.booleans(),
    }
)
memories = st.builds(Regulator, *(st.floats(), st.floats(), any_number, any_number))


@given(memories, readings, st.floats())
def test_whatever_comes_in_a_power_from_0_to_100_comes_out(memory, sees, now_s):
    memory, wanted = want(
        memory, TUNING, BLIND, setpoint_then_c=38.5, power_known=True, now_s=now_s, **sees
    )
    assert 0.0 <= wanted.power_pct <= 100.0
    assert wanted.because


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "setpoint_c": st.floats(37.0, 38.6),
                "core_temp_c": st.one_of(st.none(), st.floats(30.0, 43.0)),
                "core_slope_c_per_s": st.floats(-0.01, 0.01),
                "skin_temp_c": st.one_of(st.none(), st.floats(15.0, 50.0)),
                "air_temp_c": st.one_of(st.none(), st.floats(-10.0, 120.0)),
                "frozen": st.booleans(),
            }
        ),
        max_size=30,
    )
)
def test_no_story_of_plausible_readings_brings_the_air_set_point_above_its_ceiling(story):
    memory = fresh(TUNING)
    for n, sees in enumerate(story):
        memory, wanted = want(
            memory, TUNING, BLIND, setpoint_then_c=38.5, power_known=True, now_s=0.5 * n, **sees
        )
        assert 0.0 <= wanted.power_pct <= 100.0
        if wanted.air_setpoint_c is not None:
            assert wanted.air_setpoint_c <= 60.0


def test_a_site_that_tightens_air_and_skin_is_obeyed():
    tuning = within(Tuning(), air_setpoint_c_max=52.0, skin_keep_c=40.0)
    assert tuning.outer.output_max == 52.0
    assert tuning.skin_hard_c == 40.0
    assert tuning.skin_hard_c - tuning.skin_soft_c == pytest.approx(0.5)
    assert within(Tuning(), air_setpoint_c_max=60.0, skin_keep_c=40.8) == Tuning()
