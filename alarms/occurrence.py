"""One occurrence of an alarm: what is remembered of it, what the log says of it, and when what was
silenced sounds again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import nan

from alarms.model import Priority, Rule, Seen


@dataclass(frozen=True, slots=True)
class Row:
    """What the engine remembers of one row whose condition holds, held, or is latched."""

    since_s: float | None  # when the condition began; None while it does not hold
    active: bool = False  # it has lasted `for_s`
    latched: bool = False
    inside_since_s: float | None = None  # since when the value has been inside the deadband
    raised_s: float = 0.0
    first_out: bool = False  # when it was raised, all others that were shown had been acknowledged
    acknowledged_by: str | None = None
    audio_paused_until_s: float | None = None
    text: str = ""
    value: float | None = None  # as it was raised, in the rule's unit; None for a fact
    limit: float | None = None  # in force then
    probe: str = ""  # the probes that the text names

    @property
    def shown(self) -> bool:
        """True while it acts on heat and, unless its rule is quiet, staff should see it."""
        return self.active or self.latched


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an alarm, for the log: raised, condition_gone, cleared,
    acknowledged, audio_paused, audio_resumed, reset.

    `value` and `limit` are those of the moment, in `unit`; None for a fact, or if not known.
    """

    alarm_id: str
    change: str
    priority: Priority
    text: str
    by: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    probe: str = ""


def occurrence(rule: Rule, limit: float, value: float | None, seen: Seen, now_s: float) -> Row:
    """What is remembered of the moment in which a row was raised."""
    is_number = rule.unit != ""
    return Row(
        None,
        raised_s=now_s,
        text=words(rule, limit, value, seen),
        value=value if is_number else None,
        limit=limit if is_number else None,
        probe=rule.probe(seen),
    )


def raised(before: Row | None, row: Row, new: Row, first_out: bool) -> Row:
    """A new occurrence; of a latched alarm one more, which somebody has to see again."""
    if before is not None and before.latched:
        return replace(row, acknowledged_by=None)
    return replace(
        new,
        since_s=row.since_s,
        active=row.active,
        latched=row.latched,
        inside_since_s=row.inside_since_s,
        first_out=first_out,
    )


def change(
    rule: Rule, limit: float, value: float | None, happened: str, row: Row, seen: Seen
) -> Change:
    """A line of the log, with the value and the limit of now."""
    is_number = rule.unit != ""
    text = words(rule, limit, value, seen) if happened == "raised" else row.text
    return Change(
        rule.alarm_id,
        happened,
        rule.priority,
        text,
        value=value if is_number else None,
        limit=limit if is_number else None,
        unit=rule.unit,
        probe=row.probe,
    )


def end_pauses(
    rules: Iterable[Rule], rows: dict[str, Row], unmuted_by: str, now_s: float
) -> list[Change]:
    """Let what was silenced sound again: when its time is over, and with any new alarm or lost link
    (SAFETY.md H18).
    """
    changes = []
    for rule in rules:
        row = rows.get(rule.alarm_id)
        until_s = None if row is None else row.audio_paused_until_s
        if row is None or until_s is None or (not unmuted_by and now_s < until_s):
            continue
        rows[rule.alarm_id] = replace(row, audio_paused_until_s=None)
        because = unmuted_by or "the pause is over"
        changes.append(
            Change(rule.alarm_id, "audio_resumed", rule.priority, f"sound again: {because}")
        )
    return changes


def words(rule: Rule, limit: float, value: float | None, seen: Seen) -> str:
    """The row's text with its probe, value and limit filled in."""
    shown = nan if value is None else value
    return rule.say.format(**seen._asdict(), value=shown, limit=limit)
