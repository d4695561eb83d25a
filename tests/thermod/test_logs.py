"""Logs are JSON lines in service. In a process of its own, since logging is set up once for all."""

import json
import subprocess
import sys

SAY = """
import structlog
from thermod.logs import configure
configure()
log = structlog.get_logger("control")
log.info("phase", dome="dome-1", text="idle → preflight")
log.debug("unseen")
"""


def test_a_line_is_json_with_time_and_level_when_nobody_sits_at_a_terminal():
    done = subprocess.run(
        [sys.executable, "-c", SAY], capture_output=True, text=True, check=True, timeout=30.0
    )
    (line,) = done.stdout.splitlines()
    said = json.loads(line)
    assert (said["event"], said["dome"], said["level"]) == ("phase", "dome-1", "info")
    assert said["text"] == "idle → preflight"
    assert said["timestamp"].endswith("Z")
