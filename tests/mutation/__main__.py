"""Mutation testing: does some test notice each small fault in the code that safety hangs on?

Usage: python -m tests.mutation [--minutes N] [--jobs N] [file ...]      (no file: all of them)

Works on a copy of the tree. What is known is kept in .mutation/, so a run that was cut short, or
that follows an edit, tries only what it must. Exit 1: a survivor that survivors.toml does not
justify in a critical file, or fewer than 95 % noticed in all. README.md has the rest.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

from tests.mutation.ledger import CRITICAL, Ledger, Score, justified, score_of
from tests.mutation.player import Player
from tests.mutation.subject import Subject

ROOT = Path(__file__).resolve().parents[2]
USERS_ROOT = Path(os.environ.get("MUTATION_ROOT", ROOT))  # inside the copy: where it was taken
KEPT = ".mutation"
CODE = ("alarms", "controllers", "sensors", "tests", "thermod")
SURVIVORS = Path("tests/mutation/survivors.toml")
PCT_MIN = 95.0

SUBJECTS = (
    *("alarms/*.py", "alarms/rows/*.py", "thermod/guard/*.py", "thermod/latches.py"),
    *(f"controllers/{name}.py" for name in ("actuation", "limiter", "session")),
)
# The shell of the guard waits for a broker; its tests take seconds of real time each. tests/broker,
# tests/guard/test_loop_on_broker.py and the drill are what holds it. The pages are documents.
LEFT_OUT = (
    *(f"thermod/guard/{name}.py" for name in ("__main__", "clock", "link", "loop", "service")),
    "alarms/pages.py",
)
CONTROLS = tuple(
    f"thermod/test_{name}.py" for name in ("balance", "elapsed", "keeper", "latches", "post")
)
TESTS = tuple(
    f"tests/{name}"
    for name in ("alarms", "controllers", "guard", "scenarios", "properties", *CONTROLS)
)
OPTIONS = (
    *("-m", "not broker and not slow and not browser and not bench"),
    "--hypothesis-profile=mutation",
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # plugins are loaded already
)


def near(path: str) -> tuple[str, ...]:
    """Where the tests of a file are: its own, and those beside them."""
    folder, _, name = path.rpartition("/")
    if folder == "thermod":
        return (f"tests/thermod/test_{name}",)
    if folder == "alarms/rows":
        return ("tests/alarms/test_rules.py", "tests/alarms/")
    beside = f"tests/{folder.rpartition('/')[2]}/"
    return (f"{beside}test_{name}", beside)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="file")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if not wanted.inside:
        return run_in_a_copy(sys.argv[1:])
    paths = sorted(str(path) for pattern in SUBJECTS for path in Path().glob(pattern))
    paths = [path for path in paths if path not in LEFT_OUT]
    if wanted.files:
        paths = [path for path in paths if any(fnmatch(path, each) for each in wanted.files)]
    paths.sort(key=lambda path: (path not in CRITICAL, path))  # these first, if time runs out
    subjects = [Subject(path) for path in paths]
    why = justified(SURVIVORS)
    ledger = Ledger(USERS_ROOT / KEPT / "found.jsonl", sha256_of("tests"), why)
    play(subjects, ledger, wanted.minutes, wanted.jobs)
    return tell(subjects, ledger, why, is_whole=not wanted.files)


def run_in_a_copy(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="mutation-") as name:
        copy = Path(name).resolve() / "tree"
        skipped = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
        shutil.copytree(ROOT, copy, ignore=skipped)
        environment = {
            **os.environ,
            "MUTATION_ROOT": str(ROOT),
            "PYTHONPATH": str(copy),
            "TMPDIR": name,
        }
        command = [sys.executable, "-m", "tests.mutation", "--inside", *arguments]
        return subprocess.run(command, cwd=copy, env=environment, check=False).returncode


def sha256_of(*folders: str) -> str:
    """Of all Python files in these folders, but for this tool's own."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    own = Path("tests/mutation")
    return sha256(
        b"".join(path.read_bytes() for path in files if own not in path.parents)
    ).hexdigest()


def play(subjects: list[Subject], ledger: Ledger, minutes: float, jobs: int) -> None:
    todo = [
        (subject, mutant.key)
        for subject in subjects
        for mutant in subject.mutants
        if ledger.noticed_by(subject, mutant.key) is None
    ]
    known = sum(len(subject.mutants) for subject in subjects) - len(todo)
    print(f"{len(todo)} mutants to try, {known} known from before", flush=True)
    if not todo:
        return
    began_s = time.monotonic()
    done = 0

    def found(subject: Subject, key: str, by: str) -> None:
        nonlocal done
        done += 1
        ledger.add(subject, key, by)
        if not by:
            print(f"  survived: {key}", flush=True)
        if done % 100 == 0:
            print(f"{done} of {len(todo)}, {time.monotonic() - began_s:.0f} s", flush=True)

    player = Player(
        todo,
        near=near,
        options=OPTIONS,
        until_s=began_s + 60.0 * minutes,
        jobs=jobs,
        found=found,
        kept_reach=USERS_ROOT
        / KEPT
        / f"reach-{sha256_of('alarms', 'controllers', 'sensors', 'thermod', 'tests')[:16]}.json",
    )
    quiet = ("-q", "-s", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0")
    player.run([*quiet, *(path for path in TESTS if Path(path).exists())])
    print(f"{done} mutants tried in {time.monotonic() - began_s:.0f} s", flush=True)


def tell(subjects: list[Subject], ledger: Ledger, why: Mapping[str, str], *, is_whole: bool) -> int:
    total, faults = Score(), []
    survivors: list[str] = []
    print(f"\n{'file':36} mutants noticed justified left untried   score")
    for subject in subjects:
        score, left = score_of(subject, ledger, why)
        total.add(score)
        survivors += left
        if left and subject.path in CRITICAL:
            faults.append(f"{subject.path}: {len(left)} survivors nobody has justified")
        print_score(subject.path, score)
    print_score("all", total)
    print("\n".join(["", *survivors]))
    if total.pct < PCT_MIN:
        faults.append(f"only {total.pct:.1f} % noticed, {PCT_MIN:.0f} % are asked for")
    if total.unknown:
        print(f"{total.unknown} not tried yet: run it again")
    for key in sorted(set(why) - still_surviving(subjects, ledger) if is_whole else ()):
        faults.append(f"survivors.toml is stale: {key}")
    print("\n".join(faults) or "ok")
    return 1 if faults or total.unknown else 0


def still_surviving(subjects: list[Subject], ledger: Ledger) -> set[str]:
    return {
        mutant.key
        for subject in subjects
        for mutant in subject.mutants
        if not ledger.noticed_by(subject, mutant.key)
    }


def print_score(name: str, score: Score) -> None:
    print(
        f"{name:36} {score.mutants:7} {score.killed:7} {score.justified:9} {score.left:4}"
        f" {score.unknown:7} {score.pct:6.1f} %"
    )


if __name__ == "__main__":
    raise SystemExit(main())
