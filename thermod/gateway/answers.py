"""Answers kept for their Idempotency-Key: the same key gets the same answer, asked how often."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from thermod.gateway.problems import CONFLICT, OTHER_KEY_USE, REFUSED, Problem
from thermod.gateway.store import Store

KEPT_MS = 24 * 3600 * 1000
KEPT_MAX = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What makes two requests the same one."""

    key_id: str
    path: str
    idempotency_key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body, as they left or will leave."""

    status: int
    body: dict[str, Any]
    replayed: bool = False


class Answers:
    """Accepted and refused are kept. "No answer" is not: then asking again is the right thing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._under_way: set[Request] = set()

    async def once(
        self, request: Request, now_ms: int, act: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """The kept answer, or else that of `act`, which is then kept. Raises Problem."""
        if request in self._under_way:
            raise Problem(CONFLICT, "The same request is being answered at this moment.")
        self._under_way.add(request)
        try:
            kept = await self._kept(request)
            if kept is not None:
                return kept
            try:
                answer = await act()
            except Problem as problem:
                if problem.kind is REFUSED:
                    refusal = Answer(REFUSED.status, problem.body(request.path))
                    await self._keep(request, refusal, now_ms)
                raise
            await self._keep(request, answer, now_ms)
            return answer
        finally:
            self._under_way.discard(request)

    async def _kept(self, request: Request) -> Answer | None:
        """A broken `gateway.db` must not stop staff: control itself refuses a repeated intent."""
        try:
            return await asyncio.to_thread(self._find, request)
        except sqlite3.Error as error:
            log.error("kept answers cannot be read", why=str(error))
            return None

    async def _keep(self, request: Request, answer: Answer, now_ms: int) -> None:
        try:
            await asyncio.to_thread(self._write, request, answer, now_ms)
        except sqlite3.Error as error:
            log.error("an answer could not be kept", why=str(error))

    def _find(self, request: Request) -> Answer | None:
        rows = self._store.rows(
            "SELECT body_sha256, status, answer FROM answers "
            "WHERE key_id = ? AND path = ? AND idempotency_key = ?",
            (request.key_id, request.path, request.idempotency_key),
        )
        if not rows:
            return None
        body_sha256, status, body = rows[0]
        if body_sha256 != request.body_sha256:
            raise Problem(OTHER_KEY_USE, "It came with another body before.")
        return Answer(status, orjson.loads(body), replayed=True)

    def _write(self, request: Request, answer: Answer, now_ms: int) -> None:
        with self._store.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    request.key_id,
                    request.path,
                    request.idempotency_key,
                    request.body_sha256,
                    answer.status,
                    orjson.dumps(answer.body),
                    now_ms,
                ),
            )
            db.execute("DELETE FROM answers WHERE at_ms < ?", (now_ms - KEPT_MS,))
            db.execute(
                "DELETE FROM answers WHERE rowid IN "
                "(SELECT rowid FROM answers ORDER BY at_ms DESC LIMIT -1 OFFSET ?)",
                (KEPT_MAX,),
            )
