"""Run the stages of `make test`, time each, and close with one summary of them all.

Usage: python tests/run.py [--minutes N] [stage ...]      (no stage: all of them)

A failing stage does not stop the later ones, so that one run shows everything. A stage is green
only if its tests ran: a skipped test, or a stage whose tests all vanished, is red.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
NO_TESTS_COLLECTED = 5  # pytest's exit code
CLOSING_LINE = re.compile(r"^=+ (?P<counts>.*\d+ \w+.*) in [\d.]+s.* =+$", re.MULTILINE)
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")


def pytest(expression: str, *more: str) -> tuple[str, ...]:
    colour = "--color=yes" if sys.stdout.isatty() else "--color=no"
    return ("pytest", "-m", expression, colour, *more)


@dataclass(frozen=True, slots=True)
class Stage:
    commands: tuple[tuple[str, ...], ...]
    limit_s: float  # a stage that hangs is stopped, and the run goes on
    marker: str | None = None  # the mark of its tests, where it has one


SOME_SESSIONS = ("--sessions", "500", "--seed", "500", "--hours", "50")

# Each test belongs to exactly one stage, whatever marks it bears; `bench` belongs to none.
STAGES = {
    "checks": Stage(
        (
            ("ruff", "check", "--output-format=concise", "."),
            ("ruff", "format", "--check", "--output-format=concise", "."),
            ("mypy",),
            ("lint-imports", "--no-logo"),
        ),
        limit_s=120.0,
    ),
    "pure": Stage(
        (
            pytest(
                "not broker and not slow and not browser and not campaign and not bench",
                *("--numprocesses=auto", "--dist=loadfile"),
                "--durations=5",
                "--durations-min=0.1",
            ),
        ),
        limit_s=240.0,
    ),
    "broker": Stage(
        (pytest("broker and not slow and not browser and not bench"),), 180.0, "broker"
    ),
    "campaign": Stage(
        (
            pytest("campaign and not bench", "--numprocesses=auto", "tests/campaign"),
            ("thermod", "drill", "--simulated", *SOME_SESSIONS),
        ),
        420.0,
        "campaign",
    ),
    "processes": Stage((pytest("slow and not browser and not bench"),), 600.0, "slow"),
    "browser": Stage((pytest("browser and not bench"),), 240.0, "browser"),
}


@dataclass(slots=True)
class Outcome:
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    note: str = ""

    def add(self, other: Outcome) -> None:
        self.seconds += other.seconds
        self.faults += other.faults
        self.counts += other.counts
        self.note = other.note


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="*", metavar="stage", help=", ".join(STAGES))
    parser.add_argument("--minutes", type=float, default=0.0, help="repeat until these have passed")
    wanted = parser.parse_args()
    unknown = set(wanted.stages) - set(STAGES)
    if unknown:
        parser.error(f"no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")

    names = wanted.stages or list(STAGES)
    began_s = time.monotonic()
    totals = {name: Outcome() for name in names}
    rounds = 0
    while not rounds or time.monotonic() - began_s < 60.0 * wanted.minutes:
        rounds += 1
        for name in names:
            totals[name].add(run_stage(name, STAGES[name]))
        if wanted.minutes:
            faults = sum(len(outcome.faults) for outcome in totals.values())
            say(f"round {rounds}: {faults} faults so far")
    return summarise(totals, time.monotonic() - began_s)


def run_stage(name: str, stage: Stage) -> Outcome:
    say(f"stage {name}")
    began_s = time.monotonic()
    outcome = Outcome()
    for command in stage.commands:
        left_s = stage.limit_s - (time.monotonic() - began_s)
        exit_code, text = run(command, left_s)
        judge(outcome, stage, command, exit_code, text)
    outcome.seconds = time.monotonic() - began_s
    if outcome.seconds >= stage.limit_s:
        outcome.faults.append(f"stopped after {stage.limit_s:.0f} s")
    result = "; ".join(outcome.faults) or outcome.note or "ok"
    say(f"stage {name}: {result}, {outcome.seconds:.1f} s")
    return outcome


def judge(
    outcome: Outcome, stage: Stage, command: tuple[str, ...], exit_code: int, text: str
) -> None:
    closing = CLOSING_LINE.findall(text)
    if command[0] == "pytest" and closing:
        for number, what in COUNT.findall(closing[-1]):
            outcome.counts[what.rstrip("s") if what.startswith("error") else what] += int(number)
    if exit_code == NO_TESTS_COLLECTED and command[0] == "pytest" and not is_populated(stage):
        outcome.note = f"NO TEST YET bears the mark {stage.marker!r}: this stage proves nothing"
        return
    if exit_code:
        tool = " ".join(command[:2]) if command[0] == "ruff" else command[0]
        outcome.faults.append(f"{tool} exit {exit_code}")
    if outcome.counts["skipped"]:
        outcome.faults.append(f"{outcome.counts['skipped']} skipped: a skipped test proves nothing")


def is_populated(stage: Stage) -> bool:
    """Does any test file bear the stage's mark? Once one does, a run of no tests is a fault."""
    mark = f"mark.{stage.marker}"
    return stage.marker is None or any(
        mark in path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")
    )


def run(command: tuple[str, ...], limit_s: float) -> tuple[int, str]:
    """Run one tool, show what it says as it says it, and return its exit code and last words.

    The tool and what it starts share a process group. When time is up the group is interrupted,
    so that pytest shows where it hung and stops its servers, and 15 s later killed.
    """
    say(f"$ {' '.join(command)}")
    tool = subprocess.Popen(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
    )
    limit_s = max(limit_s, 1.0)
    timers = (
        threading.Timer(limit_s, signal_group, (tool.pid, signal.SIGINT)),
        threading.Timer(limit_s + 15.0, signal_group, (tool.pid, signal.SIGKILL)),
    )
    for timer in timers:
        timer.start()
    try:
        text = show_and_keep(tool)
        return tool.wait(), text
    except KeyboardInterrupt:
        signal_group(tool.pid, signal.SIGINT)
        tool.wait(timeout=15.0)
        raise
    finally:
        for timer in timers:
            timer.cancel()


def show_and_keep(tool: subprocess.Popen[bytes]) -> str:
    if tool.stdout is None:
        return ""
    kept = b""
    while chunk := os.read(tool.stdout.fileno(), 65536):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        kept = (kept + chunk)[-65536:]
    return re.sub(r"\x1b\[[\d;]*m", "", kept.decode("utf-8", "replace"))


def signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def summarise(outcomes: dict[str, Outcome], seconds: float) -> int:
    say("summary")
    counts: Counter[str] = Counter()
    for name, outcome in outcomes.items():
        counts += outcome.counts
        verdict = "FAILED" if outcome.faults else "EMPTY" if outcome.note else "ok"
        tally = ", ".join(f"{number} {what}" for what, number in outcome.counts.items())
        remarks = "; ".join(filter(None, (tally, *outcome.faults, outcome.note)))
        print(f"{name:10} {outcome.seconds:7.1f} s  {verdict:6}  {remarks}")
    failed = [name for name, outcome in outcomes.items() if outcome.faults]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    if counts:
        order = ("failed", "passed", "skipped", "xfailed", "xpassed", "error")
        tally = ", ".join(f"{counts[what]} {what}" for what in order if counts[what])
        print(f" {tally} in {seconds:.2f}s ".center(80, "="), flush=True)
    return 1 if failed else 0


def say(text: str) -> None:
    print(f"\n--- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
