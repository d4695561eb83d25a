"""`python -m thermod.sim.drill.leash PARENT COMMAND …`: become a command that cannot outlive us.

Linux sends the signal when the parent dies, however it dies, and keeps the wish over an exec; so
a drill that is itself killed leaves no frozen guard and no broker behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main(parent: int, command: list[str]) -> None:
    """Does not return."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be told to Linux
        raise SystemExit(0)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
