"""/v1/events: everything live, as server-sent events."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from thermod.gateway.access import Looker, TheGateway, identify
from thermod.gateway.auth import Act
from thermod.gateway.openapi import problems
from thermod.gateway.stream import EventStream

router = APIRouter(prefix="/v1", tags=["events"])

DESCRIPTION = """
First `snapshot`: all domes (as `GET /v1/domes`). Then `dome` whenever one is heard (as
`GET /v1/domes/{dome}`), `happening` for what control tells (session, phase, acts), and `beat` twice
a second with `at_ms`, `link` (is the broker there?) and the gateway's own `alarms`: no event for
3 s means that nothing on the page is live. Each event has an `id`. A `Last-Event-ID` is welcome and
not needed: every stream begins with everything. A client that reads slowly misses states in
between, never the newest.
"""
CONTENT = {"text/event-stream": {"schema": {"type": "string"}}}


class EventStreamed(Response):
    """Names the media type in the description of the API."""

    media_type = "text/event-stream"


@router.get(
    "/events",
    response_class=EventStreamed,
    description=DESCRIPTION,
    responses={**problems(401, 503), 200: {"description": "A stream", "content": CONTENT}},
)
async def events(request: Request, gateway: TheGateway, person: Looker) -> Response:
    def still_allowed() -> bool:
        looker = identify(gateway, request)
        return looker is not None and looker.may(Act.LOOK)

    def everything() -> bytes:
        return gateway.domes().model_dump_json().encode()

    return EventStream(request, gateway.hub, everything, still_allowed)
