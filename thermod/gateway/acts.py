"""From a request's body to the wish that control is asked, and its answer back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from thermod.gateway.answers import Answer
from thermod.gateway.answers import Request as Asked
from thermod.gateway.auth import Person
from thermod.gateway.intents import Seen, Wish
from thermod.gateway.problems import MEDIA_TYPE, NOT_FOUND, OFFLINE, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import Accepted, ActBody, StartBody

BESIDE_DETAILS = {"reason", "seen"}
REPLAYED = "Idempotency-Replayed"


def wish_of(
    person: Person,
    dome: str,
    kind: str,
    body: ActBody | None,
    session_id: str | None = None,
    **more: Any,
) -> Wish:
    """The body's own fields, and `more`, are the intent's details."""
    body = body or ActBody()
    details = {**body.model_dump(exclude=BESIDE_DETAILS, exclude_none=True), **more}
    seen = None if body.seen is None else Seen(body.seen.controller_id, body.seen.cycle)
    return Wish(dome, kind, person, body.reason, seen, session_id, details)


async def ask(gateway: Gateway, wish: Wish) -> Accepted:
    """Control's "accepted". Raises Problem for everything else."""
    reply = await gateway.intents.ask(wish)
    return Accepted(intent_id=reply.intent_id, session_id=reply.session_id, phase=reply.phase)


async def ask_once(
    gateway: Gateway, request: Request, wish: Wish, key: str | None, *, status: int
) -> Accepted | JSONResponse:
    """As `ask`; with an Idempotency-Key the same request gets the same answer again.

    What the person was looking at does not make it another request: a careful client looks anew
    before it repeats one.
    """
    if key is None:
        return await ask(gateway, wish)
    body = repr((wish.reason, sorted(wish.details.items()))).encode()
    path, digest = request.url.path, hashlib.sha256(body).hexdigest()
    asked = Asked(wish.person.key_id, path, key, digest)

    async def act() -> Answer:
        accepted = await ask(gateway, replace(wish, once=key))
        return Answer(status, accepted.model_dump())

    answer = await gateway.answers.once(asked, gateway.clock.wall_ms(), act)
    return JSONResponse(
        answer.body,
        answer.status,
        headers={REPLAYED: "true"} if answer.replayed else None,
        media_type=MEDIA_TYPE if answer.status >= 400 else None,
    )


def target_c(gateway: Gateway, dome: str, body: StartBody | None) -> float:
    """The target asked for, or the one that the newest snapshot shows."""
    if body is not None and body.target_c is not None:
        return body.target_c
    snapshot = gateway.picture.domes[dome].snapshot
    if snapshot is None:
        raise Problem(OFFLINE, f"Control on {dome} has not been heard, so no target is known.")
    return snapshot.target_c


def session_on(gateway: Gateway, dome: str) -> str | None:
    snapshot = gateway.picture.domes[dome].snapshot
    return None if snapshot is None or snapshot.session is None else snapshot.session.session_id


async def dome_of_session(gateway: Gateway, session_id: str) -> str:
    """Where it is or was. Raises Problem if nobody knows it."""
    dome = gateway.picture.dome_of_session(session_id)
    if dome is not None:
        return dome
    row = await gateway.records.ask_for_people(lambda reader: reader.session(session_id))
    if row is None or row.dome not in gateway.picture.domes:
        raise Problem(NOT_FOUND, "There is no such session.")
    gateway.picture.remember_session(session_id, row.dome)
    return row.dome
