"""Keys, logins and roles."""

import sqlite3
import stat

import pytest

from tests.gateway.fakes import NOW_MS, SESSION
from thermod.gateway import keys
from thermod.gateway.access import COOKIE
from thermod.gateway.auth import LOGIN_MS, LOGINS_PER_KEY_MAX, Act, People, Role
from thermod.gateway.store import Store, WrongSchema


def test_the_secret_of_a_key_is_nowhere_in_the_database(rig):
    token = rig.keys[Role.ADMIN]
    secret = token.split("_", 2)[2]
    rig.store.close()
    stored = rig.store.path.read_bytes()
    assert token.split("_")[1].encode() in stored  # its id is, so we do look at the right file
    assert secret.encode() not in stored


def test_a_key_is_known_by_all_of_it_and_nothing_less(rig):
    token = rig.keys[Role.OPERATOR]
    assert rig.people.by_key(token).role is Role.OPERATOR
    other = rig.keys[Role.VIEWER]
    mixed = "_".join((*other.split("_", 2)[:2], token.split("_", 2)[2]))
    for wrong in ("", "tk__", token[:-1], token + "x", token.upper(), mixed, " " + token):
        assert rig.people.by_key(wrong) is None


def test_a_revoked_key_and_its_logins_are_unknown_at_once(rig):
    person = rig.people.by_key(rig.keys[Role.ADMIN])
    cookie = rig.people.log_in(person, NOW_MS)
    assert rig.people.by_login(cookie, NOW_MS) is not None
    assert rig.people.revoke_key(person.key_id, NOW_MS)
    assert rig.people.by_key(rig.keys[Role.ADMIN]) is None
    assert rig.people.by_login(cookie, NOW_MS) is None
    assert not rig.people.revoke_key(person.key_id, NOW_MS)


def test_a_key_made_by_the_command_line_counts_after_the_next_refresh(rig):
    folder = rig.store.path.parent
    token = keys.create_key(folder, role="technician", label="bench")
    rig.people.refresh()
    person = rig.people.by_key(token)
    assert (person.label, person.role) == ("bench", Role.TECHNICIAN)

    assert keys.revoke_key(folder, person.key_id)
    rig.people.refresh()
    assert rig.people.by_key(token) is None
    (listed,) = [key for key in keys.list_keys(folder) if key.label == "bench"]
    assert listed.revoked_ms is not None


@pytest.mark.parametrize(("role", "label"), [("king", "x"), ("admin", "Bad Label"), ("admin", "")])
def test_a_key_of_an_unknown_role_or_with_a_bad_label_is_refused(tmp_path, role, label):
    with pytest.raises(ValueError, match="must be"):
        keys.create_key(tmp_path, role=role, label=label)
    assert keys.list_keys(tmp_path) == ()


def test_the_first_run_writes_an_admins_key_into_a_file_of_ours_alone(tmp_path):
    store = Store(tmp_path / "state" / "gateway.db")
    people = People(store)
    path = tmp_path / "state" / "first-key.txt"

    assert people.write_first_key(path, NOW_MS)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert people.by_key(path.read_text().strip()).role is Role.ADMIN
    assert not people.write_first_key(path, NOW_MS)
    store.close()


def test_the_first_keys_file_is_never_written_through_a_link(tmp_path):
    store = Store(tmp_path / "gateway.db")
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "first-key.txt").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic link"):
        People(store).write_first_key(tmp_path / "first-key.txt", NOW_MS)
    assert not elsewhere.exists()
    assert People(store).list_keys() == ()
    store.close()


def test_logins_and_key_changes_are_audited(rig):
    person = rig.people.by_key(rig.keys[Role.ADMIN])
    rig.people.log_in(person, NOW_MS)
    rig.people.revoke_key(person.key_id, NOW_MS)
    query = "SELECT kind FROM audit WHERE key_id = ? ORDER BY id"
    kinds = [row[0] for row in rig.store.rows(query, (person.key_id,))]
    assert kinds == ["key created", "login", "key revoked"]


