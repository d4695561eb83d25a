"""The one engine that runs every row: delays, deadband, latch, first-out.

What is remembered and logged of an alarm is in occurrence.py, what people do to one in people.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from alarms.limits import Limits
from alarms.model import CAP_PCT, During, Effect, Rule, Seen
from alarms.occurrence import Change, Row, change, end_pauses, occurrence, raised


class Judged(NamedTuple):
    """What a cycle's look at all rows came to."""

    rows: Mapping[str, Row]
    changes: tuple[Change, ...]
    caps: tuple[tuple[float, str], ...]  # in percent, each with the text of the row behind it
    effects: tuple[tuple[Effect, str], ...]  # newly begun ones that move the session on
    latches: tuple[str, ...]  # these keep heat away until a person resets them


_QUIET: Final = Judged(MappingProxyType({}), (), (), (), ())
_MOVE_THE_SESSION: Final = (Effect.END_HEATING, Effect.PAUSE, Effect.INTERRUPT, Effect.TRIP)

# A row with the limit and the value it was judged by, as it was and as it is now.
_Turn = tuple[Rule, float, float | None, Row | None, Row | None]


def judge(
    rules: Sequence[tuple[Rule, float]], rows: Mapping[str, Row], seen: Seen, now_s: float
) -> Judged:
    """Judge every row. `rules` come from `with_limits`, each with the limit that now applies."""
    stage = _stage(seen)
    turns: list[_Turn] = []
    for rule, limit in rules:
        before = rows.get(rule.alarm_id) if rows else None
        if before is None:
            value = rule.value(seen)
            if value is None or value <= limit:
                continue  # where every row of a quiet cycle ends
            if rule.during <= stage:
                turns.append((rule, limit, value, None, _ripen(rule, Row(now_s), now_s)))
        elif _is_judged(rule, before, stage):
            value = rule.value(seen)
            after = _advance(rule, limit, value, before, now_s)
            turns.append((rule, limit, value, before, after))
        else:
            turns.append((rule, limit, None, before, _over(before)))
    return _told(turns, seen, now_s) if turns else _QUIET


def _stage(seen: Seen) -> During:
    """Rows of this `during`, and of lower ones, may begin now."""
    if seen.heating_phase:
        return During.HEATING
    return During.UNDER_WAY if seen.under_way else During.ALWAYS


def _is_judged(rule: Rule, row: Row, stage: During) -> bool:
    """May it begin now, or did it begin to stay?"""
    if rule.during is During.FROM_HEATING and row.active:
        return stage >= During.UNDER_WAY
    return rule.during <= stage


def _advance(
    rule: Rule, limit: float, value: float | None, before: Row, now_s: float
) -> Row | None:
    """One row, one cycle later; None when nothing is left to remember."""
    if value is None:  # cannot tell: a running timer runs on, nothing else begins or ends
        return _ripen(rule, before, now_s)
    if value <= limit:
        return _retire(rule, limit, value, before, now_s)
    if before.since_s is None:  # latched, and the condition is back
        return _ripen(rule, replace(before, since_s=now_s), now_s)
    if before.inside_since_s is not None:
        return replace(before, inside_since_s=None)
    return _ripen(rule, before, now_s)


def _ripen(rule: Rule, row: Row, now_s: float) -> Row:
    """Active, once the condition has lasted `for_s`."""
    if row.active or row.since_s is None or not now_s - row.since_s >= rule.for_s:
        return row
    return replace(row, active=True, latched=row.latched or rule.latches or rule.trips)


def _retire(rule: Rule, limit: float, value: float, row: Row, now_s: float) -> Row | None:
    """The condition does not hold: has it been far and long enough inside to be gone?"""
    if not row.active:
        return _over(row)
    if not value <= limit - rule.inside_delta:
        return row if row.inside_since_s is None else replace(row, inside_since_s=None)
    since_s = now_s if row.inside_since_s is None else row.inside_since_s
    if now_s - since_s >= rule.inside_s:
        return _over(row)
    return row if row.inside_since_s == since_s else replace(row, inside_since_s=since_s)


def _over(row: Row) -> Row | None:
    """The condition is gone. What is latched stays, for a person to reset."""
    if not row.latched:
        return None
    return (
        row
        if row.since_s is None
        else replace(row, since_s=None, active=False, inside_since_s=None)
    )


def _told(turns: Sequence[_Turn], seen: Seen, now_s: float) -> Judged:
    """What the rows that are not quiet do to heat, and what of it is news."""
    rows: dict[str, Row] = {}
    changes: list[Change] = []
    effects: list[tuple[Effect, str]] = []
    caps: list[tuple[float, str]] = []
    latches: list[str] = []
    is_first = not any(_asks_for_somebody(rule, was) for rule, _, _, was, _ in turns)
    unmuted_by = ""
    for rule, limit, value, before, row in turns:
        happened = _happened(before, row)
        if happened == "raised" and row is not None:
            first_out = is_first and rule.signals
            row = raised(before, row, occurrence(rule, limit, value, seen, now_s), first_out)
            is_first = is_first and not first_out
            if rule.signals or rule.unmutes:
                unmuted_by = unmuted_by or row.text
            if rule.effect in _MOVE_THE_SESSION:
                effects.append((rule.effect, row.text))
        told = before if row is None else row
        if happened and told is not None:
            changes.append(change(rule, limit, value, happened, told, seen))
        if row is None:
            continue
        rows[rule.alarm_id] = row
        cap_pct = CAP_PCT[rule.effect] if row.shown else 100.0
        if cap_pct < 100.0:
            caps.append((cap_pct, row.text))
        if row.latched and cap_pct <= 0.0:
            latches.append(rule.alarm_id)
    changes += end_pauses((rule for rule, *_ in turns), rows, unmuted_by, now_s)
    return Judged(rows, tuple(changes), tuple(caps), tuple(effects), tuple(latches))


def _asks_for_somebody(rule: Rule, row: Row | None) -> bool:
    """True of an alarm that is shown and that nobody has acknowledged."""
    return row is not None and row.shown and rule.signals and row.acknowledged_by is None


def _happened(before: Row | None, row: Row | None) -> str:
    """The word for the log; empty where nothing did."""
    was_active = before is not None and before.active
    if row is None:
        return "cleared" if was_active else ""
    if row.active == was_active:
        return ""
    return "raised" if row.active else "condition_gone"


def with_limits(rules: Iterable[Rule], limits: Limits) -> tuple[tuple[Rule, float], ...]:
    """Each row with the limit that applies, worked out once for a session, not in every cycle."""
    return tuple((_with_deadband(rule, limits), rule.limit(limits)) for rule in rules)


def _with_deadband(rule: Rule, limits: Limits) -> Rule:
    """`clears_at` as the deadband that it comes to under these limits."""
    if rule.clears_at is None:
        return rule
    return replace(rule, inside_delta=rule.limit(limits) - rule.clears_at(limits))


def restored(rules: Iterable[Rule], latched: Mapping[str, str], now_s: float) -> dict[str, Row]:
    """Rows for the latches read back from disk after a restart, each with its text; the condition
    is judged anew.

    A name that no row has any more is kept under `state_lost`: an unknown latch must not vanish.
    """
    known = {rule.alarm_id for rule in rules}
    texts = {name: text for name, text in latched.items() if name in known}
    unknown = [f"{name}: {text}" for name, text in latched.items() if name not in known]
    if unknown:
        kept = [texts["state_lost"]] if "state_lost" in texts else []
        texts["state_lost"] = "; ".join([*kept, *unknown])
    return {
        name: Row(None, latched=True, raised_s=now_s, text=text) for name, text in texts.items()
    }
