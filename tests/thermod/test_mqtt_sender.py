"""What a link says ends when the link must end."""

import asyncio

from thermod.mqtt import Link
from thermod.sim.service import SimBroker


class SwallowingClient:
    """Acknowledges in the very moment in which it is cancelled, as the library may."""

    def __init__(self) -> None:
        self.published = 0
        self.begun = asyncio.Event()

    async def publish(self, *_: object) -> None:
        self.published += 1
        self.begun.set()
        try:
            await asyncio.sleep(60.0 if self.published == 1 else 0.0)
        except asyncio.CancelledError:
            return


async def test_a_cancellation_that_the_library_loses_still_ends_the_sender():
    link = Link(
        broker=SimBroker("127.0.0.1", 1883),
        client_id="c",
        subscriptions=[],
        on_message=lambda message: None,
    )
    link.connected = True
    for count in range(3):
        link.publish(f"thermod/v1/site/dome/{count}", b"{}", qos=1)
    client = SwallowingClient()
    sender = asyncio.create_task(link._send(client, 1))
    await client.begun.wait()
    sender.cancel()
    await asyncio.wait({sender}, timeout=5.0)
    assert sender.cancelled()
    assert client.published == 1
