"""/v1/alarms: what is wrong, and who has seen it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from alarms import pages
from thermod.gateway.access import Attendant, DomeId, Looker, TheGateway
from thermod.gateway.acts import ask, session_on, wish_of
from thermod.gateway.api_domes import OF_AN_ACT
from thermod.gateway.auth import Person
from thermod.gateway.openapi import problems
from thermod.gateway.problems import CONFLICT, NOT_FOUND, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import Accepted, ActBody, AlarmEntry, AlarmLog, AlarmPage, Alarms

router = APIRouter(prefix="/v1/alarms", tags=["alarms"])

AlarmId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,48}$")]


@router.get("", responses=problems(401))
async def list_alarms(gateway: TheGateway, person: Looker) -> Alarms:
    """All that stand or are latched: control's, and those that only the gateway can raise.

    One that is not `current` is the last that was heard of it: its dome has been silent since.
    """
    return Alarms(alarms=gateway.alarms())


@router.get("/log", responses=problems(401, 422, 503))
async def alarm_log(
    gateway: TheGateway,
    person: Looker,
    dome: Annotated[str | None, Query(max_length=32)] = None,
    session: Annotated[str | None, Query(max_length=36)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AlarmLog:
    """What happened to alarms, from the journal, newest first: raised, condition_gone, cleared,
    acknowledged, audio_paused, audio_resumed, reset; with value, limit in force, and by whom.
    """
    rows = await gateway.records.ask_for_people(
        lambda reader: reader.alarm_log(dome, session, limit)
    )
    return AlarmLog(
        entries=[
            AlarmEntry(
                dome=row.dome,
                at_ms=row.at_ms,
                session_id=row.session_id,
                alarm_id=row.alarm_id,
                priority=row.priority,
                change=row.change,
                text=row.text,
                value=row.value,
                limit=row.limit_in_force,
                unit=row.unit,
                probe=row.probe,
                by=row.by,
            )
            for row in rows
        ]
    )


@router.get("/{alarm}/page", responses=problems(401, 404, 422))
async def runbook_page(person: Looker, alarm: AlarmId) -> AlarmPage:
    """What an alarm means and what to do about it, step by step."""
    page = pages.page_of(alarm)
    if page is None:
        raise Problem(NOT_FOUND, f"There is no alarm {alarm}.")
    facts = dict(page.facts)
    return AlarmPage(
        alarm_id=page.alarm_id,
        priority=page.priority,
        say=page.say,
        do=page.do,
        raised=facts["raised"],
        gone=facts["gone"],
        judged=facts["judged"],
        meaning=page.advice.meaning,
        impact=f"{page.heat} {page.advice.impact}",
        diagnosis=page.advice.diagnosis,
        mitigation=page.advice.mitigation,
    )


@router.post("/{dome}/{alarm}/acknowledge", responses=OF_AN_ACT)
async def acknowledge(
    gateway: TheGateway,
    person: Attendant,
    dome: DomeId,
    alarm: AlarmId,
    body: ActBody | None = None,
) -> Accepted:
    """I have seen it. It neither clears the alarm nor gives heat back."""
    return await _about(gateway, person, dome, alarm, "acknowledge", body)


@router.post("/{dome}/{alarm}/audio-pause", responses=OF_AN_ACT)
async def pause_audio(
    gateway: TheGateway,
    person: Attendant,
    dome: DomeId,
    alarm: AlarmId,
    body: ActBody | None = None,
) -> Accepted:
    """Silence it for at most 120 s. A new or higher alarm breaks the silence."""
    return await _about(gateway, person, dome, alarm, "audio-pause", body)


async def _about(
    gateway: Gateway, person: Person, dome: str, alarm: str, kind: str, body: ActBody | None
) -> Accepted:
    if any(own.alarm_id == alarm for own in gateway.own_alarms(dome)):
        raise Problem(
            CONFLICT,
            f"{alarm} is the gateway's own and clears by itself when its cause is gone.",
            do="Do what the alarm says.",
        )
    wish = wish_of(person, dome, kind, body, session_on(gateway, dome), alarm=alarm)
    return await ask(gateway, wish)
