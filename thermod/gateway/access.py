"""The door: who is asking, and may they? Routes name what they need as a dependency.

All of it is `async` though none of it waits: the framework would run a plain function in a pool of
threads, and STOP must not queue for one.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from thermod.gateway.auth import Act, Person
from thermod.gateway.problems import CSRF, NO_KEY, NOT_ALLOWED, NOT_FOUND, Problem
from thermod.gateway.service import Gateway

COOKIE = "thermod_login"
READS = frozenset({"GET", "HEAD"})

_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="`tk_<id>_<secret>`")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="login")


async def gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


TheGateway = Annotated[Gateway, Depends(gateway_of)]


def identify(gateway: Gateway, request: Request) -> Person | None:
    """By key, or else by login; also by an expired one. Never waits for the disk."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    person = gateway.people.by_key(token.strip()) if scheme.lower() == "bearer" else None
    cookie = request.cookies.get(COOKIE)
    if person is None and cookie is not None:
        person = gateway.people.by_login(cookie, gateway.clock.wall_ms())
    return person


async def who(
    request: Request,
    gateway: TheGateway,
    _key: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _login: Annotated[str | None, Depends(_cookie)],
) -> Person:
    """Anybody we know, also with an expired login. This alone opens the emergency STOP."""
    person = identify(gateway, request)
    if person is None:
        came = "authorization" in request.headers or COOKIE in request.cookies
        what = "is not known, or was revoked" if came else "did not come with the request"
        raise Problem(NO_KEY, f"An access key {what}.")
    return person


Known = Annotated[Person, Depends(who)]


def leave_to(act: Act) -> Callable[[Request, Person, str | None], Awaitable[Person]]:
    """A dependency: the person, if their role may do this."""

    async def check(
        request: Request,
        person: Known,
        x_csrf_token: Annotated[str | None, Header(include_in_schema=False)] = None,
    ) -> Person:
        if person.expired:
            raise Problem(NO_KEY, "The login has expired.", do="Log in again. STOP still works.")
        if not person.may(act):
            raise Problem(NOT_ALLOWED, f"The role {person.role} may not: {act}.")
        if request.method not in READS:
            check_csrf(person, x_csrf_token)
        return person

    return check


def check_csrf(person: Person, token: str | None) -> None:
    """A write by cookie must show the token that only the console's own page can know."""
    if person.csrf is None:
        return
    if not hmac.compare_digest((token or "").encode(), person.csrf.encode()):
        raise Problem(CSRF, "The header X-CSRF-Token is missing or wrong.")


Looker = Annotated[Person, Depends(leave_to(Act.LOOK))]
Leader = Annotated[Person, Depends(leave_to(Act.SESSION))]
Stopper = Annotated[Person, Depends(leave_to(Act.LESS_HEAT))]
Attendant = Annotated[Person, Depends(leave_to(Act.PRESENCE))]
Resetter = Annotated[Person, Depends(leave_to(Act.RESET))]


async def known_dome(gateway: TheGateway, dome: Annotated[str, Path(max_length=64)]) -> str:
    if dome not in gateway.picture.domes:
        known = ", ".join(gateway.picture.domes)
        raise Problem(NOT_FOUND, f"There is no such dome. There are: {known}.")
    return dome


DomeId = Annotated[str, Depends(known_dome)]
