"""What people do to alarms. Acknowledge, audio pause and reset are three different acts, and the
first two never change what a row does to heat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from alarms.model import Rule
from alarms.occurrence import Change, Row

AUDIO_PAUSE_S_MAX: Final = 120.0  # SAFETY.md H18


def acknowledge(rows: Mapping[str, Row], alarm_id: str, by: str) -> dict[str, Row] | None:
    """Somebody has seen it. None when no such alarm is shown. Changes nothing about heat."""
    row = rows.get(alarm_id)
    if row is None or not row.shown:
        return None
    return {**rows, alarm_id: replace(row, acknowledged_by=by)}


def pause_audio(rows: Mapping[str, Row], alarm_id: str, now_s: float) -> dict[str, Row] | None:
    """Silence this one condition for at most 120 s. None when no such alarm is shown."""
    row = rows.get(alarm_id)
    if row is None or not row.shown:
        return None
    return {**rows, alarm_id: replace(row, audio_paused_until_s=now_s + AUDIO_PAUSE_S_MAX)}


def reset(rows: Mapping[str, Row], names: Sequence[str]) -> tuple[dict[str, Row], str | None]:
    """Reset the named latches, all or none. The text says why it was refused, None when it was
    done.
    """
    for name in names:
        row = rows.get(name)
        if row is None or not row.latched:
            return dict(rows), f"{name} is not latched"
        if row.since_s is not None or row.active:
            return dict(rows), f"{name} still stands: {row.text}"
    return {name: row for name, row in rows.items() if name not in names}, None


def done(rule: Rule, row: Row, change: str, by: str, text: str = "") -> Change:
    """The line of the log that says who did it. Its value and limit are those that `row` shows."""
    return Change(
        rule.alarm_id,
        change,
        rule.priority,
        text or row.text,
        by,
        row.value,
        row.limit,
        rule.unit,
        row.probe,
    )
