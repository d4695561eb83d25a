"""The drill's judge: from what moment it counts, when heat counts as off, and what is a re-heat."""

import json
from dataclasses import replace
from math import nan

import pytest

from thermod.sim.drill.faults import BY_NAME
from thermod.sim.drill.truth import Fact, Span, TruthReader, judge, refusals

KILLED, FROZEN = BY_NAME["control-killed"], BY_NAME["control-frozen"]
SPAN = Span(injected_ns=10_200_000_000, lifted_ns=20_000_000_000, end_ns=30_000_000_000)


def fact(at_s, heater_w, *, what="tick", closed=True, epoch=2, silent=False, core_c=(37.0, 37.1),
         refused=0):  # fmt: skip
    at_ns = round(at_s * 1e9)
    return Fact(at_ns, "dome-1", what, heater_w, closed, epoch, silent, core_c, refused)


def ticks(begin_s, end_s, heater_w, **more):
    """One each half second, from the first time up to and without the second."""
    return [fact(n / 2, heater_w, **more) for n in range(round(begin_s * 2), round(end_s * 2))]


def power(at_s, heater_w, **more):
    return [fact(at_s, heater_w, what="power", core_c=(), **more)]


def test_time_counts_from_the_injection_to_the_first_record_of_no_heat():
    facts = [*ticks(9, 11.5, 400.0), *power(11.4, 0.0), *ticks(11.5, 30, 0.0)]
    verdict = judge(KILLED, "dome-1", SPAN, facts)
    assert verdict.heated
    assert verdict.heat_off_s == pytest.approx(1.2)
    assert verdict.reheats == 0


def test_heat_that_is_never_off_is_a_run_that_was_not_cut():
    assert judge(KILLED, "dome-1", SPAN, ticks(9, 30, 400.0)).heat_off_s is None


def test_heat_that_was_off_before_the_injection_shows_nothing():
    facts = [*ticks(9, 10, 400.0), *power(10.1, 0.0), *ticks(10.5, 30, 0.0)]
    assert not judge(KILLED, "dome-1", SPAN, facts).heated


def test_heat_off_before_the_injection_is_not_taken_for_the_effect_of_the_fault():
    facts = [*power(9.5, 0.0), *power(10, 400.0), *ticks(10.5, 12, 400.0), *ticks(12, 30, 0.0)]
    assert judge(KILLED, "dome-1", SPAN, facts).heat_off_s == pytest.approx(1.8)


@pytest.mark.parametrize("bad_c", [nan, None, 27.0, 40.0, 98.6, -127.0])
def test_a_bad_sample_counts_from_the_tick_that_says_it(bad_c):
    facts = [
        *ticks(9, 11, 400.0),  # the fault is on since 10.2 s; the sample at 10.5 s is still good
        *ticks(11, 11.5, 400.0, core_c=(bad_c, bad_c)),
        *power(11.25, 0.0),
        *ticks(11.5, 30, 0.0, core_c=(bad_c, bad_c)),
    ]
    verdict = judge(BY_NAME["core-nan"], "dome-1", SPAN, facts)
    assert verdict.heat_off_s == pytest.approx(0.25)


def test_one_bad_probe_of_two_is_no_deciding_sample():
    facts = [*ticks(9, 11, 400.0, core_c=(nan, 37.0)), *ticks(11, 30, 0.0, core_c=(nan, nan))]
    assert judge(BY_NAME["core-nan"], "dome-1", SPAN, facts).heat_off_s == pytest.approx(0.0)


@pytest.mark.parametrize("how", [{"silent": True}, {"core_c": (None, None)}])
def test_silence_counts_from_the_last_sample_even_before_the_injection(how):
    facts = [
        *ticks(9, 10.5, 400.0),
        *ticks(10.5, 13, 400.0, **how),
        *ticks(13, 20, 0.0, **how),
        *ticks(20.5, 30, 0.0),
    ]
    verdict = judge(BY_NAME["core-silent"], "dome-1", SPAN, facts)
    assert verdict.heat_off_s == pytest.approx(3.0)


def test_heat_while_the_fault_stands_is_a_reheat_whatever_the_fault():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 15, 0.0), *ticks(15, 16, 9.0), *ticks(16, 30, 0.0)]
    assert judge(FROZEN, "dome-1", SPAN, facts).reheats == 1


def test_heat_that_comes_back_in_its_epoch_after_the_fault_has_gone_has_healed():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 24, 0.0), *ticks(24, 30, 9.0)]
    verdict = judge(FROZEN, "dome-1", SPAN, facts)
    assert (verdict.reheats, verdict.healed) == (0, True)


