"""`thermod-guard`: the guard as a process. It has no option that makes it look away."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from thermod.guard import state_file
from thermod.guard.clock import BootClock
from thermod.guard.config import ConfigError, load
from thermod.guard.loop import run
from thermod.guard.specs import GuardConfig

EXIT_CONFIG: Final = 78  # sysexits.h EX_CONFIG
EXIT_STATE: Final = 73  # sysexits.h EX_CANTCREAT


class JsonLines(logging.Formatter):
    """One JSON object a line, for whoever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "text": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def main() -> int:
    """The exit code. Argument errors end in `argparse`'s own 2."""
    arguments = _arguments()
    try:
        config = load(arguments.config, os.environ)
    except ConfigError as error:
        sys.stderr.write(f"thermod-guard: {error}\n")
        return EXIT_CONFIG
    if arguments.check:
        sys.stdout.write(_summary(config))
        return 0
    if arguments.init_state:
        return _init_state(config)
    _log_to_stdout()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return run(config, BootClock(), stop)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="thermod-guard",
        description="Grants, withholds and revokes the permit to heat. For research and engineering"
        " use; not a certified medical device.",
    )
    parser.add_argument("--config", type=Path, required=True, metavar="guard.toml")
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--check", action="store_true", help="read the config, print it, and end")
    does.add_argument(
        "--init-state",
        action="store_true",
        help="write an empty state file for a first start, if there is none, and end",
    )
    return parser.parse_args()


def _summary(config: GuardConfig) -> str:
    """What the file amounts to, without the password."""
    shown = asdict(config)
    shown["broker"]["password"] = None if config.broker.password is None else "(set)"
    return json.dumps(shown, indent=2) + "\n"


def _init_state(config: GuardConfig) -> int:
    folder = Path(config.state_dir)
    try:
        created = state_file.create(folder, [dome.dome_id for dome in config.domes])
    except OSError as error:
        do = "Give the user of the guard that folder."
        sys.stderr.write(f"thermod-guard: cannot write: {error.strerror} [{folder}]. {do}\n")
        return EXIT_STATE
    sys.stdout.write("written\n" if created else "there is one already: left alone\n")
    return 0


def _log_to_stdout() -> None:
    handler = logging.StreamHandler(sys.stdout)
    if not sys.stdout.isatty():
        handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


if __name__ == "__main__":
    sys.exit(main())
