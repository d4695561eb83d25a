"""The scripted nurse at the bedside: she looks at `state` and publishes intents, as the gateway
would for a person.
"""

from __future__ import annotations

import asyncio
import secrets

import orjson
import structlog

from thermod.clock import Clock
from thermod.config import Config
from thermod.mqtt import Inbound, Link
from thermod.post import ROOT
from thermod.sim.nurse import RETRY_S, Nurse, Sight

LOOK_S = 1.0
PRESENCE_DUE_S = 20.0 * 60.0

log = structlog.get_logger("nurse")


async def attend(config: Config, clock: Clock) -> None:
    """Confirm presence and close cool-downs on every dome, until cancelled. She never starts or
    resumes heat.
    """
    nurse = Nurse(starts=False, resumes=False)
    newest: dict[str, dict[str, object]] = {}
    base = f"{ROOT}/{config.site}"

    def hear(message: Inbound) -> None:
        state = orjson.loads(message.payload)
        newest[state["dome"]] = state

    link = Link(
        broker=config.broker,
        client_id=f"nurse-{secrets.token_hex(4)}",
        subscriptions=[(f"{base}/{dome.id}/state", 0) for dome in config.domes],
        on_message=hear,
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(link.run(), name="link")
        while True:
            await clock.sleep_until(clock.now_s() + max(LOOK_S, RETRY_S))
            for dome, state in newest.items():
                deed = nurse.deed(_sight(state))
                if deed is None:
                    continue
                intent = {
                    "intent_id": f"n-{secrets.token_hex(8)}",
                    "kind": deed.kind,
                    "by": "nurse-1",
                    "role": "operator",
                    "reason": deed.reason,
                    "controller_id": state["controller_id"],
                    "cycle": state["cycle"],
                    "session_id": None,
                    "details": dict(deed.details),
                }
                link.publish(f"{base}/{dome}/intent", orjson.dumps(intent), qos=1)
                log.info("deed", dome=dome, kind=deed.kind)


def _sight(state: dict[str, object]) -> Sight:
    core, session, guard = state["core"], state["session"], state["guard"]
    core_temp_c = core.get("temp_c") if isinstance(core, dict) else None
    due_s = session.get("presence_due_s") if isinstance(session, dict) else None
    target_c = state["target_c"]
    return Sight(
        str(state["phase"]),
        float(target_c) if isinstance(target_c, float) else 38.5,
        core_temp_c,
        0.0 if due_s is None else PRESENCE_DUE_S - due_s,
        False,
        bool(state["latches"]),
        isinstance(guard, dict) and not guard.get("broken"),
    )
