"""Who asks, and what may they do: access keys, logins of the console, roles.

A key is `tk_<id>_<secret>`, its secret 256 random bits. Only the SHA-256 of the secret is kept. A
slow hash such as argon2id protects passwords because people choose guessable ones; 256 random bits
cannot be guessed at any speed, and a fast hash keeps a flood of wrong keys from costing the
processor that must still answer STOP.

Everything is looked up in memory, so that authenticating never waits for the disk; `refresh` reads
the file anew once a second, so a key made or revoked on the command line counts within a second.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from thermod.gateway.store import Store

LOGIN_MS = 12 * 3600 * 1000  # a long shift
LOGIN_KEPT_MS = 30 * 24 * 3600 * 1000  # so long an expired login may still press STOP
LOGINS_PER_KEY_MAX = 64
AUDIT_ROWS_MAX = 100_000
LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
KEY = re.compile(r"tk_([0-9a-f]{10})_([A-Za-z0-9_-]{43})")

log = structlog.get_logger(__name__)


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    CLINICIAN = "clinician"
    TECHNICIAN = "technician"
    ADMIN = "admin"
    INTEGRATION = "integration"


class Act(StrEnum):
    """What a route asks leave for. The emergency STOP asks for none: being known is enough."""

    LOOK = "look"
    SESSION = "lead a session"  # create, start, resume, close
    LESS_HEAT = "take heat away"  # pause and normal end
    PRESENCE = "confirm presence, answer alarms, write notes"
    RESET = "reset latches"


_STAFF = frozenset({Role.OPERATOR, Role.CLINICIAN, Role.TECHNICIAN, Role.ADMIN})
MAY: Mapping[Act, frozenset[Role]] = {
    Act.LOOK: frozenset(Role),
    Act.SESSION: frozenset({Role.OPERATOR, Role.CLINICIAN, Role.ADMIN}),
    Act.LESS_HEAT: _STAFF,
    Act.PRESENCE: _STAFF,
    Act.RESET: _STAFF,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody or something that showed a key or a login that we know."""

    key_id: str
    label: str
    role: Role
    csrf: str | None = None  # of a console's login; None for a key
    expired: bool = False

    def may(self, act: Act) -> bool:
        return not self.expired and self.role in MAY[act]


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as people may see it: never its secret."""

    key_id: str
    role: str
    label: str
    created_ms: int
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class _Login:
    key_id: str
    csrf: str
    expires_ms: int


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class People:
    """The keys and logins of one `gateway.db`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys: Mapping[str, tuple[str, Person]] = {}
        self._logins: Mapping[str, _Login] = {}
        self.refresh()

    def refresh(self) -> None:
        keys = self._store.rows(
            "SELECT key_id, secret_sha256, label, role FROM api_keys WHERE revoked_ms IS NULL"
        )
        logins = self._store.rows("SELECT token_sha256, key_id, csrf, expires_ms FROM logins")
        self._keys = {row[0]: (row[1], Person(row[0], row[2], Role(row[3]))) for row in keys}
        self._logins = {row[0]: _Login(row[1], row[2], row[3]) for row in logins}

    def by_key(self, token: str) -> Person | None:
        parts = KEY.fullmatch(token)
        if parts is None:
            return None
        secret_sha256, person = self._keys.get(parts[1], ("", None))
        return person if hmac.compare_digest(sha256(parts[2]), secret_sha256) else None

    def by_login(self, cookie: str, now_ms: int) -> Person | None:
        """Also an expired one: it may still press STOP. Not one whose key was revoked."""
        login = self._logins.get(sha256(cookie))
        if login is None or login.key_id not in self._keys:
            return None
        _, owner = self._keys[login.key_id]
        expired = not now_ms < login.expires_ms
        return Person(owner.key_id, owner.label, owner.role, login.csrf, expired)

    def log_in(self, person: Person, now_ms: int) -> str:
        """A new login of this person; the answer is the cookie. Blocks on the disk."""
        cookie = secrets.token_urlsafe(32)
        values = (sha256(cookie), person.key_id, secrets.token_urlsafe(24), now_ms)
        with self._store.transaction() as db:
            db.execute("DELETE FROM logins WHERE expires_ms < ?", (now_ms - LOGIN_KEPT_MS,))
            db.execute("INSERT INTO logins VALUES (?, ?, ?, ?, ?)", (*values, now_ms + LOGIN_MS))
            db.execute(
                "DELETE FROM logins WHERE key_id = ? AND token_sha256 NOT IN (SELECT token_sha256 "
                "FROM logins WHERE key_id = ? ORDER BY created_ms DESC, rowid DESC LIMIT ?)",
                (person.key_id, person.key_id, LOGINS_PER_KEY_MAX),
            )
        self._audit("login", person.key_id, person.label, now_ms)
        self.refresh()
        return cookie

    def log_out(self, cookie: str) -> None:
        """Blocks on the disk."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM logins WHERE token_sha256 = ?", (sha256(cookie),))
        self.refresh()

    def create_key(self, *, role: str, label: str, now_ms: int) -> str:
        """A new key, in clear for the only time. ValueError: bad role or label. Blocks on disk."""
        token, row = _new_key(role, label, now_ms)
        with self._store.transaction() as db:
            db.execute("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, NULL)", row)
        self._audit("key created", row[0], f"{label} ({role})", now_ms)
        self.refresh()
        return token

    def revoke_key(self, key_id: str, now_ms: int) -> bool:
        """False if there is no such key in force. Its logins end with it. Blocks on the disk."""
        with self._store.transaction() as db:
            changed = db.execute(
                "UPDATE api_keys SET revoked_ms = ? WHERE key_id = ? AND revoked_ms IS NULL",
                (now_ms, key_id),
            ).rowcount
        if changed:
            self._audit("key revoked", key_id, "", now_ms)
        self.refresh()
        return changed == 1

    def list_keys(self) -> tuple[KeyInfo, ...]:
        """All keys, also revoked ones, oldest first."""
        columns = "key_id, role, label, created_ms, revoked_ms"
        rows = self._store.rows(f"SELECT {columns} FROM api_keys ORDER BY created_ms, rowid")
        return tuple(KeyInfo(*row) for row in rows)

    def write_first_key(self, path: Path, now_ms: int) -> bool:
        """On the first run: an admin's key, once, into a file that only we can read.

        The file comes before the row, so that no crash leaves a key that nobody can know.
        """
        if self.list_keys():
            return False
        token, row = _new_key(Role.ADMIN, "first-admin", now_ms)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with open(os.open(path, flags, 0o600), "w", encoding="ascii") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(f"{token}\n")
            file.flush()
            os.fsync(file.fileno())
        with self._store.transaction() as db:
            db.execute("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, NULL)", row)
        self._audit("key created", row[0], "first admin", now_ms)
        self.refresh()
        log.warning("first run: the admin's access key is in this file; keep it, then delete it",
                    path=str(path))  # fmt: skip
        return True

    def _audit(self, kind: str, key_id: str, text: str, at_ms: int) -> None:
        with self._store.transaction() as db:
            insert = "INSERT INTO audit (at_ms, kind, key_id, text) VALUES (?, ?, ?, ?)"
            newest = db.execute(insert, (at_ms, kind, key_id, text)).lastrowid or 0
            db.execute("DELETE FROM audit WHERE id <= ?", (newest - AUDIT_ROWS_MAX,))


def _new_key(role: str, label: str, now_ms: int) -> tuple[str, tuple[str, str, str, str, int]]:
    if LABEL.fullmatch(label) is None:
        raise ValueError(
            f"the label {label!r} must be 1-32 of a-z, 0-9 and -, and not begin with -"
        )
    if role not in frozenset(Role):
        raise ValueError(f"the role {role!r} must be one of {', '.join(Role)}")
    key_id, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    return f"tk_{key_id}_{secret}", (key_id, sha256(secret), str(role), label, now_ms)
