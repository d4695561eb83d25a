"""The console's files: no key, no foreign address, compressed, kept while they are true."""

import gzip
import re

import pytest

from thermod.gateway.api_console import FOLDER, PLOTLY, PLOTLY_NAME
from thermod.gateway.middleware import SECURITY_HEADERS

STRANGER = {"Authorization": ""}


async def test_the_page_needs_no_key_and_bears_its_policy(api):
    answer = await api.get("/", headers=STRANGER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


async def test_every_file_that_the_page_names_is_there(api):
    page = (await api.get("/")).text
    names = re.findall(r'(?:src|href|data-plotly)="/?(console/[^"]+)"', page)
    assert len(names) >= 3
    for name in names:
        assert (await api.get(f"/{name}")).status_code == 200


async def test_plotly_comes_from_the_wheel_compressed_and_for_ever(api):
    answer = await api.get(f"/console/{PLOTLY_NAME}")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == PLOTLY.read_bytes()


async def test_a_client_that_takes_no_gzip_gets_none(api):
    answer = await api.get("/console/console.css", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.content == (FOLDER / "console.css").read_bytes()


async def test_an_unchanged_file_is_not_sent_again(api):
    first = await api.get("/console/console.css")
    again = await api.get("/console/console.css", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["..%2fapp.py", "%2e%2e/app.py", "none.js", "", "index.html%00"])
async def test_nothing_but_the_consoles_files_is_served(api, name):
    assert (await api.get(f"/console/{name}")).status_code == 404


def test_the_page_asks_nobody_else_for_anything():
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8")
        foreign = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)
        assert [one for one in foreign if "www.w3.org" not in one] == [], path.name


def test_no_script_or_handler_stands_in_the_page_itself():
    page = (FOLDER / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\son\w+=", page)


def test_the_files_fit_through_a_thin_line():
    size = sum(len(gzip.compress(path.read_bytes())) for path in FOLDER.iterdir())
    assert size < 64 * 1024
