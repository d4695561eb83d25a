"""/v1/alarms: what is wrong, and who has seen it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from thermod.gateway.access import Attendant, DomeId, Looker, TheGateway
from thermod.gateway.acts import ask, session_on, wish_of
from thermod.gateway.api_domes import OF_AN_ACT
from thermod.gateway.auth import Person
from thermod.gateway.openapi import problems
from thermod.gateway.problems import CONFLICT, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import Accepted, ActBody, Alarms

router = APIRouter(prefix="/v1/alarms", tags=["alarms"])

AlarmId = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,48}$")]


@router.get("", responses=problems(401))
async def list_alarms(gateway: TheGateway, person: Looker) -> Alarms:
    """All that stand or are latched: control's, and those that only the gateway can raise.

    One that is not `current` is the last that was heard of it: its dome has been silent since.
    """
    return Alarms(alarms=gateway.alarms())


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
