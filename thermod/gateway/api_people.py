"""/v1/login, /v1/logout, /v1/me: the console's login. Machines send their key with each request."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Cookie, Header, Request, Response

from thermod.gateway.access import COOKIE, Known, TheGateway, check_csrf
from thermod.gateway.auth import LOGIN_KEPT_MS, Person
from thermod.gateway.openapi import problems
from thermod.gateway.problems import NO_KEY, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import LoginBody, Me

router = APIRouter(prefix="/v1", tags=["people"])


@router.post("/login", responses=problems(401, 413, 422))
async def log_in(request: Request, response: Response, gateway: TheGateway, body: LoginBody) -> Me:
    """Turn an access key into a login of 12 h.

    The cookie outlives the login, so that a console whose login has run out can still press STOP.
    """
    person = gateway.people.by_key(body.key.strip())
    if person is None:
        raise Problem(NO_KEY, "This access key is not known, or was revoked.")
    now_ms = gateway.clock.wall_ms()
    cookie = await asyncio.to_thread(gateway.people.log_in, person, now_ms)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LOGIN_KEPT_MS // 1000,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return _me(gateway, gateway.people.by_login(cookie, now_ms) or person)


@router.post("/logout", status_code=204, responses=problems(401, 403))
async def log_out(
    response: Response,
    gateway: TheGateway,
    person: Known,
    thermod_login: Annotated[str | None, Cookie(include_in_schema=False)] = None,
    x_csrf_token: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    """Forget this login."""
    check_csrf(person, x_csrf_token)
    if thermod_login is not None:
        await asyncio.to_thread(gateway.people.log_out, thermod_login)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@router.get("/me", responses=problems(401))
async def me(gateway: TheGateway, person: Known) -> Me:
    """Who you are. Also for an expired login, which may press STOP and needs to know where."""
    return _me(gateway, person)


def _me(gateway: Gateway, person: Person) -> Me:
    return Me(
        label=person.label,
        role=person.role,
        csrf=person.csrf,
        expired=person.expired,
        site=gateway.picture.topics.site,
        domes=list(gateway.picture.domes),
    )
