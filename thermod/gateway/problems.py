"""Every error leaves the gateway in one shape: RFC 9457 problem details, plus `do`, what to do.

`KINDS` is the whole list. The page `/problems/<slug>`, to which each `type` points, is made of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MEDIA_TYPE = "application/problem+json"
FIELD_ERRORS_MAX = 20  # a hostile body must not make a long answer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    slug: str
    status: int
    title: str
    do: str


BAD_REQUEST = Kind("bad-request", 400, "The request cannot be read", "Correct it and send again.")
NO_KEY = Kind(
    "no-key", 401, "Who is asking?", "Send an access key: `Authorization: Bearer tk_…`, or log in."
)
NOT_ALLOWED = Kind(
    "not-allowed", 403, "This role may not do that", "Ask somebody whose role may, or an admin."
)
CSRF = Kind(
    "csrf", 403, "The request did not come from the console", "Reload the page and try again."
)
NOT_FOUND = Kind(
    "not-found", 404, "There is nothing here", "Check the address: `/v1/openapi.json`."
)
WRONG_METHOD = Kind(
    "wrong-method", 405, "This address does not take that method", "See the `Allow` header."
)
REFUSED = Kind(
    "refused", 409, "Control refused", "Read `detail`, put it right, look again and ask again."
)
CONFLICT = Kind("conflict", 409, "Not now", "Read `detail`, look again and ask again.")
TOO_LARGE = Kind("too-large", 413, "The body is too large", "Send at most 64 KiB.")
INVALID = Kind("invalid", 422, "The request breaks a rule", "Correct the fields named in `errors`.")
OTHER_KEY_USE = Kind(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key was used for another request",
    "Use a new key for a new request.",
)
INTERNAL = Kind(
    "internal",
    500,
    "A fault of the gateway",
    "Nothing was decided here: control, guard and dome go on. Report it with the gateway's log.",
)
OFFLINE = Kind(
    "offline",
    503,
    "The gateway cannot reach control",
    "Look at the patient and the dome; use the stop button on the dome. Then check the broker.",
)
BUSY = Kind("busy", 503, "Too many at once", "Close what is not needed, or wait and try again.")
NO_RECORD = Kind(
    "no-record", 503, "The journal cannot be read", "Check the disk and that control is running."
)
NO_ANSWER = Kind(
    "no-answer",
    504,
    "Control did not answer",
    "It may still have acted: look at the state before you try again.",
)

KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        BAD_REQUEST, NO_KEY, NOT_ALLOWED, CSRF, NOT_FOUND, WRONG_METHOD, REFUSED, CONFLICT,
        TOO_LARGE, INVALID, OTHER_KEY_USE, INTERNAL, OFFLINE, BUSY, NO_RECORD, NO_ANSWER,
    )
}  # fmt: skip
OF_STATUS: Mapping[int, Kind] = {
    kind.status: kind
    for kind in (BAD_REQUEST, NO_KEY, NOT_ALLOWED, NOT_FOUND, WRONG_METHOD, TOO_LARGE, INVALID)
}


class FieldError(BaseModel):
    """One field that breaks a rule."""

    where: str
    what: str


class ProblemBody(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(description="Address of a page about this kind of problem.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for.")
    do: str = Field(description="What to do about it.")
    errors: list[FieldError] | None = None
    intent_id: str | None = None
    session_id: str | None = None
    phase: str | None = None


class Problem(Exception):
    """An expected refusal. Routes raise it; `answer` turns it into the one shape."""

    def __init__(self, kind: Kind, detail: str, *, do: str | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.do = do or kind.do
        self.more = more

    def body(self, instance: str) -> dict[str, Any]:
        return {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "do": self.do,
            **{name: value for name, value in self.more.items() if value is not None},
        }


def respond(problem: Problem, path: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    extra = {"WWW-Authenticate": "Bearer"} if problem.kind.status == 401 else {}
    return JSONResponse(
        problem.body(path),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers={**extra, **(headers or {})},
    )


async def on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return respond(error, request.url.path)


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: unknown address, wrong method, unreadable body."""
    if not isinstance(error, HTTPException):
        raise error
    kind = OF_STATUS.get(error.status_code, BAD_REQUEST if error.status_code < 500 else INTERNAL)
    return respond(Problem(kind, str(error.detail)), request.url.path, error.headers)


async def on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [
        {"where": ".".join(str(part) for part in one["loc"]), "what": str(one["msg"])}
        for one in error.errors()[:FIELD_ERRORS_MAX]
    ]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in errors[:3])
    return respond(Problem(INVALID, detail, errors=errors), request.url.path)


async def on_fault(request: Request, error: Exception) -> Response:
    """The framework logs the fault with its trace after this answer has left; none of it leaks."""
    return respond(
        Problem(INTERNAL, "The gateway failed to answer this request."), request.url.path
    )
