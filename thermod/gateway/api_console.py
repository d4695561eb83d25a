"""The console's files, and plotly as it lies in the installed wheel. Nothing is built or vendored.

Pages need no key: they hold no data, only the means to ask for it. Everything is read once, at
start, and sent compressed; a browser asks whether a file changed by its ETag. The address of plotly
bears its version, so it is kept for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import plotly
from fastapi import APIRouter, Request, Response

from thermod.gateway.problems import NOT_FOUND, Problem

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parent / "console"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_NAME = f"plotly-{plotly.__version__}.min.js"
FOR_EVER = "public, max-age=31536000, immutable"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send."""

    body: bytes
    gzipped: bytes
    etag: str
    media_type: str
    cache_control: str


def asset_of(path: Path, cache_control: str = "no-cache") -> Asset:
    body = path.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    packed = gzip.compress(body, compresslevel=6, mtime=0)
    return Asset(body, packed, etag, MEDIA_TYPES[path.suffix], cache_control)


@cache
def load_assets() -> dict[str, Asset]:
    """All files of the console by name; takes about 0.3 s, nearly all of it for plotly."""
    assets = {path.name: asset_of(path) for path in FOLDER.iterdir() if path.suffix in MEDIA_TYPES}
    index = assets["index.html"]
    page = index.body.replace(b"{{plotly}}", PLOTLY_NAME.encode())
    assets["index.html"] = Asset(
        page, gzip.compress(page, mtime=0), index.etag, index.media_type, index.cache_control
    )
    assets[PLOTLY_NAME] = asset_of(PLOTLY, FOR_EVER)
    return assets


@router.get("/")
async def page(request: Request) -> Response:
    return _send(request, "index.html")


@router.get("/console/{name}")
async def file(request: Request, name: str) -> Response:
    return _send(request, name)


def _send(request: Request, name: str) -> Response:
    assets: dict[str, Asset] = request.app.state.assets
    asset = assets.get(name)
    if asset is None:
        raise Problem(NOT_FOUND, "The console has no such file.")
    headers = {"etag": asset.etag, "cache-control": asset.cache_control, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=headers, media_type=asset.media_type)
