"""Telling the service manager that cycles are being finished: `READY=1`, `WATCHDOG=1`,
`STOPPING=1`.

One datagram to the socket that systemd names; without one nothing is sent. Fed only by finished
cycles, never by a timer, so that a process that has stopped controlling is restarted, into idle.
"""

from __future__ import annotations

import os
import socket


class ServiceManager:
    """The systemd notify protocol, sd_notify(3)."""

    def __init__(self, address: str | None = None) -> None:
        name = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._socket: socket.socket | None = None
        if name:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
            self._address = "\0" + name[1:] if name.startswith("@") else name

    def tell(self, words: str) -> None:
        """Send and forget: a deaf service manager must not hold up a cycle."""
        if self._socket is None:
            return
        try:
            self._socket.sendto(words.encode(), self._address)
        except OSError:
            return

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            self._socket.close()
