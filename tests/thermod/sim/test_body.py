"""The lumped body: what it must do whatever the dome around it."""

from dataclasses import dataclass

import pytest

from thermod.sim.body import Body, BodySpec, saturated_kpa


@dataclass
class Weather:
    """A climate that does not react to the body in it."""

    air_temp_c: float = 28.0
    radiant_temp_c: float = 28.0
    vapour_kpa: float = 1.5
    stirring: float = 1.0
    heater_to_skin_w: float = 0.0
    room_temp_c: float = 24.0


HOT = Weather(air_temp_c=60.0, radiant_temp_c=52.0, vapour_kpa=5.3, heater_to_skin_w=40.0)


def lie(body: Body, weather: Weather, minutes: float, dt_s: float = 2.0) -> Body:
    for _ in range(round(minutes * 60.0 / dt_s)):
        body.step(weather, dt_s)
    return body


def test_a_body_at_rest_keeps_its_core_within_a_tenth_for_half_an_hour():
    body = lie(Body(BodySpec()), Weather(), minutes=30)
    assert body.core_temp_c == pytest.approx(37.0, abs=0.1)
    assert 32.0 < body.skin_temp_c < 35.0


def test_heat_enters_through_the_skin_and_reaches_the_core_later():
    body = lie(Body(BodySpec()), HOT, minutes=10)
    assert body.skin_temp_c > 36.0
    assert body.core_temp_c < 37.15
    assert lie(body, HOT, minutes=60).core_temp_c > 38.0


def test_the_rectal_site_follows_a_rising_core_four_point_six_minutes_later():
    body = lie(Body(BodySpec()), HOT, minutes=60)
    before_c = body.core_temp_c
    lie(body, HOT, minutes=10)
    core_c_per_s = (body.core_temp_c - before_c) / 600.0
    assert (body.core_temp_c - body.rectal_temp_c) / core_c_per_s == pytest.approx(276.0, rel=0.05)


def test_a_body_that_trades_nothing_with_the_dome_warms_by_its_own_heat_alone():
    spec = BodySpec(
        exposed_share=0.0, head_dry_w_per_k=0.0, head_sweat_share=0.0, metabolic_per_k=0.0
    )
    body = Body(spec, core_temp_c=37.0, skin_temp_c=37.0)
    lie(body, Weather(), minutes=60)
    warmed_k = 0.88 * (body.core_temp_c - 37.0) + 0.12 * (body.skin_temp_c - 37.0)
    made_w = 46.0 * 1.87 * (1.0 - 0.092)
    assert warmed_k == pytest.approx(made_w * 3600.0 / (72.0 * 3492.0), rel=0.02)


def test_air_wetter_than_the_skin_takes_no_sweat_and_gives_no_water():
    body = Body(BodySpec(), core_temp_c=38.5, skin_temp_c=38.0)
    body.step(Weather(vapour_kpa=7.5), 1.0)
    assert body.sweat_evaporated_w == 0.0


def test_the_wetter_the_air_the_less_sweat_evaporates():
    def evaporated_w(vapour_kpa: float) -> float:
        body = Body(BodySpec(), core_temp_c=38.5, skin_temp_c=38.0)
        body.step(Weather(vapour_kpa=vapour_kpa), 1.0)
        return body.sweat_evaporated_w

    assert evaporated_w(6.0) < evaporated_w(5.0) < evaporated_w(3.0)


def test_a_body_that_does_not_sweat_heats_faster():
    dry = lie(Body(BodySpec(sweat_kg_per_h_m2_k=0.0)), HOT, minutes=60)
    sweating = lie(Body(BodySpec()), HOT, minutes=60)
    assert dry.rectal_temp_c > sweating.rectal_temp_c + 0.05


def test_warm_core_brings_skin_and_core_together():
    cool = lie(Body(BodySpec(), core_temp_c=37.0), Weather(), minutes=30)
    warm = lie(Body(BodySpec(), core_temp_c=38.5, skin_temp_c=38.0), Weather(), minutes=5)
    assert warm.core_temp_c - warm.skin_temp_c < 1.2 < 2.0 < cool.core_temp_c - cool.skin_temp_c


def test_cold_skin_closes_its_vessels_and_keeps_the_core_warm():
    cold = Weather(air_temp_c=18.0, radiant_temp_c=18.0, room_temp_c=18.0)
    closing = lie(Body(BodySpec(exposed_share=0.8)), cold, minutes=60)
    open_always = lie(Body(BodySpec(exposed_share=0.8, constriction_per_k=0.0)), cold, minutes=60)
    assert closing.skin_temp_c < open_always.skin_temp_c - 0.5
    assert closing.core_temp_c > open_always.core_temp_c + 0.1


def test_the_hottest_site_is_hotter_than_mean_skin_only_while_heat_comes_in():
    body = lie(Body(BodySpec()), HOT, minutes=40)
    assert 0.5 < body.hottest_skin_temp_c - body.skin_temp_c < 2.0
    lie(body, Weather(), minutes=15)
    assert body.hottest_skin_temp_c == pytest.approx(body.skin_temp_c, abs=0.1)


def test_a_step_of_ten_seconds_gives_the_course_of_half_second_steps():
    fine, coarse = Body(BodySpec()), Body(BodySpec())
    for _ in range(8):
        lie(fine, HOT, minutes=10, dt_s=0.5)
        lie(coarse, HOT, minutes=10, dt_s=10.0)
        assert coarse.rectal_temp_c == pytest.approx(fine.rectal_temp_c, abs=0.02)
        assert coarse.skin_temp_c == pytest.approx(fine.skin_temp_c, abs=0.05)


@pytest.mark.parametrize(
    ("temp_c", "table_kpa"), [(20.0, 2.339), (37.0, 6.282), (60.0, 19.95), (80.0, 47.42)]
)
def test_vapour_pressure_is_that_of_the_steam_table_within_one_percent(temp_c, table_kpa):
    assert saturated_kpa(temp_c) == pytest.approx(table_kpa, rel=0.01)
