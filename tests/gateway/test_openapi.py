"""The description of the API is complete: a client can be made of it."""

import pytest

from thermod.gateway.app import build_app

SCHEMA = build_app().openapi()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]
OPEN = {"GET /healthz", "GET /readyz", "GET /problems/{slug}", "POST /v1/login"}


def test_every_address_of_the_foundation_is_described():
    assert {name for name, _ in OPERATIONS} >= {
        "GET /v1/domes",
        "GET /v1/domes/{dome}",
        "POST /v1/domes/{dome}/sessions",
        "POST /v1/domes/{dome}/stop",
        "POST /v1/domes/{dome}/confirm-presence",
        "POST /v1/domes/{dome}/reset",
        "GET /v1/protocols",
        "GET /v1/sessions",
        "GET /v1/sessions/{session}",
        "GET /v1/sessions/{session}/series",
        *(
            f"POST /v1/sessions/{{session}}/{act}"
            for act in (
                "start", "pause", "resume", "stop", "close", "confirm-presence", "manual-check",
                "note",
            )
        ),
        "GET /v1/alarms",
        "GET /v1/alarms/log",
        "GET /v1/alarms/{alarm}/page",
        "POST /v1/alarms/{dome}/{alarm}/acknowledge",
        "POST /v1/alarms/{dome}/{alarm}/audio-pause",
        "GET /v1/events",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_says_what_it_does_and_how_it_fails(name, operation):
    assert operation.get("description"), name
    assert "500" in operation["responses"] or name in OPEN
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= 400 and not (name == "GET /readyz" and status == "503"):
            assert list(content) == ["application/problem+json"], (name, status)
        assert all("schema" in of and of["schema"] for of in content.values()), (name, status)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_an_operation_names_its_key_unless_it_is_open_to_all(name, operation):
    assert bool(operation.get("security")) == (name not in OPEN)


def test_the_snapshot_is_described_field_by_field():
    fields = SCHEMA["components"]["schemas"]["Snapshot"]["properties"]
    assert {"phase", "core", "power", "alarms", "latches", "preflight"} <= set(fields)