def test_heat_that_comes_back_in_another_epoch_is_a_reheat():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 24, 0.0), *ticks(24, 30, 9.0, epoch=3)]
    verdict = judge(FROZEN, "dome-1", SPAN, facts)
    assert (verdict.reheats, verdict.healed) == (1, False)


def test_heat_that_comes_back_by_itself_after_a_kill_is_a_reheat():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 24, 0.0), *ticks(24, 30, 9.0)]
    assert judge(KILLED, "dome-1", SPAN, facts).reheats == 1


def test_a_contactor_that_closes_again_counts_as_heat_before_there_is_any():
    facts = [
        *ticks(9, 12, 400.0),
        *ticks(12, 17, 0.0),
        *ticks(17, 27, 0.0, closed=False),
        *ticks(27, 30, 0.0),
    ]
    assert judge(KILLED, "dome-1", SPAN, facts).reheats == 1


def test_a_contactor_that_has_not_opened_yet_is_no_reheat():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 17, 0.0), *ticks(17, 30, 0.0, closed=False)]
    assert judge(KILLED, "dome-1", SPAN, facts).reheats == 0


def test_heat_after_the_watch_is_the_doing_of_a_person():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 30.5, 0.0), *ticks(30.5, 33, 400.0, epoch=3)]
    assert judge(KILLED, "dome-1", SPAN, facts).reheats == 0


def test_heat_that_goes_off_later_than_its_own_fault_allows_is_late():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 30, 0.0)]
    assert judge(KILLED, "dome-1", SPAN, facts).late
    assert not judge(BY_NAME["guard-killed"], "dome-1", SPAN, facts).late


def test_a_second_one_counts_from_its_first_word():
    facts = [*ticks(9, 12, 400.0), *ticks(12, 30, 0.0)]
    span = replace(SPAN, other_ns=11_700_000_000)
    assert judge(BY_NAME["second-guard"], "dome-1", span, facts).heat_off_s == pytest.approx(0.3)
    silent = judge(BY_NAME["second-guard"], "dome-1", SPAN, facts)
    assert silent.heat_off_s == pytest.approx(1.8)  # never heard: the injection, the harder count


def test_a_dip_may_end_while_the_fault_stands_but_in_its_epoch_only():
    dips = BY_NAME["broker-restarted"]
    off = [*ticks(9, 12, 400.0), *ticks(12, 15, 0.0)]
    same = judge(dips, "dome-1", SPAN, [*off, *ticks(15, 30, 9.0)])
    other = judge(dips, "dome-1", SPAN, [*off, *ticks(15, 30, 9.0, epoch=3)])
    assert (same.healed, same.reheats) == (True, 0)
    assert (other.healed, other.reheats) == (False, 1)


def test_what_strikes_the_stack_last_counts_from_there_if_heat_was_on_until_then():
    span = replace(SPAN, struck_ns=10_400_000_000)
    later = [*ticks(9, 11.5, 400.0), *power(11.4, 0.0), *ticks(11.5, 30, 0.0)]
    assert judge(KILLED, "dome-1", span, later).heat_off_s == pytest.approx(1.0)
    before = [*ticks(9, 10.5, 400.0), *power(10.3, 0.0), *ticks(10.5, 30, 0.0)]
    verdict = judge(KILLED, "dome-1", span, sorted(before))
    assert (verdict.heated, verdict.heat_off_s) == (True, pytest.approx(0.1))


def test_what_the_node_refuses_after_the_injection_is_counted():
    before, after = ticks(9, 12, 400.0, refused=4), ticks(12, 29, 0.0, refused=6)
    assert refusals(SPAN, [*before, *after]) == 2
    assert refusals(SPAN, before) == 0
    assert refusals(SPAN, []) == 0


def test_the_truth_file_is_followed_line_by_line_and_half_a_line_waits(tmp_path):
    path = tmp_path / "truth.jsonl"
    reader = TruthReader(path)
    reader.follow()
    assert reader.heater_w("dome-1") == 0.0
    line = json.dumps(
        {"mono_ns": 5, "dome": "dome-1", "what": "tick", "heater_w": 80.0}
        | {"contactors_closed": True, "epoch": 2, "silent": False}
        | {"readings": {"core-1": 37.0, "skin-1": 33.0, "core-2": nan}}
    )
    with path.open("w") as file:
        file.write(line + "\n" + line[:30])
        file.flush()
        reader.follow()
        assert len(reader.facts["dome-1"]) == 1
        file.write(line[30:].replace("80.0", "0.0") + "\n")
        file.flush()
        reader.follow()
    first, second = reader.facts["dome-1"]
    assert (first.heater_w, second.heater_w) == (80.0, 0.0)
    assert first.core_c[0] == 37.0
    assert len(first.core_c) == 2
