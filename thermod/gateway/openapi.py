"""The description of the API: what every route may answer, errors included."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from thermod.gateway.problems import KINDS, MEDIA_TYPE, ProblemBody

DESCRIPTION = """
Looks at domes, asks control for what people want, and relays its answer. The gateway holds no
authority over heat: control, guard and dome judge every wish, and take heat away without it.

Errors are RFC 9457 problem details with `do`: what to do about it. Temperatures are °C, times are
milliseconds of UTC. thermod is for research and engineering use and is not a certified medical
device.
"""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, beside those that any route may give."""
    return {
        status: {
            "model": ProblemBody,
            "description": "; or ".join(
                kind.title for kind in KINDS.values() if kind.status == status
            ),
        }
        for status in (*statuses, 500)
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """As FastAPI makes it, with every error under the media type in which it is sent."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
        )
        for methods in schema["paths"].values():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    _name_media_type(status, response)
        for unused in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(unused, None)
        app.openapi_schema = schema
    return app.openapi_schema


def _name_media_type(status: str, response: dict[str, Any]) -> None:
    if int(status) < 400:
        return
    problem = {"schema": {"$ref": "#/components/schemas/ProblemBody"}}
    response["content"] = {MEDIA_TYPE: problem}
