"""The tool that tests the tests: it makes the faults that it should, and finds where they show."""

import ast

import pytest

from tests.mutation.mutants import mutants_of
from tests.mutation.subject import Subject

SOURCE = '''
"""What this module says is left alone."""
from math import inf

LIMIT_C: Final = 39.2
TABLE: Final = (
    Row("hot", lambda seen: seen.temp_c, for_s=2.0),
    Row("cold", lambda seen: -seen.temp_c),
)


class Watch:
    """So is this."""

    def look(self, temp_c: float, ready: bool = True) -> float:
        if not temp_c <= LIMIT_C and ready:
            self.tell(f"{temp_c:.1f} is above {LIMIT_C}")
            log.warning("hot", temp_c=1)
            return 0.0
        self.seen_c = temp_c
        return min(temp_c + 1, inf)
'''


def changes(source=SOURCE):
    return {(each.scope, each.change) for each in mutants_of("x.py", ast.parse(source))}


@pytest.mark.parametrize(
    ("scope", "change"),
    [
        ("LIMIT_C", "39.2 → 39.3"),
        ("TABLE", "Row('cold', lambda seen: -seen.temp_c) → (nothing)"),
        ("TABLE.hot", "for_s=2.0 → (nothing)"),
        ("TABLE.hot", "2.0 → 3.0"),
        ("TABLE.cold", "-seen.temp_c → seen.temp_c"),
        ("Watch.look", "True → False"),
        ("Watch.look", "not temp_c <= LIMIT_C and ready → ready"),
        ("Watch.look", "not temp_c <= LIMIT_C and ready → not temp_c <= LIMIT_C"),
        ("Watch.look", "not temp_c <= LIMIT_C → temp_c <= LIMIT_C"),
        ("Watch.look", "temp_c <= LIMIT_C → temp_c < LIMIT_C"),
        ("Watch.look", "temp_c <= LIMIT_C → temp_c > LIMIT_C"),
        ("Watch.look", "self.tell(f'{temp_c:.1f} is above {LIMIT_C}') → pass"),
        ("Watch.look", "self.seen_c = temp_c → pass"),
        ("Watch.look", "min → max"),
        ("Watch.look", "temp_c + 1 → temp_c - 1"),
        ("Watch.look", "1 → 2"),
    ],
)
def test_each_kind_of_fault_is_made_and_named_by_where_it_is(scope, change):
    assert (scope, change) in changes()


def test_words_annotations_and_log_lines_are_left_alone():
    told = " ".join(change for _, change in changes())
    assert "log.warning" not in told
    assert "'hot'" not in told.replace("Row('hot'", "")
    assert "bool" not in told


def test_a_number_grows_in_the_last_digit_that_is_written():
    for number, next_one in (("3", "4"), ("0.045", "0.046"), ("60.0", "61.0"), ("0.0", "1.0")):
        assert ("module", f"{number} → {next_one}") in changes(f"print({number})")


@pytest.fixture
def subject(tmp_path, monkeypatch):
    (tmp_path / "x.py").write_text(SOURCE, "utf-8")
    monkeypatch.chdir(tmp_path)
    return Subject("x.py")


def test_a_fault_in_a_function_shows_in_that_function_alone(subject):
    (key,) = (each.key for each in subject.mutants if each.change == "min → max")
    before, after = subject.changed_function(subject.mutated(key))
    assert (before.co_qualname, after.co_qualname) == ("Watch.look", "Watch.look")
    assert "min" in before.co_names
    assert "max" in after.co_names


@pytest.mark.parametrize("change", ["39.2 → 39.3", "for_s=2.0 → (nothing)", "True → False"])
def test_a_fault_that_acts_at_import_shows_in_no_function(subject, change):
    (key,) = (each.key for each in subject.mutants if each.change == change)
    assert subject.changed_function(subject.mutated(key)) is None


def test_what_compiles_to_the_same_is_no_fault(subject):
    assert subject.is_unchanged(subject.original)
    for mutant in subject.mutants:
        assert not subject.is_unchanged(subject.mutated(mutant.key)), mutant.key
