"""/v1/domes: what a dome is doing, and what is asked of the dome itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import JSONResponse

from thermod.gateway.access import (
    Attendant,
    DomeId,
    Known,
    Leader,
    Looker,
    Resetter,
    TheGateway,
)
from thermod.gateway.acts import ask, ask_once, session_on, wish_of
from thermod.gateway.openapi import problems
from thermod.gateway.service import report
from thermod.gateway.views import Accepted, ActBody, CreateBody, Dome, Domes, ResetBody, StopReport

router = APIRouter(prefix="/v1/domes", tags=["domes"])

OF_AN_ACT = problems(401, 403, 404, 409, 413, 422, 503, 504)
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=128)]


@router.get("", responses=problems(401))
async def list_domes(gateway: TheGateway, person: Looker) -> Domes:
    """All domes of this site."""
    return gateway.domes()


@router.get("/{dome}", responses=problems(401, 404, 422))
async def look_at_dome(gateway: TheGateway, person: Looker, dome: DomeId) -> Dome:
    """One dome. `age_s` is judged on the gateway's clock at arrival, never from the snapshot."""
    return gateway.dome(dome)


@router.post("/{dome}/sessions", status_code=201, response_model=Accepted, responses=OF_AN_ACT)
async def create_session(
    request: Request,
    gateway: TheGateway,
    person: Leader,
    dome: DomeId,
    body: CreateBody,
    idempotency_key: IdempotencyKey = None,
) -> Accepted | JSONResponse:
    """Create a session and run its preflight. It heats no patient.

    With an `Idempotency-Key` the same request gets the same answer, however often it is sent.
    """
    wish = wish_of(person, dome, "create", body)
    return await ask_once(gateway, request, wish, idempotency_key, status=201)


@router.post("/{dome}/stop", responses=problems(401, 404, 422))
async def emergency_stop(gateway: TheGateway, person: Known, dome: DomeId) -> StopReport:
    """The emergency STOP: heat off, epoch ended, latched.

    It asks for no role, no fresh login, no CSRF token and no body, and is never rate-limited: any
    key that was not revoked will do, and any login with it, also an expired one. It answers within
    2 s whether dome, guard and control have all said it back; if they have not, use the stop button
    on the dome. The gateway goes on repeating it for 60 s.
    """
    return report(await gateway.stops.press(dome, person.label))


@router.post("/{dome}/confirm-presence", responses=OF_AN_ACT)
async def confirm_presence_at_dome(
    gateway: TheGateway, person: Attendant, dome: DomeId, body: ActBody | None = None
) -> Accepted:
    """Somebody is here, with the patient."""
    wish = wish_of(person, dome, "confirm-presence", body, session_on(gateway, dome))
    return await ask(gateway, wish)


@router.post("/{dome}/reset", responses=OF_AN_ACT)
async def reset_latches(
    gateway: TheGateway, person: Resetter, dome: DomeId, body: ResetBody
) -> Accepted:
    """Clear named latches whose condition no longer stands. Heat returns only by `resume`."""
    return await ask(gateway, wish_of(person, dome, "reset", body))
