"""The story of a session in a dozen sentences, told from what the journal holds of it. Pure.

For somebody who was not there and asks what happened and why. No sentence says more than a row
does.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from thermod.journal_schema import AlarmRow, EventRow, SessionRow

ALARMS_MAX: Final = 6  # in full; of more than that the rest is counted
REASONS_MAX: Final = 4
GAP_MS_MAX: Final = 60_000  # a longer time between two moments is a gap in the record
BAND_DELTA_C: Final = 0.1
COLD_C: Final = 38.0
HEATING: Final = ("heat_up", "hold")
_NUMBERS = re.compile(r"-?\d+(\.\d+)?")


class Moment(NamedTuple):
    """One cycle of the session, as far as the story needs it."""

    at_ms: int
    phase: str
    target_c: float
    core_temp_c: float | None
    skin_temp_c: float | None
    air_temp_c: float | None
    power_pct: float
    measured_w: float | None
    heat: str
    because: str


def tell(
    session: SessionRow,
    moments: Sequence[Moment],
    events: Sequence[EventRow],
    alarms: Sequence[AlarmRow],
) -> list[str]:
    """The sentences, in the order of what happened. All rows are of this session, oldest first."""
    clock = _Clock(session.started_ms or session.created_ms)
    return [
        _who(session),
        _start(session, events),
        *_heat_up(session, moments, clock),
        *_reasons(moments),
        *_hold(session, moments, clock),
        *_breaks(moments, events, clock),
        *_alarms(alarms, clock),
        *_people(events),
        *_end(session, moments, events, clock),
        *_extremes(moments, clock),
    ]


class _Clock(NamedTuple):
    """Minutes are counted from the first heat, or from the beginning of a session without any."""

    zero_ms: int

    def minute(self, at_ms: int) -> str:
        return f"minute {(at_ms - self.zero_ms) / 60_000.0:.0f}"


def _who(session: SessionRow) -> str:
    began = datetime.fromtimestamp(session.created_ms / 1000.0, UTC)
    return (
        f"Session {session.session_id} on {session.dome} began on {began:%Y-%m-%d at %H:%M} UTC:"
        f" subject {session.subject}, staff {session.staff}, protocol {session.protocol},"
        f" target {session.target_c:.1f} °C."
    )


def _start(session: SessionRow, events: Sequence[EventRow]) -> str:
    refused = [event for event in _acts(events, "refused") if _kind(event) == "start"]
    tried = "" if not refused else f" after {_times(len(refused))} refused ({refused[-1].text})"
    started = next((event for event in _acts(events, "accepted") if _kind(event) == "start"), None)
    if started is None:
        return f"Heat was never started{tried}."
    passed_s = (started.at_ms - session.created_ms) / 1000.0
    return f"{started.by} started heat {passed_s:.0f} s later, with a complete checklist{tried}."


def _heat_up(session: SessionRow, moments: Sequence[Moment], clock: _Clock) -> Iterator[str]:
    core = [(each, each.core_temp_c) for each in moments if each.phase == "heat_up"]
    known = [(each, temp_c) for each, temp_c in core if temp_c is not None]
    if not known:
        return
    (first, from_c), (last, to_c) = known[0], known[-1]
    minutes = (last.at_ms - first.at_ms) / 60_000.0
    full = _minutes(each for each in _spans(moments, "heat_up") if each[0].power_pct >= 99.0)
    rate = f", {(to_c - from_c) / minutes:.3f} °C/min in the mean" if minutes > 0.0 else ""
    yield (
        f"The core rose from {from_c:.2f} to {to_c:.2f} °C in {minutes:.0f} min of heat-up{rate};"
        f" the heater ran at full power for {full:.0f} of them."
    )
    back = next((m for m in moments if m.because.startswith("holding back")), None)
    if back is not None and back.core_temp_c is not None:
        yield (
            f"From {clock.minute(back.at_ms)}, at {back.core_temp_c:.2f} °C, it was"
            f" {back.because.split(';')[0]}."
        )


def _reasons(moments: Sequence[Moment]) -> Iterator[str]:
    """What kept the power from being higher while heat was on, the longest first."""
    lasted: Counter[str] = Counter()
    said: dict[str, str] = {}
    for phase in HEATING:
        for moment, passed_ms in _spans(moments, phase):
            first = moment.because.split(";")[0]
            if first and not first.startswith("heating"):
                name = _NUMBERS.sub("#", first)
                lasted[name] += passed_ms
                said.setdefault(name, first)
    if lasted:
        parts = [
            f"{passed_ms / 60_000.0:.0f} min by “{said[name]}”"
            for name, passed_ms in lasted.most_common(REASONS_MAX)
            if passed_ms >= 30_000
        ]
        if parts:
            yield f"While heat was on, power was decided for {'; '.join(parts)}."


def _hold(session: SessionRow, moments: Sequence[Moment], clock: _Clock) -> Iterator[str]:
    core = [each.core_temp_c for each in moments if each.phase == "hold"]
    known = [temp_c for temp_c in core if temp_c is not None]
    if not known:
        yield "The core never came within 0.1 °C of the target."
        return
    first = next(each for each in moments if each.phase == "hold")
    inside = sum(abs(temp_c - session.target_c) <= BAND_DELTA_C for temp_c in known)
    minutes = _minutes(_spans(moments, "hold"))
    yield (
        f"It was first within 0.1 °C of the target in {clock.minute(first.at_ms)} and was held for"
        f" {minutes:.0f} min between {min(known):.2f} and {max(known):.2f} °C,"
        f" {100.0 * inside / len(known):.0f} % of that within 0.1 °C."
    )


def _breaks(moments: Sequence[Moment], events: Sequence[EventRow], clock: _Clock) -> Iterator[str]:
    withheld = [each for phase in HEATING for each in _spans(moments, phase)]
    lost_ms = sum(passed_ms for each, passed_ms in withheld if each.heat == "withheld")
    if lost_ms >= 1_000:
        yield f"The guard withheld heat for {lost_ms / 1000.0:.0f} s of it in all."
    for event in events:
        if event.kind == "phase" and event.text.endswith(("paused", "interrupted", "tripped")):
            yield f"In {clock.minute(event.at_ms)} the session went from {event.text}."
        elif event.kind == "stop":
            yield f"In {clock.minute(event.at_ms)}: {event.text}."
        elif event.kind == "accepted" and _kind(event) in ("resume", "reset"):
            reason = _details(event).get("reason") or "no reason given"
            yield f"In {clock.minute(event.at_ms)}: {_kind(event)} by {event.by}, “{reason}”."
    gaps = [
        (each, after)
        for each, after in zip(moments, moments[1:], strict=False)
        if after.at_ms - each.at_ms > GAP_MS_MAX
    ]
    for each, after in gaps:
        minutes = (after.at_ms - each.at_ms) / 60_000.0
        yield f"There is no record for {minutes:.0f} min from {clock.minute(each.at_ms)} on."


def _alarms(alarms: Sequence[AlarmRow], clock: _Clock) -> Iterator[str]:
    raised = [each for each in alarms if each.change == "raised"]
    if not raised:
        yield "There was no alarm."
        return
    for alarm in raised[:ALARMS_MAX]:
        after = [each for each in alarms if each.alarm_id == alarm.alarm_id]
        later = [each for each in after if each.at_ms > alarm.at_ms]
        gone = next((e for e in later if e.change in ("cleared", "condition_gone")), None)
        seen = next((each for each in later if each.change == "acknowledged"), None)
        ended = "it still stood at the end" if gone is None else f"gone after {_ago(alarm, gone)}"
        by = "" if seen is None else f", acknowledged by {seen.by}"
        yield (
            f"In {clock.minute(alarm.at_ms)} {alarm.priority} alarm {alarm.alarm_id}:"
            f" {alarm.text}; {ended}{by}."
        )
    if len(raised) > ALARMS_MAX:
        yield f"{_times(len(raised) - ALARMS_MAX).capitalize()} more an alarm was raised."


def _ago(alarm: AlarmRow, gone: AlarmRow) -> str:
    passed_s = (gone.at_ms - alarm.at_ms) / 1000.0
    return f"{passed_s:.0f} s" if passed_s < 120.0 else f"{passed_s / 60.0:.0f} min"


def _people(events: Sequence[EventRow]) -> Iterator[str]:
    accepted = list(_acts(events, "accepted"))
    there = sum(_kind(event) == "confirm-presence" for event in accepted)
    refused = sum(1 for _ in _acts(events, "refused"))
    notes = [event for event in accepted if _kind(event) in ("note", "manual-check")]
    yield (
        f"Staff confirmed {_times(there)} that they were there; {refused or 'none'} of their acts"
        f" {'was' if refused <= 1 else 'were'} refused."
    )
    for event in notes:
        details = _details(event).get("details")
        said = details.get("text") if isinstance(details, dict) else None
        yield f"{event.by} noted: {said or event.text}."


def _end(
    session: SessionRow,
    moments: Sequence[Moment],
    events: Sequence[EventRow],
    clock: _Clock,
) -> Iterator[str]:
    ended = next((e for e in events if e.kind == "phase" and e.text.startswith("hold →")), None)
    if ended is not None:
        yield f"Heating ended in {clock.minute(ended.at_ms)} ({ended.text})."
    cooling = [each for each in moments if each.phase == "cool_down"]
    cold = next((m for m in cooling if m.core_temp_c is not None and m.core_temp_c < COLD_C), None)
    if cooling and cold is not None:
        minutes = (cold.at_ms - cooling[0].at_ms) / 60_000.0
        yield f"In cool-down the core fell below {COLD_C:.1f} °C after {minutes:.0f} min."
    if session.ended_ms is None:
        phase = moments[-1].phase if moments else "unknown"
        yield f"The session is not over; it stands in phase {phase}."
    else:
        yield f"It was ended in {clock.minute(session.ended_ms)}: {session.ended_by}."


def _extremes(moments: Sequence[Moment], clock: _Clock) -> Iterator[str]:
    hottest = max(
        (each for each in moments if each.core_temp_c is not None),
        key=lambda each: each.core_temp_c or 0.0,
        default=None,
    )
    if hottest is None:
        return
    skin = max((m.skin_temp_c for m in moments if m.skin_temp_c is not None), default=0.0)
    air = max((m.air_temp_c for m in moments if m.air_temp_c is not None), default=0.0)
    energy_j = sum(
        (each.measured_w or 0.0) * passed_ms / 1000.0 for each, passed_ms in _spans(moments, None)
    )
    yield (
        f"The highest core was {hottest.core_temp_c:.2f} °C in {clock.minute(hottest.at_ms)}, the"
        f" hottest skin {skin:.1f} °C, the hottest air {air:.1f} °C; the heater took"
        f" {energy_j / 3.6e6:.2f} kWh."
    )


def _spans(moments: Sequence[Moment], phase: str | None) -> Iterator[tuple[Moment, int]]:
    """Each moment with the time up to the next one; gaps in the record count for nothing."""
    for moment, after in zip(moments, moments[1:], strict=False):
        passed_ms = after.at_ms - moment.at_ms
        if phase in (None, moment.phase) and 0 < passed_ms <= GAP_MS_MAX:
            yield moment, passed_ms


def _minutes(spans: Iterable[tuple[Moment, int]]) -> float:
    return sum(passed_ms for _, passed_ms in spans) / 60_000.0


def _acts(events: Sequence[EventRow], kind: str) -> Iterator[EventRow]:
    return (event for event in events if event.kind == kind)


def _details(event: EventRow) -> dict[str, object]:
    try:
        details = json.loads(event.details)
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _kind(event: EventRow) -> str:
    return str(_details(event).get("kind", ""))


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
