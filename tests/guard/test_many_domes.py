"""Many domes in one guard process share one file: none may wait for another one's write."""

from __future__ import annotations

import json
import threading
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from tests.guard.pretend import PROBES, Drawer, Room
from thermod.guard import state_file
from thermod.guard.keeper import keep
from thermod.guard.kept import Kept
from thermod.guard.limits import Limits
from thermod.guard.link import Inbound
from thermod.guard.loop import Guard
from thermod.guard.specs import Broker, DomeSpec, GuardConfig, ProbeSpec
from thermod.guard.state_file import StateFile

DOMES = [f"dome-{n}" for n in range(1, 26)]


@pytest.fixture
def ward() -> tuple[list[Room], Drawer]:
    """25 domes, each with a session under way, and the drawer that they share."""
    drawer, rooms = Drawer(), []
    for dome_id in DOMES:
        drawer.domes[dome_id] = Kept()
        spec = DomeSpec(dome_id, tuple(ProbeSpec(probe, role) for probe, role in PROBES.items()))
        room = Room(spec=spec)
        room.drawer = drawer
        room.guard = room.new_guard()
        room.start()
        assert room.granted
        rooms.append(room)
    return rooms, drawer


def keep_all(rooms: list[Room], drawer: Drawer) -> list[str]:
    now_s = max(room.now_s for room in rooms)
    return [each.dome_id for each in keep([room.guard.keeper for room in rooms], drawer, now_s)]


def test_25_domes_that_trip_at_once_are_written_once(ward):
    rooms, drawer = ward
    before = drawer.writes
    for room in rooms:
        room.guard.on_stop("e1f0")
        assert not room.guard.look(room.now_s)[0].granted
    assert drawer.writes == before  # all revokes are out, and nothing was written yet
    assert keep_all(rooms, drawer) == []
    assert drawer.writes == before + 1
    assert all(drawer.domes[dome_id].latches == ("stopped",) for dome_id in DOMES)
    assert keep_all(rooms, drawer) == []
    assert drawer.writes == before + 1  # nothing new, nothing written


def test_dose_and_span_of_25_sessions_are_written_once_a_minute(ward):
    rooms, drawer = ward
    before = drawer.writes
    for _ in range(600):  # 5 min
        for room in rooms:
            room.now_s += 0.5
            room.guard.senses.tallies.skin("skin-1", 41.0, 0.5)
        assert keep_all(rooms, drawer) == []
    assert 4 <= drawer.writes - before <= 6
    assert all(drawer.domes[dome_id].sessions[-1].dose_cem43_min for dome_id in DOMES)


def test_a_disk_that_is_full_is_told_to_every_dome_that_had_something_to_keep(ward):
    rooms, drawer = ward
    keep_all(rooms, drawer)
    drawer.is_stuck = True
    for room in rooms[:3]:
        room.guard.on_stop("e1f0")
    assert set(DOMES[:3]) <= set(keep_all(rooms, drawer))
    assert keep_all(rooms, drawer) == []  # not again for 5 s
    drawer.is_stuck = False
    for room in rooms:
        room.now_s += 5.0
    assert keep_all(rooms, drawer) == []
    assert all(drawer.domes[dome_id].latches == ("stopped",) for dome_id in DOMES[:3])


class CountingFile:
    """The real file, and how many permits were out when each write began."""

    def __init__(self, file: StateFile, link: FakeLink) -> None:
        self._file, self._link = file, link
        self.sent_before: list[int] = []

    def save(self, changed: dict[str, Kept]) -> bool:
        self.sent_before.append(len(self._link.sent))
        return self._file.save(changed)


class FakeLink:
    """A link that brings a STOP for every dome in its second turn, and ends after the fourth."""

    lost_because: str | None = None
    was_taken_over = False
    is_ready = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown_and_kept: list[object] = []  # the latches on disk, each time one is shown
        self.inbox: deque[Inbound] = deque()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._turns = 0

    def turn(self, wait_s: float) -> None:
        self._turns += 1
        if self._turns == 2:
            self.sent.clear()
            self.inbox.extend(Inbound(f"thermod/v1/clinic-1/{d}/stop", b"", False) for d in DOMES)
        if self._turns == 4:
            self.lost_because = "it is enough"

    def publish(
        self, topic: str, payload: bytes, qos: int, retain: bool, expiry_s: int | None
    ) -> None:
        message = json.loads(payload)
        if topic.endswith("/guard/permit"):
            self.sent.append((topic, message))
        elif topic.endswith("/guard/state") and message["tripped_by"]:
            kept = StateFile(self.folder).load(topic.split("/")[3])
            self.shown_and_kept.append(kept is not None and list(kept.latches))


class StillClock:
    def now_s(self) -> float:
        return 1000.0

    def wait_s(self, span_s: float) -> float:
        return 0.0


def test_the_loop_sends_the_revokes_of_all_domes_before_its_one_write(tmp_path):
    state_file.create(tmp_path, DOMES)
    probes = tuple(ProbeSpec(probe, role) for probe, role in PROBES.items())
    domes = tuple(DomeSpec(dome_id, probes) for dome_id in DOMES)
    config = GuardConfig(
        "clinic-1", "guard", str(tmp_path), Broker("127.0.0.1"), Limits(), domes, sha256=""
    )
    guard, link = Guard(config, StillClock(), threading.Event()), FakeLink(tmp_path)
    file = guard._state_file = CountingFile(guard._state_file, link)  # type: ignore[assignment]
    guard._serve(link)  # type: ignore[arg-type]

    assert len(file.sent_before) == 1
    told = [topic for topic, permit in link.sent[: file.sent_before[0]] if permit["ended"]]
    assert {topic.split("/")[3] for topic in told} == set(DOMES)
    assert link.shown_and_kept == [["stopped"]] * 25  # what is shown outlives a kill


def test_what_was_refused_is_logged_by_kind_and_a_flood_fills_no_log(tmp_path, caplog):
    state_file.create(tmp_path, ["dome-1"])
    probes = tuple(ProbeSpec(probe, role) for probe, role in PROBES.items())
    domes = (DomeSpec("dome-1", probes),)
    config = GuardConfig(
        "clinic-1", "guard", str(tmp_path), Broker("127.0.0.1"), Limits(), domes, sha256=""
    )
    guard, link = Guard(config, StillClock(), threading.Event()), FakeLink(tmp_path)
    with caplog.at_level("WARNING", "thermod.guard"):
        for _ in range(1000):
            guard._domes["dome-1"].senses.count("command_not_json")
            guard._domes["dome-1"].reconnected()  # it says its state at every look
            guard._look(guard._domes["dome-1"], link)  # type: ignore[arg-type]
            guard._keep(link)  # type: ignore[arg-type]
    lines = [line for line in caplog.messages if "command_not_json" in line]
    assert lines[0] == "dome-1 refused command_not_json: 1 so far"
    assert 9 <= len(lines) <= 11
