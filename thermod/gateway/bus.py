"""What the gateway needs of the MQTT link; `thermod.mqtt.Link` gives it, and so does a fake."""

from __future__ import annotations

from typing import Protocol


class Bus(Protocol):
    """Fire and forget: nothing is queued while offline."""

    @property
    def connected(self) -> bool: ...

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 0,
        retain: bool = False,
        expiry_s: int | None = None,
        response_topic: str | None = None,
        correlation: bytes | None = None,
    ) -> bool:
        """False when offline."""
        ...
