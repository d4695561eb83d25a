"""The drill's own client on the bus of one stack: whoever of the drill hears or speaks does it so.

It reaches the broker without the proxy: what is done to the links of others is not done to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from thermod.mqtt import Broker, Inbound, Link
from thermod.post import ROOT

Listener = Callable[[str, str, bytes], None]  # dome, what follows its topic, payload


class Bus:
    """Hears some topics of some domes, and says whatever any client may."""

    def __init__(
        self, broker: Broker, site: str, domes: Sequence[str], suffixes: Iterable[str]
    ) -> None:
        self._base = f"{ROOT}/{site}/"
        self._listeners: list[Listener] = []
        self.link = Link(
            broker=broker,
            client_id=f"drill-{secrets.token_hex(4)}",
            subscriptions=[
                (f"{self._base}{dome}/{suffix}", 0)
                for dome in domes
                for suffix in sorted(set(suffixes))
            ],
            on_message=self._hear,
            no_local=True,  # a stranger who repeats what he hears must not hear himself
        )

    def listen(self, listener: Listener) -> None:
        """Call it for each message."""
        self._listeners.append(listener)

    def say(self, dome: str, suffix: str, fields: Mapping[str, Any]) -> None:
        """As JSON, at least once."""
        self.repeat(dome, suffix, orjson.dumps(fields))

    def repeat(self, dome: str, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        """Bytes as they are."""
        self.link.publish(f"{self._base}{dome}/{suffix}", payload, qos=1, retain=retain)

    def _hear(self, message: Inbound) -> None:
        dome, _, suffix = message.topic.removeprefix(self._base).partition("/")
        for listener in self._listeners:
            listener(dome, suffix, message.payload)
