"""`thermod tune`: files in, a proposal out, and nobody's session among them."""

import json

import pytest
from typer.testing import CliRunner

from controllers.regulator import Tuning
from tests.controllers.test_identify import empty_dome
from tests.thermod.journal_rows import CYCLE, SESSION
from tests.thermod.test_config import EXAMPLE
from thermod.cli import app
from thermod.config import load
from thermod.daemon import plans
from thermod.journal import Journal


def run(*arguments):
    return CliRunner().invoke(app, ["tune", *map(str, arguments)])


def write(path, record):
    rows = zip(record.at_s, record.power_pct, record.air_temp_c, strict=True)
    lines = ["at_s,power_pct,air_temp_c", *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def csv(tmp_path):
    return write(tmp_path / "empty.csv", empty_dome())


def test_a_recorded_step_becomes_a_proposal_with_its_fit(csv, tmp_path):
    told = run(csv, "--plot", tmp_path / "fit.html")
    assert told.exit_code == 0, told.output
    assert "Proposed inner loop: per_c =" in told.output
    assert "the fit explains" in told.output
    assert "plotly" in (tmp_path / "fit.html").read_text()[:20_000]


def test_what_is_proposed_is_a_line_that_the_configuration_takes(csv, tmp_path):
    line = next(line for line in run(csv).output.splitlines() if line.startswith("inner = "))
    example = EXAMPLE.read_text("utf-8").replace("rated_w = 2000 ", f"{line}\nrated_w = 2000 ")
    (tmp_path / "thermod.toml").write_text(example, "utf-8")
    [plan] = plans(load(tmp_path / "thermod.toml"), "c-test", today_ms=0)
    proposal = json.loads(run(csv, "--json", "-").output)["proposal"]
    assert plan.tuning.inner.per_c == pytest.approx(proposal["per_c"], abs=0.01)
    assert plan.tuning.inner.per_c_s == pytest.approx(proposal["per_c_s"], rel=0.01)
    assert plan.tuning.inner != Tuning().inner


def test_a_program_gets_all_figures(csv):
    found = json.loads(run(csv, "--json", "-").output)
    assert found["models"][0]["explained_pct"] > 99.0
    assert found["proposal"]["per_c"] > 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at_s,air_temp_c\n1,2\n", "has no column power_pct"),
        ("at_s,power_pct,air_temp_c\n0,0,22\n1,zero,22\n", "line 3: power_pct = 'zero'"),
        ("at_s,power_pct,air_temp_c\n0,0\n", "line 2: air_temp_c = None"),
        ("", "has no column"),
        ("at_s,power_pct,air_temp_c\n0,0,22\n1,0,22\n", "lasts 0 min"),
    ],
)
def test_a_file_that_is_no_record_is_refused_with_its_line(tmp_path, text, said):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    assert said in str(run(path).exception)


def test_a_file_that_is_not_there_and_no_file_at_all_are_told(tmp_path):
    assert "cannot be read" in str(run(tmp_path / "none.csv").exception)
    assert "nothing to fit" in str(run().exception)


def test_a_session_with_a_person_is_never_tuned_on(tmp_path):
    path = tmp_path / "journal.db"
    journal = Journal(path)
    for row in (SESSION, CYCLE):
        journal.append(row)
    journal.close()
    refused = run("--journal", path, "--session", SESSION.session_id)
    assert "a person" in str(refused.exception)
    assert "--journal" in str(run("--session", "s-1").exception)


def test_a_session_on_a_phantom_is_read_from_the_journal(tmp_path):
    path, record = tmp_path / "journal.db", empty_dome()
    journal = Journal(path)
    journal.append(SESSION._replace(subject="PHANTOM-70"))
    rows = zip(record.at_s, record.power_pct, record.air_temp_c, strict=True)
    for cycle, (at_s, power_pct, air_c) in enumerate(rows):
        journal.append(
            CYCLE._replace(
                session_id=SESSION.session_id,
                cycle=cycle,
                at_ms=1_000 + round(at_s * 1000.0),
                applied_pct=power_pct,
                air_temp_c=air_c,
            )
        )
    journal.close()
    told = run("--journal", path, "--session", SESSION.session_id)
    assert told.exit_code == 0, (told.output, told.exception)
    assert f"from {SESSION.session_id}" in told.output
