"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.gateway.fakes import Rig
from thermod.gateway.app import attach, build_app, guarded


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.store.close()


@pytest.fixture(scope="session")
def routes() -> FastAPI:
    """Building them takes a quarter of a second, so all tests share them."""
    return build_app()


@pytest.fixture
async def api(rig: Rig, routes: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as an operator, unless the request says otherwise."""
    attach(routes, rig.gateway)
    transport = httpx.ASGITransport(guarded(routes), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=rig.bearer()
    ) as client:
        yield client
