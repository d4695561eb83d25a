"""The one engine that runs every row: delays, deadband, latch, acknowledge, audio pause, first-out.

Acknowledge, audio pause and reset are three different acts, and none of the first two ever changes
what a row does to heat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from alarms.limits import Limits
from alarms.model import CAP_PCT, Effect, Priority, Rule, Seen

AUDIO_PAUSE_S_MAX = 120.0  # safety.md H18


@dataclass(frozen=True, slots=True)
class Row:
    """What the engine remembers of one row whose condition holds, held, or is latched."""

    since_s: float | None  # when the condition began; None while it does not hold
    active: bool = False  # it has lasted `for_s`
    latched: bool = False
    inside_since_s: float | None = None  # since when the value has been inside the deadband
    raised_s: float = 0.0
    first_out: bool = False
    acknowledged_by: str | None = None
    audio_paused_until_s: float | None = None
    text: str = ""

    @property
    def shown(self) -> bool:
        """True while staff should see it."""
        return self.active or self.latched


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an alarm, for the log: raised, condition_gone, cleared,
    acknowledged, audio_paused, reset.
    """

    alarm_id: str
    change: str
    priority: Priority
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a cycle's look at all rows came to."""

    rows: Mapping[str, Row]
    changes: tuple[Change, ...]
    caps: tuple[
        tuple[float, str], ...
    ]  # power caps in percent, each with the text of the row behind it
    effects: tuple[
        tuple[Effect, str], ...
    ]  # session effects newly begun: END_HEATING, PAUSE, INTERRUPT, TRIP
    latches: tuple[str, ...]  # trips that only a person ends


def judge(
    rules: Sequence[tuple[Rule, float]], rows: Mapping[str, Row], seen: Seen, now_s: float
) -> Judged:
    """Judge every row. `rules` come from `with_limits`, each with the limit that now applies."""
    kept: dict[str, Row] = {}
    changes: list[Change] = []
    caps: list[tuple[float, str]] = []
    effects: list[tuple[Effect, str]] = []
    latches: list[str] = []
    anything_shown = any(row.shown for row in rows.values())
    for rule, limit in rules:
        value = rule.value(seen)
        before = rows.get(rule.alarm_id)
        if before is None and (value is None or value <= limit):
            continue
        row = _advance(rule, limit, value, before, now_s)
        if row is None:
            if before is not None and before.shown:
                changes.append(Change(rule.alarm_id, "cleared", rule.priority, before.text))
            continue
        if row.active and not (before is not None and before.active):
            if before is None or not before.latched:
                text = words(rule, limit, value, seen)
                row = replace(row, raised_s=now_s, first_out=not anything_shown, text=text)
                anything_shown = anything_shown or rule.signals
            changes.append(Change(rule.alarm_id, "raised", rule.priority, row.text))
            if rule.effect in _SESSION_EFFECTS:
                effects.append((rule.effect, row.text))
        elif before is not None and before.active and not row.active:
            changes.append(Change(rule.alarm_id, "condition_gone", rule.priority, row.text))
        kept[rule.alarm_id] = row
        cap_pct = CAP_PCT[rule.effect]
        if cap_pct < 100.0 and row.shown:
            caps.append((cap_pct, row.text))
        if row.latched and rule.trips:
            latches.append(rule.alarm_id)
    return Judged(kept, tuple(changes), tuple(caps), tuple(effects), tuple(latches))


_SESSION_EFFECTS = frozenset({Effect.END_HEATING, Effect.PAUSE, Effect.INTERRUPT, Effect.TRIP})


def _advance(
    rule: Rule, limit: float, value: float | None, before: Row | None, now_s: float
) -> Row | None:
    """One row, one cycle later; None when nothing is left to remember."""
    if value is None:  # cannot tell: a running timer runs on, nothing else begins or ends
        if before is None or before.since_s is None:
            return before
        return _ripen(rule, before, now_s)
    if not value <= limit:  # NaN lands here too
        if before is None:
            return _ripen(rule, Row(since_s=now_s), now_s)
        since_s = now_s if before.since_s is None else before.since_s
        if before.since_s == since_s and before.inside_since_s is None and before.active:
            return before
        return _ripen(rule, replace(before, since_s=since_s, inside_since_s=None), now_s)
    if before is None:
        return None
    return _retire(rule, limit, value, before, now_s)


def _ripen(rule: Rule, row: Row, now_s: float) -> Row:
    if row.active or row.since_s is None or not now_s - row.since_s >= rule.for_s:
        return row
    return replace(row, active=True, latched=row.latched or rule.latches or rule.trips)


def _retire(rule: Rule, limit: float, value: float, row: Row, now_s: float) -> Row | None:
    """The condition does not hold: how far and how long inside, and is it latched?"""
    if row.active:
        if not value <= limit - rule.inside_delta:
            return row if row.inside_since_s is None else replace(row, inside_since_s=None)
        inside_since_s = now_s if row.inside_since_s is None else row.inside_since_s
        if now_s - inside_since_s < rule.inside_s:
            return row if row.inside_since_s is not None else replace(row, inside_since_s=now_s)
    if row.latched:
        if row.since_s is None and not row.active:
            return row
        return replace(row, since_s=None, active=False, inside_since_s=None)
    return None


def words(rule: Rule, limit: float, value: float | None, seen: Seen) -> str:
    """The row's text with its probe, value and limit filled in."""
    named = {field.name: getattr(seen, field.name) for field in fields(Seen)}
    shown = float("nan") if value is None else value
    return rule.say.format(**named, value=shown, limit=limit)


def with_limits(rules: Iterable[Rule], limits: Limits) -> tuple[tuple[Rule, float], ...]:
    """Each row with the limit that applies, worked out once for a session, not in every cycle."""
    return tuple((rule, rule.limit(limits)) for rule in rules)


def restored(rules: Iterable[Rule], latched: Mapping[str, str], now_s: float) -> dict[str, Row]:
    """Rows for the latches read back from disk after a restart, each with its text; the condition
    is judged anew.

    A name that no row has any more is kept under `state_lost`: an unknown latch must not vanish.
    """
    known = {rule.alarm_id for rule in rules}
    rows = {}
    for name, text in latched.items():
        row = name if name in known else "state_lost"
        rows[row] = Row(None, latched=True, raised_s=now_s, text=text)
    return rows


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
