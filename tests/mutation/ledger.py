"""What became of each mutant, kept between runs, and the survivors that somebody has justified."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.subject import Subject

# Here every mutant must be noticed or justified: limits, permit and latch.
CRITICAL = (
    "alarms/limits.py",
    "controllers/actuation.py",
    "controllers/limiter.py",
    "thermod/guard/keeper.py",
    "thermod/guard/limits.py",
    "thermod/guard/permission.py",
    "thermod/guard/state_file.py",
    "thermod/latches.py",
)


SURVIVED = ""
UNCHANGED = "(the compiler makes the same of it)"  # no mutant at all, and not counted


class Ledger:
    """Outcomes by mutant: the test that noticed it, or nothing. Valid for the same source; a
    survivor is tried again once a test has changed, unless it is justified.
    """

    def __init__(self, path: Path, tests_sha256: str, why: Mapping[str, str]) -> None:
        self._path = path
        self._why = why
        self._tests = tests_sha256
        self._found: dict[str, dict[str, str]] = {}
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                entry = json.loads(line)
                self._found[entry["key"]] = entry

    def add(self, subject: Subject, key: str, noticed_by: str) -> None:
        entry = {"key": key, "source": subject.sha256, "tests": self._tests, "by": noticed_by}
        self._found[key] = entry
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def noticed_by(self, subject: Subject, key: str) -> str | None:
        """None: not known (any more)."""
        entry = self._found.get(key)
        if entry is None or entry["source"] != subject.sha256:
            return None
        is_final = entry["by"] or entry["tests"] == self._tests or key in self._why
        return entry["by"] if is_final else None


def justified(path: Path) -> dict[str, str]:
    """Why a mutant may survive, by its key."""
    rows = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return {key: why for why, keys in rows.items() for key in keys}


@dataclass(slots=True)
class Score:
    """Of one file, or of all."""

    mutants: int = 0
    killed: int = 0
    justified: int = 0
    unknown: int = 0

    @property
    def left(self) -> int:
        return self.mutants - self.killed - self.justified - self.unknown

    @property
    def pct(self) -> float:
        known = self.mutants - self.unknown
        return 100.0 * self.killed / known if known else 100.0

    def add(self, other: Score) -> None:
        self.mutants += other.mutants
        self.killed += other.killed
        self.justified += other.justified
        self.unknown += other.unknown


def score_of(subject: Subject, ledger: Ledger, why: dict[str, str]) -> tuple[Score, list[str]]:
    """The score of a file, and its survivors that nobody has justified."""
    score, left = Score(), []
    for mutant in subject.mutants:
        by = ledger.noticed_by(subject, mutant.key)
        if by == UNCHANGED:
            continue
        score.mutants += 1
        if by is None:
            score.unknown += 1
        elif by:
            score.killed += 1
        elif mutant.key in why:
            score.justified += 1
        else:
            left.append(f"{subject.path}:{mutant.line}: {mutant.key.partition(' | ')[2]}")
    return score, left
