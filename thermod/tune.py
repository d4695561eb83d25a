"""Recorded steps of a dome, read from CSV files or the journal, and what comes of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from controllers.identify import DomeModel, Proposal, Record, RecordError, identify, propose
from thermod.errors import ThermodError
from thermod.journal_read import JournalReader

COLUMNS: Final = ("at_s", "power_pct", "air_temp_c")
ROWS_MAX: Final = 500_000
NOBODY: Final = ("EMPTY", "PHANTOM")  # how the subject of such a session begins
A_GOOD_RECORD: Final = (
    "Record with nobody in the dome: from rest, one step of power, 40 min, lid shut."
)


def from_csv(path: Path) -> Record:
    """Raises ThermodError that names the file and the line."""
    columns: list[list[float]] = [[], [], []]
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise _refused(path, f"has no column {', '.join(missing)}")
            for number, row in enumerate(rows, start=2):
                if number > ROWS_MAX:
                    raise _refused(path, f"has more than {ROWS_MAX} rows")
                for column, name in zip(columns, COLUMNS, strict=True):
                    try:
                        column.append(float(row[name]))
                    except (TypeError, ValueError):
                        said = f"line {number}: {name} = {row[name]!r} is not a number"
                        raise _refused(path, said) from None
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise _refused(path, f"cannot be read: {problem}") from problem
    return Record(path.name, tuple(columns[0]), tuple(columns[1]), tuple(columns[2]))


def from_journal(reader: JournalReader, session_id: str) -> Record:
    """A session that was run on a water phantom. Raises ThermodError if a person lay there."""
    session = reader.session(session_id)
    if session is None:
        do = "`thermod journal sessions` lists those that there are."
        raise ThermodError(f"the journal has no session {session_id}", where="--session", do=do)
    if not session.subject.upper().startswith(NOBODY):
        raise ThermodError(
            f"session {session_id} was on subject {session.subject}, a person",
            where="--session",
            do=f"A dome is tuned on sessions whose subject begins with {' or '.join(NOBODY)}.",
        )
    points = [
        (each.at_ms / 1000.0, each.applied_pct, each.air_temp_c)
        for each in reader.series(session_id, 20_000)
        if each.applied_pct is not None and each.air_temp_c is not None
    ]
    columns = tuple(zip(*points, strict=True)) or ((), (), ())
    return Record(session_id, *columns)


def fitted(records: Sequence[Record]) -> tuple[list[DomeModel], Proposal]:
    """A model of each, and what they propose together. Raises ThermodError with what is wrong."""
    try:
        models = [identify(record) for record in records]
        return models, propose(models)
    except RecordError as problem:
        raise ThermodError(str(problem), where="the record", do=A_GOOD_RECORD) from problem


def figures(models: Sequence[DomeModel], proposal: Proposal) -> dict[str, Any]:
    """Everything but the curves, for a program."""
    curves = {"at_s", "measured_c", "fitted_c"}
    return {
        "models": [
            {name: value for name, value in asdict(model).items() if name not in curves}
            for model in models
        ],
        "proposal": asdict(proposal),
    }


def _refused(path: Path, why: str) -> ThermodError:
    columns = ", ".join(COLUMNS)
    return ThermodError(
        why, where=str(path), do=f"A record is a CSV file with the columns {columns}."
    )
