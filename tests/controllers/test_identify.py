"""From a recorded step to a model of the dome, and from it to gains."""

from dataclasses import replace
from math import exp, inf, nan

import pytest

from controllers.identify import (
    PER_C_MAX,
    PER_C_MIN,
    Record,
    RecordError,
    answer,
    identify,
    propose,
)
from thermod.sim.dome import Dome, DomeSpec


def known(fast=(0.2, 100.0), slow=(0.3, 2100.0), delay_s=20.0, step_pct=40.0, noise=0.0):
    """A dome of which everything is known: its step, sampled each second."""
    at_s = [float(second) for second in range(2700)]
    power = [0.0 if second < 60.0 else step_pct for second in at_s]
    air = []
    for second in at_s:
        heated_s = max(0.0, second - 60.0 - delay_s)
        parts = (gain * step_pct * (1.0 - exp(-heated_s / lag_s)) for gain, lag_s in (fast, slow))
        air.append(22.0 + sum(parts) + noise * (1.0 if second % 2.0 else -1.0))
    return Record("known", tuple(at_s), tuple(power), tuple(air))


class Nothing:
    """What lies in an empty dome."""

    skin_temp_c = 24.0
    from_air_w = from_lining_w = sweat_evaporated_w = 0.0


def empty_dome(**spec):
    """A step of our simulated dome with nobody in it."""
    dome, at_s, power, air = Dome(replace(DomeSpec(), **spec)), [], [], []
    for second in range(0, 2700, 5):
        pct = 0.0 if second < 120 else 40.0
        for _ in range(5):
            dome.step(pct / 100.0 * dome.spec.heater_w_max, Nothing(), 1.0)
        at_s.append(float(second))
        power.append(pct)
        air.append(dome.air_temp_c)
    return Record("empty", tuple(at_s), tuple(power), tuple(air))


def test_a_dome_that_is_known_is_found_again():
    model = identify(known())
    assert model.fast_c_per_pct == pytest.approx(0.2, abs=0.01)
    assert model.slow_c_per_pct == pytest.approx(0.3, abs=0.02)
    assert (model.fast_s, model.slow_s, model.delay_s) == (100.0, 2100.0, 20.0)
    assert model.start_c == pytest.approx(22.0, abs=0.2)


def test_noise_of_a_probe_hides_nothing_of_it():
    model = identify(known(noise=0.1))
    assert model.fast_c_per_pct == pytest.approx(0.2, abs=0.03)


def test_the_simulated_dome_is_explained_and_its_loop_settles_without_overshoot():
    model = identify(empty_dome())
    assert model.explained_pct >= 99.5
    proposal = propose([model])
    _, air_c, power_pct = answer(model, proposal)
    assert max(air_c) <= 20.0 + 1.0
    assert air_c[-1] == pytest.approx(20.0, abs=0.3)
    assert 0.0 <= min(power_pct) <= max(power_pct) <= 100.0


def test_of_two_records_the_one_that_asks_for_the_gentler_loop_decides():
    light, heavy = identify(known(fast=(0.4, 70.0))), identify(known(fast=(0.1, 220.0)))
    both = propose([light, heavy])
    assert both == propose([light])
    assert both.per_c < propose([heavy]).per_c


@pytest.mark.parametrize(("gain", "bound_per_c"), [(5.0, PER_C_MIN), (0.02, PER_C_MAX)])
def test_no_fit_gives_the_loop_more_or_less_than_it_may_have(gain, bound_per_c):
    model = replace(identify(known()), fast_c_per_pct=gain, slow_c_per_pct=gain / 100.0)
    proposal = propose([model])
    assert proposal.per_c == bound_per_c
    assert proposal.bounded


def test_without_a_record_nothing_is_proposed():
    with pytest.raises(ValueError, match="no record"):
        propose([])


GOOD = known()
BAD = {
    "no rows": (Record("r", (), (), ()), "needs rows"),
    "columns of different length": (replace(GOOD, power_pct=GOOD.power_pct[1:]), "needs rows"),
    "NaN": (replace(GOOD, air_temp_c=(nan, *GOOD.air_temp_c[1:])), "not a number"),
    "infinity": (replace(GOOD, power_pct=(inf, *GOOD.power_pct[1:])), "not a number"),
    "time that goes back": (replace(GOOD, at_s=(5.0, *GOOD.at_s[1:])), "do not rise"),
    "a gap": (replace(GOOD, at_s=(-40.0, *GOOD.at_s[1:])), "a gap of 41 s"),
    "too short": (
        Record("r", GOOD.at_s[:800], GOOD.power_pct[:800], GOOD.air_temp_c[:800]),
        "lasts 13 min",
    ),
    "no step": (replace(GOOD, power_pct=tuple(20.0 for _ in GOOD.at_s)), "changes by less"),
    "watts": (replace(GOOD, power_pct=tuple(20 * p for p in GOOD.power_pct)), "not in percent"),
    "air that stays": (replace(GOOD, air_temp_c=tuple(22.0 for _ in GOOD.at_s)), "moves by less"),
    "air that cools": (
        replace(GOOD, air_temp_c=tuple(60.0 - temp_c for temp_c in GOOD.air_temp_c)),
        "does not follow",
    ),
    "an opened lid": (
        replace(
            GOOD,
            air_temp_c=tuple(
                temp_c - (9.0 if 1000.0 < at_s < 1400.0 else 0.0)
                for at_s, temp_c in zip(GOOD.at_s, GOOD.air_temp_c, strict=True)
            ),
        ),
        "explains",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_record_that_says_too_little_is_refused_with_the_reason(name):
    record, said = BAD[name]
    with pytest.raises(RecordError, match=said):
        identify(record)
