"""/metrics: the gateway in numbers, in a registry of its own, read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from thermod.gateway.service import Gateway

KINDS_MAX = 64  # of refused messages, per dome: a label that a sender can choose needs a bound


class GatewayMetrics(Collector):
    """Everything is read from where it already lies; nothing is counted twice."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def collect(self) -> Iterator[Metric]:
        yield from self._domes()
        yield from self._messages()
        yield from self._people()
        yield from self._forwarder()

    def _domes(self) -> Iterator[Metric]:
        now_s = self._gateway.clock.now_s()
        ages = GaugeMetricFamily(
            "thermod_state_age_seconds",
            "Age of the newest live message, by its sender; +Inf if none was heard",
            labels=("dome", "of"),
        )
        alarms = GaugeMetricFamily(
            "thermod_alarms", "Alarms that stand or are latched", labels=("dome", "priority")
        )
        for dome, seen in self._gateway.picture.domes.items():
            node_s = None if seen.node is None else seen.node.received_s
            heard = {"control": seen.snapshot_s, "node": node_s, "guard": seen.guard_s}
            for sender, heard_s in heard.items():
                ages.add_metric((dome, sender), inf if heard_s is None else now_s - heard_s)
            standing = [alarm.priority for alarm in self._gateway.dome(dome).alarms]
            for priority in ("high", "medium", "low"):
                alarms.add_metric((dome, priority), standing.count(priority))
        yield ages
        yield alarms

    def _messages(self) -> Iterator[Metric]:
        refused = CounterMetricFamily(
            "thermod_gateway_messages_refused", "Refused by the gateway", labels=("kind",)
        )
        for kind, count in self._gateway.picture.refused.items():
            refused.add_metric((kind,), count)
        yield refused
        by_control = CounterMetricFamily(
            "thermod_control_messages_refused", "Refused by control", labels=("dome", "kind")
        )
        by_guard = CounterMetricFamily(
            "thermod_guard_messages_refused", "Refused by the guard", labels=("dome", "kind")
        )
        for dome, seen in self._gateway.picture.domes.items():
            counts = {} if seen.snapshot is None else seen.snapshot.health.refused
            for kind, count in sorted(counts.items())[:KINDS_MAX]:
                by_control.add_metric((dome, kind), count)
            counts_of_guard = {} if seen.guard is None else seen.guard.refused
            for kind, count in sorted(counts_of_guard.items())[:KINDS_MAX]:
                by_guard.add_metric((dome, kind), count)
        yield by_control
        yield by_guard
        link = GaugeMetricFamily("thermod_gateway_link", "1 while connected to the broker")
        link.add_metric((), float(self._gateway.bus.connected))
        yield link

    def _people(self) -> Iterator[Metric]:
        hub = self._gateway.hub
        yield GaugeMetricFamily("thermod_sse_clients", "Open event streams", value=len(hub.clients))
        yield CounterMetricFamily(
            "thermod_sse_dropped", "Events that slow clients missed", value=hub.dropped_so_far
        )
        intents = CounterMetricFamily(
            "thermod_intents", "Wishes of people, by what came of them", labels=("kind", "outcome")
        )
        for names, count in self._gateway.intents.outcomes.items():
            intents.add_metric(names, count)
        yield intents

    def _forwarder(self) -> Iterator[Metric]:
        status = self._gateway.forward
        for name, text, value in (
            ("configured", "1 if a database is configured", status.configured),
            ("ok", "1 while the database takes writes", status.written and not status.error),
            ("cursor", "The last cycle of the journal that the database has", status.cursor),
            ("backlog_rows", "Cycles of the journal that it has not", status.backlog_rows),
            ("dead_letters", "Lines that it refused and that are set aside", status.dead_letters),
        ):
            yield GaugeMetricFamily(f"thermod_forward_{name}", text, value=float(value))
        yield CounterMetricFamily(
            "thermod_forward_lines", "Lines that the database took", value=status.lines_written
        )
        yield CounterMetricFamily(
            "thermod_forward_errors", "Times that forwarding had to wait", value=status.errors
        )


def registry_of(gateway: Gateway) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(GatewayMetrics(gateway))
    return registry
