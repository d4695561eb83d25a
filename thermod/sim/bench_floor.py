"""The bare transport floor: receives and sends the messages of a control process and does nothing
else.

What this costs, no control process on the same library can save. Run as a process of its own by the
bench.
"""

from __future__ import annotations

import asyncio
import socket
import sys

import aiomqtt
import orjson
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from thermod.clock import BootClock
from thermod.post import ROOT

# As large as the real ones in a running session.
COMMAND = b"c" * 160
HEARTBEAT = b"h" * 190
STATE = b"s" * 3400
PERIOD_S = 0.5
HEARD = ("node/state", "guard/permit", "guard/challenge")


async def run(port: int, site: str, domes: list[str]) -> None:
    """Listen to every dome and send what control would send, at 2 Hz, until cancelled."""
    expiring = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    expiring.MessageExpiryInterval = 2
    clock = BootClock()
    async with aiomqtt.Client(
        "127.0.0.1",
        port,
        protocol=aiomqtt.ProtocolVersion.V5,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    ) as client:
        await client.subscribe([(f"{ROOT}/{site}/+/{name}", 0) for name in HEARD])

        async def listen() -> None:
            async for message in client.messages:
                orjson.loads(message.payload)

        async def send() -> None:
            slot_s, start_s, beat = PERIOD_S / len(domes), clock.now_s(), 0
            while True:
                for place, dome in enumerate(domes):
                    await clock.sleep_until(start_s + place * slot_s)
                    base = f"{ROOT}/{site}/{dome}"
                    await client.publish(f"{base}/floor/command", COMMAND, properties=expiring)
                    await client.publish(f"{base}/floor/heartbeat", HEARTBEAT, properties=expiring)
                    if beat % 2 == 0:
                        await client.publish(f"{base}/floor/state", STATE, retain=True)
                start_s += PERIOD_S
                beat += 1

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(listen(), name="listen")
            tasks.create_task(send(), name="send")


def main() -> None:
    """`python -m thermod.sim.bench_floor PORT SITE DOME...`"""
    asyncio.run(run(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))


if __name__ == "__main__":
    main()
