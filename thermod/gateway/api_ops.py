"""For those who run it: /healthz, /readyz, /metrics, and the pages about problems."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from thermod.gateway.access import Looker, TheGateway
from thermod.gateway.openapi import problems
from thermod.gateway.problems import KINDS, NOT_FOUND, Problem
from thermod.gateway.service import Gateway
from thermod.gateway.views import Ready

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """The process lives and answers. No key is asked for."""
    return "ok\n"


@router.get("/readyz", responses={503: {"model": Ready, "description": "Not ready"}})
async def readyz(gateway: TheGateway, response: Response) -> Ready:
    """The broker is there, the journal can be read, and the database (if any) takes writes.

    No key is asked for.
    """
    checks = readiness(gateway)
    if checks:
        response.status_code = 503
    return Ready(ready=not checks, checks=checks)


@router.get("/metrics", response_class=PlainTextResponse, responses=problems(401))
async def metrics(request: Request, person: Looker) -> Response:
    """For Prometheus. Any key will do."""
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/problems/{slug}", response_class=PlainTextResponse, responses=problems(404))
async def about_a_problem(slug: str) -> str:
    """What the `type` of an error points to."""
    kind = KINDS.get(slug)
    if kind is None:
        raise Problem(NOT_FOUND, f"There are: {', '.join(sorted(KINDS))}.")
    return f"{kind.title} (HTTP {kind.status})\n\nWhat to do: {kind.do}\n"


def readiness(gateway: Gateway) -> dict[str, str]:
    """What is not ready, and why. Empty: everything is."""
    forward = gateway.forward
    telemetry = forward.error or ("" if forward.written else "nothing was written yet")
    found = {
        "broker": "" if gateway.bus.connected else "no connection",
        "journal": gateway.records.error,
        "telemetry": telemetry if forward.configured else "",
    }
    return {name: why for name, why in found.items() if why}
