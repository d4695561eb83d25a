"""What the gateway itself alarms on, because nobody else is left who could (H27).

These alarms clear by themselves when their condition ends, and cannot be acknowledged: whoever
silences the news that control is dead has lost the last one who would tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from thermod.gateway.forward import ForwardStatus
from thermod.gateway.state import STATE_SILENT_S, DomePicture, Live, Picture
from thermod.gateway.views import Alarm

OUTAGE_S = 60.0  # a restart of the database is not worth an alarm
SITE = "-"  # stands where the dome's id would: the alarm is about all of them


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wrong now."""

    dome: str
    alarm_id: str
    priority: str
    text: str
    do: str


class Watch:
    """Remembers since when each condition has stood."""

    def __init__(self) -> None:
        self._since_ms: dict[tuple[str, str], int] = {}

    def alarms(self, conditions: Iterator[Condition], now_ms: int) -> list[Alarm]:
        standing = {(one.dome, one.alarm_id): one for one in conditions}
        self._since_ms = {key: self._since_ms.get(key, now_ms) for key in standing}
        return [
            Alarm(
                dome=one.dome,
                alarm_id=one.alarm_id,
                priority=one.priority,
                state="active",
                text=one.text,
                do=one.do,
                since_ms=self._since_ms[key],
                page=page_of(one.alarm_id),
                source="gateway",
                current=True,
            )
            for key, one in standing.items()
        ]


def conditions(
    picture: Picture, *, connected: bool, journal_error: str, forward: ForwardStatus
) -> Iterator[Condition]:
    """Everything that is wrong now, as the gateway sees it."""
    now_s = picture.clock.now_s()
    for dome, seen in picture.domes.items():
        silent_s = silence_s(seen, picture.began_s, now_s)
        if not silent_s <= STATE_SILENT_S:
            yield Condition(dome, "control_silent", "high", *_silent_text(silent_s, connected))
    if journal_error:
        yield Condition(
            SITE,
            "journal_unreadable",
            "medium",
            f"The record cannot be read: {journal_error}",
            "Check the disk and that control is running. Treatment does not depend on it.",
        )
    if forward.refused_why:
        yield Condition(
            SITE,
            "telemetry_refused",
            "medium",
            f"The database refuses to write: {forward.refused_why}",
            "Check its address, token, organisation and bucket. Nothing is lost: it all waits.",
        )
    elif forward.error_since_s is not None and not now_s - forward.error_since_s <= OUTAGE_S:
        yield Condition(
            SITE,
            "telemetry_waiting",
            "low",
            f"The database takes nothing: {forward.error}",
            "Check that it runs. Nothing is lost: it all waits in the journal.",
        )
    if forward.dead_letters:
        yield Condition(
            SITE,
            "telemetry_set_aside",
            "low",
            f"The database refused {forward.dead_letters} lines; they are set aside",
            "Look at the table dead_letter in gateway.db; the journal holds the record.",
        )


def silence_s(seen: DomePicture, began_s: float, now_s: float) -> float:
    """How long control has said nothing live; since our own start if it never did."""
    return now_s - (began_s if seen.snapshot_s is None else seen.snapshot_s)


def _silent_text(silent_s: float, connected: bool) -> tuple[str, str]:
    if connected:
        return (
            f"Control has been silent for {silent_s:.0f} s",
            "Go to the patient. Use the stop button on the dome, then have control restarted.",
        )
    return (
        f"Nothing heard for {silent_s:.0f} s: the gateway has no connection to the broker",
        "Go to the patient: nothing on this page is live. Use the stop button on the dome.",
    )


def page_of(alarm_id: str) -> str:
    """The address of an alarm's runbook page."""
    return f"/v1/alarms/{alarm_id}/page"


def control_alarms(dome: str, seen: DomePicture, now_s: float) -> list[Alarm]:
    """Control's alarms: of the live snapshot, else also what it last left on the broker.

    With its link lost nothing is silenced any more: SAFETY.md H18.
    """
    is_live = seen.live(now_s) is Live.LIVE
    alarms = {
        one.alarm_id: Alarm(
            dome=dome,
            alarm_id=one.alarm_id,
            priority=one.priority,
            state=one.state,
            text=one.text,
            do=one.do,
            since_ms=one.since_ms,
            first_out=one.first_out,
            acknowledged_by=one.acknowledged_by,
            audio_paused_s=one.audio_paused_s if is_live else 0.0,
            value=one.value,
            limit=one.limit,
            unit=one.unit,
            probe=one.probe,
            page=page_of(one.alarm_id),
            current=is_live,
        )
        for one in (seen.snapshot.alarms if seen.snapshot is not None else ())
    }
    if not is_live:
        for left in seen.alarms.values():
            alarms.setdefault(
                left.id,
                Alarm(
                    dome=dome,
                    alarm_id=left.id,
                    priority=left.priority,
                    state=left.state,
                    text=left.text,
                    do=left.do,
                    since_ms=left.since_ms,
                    first_out=left.first_out,
                    acknowledged_by=left.acknowledged_by,
                    value=left.value,
                    limit=left.limit,
                    unit=left.unit,
                    probe=left.probe,
                    page=page_of(left.id),
                    current=False,
                ),
            )
    return list(alarms.values())
