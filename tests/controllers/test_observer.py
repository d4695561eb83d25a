"""Dome, body and forecast against a patient and a dome that keep the observer's own laws."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controllers import body as bodies
from controllers import dome as domes
from controllers import recall
from controllers.forecast import Forecast, coast, hot_skin_delta_c
from controllers.lid import Lid, watched
from controllers.observer import BLIND, GAP_S_MAX, observe
from controllers.regulator import NO_AIR, OBSERVED, PLAIN, Tuning, fresh, want
from controllers.surely import Surely, moved
from controllers.trust import PROBATION_S, Trust, judged

HOLD_C, GAIN_PER_S, LAG_S = 41.5, 0.1 / 3600.0, 600.0
LIFT_C, WARMING_C_PER_S = 24.0, 0.033
DOME_PARTS = ("lining_temp_c", "lift_c", "warming_c_per_s", "elements_pct", "lifted_pct")


class Bedside:
    """A patient in a dome, an observer that is told each second, and a regulator in warm-up."""

    def __init__(self) -> None:
        self.observer, self.memory = BLIND, fresh(Tuning())
        self.now_s, self.power_pct = 1000.0, 0.0
        self.core_c = self.blood_c = 37.0
        self.elements = self.lifted = 0.0
        self.lining_c = self.felt_c = 24.0
        self.offset_c, self.lid_open, self.fallen_c = 0.0, False, 0.0
        self.probe_ids, self.core_off_c, self.suspect_c = ("core-1", "core-2"), 0.0, 0.0

    @property
    def air_c(self) -> float:
        return self.lining_c + LIFT_C * self.lifted - self.fallen_c

    def run(self, minutes, *, core=True, air=True, power_known=True, heats=None):
        wanted = None
        for _ in range(round(60.0 * minutes)):
            self._second()
            core_c = self.core_c + self.core_off_c if core else None
            air_c = self.air_c + self.offset_c if air else None
            self.observer = observe(
                self.observer,
                core_temp_c=core_c,
                core_probe_ids=self.probe_ids,
                core_sd_c=0.004,
                air_temp_c=air_c,
                power_pct=self.power_pct,
                lid_open=False,
                now_s=self.now_s,
            )
            self.memory, wanted = want(
                self.memory,
                Tuning(),
                self.observer,
                setpoint_c=38.5,
                setpoint_then_c=38.5,
                core_temp_c=None if core_c is None else core_c + self.suspect_c,
                core_slope_c_per_s=0.0004,
                skin_temp_c=39.0,
                air_temp_c=air_c,
                power_known=power_known,
                frozen=False,
                now_s=self.now_s,
            )
            self.power_pct = wanted.power_pct if heats is None else heats
        return wanted

    def _second(self) -> None:
        self.now_s += 1.0
        self.fallen_c = min(20.0, max(0.0, self.fallen_c + (0.5 if self.lid_open else -0.5)))
        share = self.power_pct / 100.0
        self.elements += (share - self.elements) / domes.ELEMENTS_S
        self.lifted += (self.elements - self.lifted) / domes.AIR_S
        above_c = self.lining_c - 31.0
        self.lining_c += WARMING_C_PER_S * (self.elements - above_c / domes.TOP_DELTA_C)
        climate_c = domes.climate_c(self.air_c, self.lining_c)
        self.felt_c += (climate_c - self.felt_c) / bodies.SKIN_S
        hold_c = HOLD_C + bodies.HOLD_RISES * (self.blood_c - 38.5)
        self.blood_c += GAIN_PER_S * max(self.felt_c - hold_c, -bodies.COOLED_DELTA_C_MAX)
        self.core_c += (self.blood_c - self.core_c) / LAG_S


@pytest.fixture
def bedside():
    return Bedside()


@pytest.fixture
def warm(bedside):
    """Forty minutes into a heat-up."""
    bedside.run(40.0)
    return bedside


# --- what is estimated ----------------------------------------------------------------------------


def test_it_wants_heat_in_the_second_cycle_and_waits_for_no_slope(bedside):
    assert bedside.run(1.0 / 60.0).because == "the regulator starts"
    wanted = bedside.run(1.0 / 60.0)
    assert wanted.power_pct > 0.0
    assert wanted.mode == OBSERVED


def test_it_finds_the_dome_behind_the_air(warm):
    assert warm.observer.dome.lining_temp_c == pytest.approx(warm.lining_c, abs=2.5)
    assert warm.observer.dome.air_temp_c == pytest.approx(warm.air_c, abs=1.0)


def test_it_finds_the_blood_ahead_of_the_core(warm):
    body = warm.observer.body
    assert warm.blood_c - warm.core_c > 0.2
    assert body.blood_temp_c == pytest.approx(warm.blood_c, abs=3.0 * body.blood_sd_c)
    assert body.core_temp_c == pytest.approx(warm.core_c, abs=0.01)


def test_the_forecast_is_the_core_that_comes_without_power(warm):
    forecast = warm.observer.forecast
    peak_c = warm.core_c
    for _ in range(90):
        warm.run(1.0, heats=0.0)
        peak_c = max(peak_c, warm.core_c)
    assert peak_c - 37.6 > 0.2
    assert forecast.sd_c < 0.25
    assert forecast.core_temp_c == pytest.approx(peak_c, abs=1.5 * forecast.sd_c)


def test_a_whole_heat_up_ends_at_the_target_and_not_beyond(bedside):
    peak_c = 0.0
    for _ in range(150):
        bedside.run(1.0)
        peak_c = max(peak_c, bedside.core_c)
    assert 38.45 <= bedside.core_c <= 38.5
    assert peak_c <= 38.52
    assert bedside.observer.trust.doubt == ""


# --- what is missing ------------------------------------------------------------------------------


def test_without_air_from_the_start_nothing_heats(bedside):
    wanted = bedside.run(10.0, air=False)
    assert (wanted.power_pct, wanted.because) == (0.0, "no air temperature to act on")


def test_air_lost_in_a_session_is_taken_from_power_at_most_30_percent_for_ten_minutes(warm):
    seen_c = warm.air_c
    wanted = warm.run(5.0, air=False)
    assert wanted.mode == NO_AIR
    assert wanted.because.startswith("no air probe: air taken from heater power; ")
    assert 0.0 < wanted.power_pct <= 30.0
    assert warm.observer.dome.air_temp_c == pytest.approx(warm.air_c, abs=3.0)
    assert seen_c > 50.0
    assert warm.run(6.0, air=False).because == "no air temperature to act on"


def test_without_air_a_cold_dome_is_not_heated_flat_out(bedside):
    assert bedside.run(6.0).power_pct > 90.0
    assert bedside.run(0.5, air=False).power_pct == 30.0


def test_a_dome_seen_for_two_minutes_is_not_known_well_enough_to_do_without_air(bedside):
    bedside.run(2.0)
    assert bedside.run(0.5, air=False).because == "no air temperature to act on"


def test_power_that_is_not_measured_is_said(warm):
    assert "heater power not measured" in warm.run(1.0, power_known=False).because


def test_a_core_lost_for_a_while_gives_no_heat_and_is_found_again(warm):
    assert warm.run(2.0, core=False).power_pct == 0.0
    warm.run(3.0)
    assert warm.observer.body.core_temp_c == pytest.approx(warm.core_c, abs=0.02)
    assert warm.observer.trust.doubt == ""


def test_a_gap_keeps_what_was_learnt_and_guesses_no_temperatures(warm):
    before = warm.observer.body
    warm.now_s += 2.0 * GAP_S_MAX
    warm.run(1.0 / 60.0)
    assert warm.observer.forecast is None
    assert warm.observer.body.hold_temp_c == before.hold_temp_c
    warm.run(0.5)
    assert warm.observer.forecast is not None
    assert warm.observer.body.blood_sd_c > before.blood_sd_c
    assert abs(warm.observer.body.spread[10]) < 0.5 * abs(before.spread[10])  # hold by gain


# --- what lies ------------------------------------------------------------------------------------


def test_an_air_probe_that_jumps_moves_no_forecast(warm):
    before_c, hold_c = warm.observer.forecast.core_temp_c, warm.observer.body.hold_temp_c
    warm.offset_c = 8.0
    warm.run(0.2)
    assert warm.observer.forecast.core_temp_c == pytest.approx(before_c, abs=0.03)
    assert warm.observer.body.hold_temp_c == pytest.approx(hold_c + 8.0, abs=0.5)
    assert warm.observer.lid.open_s is None


def test_a_lid_without_a_switch_is_seen_within_20_s_and_nothing_is_learnt_meanwhile(warm):
    before, dome = warm.observer.body, warm.observer.dome
    warm.lid_open = True
    warm.run(20.0 / 60.0)
    assert warm.observer.lid.open_s is not None
    seen = warm.observer.body
    wanted = warm.run(2.0)
    assert (warm.observer.body.gain_per_s, warm.observer.body.lag_s) == (
        seen.gain_per_s,
        seen.lag_s,
    )
    assert wanted.power_pct <= 45.0
    assert wanted.because.startswith("the lid seems open: power held low; ")
    warm.lid_open = False
    warm.run(1.0)
    assert warm.observer.lid.open_s is None
    assert warm.observer.body.gain_per_s == pytest.approx(before.gain_per_s, rel=0.05)
    assert warm.observer.dome.lift_c == pytest.approx(dome.lift_c, rel=0.05)


def test_a_lid_is_shut_again_once_the_air_comes_back():
    lid = Lid(30.0, 0.0, 40.0)
    assert watched(lid, 42.0, 55.0, switch_open=False, dt_s=10.0).open_s == 40.0
    assert watched(lid, 43.5, 55.0, switch_open=False, dt_s=10.0).open_s is None
    assert watched(lid, 43.5, 55.0, switch_open=True, dt_s=10.0).open_s == 40.0
    assert watched(lid, nan, 55.0, switch_open=False, dt_s=10.0).open_s == 40.0


def test_a_core_that_no_body_explains_ends_in_the_plain_cascade(warm):
    for step in range(60):
        warm.core_c = warm.blood_c = 37.5 + (0.5 if step % 2 else 0.0)
        wanted = warm.run(0.25)
    assert warm.observer.trust.doubt.startswith("the observer is off by")
    assert wanted.mode == PLAIN
    assert wanted.because.startswith("plain cascade: the observer is off by")


def test_doubt_ends_after_ten_minutes_that_fit():
    trust = judged(Trust(), 50.0, 10.0)
    assert trust.doubt
    for _ in range(round(PROBATION_S / 10.0) - 1):
        trust = judged(trust, 0.5, 10.0)
    assert trust.doubt
    assert judged(trust, 0.5, 10.0).doubt == ""


@pytest.mark.parametrize("off_sd", [nan, inf, -inf])
def test_an_innovation_that_is_no_number_is_doubted(off_sd):
    assert judged(Trust(), off_sd, 10.0).doubt


@pytest.mark.parametrize("part", ["gain_per_s", "lag_s", "blood_temp_c", "core_temp_c"])
def test_a_body_that_is_no_number_is_begun_anew_and_not_used_for_ten_minutes(warm, part):
    warm.observer = warm.observer._replace(body=warm.observer.body._replace(**{part: nan}))
    assert 0.0 <= warm.run(0.1).power_pct <= 100.0
    wanted = warm.run(0.2)
    assert bodies.is_sound(warm.observer.body)
    assert wanted.because.startswith("plain cascade: the observer has lost the body; ")
    assert warm.run(9.0).mode == PLAIN
    assert warm.run(2.0).mode == OBSERVED


def test_a_hold_that_is_no_number_becomes_the_lowest_which_is_the_most_cautious(warm):
    warm.observer = warm.observer._replace(body=warm.observer.body._replace(hold_temp_c=nan))
    before_c = warm.observer.forecast.core_temp_c
    warm.run(0.2)
    assert warm.observer.body.hold_temp_c < 38.0
    assert warm.observer.forecast.core_temp_c > before_c


@pytest.mark.parametrize("part", DOME_PARTS)
def test_a_dome_that_is_no_number_is_begun_anew(warm, part):
    warm.observer = warm.observer._replace(dome=warm.observer.dome._replace(**{part: nan}))
    assert 0.0 <= warm.run(0.5).power_pct <= 100.0
    assert domes.is_sound(warm.observer.dome)


anything = st.one_of(st.none(), st.floats())


@given(
    st.lists(
        st.tuples(anything, anything, anything, st.booleans(), st.floats(0.1, 60.0)), max_size=60
    )
)
def test_whatever_it_is_told_it_stays_sound_and_power_stays_a_power(story):
    observer, memory, now_s = BLIND, fresh(Tuning()), 0.0
    for core_c, air_c, power_pct, lid_open, dt_s in story:
        now_s += dt_s
        observer = observe(
            observer,
            core_temp_c=core_c,
            core_sd_c=0.004,
            air_temp_c=air_c,
            power_pct=power_pct,
            lid_open=lid_open,
            now_s=now_s,
        )
        assert observer.body is None or bodies.is_sound(observer.body)
        assert observer.dome is None or domes.is_sound(observer.dome)
        memory, wanted = want(
            memory, Tuning(), observer, setpoint_c=38.5, setpoint_then_c=38.5,
            core_temp_c=core_c, core_slope_c_per_s=None, skin_temp_c=None, air_temp_c=air_c,
            power_known=True, frozen=False, now_s=now_s,
        )  # fmt: skip
        assert 0.0 <= wanted.power_pct <= 100.0


# --- what heat is still to come ------------------------------------------------------------------


def test_the_heat_in_the_elements_is_still_to_come(warm):
    body, dome, felt_c = warm.observer.body, warm.observer.dome, warm.observer.felt_temp_c
    charged, spent = dome._replace(elements_pct=100.0), dome._replace(elements_pct=0.0)
    by_charged = coast(body, charged, felt_c, dome.air_temp_c)
    by_spent = coast(body, spent, felt_c, dome.air_temp_c)
    assert by_charged.core_temp_c > by_spent.core_temp_c + 0.02
    assert by_charged.in_s > by_spent.in_s


def test_what_a_burst_of_heat_brings_is_foreseen_while_the_air_still_rises(warm):
    warm.run(8.0, heats=0.0)
    warm.run(2.0, heats=100.0)
    air_c, foreseen_c = warm.air_c, warm.observer.forecast.core_temp_c
    warm.run(1.0, heats=0.0)
    assert warm.air_c > air_c + 1.0
    warm.run(2.0, heats=0.0)
    assert warm.observer.forecast.core_temp_c == pytest.approx(foreseen_c, abs=0.03)


def test_blood_below_the_core_in_a_dome_already_hot_has_its_highest_core_to_come(warm):
    body, dome = warm.observer.body, warm.observer.dome
    held = body._replace(core_temp_c=38.46, blood_temp_c=38.44)
    hot = dome._replace(lining_temp_c=HOLD_C + 8.0, elements_pct=40.0)
    forecast = coast(held, hot, felt_temp_c=HOLD_C - 3.0, air_temp_c=HOLD_C + 14.0)
    assert forecast.core_temp_c > 38.5
    cold = dome._replace(lining_temp_c=HOLD_C - 6.0, elements_pct=0.0)
    forecast = coast(held, cold, felt_temp_c=HOLD_C - 3.0, air_temp_c=HOLD_C - 6.0)
    assert (forecast.core_temp_c, forecast.in_s) == (38.46, 0.0)


def test_a_forecast_from_no_number_is_none(warm):
    body, dome, felt_c = warm.observer.body, warm.observer.dome, warm.observer.felt_temp_c
    for lost in ({"core_temp_c": nan}, {"blood_temp_c": nan}):
        forecast = coast(body._replace(**lost), dome, felt_c, dome.air_temp_c)
        assert not forecast.core_temp_c < inf


# --- caution --------------------------------------------------------------------------------------


def test_the_less_sure_the_observer_the_less_air_is_asked_for(warm):
    sure = warm.run(1.0 / 60.0)
    forecast = warm.observer.forecast
    unsure = forecast._replace(core_temp_c=38.4, sd_c=0.3)
    warm.observer = warm.observer._replace(forecast=unsure)
    to_come_c = 38.4 - warm.observer.body.core_temp_c
    assert to_come_c > 0.5
    cautious_c = 38.4 + Tuning().caution * 0.3 + Tuning().caution_share * to_come_c
    assert warm.run(1.0 / 60.0).forecast_c == pytest.approx(cautious_c, abs=0.001)
    assert sure.forecast_c < 38.4


def test_what_is_still_to_come_is_taken_for_more_than_it_is_and_what_has_come_is_not(warm):
    warm.run(1.0 / 60.0)
    forecast, body = warm.observer.forecast, warm.observer.body
    arrived = forecast._replace(core_temp_c=body.core_temp_c, sd_c=0.0)
    warm.observer = warm.observer._replace(forecast=arrived)
    assert warm.run(1.0 / 60.0).forecast_c == pytest.approx(body.core_temp_c, abs=0.001)


def test_a_hot_skin_adds_to_the_forecast_while_there_is_heat_to_come_and_a_cool_one_takes_nothing():
    far, near = Forecast(38.4, 2400.0, 0.1), Forecast(38.4, 0.0, 0.1)
    assert hot_skin_delta_c(far, 40.8, 38.0, 56.0) > 0.05
    assert hot_skin_delta_c(near, 40.8, 38.0, 56.0) == 0.0
    assert hot_skin_delta_c(far, 39.0, 38.0, 56.0) == 0.0
    assert hot_skin_delta_c(far, 99.0, 38.0, 56.0) == 0.2


# --- other probes ---


def test_when_other_probes_tell_the_core_the_level_moves_and_the_course_does_not(warm):
    before = warm.observer.body
    warm.probe_ids, warm.core_off_c = ("core-2",), 0.12
    warm.run(0.5)
    after = warm.observer.body
    assert after.core_temp_c - before.core_temp_c == pytest.approx(0.12, abs=0.03)
    ahead_c = before.blood_temp_c - before.core_temp_c
    assert after.blood_temp_c - after.core_temp_c == pytest.approx(ahead_c, abs=0.02)
    assert after.hold_temp_c == pytest.approx(before.hold_temp_c, abs=0.3)
    warm.run(10.0)
    assert warm.observer.trust.doubt == ""


def test_while_it_is_not_yet_known_which_probe_slips_nothing_is_learnt_from_the_leading_one(warm):
    """Two part company, the one that slips leads for 90 s, then the other is left."""
    before = warm.observer.body
    warm.probe_ids = ("core-1",)
    for _ in range(90):
        warm.core_off_c += 0.4 / 90.0
        warm.run(1.0 / 60.0)
    warm.probe_ids, warm.core_off_c = ("core-2",), 0.0
    warm.run(3.0)
    after = warm.observer.body
    assert warm.observer.trust.doubt == ""
    assert after.core_temp_c == pytest.approx(warm.core_c, abs=0.02)
    assert after.hold_temp_c == pytest.approx(before.hold_temp_c, abs=1.0)
    assert after.gain_per_s == pytest.approx(before.gain_per_s, rel=0.1)
    warm.run(10.0)
    assert warm.observer.trust.doubt == ""
    assert warm.observer.body.spread != after.spread


def test_the_same_step_of_the_same_probes_is_news_of_the_patient_and_costs_trust(warm):
    warm.core_off_c = 0.12
    warm.run(1.0)
    assert warm.observer.trust.doubt


def test_what_a_suspect_probe_reads_above_the_core_is_added_to_the_forecast(warm):
    sure = warm.run(1.0 / 60.0)
    warm.suspect_c = 0.4
    assert warm.run(1.0 / 60.0).forecast_c - sure.forecast_c == pytest.approx(0.37, abs=0.02)
    warm.suspect_c = -0.4
    assert warm.run(1.0 / 60.0).forecast_c == pytest.approx(sure.forecast_c, abs=0.02)


# --- evidence for the sensors ---------------------------------------------------------------------


def test_heat_alone_claims_movement_in_a_heat_up_and_none_in_a_hold():
    surely = Surely()
    for _ in range(60):
        surely = moved(surely, 53.0, 60.0)
    risen_c = surely.core_temp_c - 37.0
    assert 0.1 < risen_c < 0.5  # less than any body did
    held = Surely(surely.blood_temp_c, surely.blood_temp_c)
    for _ in range(60):
        held = moved(held, 44.0, 60.0)
    assert held.core_temp_c == surely.blood_temp_c


def test_what_heat_claims_needs_no_core_probe(bedside):
    bedside.run(1.0)
    bedside.run(60.0, core=False, heats=60.0)
    assert bedside.observer.expected_core_temp_c > 37.03


# --- a restart ------------------------------------------------------------------------------------


def test_what_was_learnt_of_patient_and_dome_outlives_a_restart(warm):
    found = recall.kept(warm.observer)
    again = recall.recalled(found)
    assert again.body.hold_temp_c == warm.observer.body.hold_temp_c
    assert again.body.lag_s == warm.observer.body.lag_s
    assert again.dome.lift_c == warm.observer.dome.lift_c
    assert again.forecast is None
    warm.observer = again
    warm.run(1.0)
    assert warm.observer.forecast is not None


@pytest.mark.parametrize("absurd", [nan, inf, -500.0, 1e9])
def test_what_was_kept_and_makes_no_sense_is_forgotten(warm, absurd):
    found = recall.kept(warm.observer)
    for name in ("hold_temp_c", "gain_per_s", "lag_s", "lining_temp_c", "warming_c_per_s"):
        assert recall.recalled({**found, name: absurd}) is BLIND


def test_nothing_kept_is_nothing_known_and_a_part_is_refused(warm):
    assert recall.recalled({}) is BLIND
    with pytest.raises(KeyError):
        recall.recalled({"hold_temp_c": 41.0})
