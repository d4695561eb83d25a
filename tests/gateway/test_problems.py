"""Whatever goes wrong leaves in one shape, says what to do, and gives nothing away."""

import pytest

from tests.gateway.fakes import snapshot
from thermod.gateway.middleware import BODY_BYTES_MAX, SECURITY_HEADERS
from thermod.gateway.problems import KINDS

CREATE = {"protocol": "hold-45", "subject": "P-017", "staff": "N7", "consent": True}
SESSIONS = "/v1/domes/dome-1/sessions"


async def of(answer, status):
    """The problem of an answer, checked for what RFC 9457 and we ask of it."""
    problem = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert {"type", "title", "detail", "instance", "do"} <= set(problem)
    assert problem["do"]
    assert problem["type"].removeprefix("/problems/") in KINDS
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    return problem


async def test_an_unknown_address_is_a_problem(api):
    problem = await of(await api.get("/v1/nothing"), 404)
    assert problem["instance"] == "/v1/nothing"


async def test_a_wrong_method_says_which_is_right(api):
    answer = await api.delete("/v1/domes")
    await of(answer, 405)
    assert answer.headers["allow"] == "GET"


async def test_an_unknown_dome_is_a_problem_that_names_the_known(api):
    assert "dome-1, dome-2" in (await of(await api.get("/v1/domes/dome-9"), 404))["detail"]


async def test_no_key_is_a_problem_with_a_challenge(api):
    answer = await api.get("/v1/domes", headers={"Authorization": ""})
    await of(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"consent": False}, "body.consent"),
        ({"subject": "Jane Doe"}, "body.subject"),
        ({"subject": "x" * 33}, "body.subject"),
        ({"target_c": 46.0}, "body.target_c"),
        ({"protokol": "x"}, "body.protokol"),
        ({"seen": {"controller_id": "c-1"}}, "body.seen.cycle"),
        ({"seen": {"controller_id": "c-1", "cycle": 2**31}}, "body.seen.cycle"),
        ({"reason": "x" * 501}, "body.reason"),
    ],
)
async def test_a_field_that_breaks_a_rule_is_named_and_nothing_is_asked(rig, api, change, where):
    rig.hear_state()
    problem = await of(await api.post(SESSIONS, json={**CREATE, **change}), 422)
    assert where in [error["where"] for error in problem["errors"]]
    assert rig.bus.sent == []


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e400", b"-1e400"])
async def test_a_number_that_is_none_is_refused(rig, api, number):
    rig.hear_state()
    body = b'{"protocol":"hold-45","subject":"P","staff":"N","consent":true,"target_c":%s}' % number
    answer = await api.post(SESSIONS, content=body, headers={"content-type": "application/json"})
    await of(answer, 422)
    assert rig.bus.sent == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b'"x"', b"1"])
async def test_a_body_that_is_no_object_is_refused(api, body):
    headers = {"content-type": "application/json"}
    answer = await api.post(SESSIONS, content=body, headers=headers)
    await of(answer, answer.status_code)
    assert answer.status_code in (400, 422)


async def test_a_body_over_64_kib_is_refused(api):
    headers = {"content-type": "application/json"}
    answer = await api.post(SESSIONS, content=b" " * (BODY_BYTES_MAX + 1), headers=headers)
    await of(answer, 413)


async def test_a_body_over_64_kib_that_declares_no_length_is_refused_too(api):
    async def chunks():
        for _ in range(BODY_BYTES_MAX // 1024 + 1):
            yield b" " * 1024

    headers = {"content-type": "application/json"}
    await of(await api.post(SESSIONS, content=chunks(), headers=headers), 413)


async def test_a_body_of_exactly_64_kib_is_read(rig, api):
    async def chunks():
        yield b"{}"
        yield b" " * (BODY_BYTES_MAX - 2)

    headers = {"content-type": "application/json"}
    await of(await api.post(SESSIONS, content=chunks(), headers=headers), 422)


async def test_a_fault_of_ours_says_nothing_about_our_inside(rig, api):
    rig.hear_state()
    rig.gateway.picture.domes["dome-1"].snapshot = "broken on purpose"
    problem = await of(await api.get("/v1/domes/dome-1"), 500)
    assert "broken" not in str(problem)


async def test_every_type_of_problem_has_its_page(api):
    for slug, kind in KINDS.items():
        page = await api.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert kind.do in page.text
    await of(await api.get("/problems/none"), 404)


async def test_without_a_journal_there_are_no_sessions_and_a_broken_one_is_a_problem(rig, api):
    assert (await api.get("/v1/sessions")).json() == {"sessions": []}
    await of(await api.get("/v1/sessions/s-1"), 404)
    rig.journal.write_bytes(b"this is no database, " * 1000)
    await of(await api.get("/v1/sessions"), 503)
    rig.hear("state", snapshot())
    alarms = (await api.get("/v1/alarms")).json()["alarms"]
    assert [alarm["alarm_id"] for alarm in alarms] == ["journal_unreadable"]
