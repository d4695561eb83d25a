"""Logs on stdout: JSON lines in service, coloured lines on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(*, pretty: bool | None = None) -> None:
    """Set up once, when a process starts. `pretty` None: pretty on a terminal only."""
    on_terminal = sys.stdout.isatty() if pretty is None else pretty
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
