"""Keys from the command line: `thermod keys create|list|revoke`, also while the gateway runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thermod.clock import BootClock
from thermod.gateway.auth import KeyInfo, People
from thermod.gateway.store import Store

DATABASE = "gateway.db"


def create_key(state_dir: Path, *, role: str, label: str) -> str:
    """Make a key and return it in clear, for the only time. ValueError: unknown role, bad label."""
    with _people(state_dir) as people:
        return people.create_key(role=role, label=label, now_ms=BootClock().wall_ms())


def list_keys(state_dir: Path) -> tuple[KeyInfo, ...]:
    """All keys, also revoked ones, oldest first."""
    with _people(state_dir) as people:
        return people.list_keys()


def revoke_key(state_dir: Path, key_id: str) -> bool:
    """End a key and its logins. False if there is no such key in force."""
    with _people(state_dir) as people:
        return people.revoke_key(key_id, BootClock().wall_ms())


@contextmanager
def _people(state_dir: Path) -> Iterator[People]:
    store = Store(state_dir / DATABASE)
    try:
        yield People(store)
    finally:
        store.close()
