"""The runbook: a page for each row, equal to the row, with words worth reading."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from alarms import pages
from alarms.advice.gateway import OWN
from alarms.engine import with_limits
from alarms.limits import Limits, in_force
from alarms.rules import RULES
from thermod.guard.judge import MUST_HOLD
from thermod.guard.trips import TRIPS

FOLDER = Path(__file__).parents[2] / "alarms/runbook"
ALL = [*pages.pages()]
WORDS = {page.alarm_id: page.advice for page in ALL}
each_page = pytest.mark.parametrize("page", ALL, ids=lambda page: page.alarm_id)


def texts(page):
    meaning, impact, diagnosis, mitigation = page.advice
    return [meaning, impact, *diagnosis, *mitigation]


def test_every_row_has_its_words_and_no_words_are_left_of_a_row_that_is_gone():
    assert [*pages.ADVICE.keys() - {rule.alarm_id for rule in RULES}] == []
    assert [*{rule.alarm_id for rule in RULES} - pages.ADVICE.keys()] == []


def test_the_files_are_what_the_rows_and_the_words_make_them():
    """`thermod alarms pages` writes them."""
    assert {path.name for path in FOLDER.iterdir()} == {*pages.files()}
    for name, text in pages.files().items():
        assert (FOLDER / name).read_text("utf-8") == text, "run: thermod alarms pages"


def test_a_page_shows_limit_delay_deadband_effect_and_latch_of_its_row():
    rule, limit = next(
        pair
        for pair in with_limits(RULES, in_force(Limits(), 38.5))
        if pair[0].alarm_id == "skin_cutoff"
    )
    page = pages._page(
        replace(rule, for_s=7.0, inside_delta=0.5, inside_s=9.0), limit, WORDS["skin_cutoff"]
    )
    facts = dict(page.facts)
    assert facts["raised"] == "above 43 °C, for 7 s"
    assert facts["gone"] == "at 42.5 °C or below, for 9 s; shown until a person resets it"
    assert page.heat == "Heat is off, the session has tripped; a person resets, then resumes."
    assert "Skin … °C (…) is above the cut-off 43.0 °C" in pages.markdown(page)


@each_page
def test_a_page_has_all_four_parts_in_whole_sentences(page):
    text = pages.markdown(page)
    parts = ["## Meaning", "## Impact", "## Diagnosis", "## Mitigation"]
    assert [line for line in text.splitlines() if line.startswith("## ")] == parts
    assert page.advice.diagnosis
    assert page.advice.mitigation
    for sentence in texts(page):
        assert sentence[0].isupper() or sentence[0] == "`", sentence
        assert sentence[-1] in ".?`", sentence
        assert "  " not in sentence, sentence


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alarm_id)
def test_the_words_name_no_limit_that_a_file_may_tighten(rule):
    limit = rule.limit(in_force(Limits(), 38.5))
    for sentence in texts(next(page for page in ALL if page.alarm_id == rule.alarm_id)):
        assert not rule.unit or f"{limit:g} {rule.unit}" not in sentence


@each_page
def test_what_the_words_name_in_backticks_exists(page):
    known = {page.alarm_id for page in ALL}
    known |= {trip.name for trip in TRIPS} | {row.name for row in MUST_HOLD}
    for sentence in texts(page):
        for name in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", sentence):
            assert name in known | {"dead_letter"}, name


def test_the_page_of_a_tripped_guard_explains_each_of_its_latches():
    words = " ".join(WORDS["guard_tripped"].diagnosis)
    assert [trip.name for trip in TRIPS if f"`{trip.name}`" not in words] == []


def test_no_two_alarms_have_the_same_name():
    names = [rule.alarm_id for rule in RULES] + [own.alarm_id for own in OWN]
    assert len(names) == len({*names})