@pytest.mark.slow
def test_logins_of_one_key_are_bounded(rig):
    person = rig.people.by_key(rig.keys[Role.VIEWER])
    cookies = [rig.people.log_in(person, NOW_MS + n) for n in range(LOGINS_PER_KEY_MAX + 2)]
    known = [rig.people.by_login(cookie, NOW_MS) is not None for cookie in cookies]
    assert known == [False] * 2 + [True] * LOGINS_PER_KEY_MAX


def test_a_database_of_another_version_is_refused_with_a_remedy(tmp_path):
    Store(tmp_path / "gateway.db").close()
    with sqlite3.connect(tmp_path / "gateway.db") as db:
        db.execute("UPDATE meta SET value = '99'")
    db.close()
    with pytest.raises(WrongSchema, match="move the file away"):
        Store(tmp_path / "gateway.db")


async def test_a_login_sets_a_cookie_that_scripts_and_other_sites_cannot_use(rig, api):
    del api.headers["Authorization"]
    answer = await api.post("/v1/login", json={"key": rig.keys[Role.OPERATOR]})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.json()["label"] == "test-operator"
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await api.get("/v1/domes")).status_code == 200


async def test_a_login_over_https_is_sent_over_https_only(rig, api):
    answer = await api.post("https://test/v1/login", json={"key": rig.keys[Role.OPERATOR]})
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_write_by_login_needs_the_csrf_token(rig, api):
    rig.hear_state(session=SESSION)
    rig.control_answers()
    del api.headers["Authorization"]
    me = (await api.post("/v1/login", json={"key": rig.keys[Role.OPERATOR]})).json()

    path = "/v1/sessions/s-1/pause"
    assert (await api.post(path, json={})).json()["type"] == "/problems/csrf"
    wrong = {"X-CSRF-Token": "wrong"}
    assert (await api.post(path, json={}, headers=wrong)).status_code == 403
    right = {"X-CSRF-Token": me["csrf"]}
    assert (await api.post(path, json={}, headers=right)).status_code == 200


async def test_a_login_ends_after_its_time_and_by_logging_out(rig, api):
    del api.headers["Authorization"]
    me = (await api.post("/v1/login", json={"key": rig.keys[Role.VIEWER]})).json()
    rig.clock.time_s += LOGIN_MS / 1000 - 1
    assert (await api.get("/v1/domes")).status_code == 200
    rig.clock.time_s += 1
    assert (await api.get("/v1/domes")).status_code == 401
    cookie = api.cookies[COOKIE]
    await api.post("/v1/logout", headers={"X-CSRF-Token": me["csrf"]})
    assert rig.people.by_login(cookie, NOW_MS) is None


def test_an_expired_login_may_do_nothing_that_asks_for_leave(rig):
    person = rig.people.by_key(rig.keys[Role.ADMIN])
    cookie = rig.people.log_in(person, NOW_MS)
    fresh = rig.people.by_login(cookie, NOW_MS + LOGIN_MS - 1)
    expired = rig.people.by_login(cookie, NOW_MS + LOGIN_MS)
    assert [fresh.may(act) for act in Act] == [True] * len(Act)
    assert [expired.may(act) for act in Act] == [False] * len(Act)


async def test_a_wrong_key_does_not_log_in(api):
    answer = await api.post("/v1/login", json={"key": "tk_0123456789_" + "x" * 43})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


WHO_MAY = {
    "/v1/domes": (Act.LOOK, set(Role)),
    "/v1/sessions/s-1/start": (
        Act.SESSION,
        {Role.OPERATOR, Role.CLINICIAN, Role.ADMIN},
    ),
    "/v1/sessions/s-1/stop": (
        Act.LESS_HEAT,
        {Role.OPERATOR, Role.CLINICIAN, Role.TECHNICIAN, Role.ADMIN},
    ),
}


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_do_what_the_table_says(rig, api, role):
    rig.hear_state(session=SESSION)
    rig.control_answers()
    for path, (act, allowed) in WHO_MAY.items():
        method = "GET" if act is Act.LOOK else "POST"
        answer = await api.request(method, path, headers=rig.bearer(role))
        assert (answer.status_code == 200) == (role in allowed), (path, role)
        assert answer.status_code in (200, 403)
