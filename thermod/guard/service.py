"""What the service manager is told. One datagram each; without a service manager, none."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """`READY=1`, `WATCHDOG=1` or `STOPPING=1`, to where systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        notifier.sendto(state.encode(), address)
