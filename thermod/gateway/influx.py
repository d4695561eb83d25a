"""Writing to InfluxDB, and what its answer means for us: written, never, or not now.

The client's own batching API loses points silently, so batches and retries are ours (`forward`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from aiohttp import ClientError
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

TIMEOUT_MS = 10_000
PRECISION: Any = WritePrecision.MS  # the library types its own constants wrongly
RETRY_AFTER_S_MAX = 300.0  # a mistaken header must not silence telemetry for a day
WHY_CHARACTERS_MAX = 300
NEVER = frozenset({400, 413, 422})  # these lines will never be taken, at least not together
NOT_LET_IN = frozenset({401, 403, 404})  # a person must put it right


@dataclass(frozen=True, slots=True)
class Written:
    """The database says that it has them."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """At least one of these lines will never be taken, or they are too many at once."""

    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """Not now. `for_a_person`: it will not pass by itself. `wait_s`: the server asked for this."""

    status: int  # 0: no answer at all
    why: str
    for_a_person: bool = False
    wait_s: float | None = None


Outcome = Written | Rejected | Held


class Target(Protocol):
    """Where lines go."""

    async def write(self, lines: Sequence[str]) -> Outcome: ...


class Influx:
    """One bucket of an InfluxDB 1.8, 2.x or 3.x, or of what speaks its v2 write API."""

    def __init__(self, client: InfluxDBClientAsync, *, org: str, bucket: str) -> None:
        self._writer = client.write_api()
        self._org = org
        self._bucket = bucket

    async def write(self, lines: Sequence[str]) -> Outcome:
        try:
            is_taken = await self._writer.write(
                self._bucket, self._org, "\n".join(lines), write_precision=PRECISION
            )
        except ApiException as error:
            return outcome_of(
                int(error.status or 0),
                _text_of(error.body) or str(error.reason),
                error.headers.get("Retry-After") if error.headers else None,
                datetime.now(UTC),
            )
        except (ClientError, TimeoutError, OSError) as error:
            return Held(0, f"{type(error).__name__} {error}".strip()[:WHY_CHARACTERS_MAX])
        return Written() if is_taken else Held(0, "an answer that is neither yes nor no")


def client_for(url: str, token: str | None, org: str) -> InfluxDBClientAsync:
    """To be used with `async with`, inside the running loop."""
    return InfluxDBClientAsync(
        url, token=token or "", org=org, timeout=TIMEOUT_MS, enable_gzip=True
    )


def outcome_of(status: int, why: str, retry_after: str | None, now: datetime) -> Outcome:
    """What an HTTP answer other than 2xx means."""
    why = f"HTTP {status}: {why}"[:WHY_CHARACTERS_MAX]
    if status in NEVER:
        return Rejected(status, why)
    if status in NOT_LET_IN:
        return Held(status, why, for_a_person=True)
    return Held(status, why, wait_s=_retry_after_s(retry_after, now))


def _retry_after_s(header: str | None, now: datetime) -> float | None:
    """RFC 9110 section 10.2.3: seconds, or a date."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return min(float(header), RETRY_AFTER_S_MAX)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), RETRY_AFTER_S_MAX)


def _text_of(body: object) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
