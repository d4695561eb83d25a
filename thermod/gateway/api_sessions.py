"""/v1/sessions: the course of one session, and what its staff ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse

from thermod.gateway.access import Attendant, Leader, Looker, Stopper, TheGateway
from thermod.gateway.acts import ask, ask_once, dome_of_session, target_c, wish_of
from thermod.gateway.api_domes import OF_AN_ACT, IdempotencyKey
from thermod.gateway.auth import Person
from thermod.gateway.openapi import problems
from thermod.gateway.problems import NOT_FOUND, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import (
    Accepted,
    ActBody,
    ManualCheckBody,
    NoteBody,
    ResumeBody,
    Series,
    Session,
    Sessions,
    StartBody,
)
from thermod.journal_read import SeriesPoint
from thermod.journal_schema import SessionRow

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
POINTS_MAX = 5_000

SessionId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,36}$")]


async def dome_of(gateway: TheGateway, session: SessionId) -> str:
    return await dome_of_session(gateway, session)


ItsDome = Annotated[str, Depends(dome_of)]


@router.get("", responses=problems(401, 422, 503))
async def list_sessions(
    gateway: TheGateway,
    person: Looker,
    dome: Annotated[str | None, Query(max_length=32)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Sessions:
    """The newest sessions in the journal, newest first."""
    rows = await gateway.records.ask_for_people(lambda reader: reader.sessions(dome, limit))
    return Sessions(sessions=[_session(row) for row in rows])


@router.get("/{session}", responses=problems(401, 404, 422, 503))
async def look_at_session(gateway: TheGateway, person: Looker, session: SessionId) -> Session:
    """One session in the journal."""
    row = await gateway.records.ask_for_people(lambda reader: reader.session(session))
    if row is None:
        raise Problem(NOT_FOUND, "The journal has no such session.")
    return _session(row)


@router.get("/{session}/series", responses=problems(401, 422, 503))
async def series_of_session(
    gateway: TheGateway,
    person: Looker,
    session: SessionId,
    points: Annotated[int, Query(ge=2, le=POINTS_MAX)] = 1_000,
) -> Series:
    """Its course, thinned out to at most `points`; no peak of the core temperature is lost."""
    found = await gateway.records.ask_for_people(lambda reader: reader.series(session, points))
    columns = zip(*found, strict=True) if found else ((),) * len(SeriesPoint._fields)
    return Series.model_validate(
        {"session_id": session, **dict(zip(SeriesPoint._fields, map(list, columns), strict=True))}
    )


@router.post("/{session}/start", response_model=Accepted, responses=OF_AN_ACT)
async def start(
    request: Request,
    gateway: TheGateway,
    person: Leader,
    dome: ItsDome,
    session: SessionId,
    body: StartBody | None = None,
    idempotency_key: IdempotencyKey = None,
) -> Accepted | JSONResponse:
    """Begin to heat, from a passed preflight. The second of two acts, and the one that heats.

    With an `Idempotency-Key` the same request gets the same answer, however often it is sent.
    """
    aim_c = target_c(gateway, dome, body)
    wish = wish_of(person, dome, "start", body, session, target_c=aim_c)
    return await ask_once(gateway, request, wish, idempotency_key, status=200)


@router.post("/{session}/resume", responses=OF_AN_ACT)
async def resume(
    gateway: TheGateway,
    person: Leader,
    dome: ItsDome,
    session: SessionId,
    body: ResumeBody | None = None,
) -> Accepted:
    """Heat again after a pause; after an interruption with a reason and `same_patient`."""
    aim_c = target_c(gateway, dome, body)
    wish = wish_of(person, dome, "resume", body, session, target_c=aim_c)
    return await ask(gateway, wish)


@router.post("/{session}/pause", responses=OF_AN_ACT)
async def pause(
    gateway: TheGateway,
    person: Stopper,
    dome: ItsDome,
    session: SessionId,
    body: ActBody | None = None,
) -> Accepted:
    """Heat off and the epoch over, for at most 20 min; then cool-down."""
    return await _plain(gateway, person, dome, "pause", session, body)


@router.post("/{session}/stop", responses=OF_AN_ACT)
async def stop(
    gateway: TheGateway,
    person: Stopper,
    dome: ItsDome,
    session: SessionId,
    body: ActBody | None = None,
) -> Accepted:
    """The normal end: heating ends and cool-down begins. It latches nothing."""
    return await _plain(gateway, person, dome, "stop", session, body)


@router.post("/{session}/close", responses=OF_AN_ACT)
async def close(
    gateway: TheGateway,
    person: Leader,
    dome: ItsDome,
    session: SessionId,
    body: ActBody | None = None,
) -> Accepted:
    """End the cool-down: below 38.0 °C, or with a reason."""
    return await _plain(gateway, person, dome, "close", session, body)


@router.post("/{session}/confirm-presence", responses=OF_AN_ACT)
async def confirm_presence(
    gateway: TheGateway,
    person: Attendant,
    dome: ItsDome,
    session: SessionId,
    body: ActBody | None = None,
) -> Accepted:
    """Somebody is here, with the patient."""
    return await _plain(gateway, person, dome, "confirm-presence", session, body)


@router.post("/{session}/manual-check", responses=OF_AN_ACT)
async def manual_check(
    gateway: TheGateway,
    person: Attendant,
    dome: ItsDome,
    session: SessionId,
    body: ManualCheckBody,
) -> Accepted:
    """The core, measured by hand: due each 30 min where only one core probe is in use."""
    return await _plain(gateway, person, dome, "manual-check", session, body)


@router.post("/{session}/note", responses=OF_AN_ACT)
async def note(
    gateway: TheGateway, person: Attendant, dome: ItsDome, session: SessionId, body: NoteBody
) -> Accepted:
    """A line for the journal."""
    return await _plain(gateway, person, dome, "note", session, body)


async def _plain(
    gateway: Gateway, person: Person, dome: str, kind: str, session: str, body: ActBody | None
) -> Accepted:
    return await ask(gateway, wish_of(person, dome, kind, body, session))


def _session(row: SessionRow) -> Session:
    return Session.model_validate(row._asdict())
