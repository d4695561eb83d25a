"""The names of the topics that the gateway reads and writes (CONTRACT.md)."""

from __future__ import annotations

from dataclasses import dataclass

ROOT = "thermod/v1"


@dataclass(frozen=True, slots=True)
class Topics:
    site: str
    process: str

    def of(self, dome: str, name: str) -> str:
        return f"{ROOT}/{self.site}/{dome}/{name}"

    def reply(self, dome: str) -> str:
        return self.of(dome, f"reply/{self.process}")

    @property
    def status(self) -> str:
        return self.of("-", f"status/{self.process}")

    @property
    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        """Topic and QoS of all that the gateway listens to."""
        return (
            (self.of("+", "state"), 0),
            (self.of("+", "node/state"), 0),
            (self.of("+", "guard/state"), 1),
            (self.of("+", "alarm/+"), 1),
            (self.of("+", "event"), 1),
            (self.reply("+"), 1),
            (self.of("-", "status/+"), 1),
        )

    def split(self, topic: str) -> tuple[str, str] | None:
        """The dome and the name under it; None for a topic of another site."""
        prefix = f"{ROOT}/{self.site}/"
        dome, slash, name = topic.removeprefix(prefix).partition("/")
        return (dome, name) if topic.startswith(prefix) and slash else None
