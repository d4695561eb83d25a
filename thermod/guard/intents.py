"""What people asked for, as the guard heard it itself. Control can arm nothing that is not here."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from thermod.guard.control_watch import ControlWatch
from thermod.guard.heard import ArmSeen, IntentSeen
from thermod.guard.times import INTENT_AGE_S_MAX, INTENT_CYCLES_MAX

IDS_REMEMBERED: Final = 1024
WAITING_MAX: Final = 16

# Which scope an act of a person opens. (CONTRACT.md, `arm`)
_SCOPE: Final = {"create": "test", "start": "session", "resume": "session"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intent that control has not armed yet."""

    intent: IntentSeen
    heard_s: float


class IntentBook:
    """Each intent counts once, soon, and only for the controller whose snapshot the person saw."""

    def __init__(self) -> None:
        self._seen_ids: deque[str] = deque(maxlen=IDS_REMEMBERED)
        self._waiting: dict[str, Waiting] = {}

    def is_new(self, intent: IntentSeen) -> bool:
        """False: this very intent was heard before."""
        if intent.intent_id in self._seen_ids:
            return False
        self._seen_ids.append(intent.intent_id)
        return True

    def refuses(self, intent: IntentSeen, control: ControlWatch) -> str | None:
        """Why nobody may act on it. None: it is fresh, and meant for this controller."""
        if intent.controller_id != control.controller_id:
            return "intent_of_other_controller"
        if not -INTENT_CYCLES_MAX <= intent.cycle - control.cycle <= INTENT_CYCLES_MAX:
            return "intent_old"
        return None

    def wait(self, intent: IntentSeen, now_s: float) -> None:
        """Keep it for the `arm` that may name it."""
        if len(self._waiting) >= WAITING_MAX:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[intent.intent_id] = Waiting(intent, now_s)

    def armed(self, arm: ArmSeen, now_s: float) -> Waiting | str:
        """The intent that this arm names, or why there is none. It is used up in any case."""
        waiting = self._waiting.pop(arm.intent_id, None)
        if waiting is None:
            return "arm_without_intent"
        if not 0.0 <= now_s - waiting.heard_s <= INTENT_AGE_S_MAX:
            return "arm_late"
        if arm.controller_id != waiting.intent.controller_id:
            return "arm_of_other_controller"
        if arm.scope != _SCOPE[waiting.intent.kind]:
            return "arm_of_other_scope"
        return waiting

    def forget(self) -> None:
        """A STOP or a pause came later: nothing that waits counts any more."""
        self._waiting.clear()
