"""The control benchmark on one body: what is run, what is told of it, and the report of a run."""

import re
from collections import Counter
from dataclasses import replace

import orjson
import pytest

from thermod.sim.bench_control import GROUPS, OURS, jobs, judged, result
from thermod.sim.control_compare import comparable, worse_rows
from thermod.sim.control_rows import of_cost
from thermod.sim.delay import FULL_POWER
from thermod.sim.disturbances import DISTURBANCES
from thermod.sim.report_html import NOTE, PUBLISHED, write
from thermod.sim.simulate import one_session, report, run_baselines


@pytest.fixture(scope="module")
def run():
    ours, *_ = jobs(2, 1)
    return replace(ours.run, baselines=(FULL_POWER,))


@pytest.fixture(scope="module")
def course(run):
    return one_session(run)


@pytest.fixture(scope="module")
def plain(run):
    return run_baselines(run)


def test_two_hundred_bodies_of_each_kind_and_fifty_for_each_plain_method():
    count = Counter((job.group, job.method) for job in jobs(200, 50))
    assert count["nominal", OURS] == count["hard", OURS] == 200
    assert count["nominal, faults", OURS] + count["hard, faults", OURS] == 200
    assert count["nominal, one core probe", OURS] + count["hard, one core probe", OURS] == 200
    assert count["nominal", "pid"] == count["hard", "cascade"] == 50
    assert count["nominal", FULL_POWER] == 200  # or the delay could not be told for each


def test_no_body_is_run_in_two_groups_and_each_disturbance_is_met_equally_often():
    found = jobs(260, 1)
    ours = [job.run for job in found if job.method == OURS]
    assert len({run.seed for run in ours}) == len(ours)
    met = Counter(run.bodies.disturbance for run in ours if run.bodies.disturbance)
    assert met == dict.fromkeys(DISTURBANCES, 20)


def test_one_body_is_judged_by_every_row_there_is(course, plain):
    scores = {OURS: [course.score], FULL_POWER: [plain[FULL_POWER][0].score]}
    rows = judged({group.name: scores for group in GROUPS})
    assert course.score.trips == []
    assert [row.name for row in rows if row.got is None] == []
    assert len({row.name for row in rows}) == len(rows)


def test_the_session_ends_thirty_minutes_into_cool_down_and_the_time_left_was_told(course):
    score = course.score
    assert score.ended_by == "unfinished in cool_down"
    heated_min = [point.at_min for point in course.points if point.phase == "hold"][-1]
    assert score.session_min - heated_min == pytest.approx(30.0, abs=1.0)
    assert abs(score.eta_error_min) <= 10.0


def test_the_report_is_one_file_that_says_simulation_and_keeps_people_apart(
    tmp_path, run, course, plain
):
    file = tmp_path / "report.html"
    figures = report(run, [course], 1.0, plain)
    write(file, run, [course], plain, figures)
    page = file.read_text()
    told = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert NOTE in told
    assert not re.search(r'(src|href)="', told)  # nothing is fetched
    ours, people = told.split("Published figures of people")
    assert "thermod" not in people
    for row in PUBLISHED:
        assert row.source in people
        assert row.source not in ours
    assert "Delay to 38.4 °C against full power" in ours
    assert figures["delay_min"]["reached"] == 1


def test_a_result_outlives_its_file(course, plain):
    scores = {OURS: [course.score], FULL_POWER: [plain[FULL_POWER][0].score]}
    sessions = {group.name: scores for group in GROUPS}
    rows = [*judged(sessions), *of_cost(cycle_us=80.0, session_s=2.0)]
    read = orjson.loads(orjson.dumps(result(sessions, rows, 2, 1)))
    assert read["kind"] == "simulation"
    assert comparable(result(sessions, rows, 2, 1), read)
    assert worse_rows(rows, read["rows"]) == []
    assert {row.name for row in rows} == {row["name"] for row in read["rows"]}
