"""Nothing lost, nothing doubled, whatever the database answers."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.gateway.fakes import eventually
from tests.gateway.forwarding import Ledger, Scripted, influx_at, numbers, running
from thermod.gateway.bookmarks import Bookmarks
from thermod.gateway.forward import ROWS_MAX, ForwardStatus, lines_of
from thermod.gateway.influx import Held, Rejected, Written, outcome_of
from thermod.journal_read import JournalReader

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


class FakeTarget:
    """Takes everything, unless told otherwise; keeps what it took."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.taken = []
        self.batches = []

    async def write(self, lines):
        self.batches.append(list(lines))
        outcome = self.outcomes.pop(0) if self.outcomes else Written()
        if isinstance(outcome, Written):
            self.taken += lines
        return outcome


def whole_journal(ledger):
    """What should arrive: every line of every row, made in one go."""
    reader = JournalReader(ledger.path)
    before = {}
    return [
        line
        for read in (reader.cycles_after, reader.events_after, reader.alarms_after)
        for line in lines_of(read(0, 1_000_000), before)
    ]


async def all_of(forwarder):
    while await forwarder.forward_once():
        pass


async def test_every_row_arrives_once_and_in_batches(ledger):
    ledger.write(seconds=ROWS_MAX)
    target, status = FakeTarget(), ForwardStatus()
    await all_of(ledger.forwarder(target, status))
    assert sorted(target.taken) == sorted(whole_journal(ledger))
    assert max(map(len, target.batches)) <= 5_000
    assert status.lines_written == len(target.taken)
    assert (status.cursor, status.backlog_rows) == (2 * ROWS_MAX, 0)


async def test_a_batch_never_has_more_than_5000_lines(ledger):
    target, status = FakeTarget(), ForwardStatus()
    await ledger.forwarder(target, status)._write([f"m v={n}.0 1" for n in range(12_001)])
    assert [len(batch) for batch in target.batches] == [5_000, 5_000, 2_001]
    assert target.taken[-1] == "m v=12000.0 1"


async def test_a_restart_between_two_rows_neither_loses_nor_doubles(ledger):
    """Also not the thinning: what is left out depends on the row before, in another process."""
    target, status = FakeTarget(), ForwardStatus()
    for _ in range(31):
        ledger.write(seconds=1)
        await all_of(ledger.forwarder(target, status))
    assert sorted(target.taken) == sorted(whole_journal(ledger))


async def test_the_bookmark_stays_until_the_database_has_said_yes(ledger):
    ledger.write(seconds=5)
    target = FakeTarget(Held(503, "busy"))
    forwarder = ledger.forwarder(target, ForwardStatus())
    with pytest.raises(Exception, match="busy"):
        await forwarder.forward_once()
    assert Bookmarks(ledger.store).load("cycles").row_id == 0
    await all_of(forwarder)
    assert sorted(target.taken) == sorted(whole_journal(ledger))


async def test_a_journal_begun_anew_is_read_from_its_first_row(ledger, tmp_path):
    ledger.write(seconds=3)
    target = FakeTarget()
    await all_of(ledger.forwarder(target, ForwardStatus()))
    old = list(target.taken)
    aside = tmp_path / "aside"
    aside.mkdir()
    other = Ledger(aside)
    other.cycle = 1000
    other.write(seconds=5)
    ledger.path = other.path

    await all_of(ledger.forwarder(target, ForwardStatus()))

    assert sorted(target.taken) == sorted(old + whole_journal(ledger))
    other.close()


async def test_before_there_is_a_journal_there_is_nothing_to_do(ledger, tmp_path):
    ledger.path = tmp_path / "none.db"
    target = FakeTarget()
    assert await ledger.forwarder(target, ForwardStatus()).forward_once() is False
    assert target.batches == []


def bad_if(bad):
    return lambda lines: (400 if any(bad(line) for line in lines) else 204, {})


async def test_a_line_that_is_refused_is_set_aside_and_all_others_arrive(ledger):
    ledger.write(seconds=40)
    server = Scripted(bad_if(lambda line: ",cycle=7i" in line or ",cycle=40i" in line))
    status = ForwardStatus()
    async with server.listening(), influx_at(server.url) as target:
        await all_of(ledger.forwarder(target, status))
    expected = whole_journal(ledger)
    dead = [row[0] for row in ledger.store.rows("SELECT line FROM dead_letter")]
    assert len(dead) == 3  # cycle 40, and its two events; cycle 7 is thinned out
    assert Counter(server.taken) + Counter(dead) == Counter(expected)
    assert status.dead_letters == 3
    assert Bookmarks(ledger.store).load("cycles").row_id == 80


async def test_a_refused_line_is_set_aside_only_when_its_batch_is_done(ledger):
    """Else an outage in the middle would set it aside again at every attempt."""
    ledger.write(seconds=1)
    target = FakeTarget(Rejected(400, "bad"), Rejected(400, "bad"), Rejected(400, "bad"))
    target.outcomes += [Rejected(400, "bad"), Held(0, "gone")]
    forwarder = ledger.forwarder(target, ForwardStatus())
    with pytest.raises(Exception, match="gone"):
        await forwarder.forward_once()
    assert Bookmarks(ledger.store).dead_letters() == 0


async def test_too_much_at_once_is_halved_until_it_fits(ledger):
    ledger.write(seconds=40)
    server = Scripted(lambda lines: (413 if len(lines) > 20 else 204, {}))
    async with server.listening(), influx_at(server.url) as target:
        await all_of(ledger.forwarder(target, ForwardStatus()))
    assert sorted(server.taken) == sorted(whole_journal(ledger))
    assert Bookmarks(ledger.store).dead_letters() == 0


