"""One connection to the broker, from connect to loss. The next is a new Link: nothing carries over.

A client kept over an outage would deliver its queued messages late, and a late grant is worse than
a lost one.
"""

import socket
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from thermod.guard.specs import Broker

TAKEN_OVER: Final = 0x8E  # MQTT 5, 2.4: another client connected with our id
CONNECT_S_MAX: Final = 1.0  # nothing is judged meanwhile; there is nothing to hear either
HANDSHAKE_S_MAX: Final = 3.0  # from TCP to subscribed
FAREWELL_S_MAX: Final = 0.5
PACKET_BYTES_MAX: Final = 65536  # the broker drops what is larger before it reaches us


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as it came."""

    topic: str
    payload: bytes
    retained: bool


class Link:
    """Blocking, in one thread. `turn` does all the network work and waits no longer than told."""

    def __init__(
        self, broker: Broker, client_id: str, filters: list[str], will_topic: str, will: bytes
    ) -> None:
        self.inbox: deque[Inbound] = deque()
        self.is_ready = False  # connected and subscribed
        self.lost_because: str | None = None
        self.was_taken_over = False
        self._broker = broker
        self._begun_s = time.monotonic()
        # our own permits need not come back; another guard's must
        self._filters = [
            (each, SubscribeOptions(qos=1, noLocal=each.endswith("/guard/permit")))
            for each in filters
        ]
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.connect_timeout = CONNECT_S_MAX
        self._client.will_set(will_topic, will, qos=1, retain=True)
        if broker.user is not None:
            self._client.username_pw_set(broker.user, broker.password)
        if broker.ca_file is not None:
            self._client.tls_set(ca_certs=broker.ca_file)
        self._client.on_socket_open = _send_at_once
        self._client.on_connect = self._connected
        self._client.on_subscribe = self._subscribed
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._message

    def connect(self) -> None:
        """Begin. Whether it works shows in `is_ready` or `lost_because` after some turns."""
        wishes = _properties(PacketTypes.CONNECT)
        wishes.MaximumPacketSize = PACKET_BYTES_MAX
        try:
            self._client.connect(
                self._broker.host,
                self._broker.port,
                self._broker.keepalive_s,
                clean_start=True,
                properties=wishes,
            )
        except (OSError, ValueError) as error:  # no broker, no such host, no such certificate
            self._lose(f"cannot connect: {error}")

    def turn(self, wait_s: float) -> None:
        """Read, write and keep alive, for at most so many real seconds."""
        if self.lost_because is not None:
            return
        try:
            code = self._client.loop(wait_s)
        except (OSError, ValueError, MQTTException) as error:  # the broker talks nonsense
            self._lose(f"the connection broke: {error}")
            return
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._lose(f"the connection is lost: {code.name}")
        elif not self.is_ready and time.monotonic() - self._begun_s > HANDSHAKE_S_MAX:
            self._lose("the broker does not answer")

    def publish(
        self, topic: str, payload: bytes, qos: int, retain: bool, expiry_s: int | None
    ) -> None:
        """Now or never: on a lost link it is dropped."""
        if self.lost_because is not None:
            return
        properties = None
        if expiry_s is not None:
            properties = _properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = expiry_s
        self._client.publish(topic, payload, qos, retain, properties)

    def close(self) -> None:
        """Send what was said, then go. Half a second at most."""
        end_s = time.monotonic() + FAREWELL_S_MAX
        while self._client.want_write() and time.monotonic() < end_s and not self.lost_because:
            self.turn(0.02)
        self._client.disconnect()

    def give_up(self) -> None:
        """Somebody else has our identity: the connection is theirs."""
        self.was_taken_over = True
        self.is_ready = False
        self.lost_because = "taken over"

    def drop(self) -> None:
        """No farewell: the broker then publishes our will."""
        opened = self._client.socket()
        if opened is not None:
            opened.close()

    # --- what paho calls, all of it inside `turn` -------------------------------------------------

    def _connected(
        self,
        client: Client,
        userdata: Any,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._lose(f"the broker refuses us: {reason}")
        else:
            client.subscribe(self._filters)

    def _subscribed(
        self,
        client: Client,
        userdata: Any,
        mid: int,
        reasons: list[ReasonCode],
        properties: Properties | None,
    ) -> None:
        refused = [
            f"{topic} ({reason})"
            for (topic, _), reason in zip(self._filters, reasons, strict=True)
            if reason.is_failure
        ]
        if refused:  # a guard that is deaf to STOP or to the node is none
            self._lose(f"the broker refuses to let us hear {', '.join(refused)}")
        else:
            self.is_ready = True

    def _disconnected(
        self,
        client: Client,
        userdata: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if flags.is_disconnect_packet_from_server and reason.value == TAKEN_OVER:
            self.was_taken_over = True
        self._lose(f"disconnected: {reason}")

    def _message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self.inbox.append(Inbound(message.topic, bytes(message.payload), message.retain))

    def _lose(self, because: str) -> None:
        self.is_ready = False
        self.lost_because = self.lost_because or because


def _properties(packet_type: int) -> Properties:
    return Properties(packet_type)  # type: ignore[no-untyped-call]


def _send_at_once(client: Client, userdata: Any, opened: Any) -> None:
    """Without this, p50 of a round trip is four times as long and the worst five times."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
