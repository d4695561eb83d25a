"""Take away one safety measure after the other, and see that the test that guards it fails.

Usage: python -m tests.sabotage [--jobs N] [--json FILE] [word ...]  (words: only measures with one)

Works on copies of the tree, never on the tree itself. Exit 0: every sabotage was caught.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.sabotage.sabotages import SABOTAGES, Sabotage

ROOT = Path(__file__).resolve().parents[2]
TEST_S_MAX = 120.0
PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
HUNG = -1
TESTS_FAILED = 1  # pytest's exit code; any other says that the test did not run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="word")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", metavar="FILE", help="write the result here too")
    wanted = parser.parse_args()
    rows = [row for row in SABOTAGES if all(word in row.measure for word in wanted.words)]
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        copies: Queue[Path] = Queue()
        for number in range(wanted.jobs):
            copies.put(copy_tree(Path(folder) / str(number)))
        unfit = run_tests(copies.queue[0], sorted({row.caught_by for row in rows}))
        if unfit != 0:
            print("some of these tests fail without any sabotage: they prove nothing")
            return 2
        with ThreadPoolExecutor(wanted.jobs) as pool:
            caught = list(pool.map(lambda row: is_caught(row, copies), rows))
    seconds = time.monotonic() - began_s
    print(f"caught {sum(caught)} of {len(rows)}, {seconds:.0f} s")
    if wanted.json is not None:
        found = {
            "sabotages": len(rows),
            "caught": sum(caught),
            "missed": [row.measure for row, is_one in zip(rows, caught, strict=True) if not is_one],
            "seconds": round(seconds, 1),
        }
        Path(wanted.json).write_text(json.dumps(found) + "\n", "utf-8")
    return 0 if all(caught) else 1


def copy_tree(to: Path) -> Path:
    skipped = shutil.ignore_patterns(".*", "__pycache__", "*.pyc")
    shutil.copytree(ROOT, to, ignore=skipped)
    return to


def is_caught(row: Sabotage, copies: Queue[Path]) -> bool:
    """Edit a copy, run the test, and put the copy right again."""
    copy = copies.get()
    try:
        path = copy / row.path
        sound = path.read_text("utf-8")
        if sound.count(row.old) != 1:
            print(f"STALE   {row.hazard} {row.measure}: its text is not in {row.path}", flush=True)
            return False
        path.write_text(sound.replace(row.old, row.new), "utf-8")
        exit_code = run_tests(copy, [row.caught_by], quiet=True)
        path.write_text(sound, "utf-8")
    finally:
        copies.put(copy)
    verdict = {0: "MISSED", TESTS_FAILED: "caught"}.get(exit_code, f"exit {exit_code}")
    print(f"{verdict:7} {row.hazard} {row.measure}", flush=True)
    return exit_code == TESTS_FAILED


def run_tests(copy: Path, nodeids: Sequence[str], *, quiet: bool = False) -> int:
    """With this copy first on the path, also for processes that a test starts. No compiled file is
    kept: an edit within the same second and of the same size would go unseen.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        ran = subprocess.run(
            [*PYTEST, *nodeids],
            cwd=copy,
            env=environment,
            check=False,
            stdout=subprocess.DEVNULL if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            timeout=TEST_S_MAX * max(1, len(nodeids) / 4),
        )
    except subprocess.TimeoutExpired:
        return HUNG
    return ran.returncode


if __name__ == "__main__":
    raise SystemExit(main())