async def test_a_write_names_bucket_precision_and_token_and_is_compressed(ledger):
    ledger.write(seconds=1)
    server = Scripted(lambda lines: (204, {}))
    async with server.listening(), influx_at(server.url) as target:
        await all_of(ledger.forwarder(target, ForwardStatus()))
    request = server.requests[0]
    assert request["line"].startswith("POST /api/v2/write?")
    for part in ("org=org", "bucket=bucket", "precision=ms"):
        assert part in request["line"]
    assert request["authorization"] == "token secret"
    assert request["content-encoding"] == "gzip"


@pytest.mark.slow
@pytest.mark.parametrize("status_code", [401, 403, 404])
async def test_a_database_that_does_not_let_us_in_alarms_and_loses_nothing(
    ledger, status_code, rig, api
):
    ledger.write(seconds=2)
    server = Scripted(lambda lines: (status_code, {}))
    status = rig.gateway.forward
    rig.gateway.forward.configured = True
    async with server.listening(), influx_at(server.url) as target:
        async with running(ledger.forwarder(target, status)):
            await eventually(lambda: status.refused_why)
        alarms = (await api.get("/v1/alarms")).json()["alarms"]
        assert "telemetry_refused" in [alarm["alarm_id"] for alarm in alarms]
        assert Bookmarks(ledger.store).load("cycles").row_id == 0
        server.judge = lambda lines: (204, {})
        async with running(ledger.forwarder(target, status)):
            await eventually(lambda: status.written and not status.error)
    assert sorted(numbers(server.taken)) == sorted(whole_journal(ledger))


@pytest.mark.slow
@pytest.mark.parametrize("status_code", [429, 503])
async def test_a_server_that_asks_us_to_wait_is_given_its_time(ledger, status_code):
    ledger.write(seconds=2)
    answers = [(status_code, {"Retry-After": "2"})]
    server = Scripted(lambda lines: answers.pop() if answers else (204, {}))
    status = ForwardStatus()
    async with (
        server.listening(),
        influx_at(server.url) as target,
        running(ledger.forwarder(target, status)),
    ):
        await eventually(lambda: status.cursor == 4)
    assert 2.0 <= server.times_s[1] - server.times_s[0] < 3.0
    assert sorted(numbers(server.taken)) == sorted(whole_journal(ledger))


async def test_an_outage_alarms_after_a_minute_and_the_alarm_ends_with_it(rig, api):
    async def told():
        return [one["alarm_id"] for one in (await api.get("/v1/alarms")).json()["alarms"]]

    status = rig.gateway.forward
    status.error, status.error_since_s = "refused", rig.clock.now_s()
    rig.hear_state()
    rig.hear_state(dome="dome-2")
    assert "telemetry_waiting" not in await told()
    rig.clock.time_s += 60.1
    assert "telemetry_waiting" in await told()
    status.error, status.error_since_s = "", None
    assert "telemetry_waiting" not in await told()


async def test_a_server_that_hangs_up_is_waited_for(ledger):
    ledger.write(seconds=1)
    server = Scripted(lambda lines: (0, {}))
    async with server.listening(), influx_at(server.url) as target:
        outcome = await target.write(["m v=1.0 1"])
    assert isinstance(outcome, Held)
    assert (outcome.status, outcome.for_a_person) == (0, False)
    async with influx_at("http://127.0.0.1:9") as target:
        assert isinstance(await target.write(["m v=1.0 1"]), Held)


@pytest.mark.parametrize(
    ("status", "retry_after", "expected"),
    [
        (400, None, Rejected(400, "HTTP 400: why")),
        (413, None, Rejected(413, "HTTP 413: why")),
        (422, None, Rejected(422, "HTTP 422: why")),
        (401, "9", Held(401, "HTTP 401: why", for_a_person=True)),
        (403, None, Held(403, "HTTP 403: why", for_a_person=True)),
        (404, None, Held(404, "HTTP 404: why", for_a_person=True)),
        (429, "17", Held(429, "HTTP 429: why", wait_s=17.0)),
        (503, "Sun, 22 Nov 2026 12:00:30 GMT", Held(503, "HTTP 503: why", wait_s=30.0)),
        (503, "Sun, 22 Nov 2026 11:00:00 GMT", Held(503, "HTTP 503: why", wait_s=0.0)),
        (503, "soon", Held(503, "HTTP 503: why")),
        (503, "999999", Held(503, "HTTP 503: why", wait_s=300.0)),
        (500, None, Held(500, "HTTP 500: why")),
        (302, None, Held(302, "HTTP 302: why")),
    ],
)
def test_each_answer_means_written_never_or_not_now(status, retry_after, expected):
    assert outcome_of(status, "why", retry_after, NOW) == expected


async def test_pauses_double_up_to_thirty_seconds(ledger):
    forwarder = ledger.forwarder(FakeTarget(), ForwardStatus())
    pauses = [forwarder._note_failure(OSError("gone"), failures) for failures in range(1, 9)]
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


async def test_a_broken_journal_stops_nothing_else(ledger, tmp_path):
    ledger.write(seconds=1)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 1000)
    ledger.path = broken
    status = ForwardStatus()
    async with running(ledger.forwarder(FakeTarget(), status)):
        await eventually(lambda: status.errors)
    assert "cannot be read" in status.error
