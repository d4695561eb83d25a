"""What the guard knows of control: who it is, whether it answers, and what it wants."""

from collections import deque
from math import inf

from thermod.guard.flow import flow_token
from thermod.guard.heard import HeartbeatSeen
from thermod.guard.times import ANSWER_AGE_S_MAX, HEARD_S


class ControlWatch:
    """Challenges go out, answers come in. Only finished cycles with every stage in them count."""

    def __init__(self) -> None:
        self.controller_id: str | None = None  # the one heard last
        self.cycle = -1  # its newest
        self.answer_s = -inf  # when the last right answer came
        self.wrong_in_a_row = 0
        self._heard_s = -inf
        self._other_heard_s = -inf  # when any other one was heard last
        self._answered_cycle = -1
        self._challenges: deque[tuple[str, float]] = deque(maxlen=3)

    def asked(self, challenge: str, now_s: float) -> None:
        """This challenge goes out now."""
        self._challenges.append((challenge, now_s))

    def hear(self, controller_id: str, now_s: float) -> bool:
        """Somebody speaks as control. True: it is another one than last time."""
        if controller_id == self.controller_id:
            self._heard_s = now_s
            return False
        self._other_heard_s = self._heard_s
        self._heard_s = now_s
        self.controller_id = controller_id
        self.cycle = -1
        self.answer_s = -inf
        self.wrong_in_a_row = 0
        self._answered_cycle = -1
        return True

    def controllers_heard(self, now_s: float) -> int:
        """How many in the last five seconds, as far as two."""
        return (now_s - self._heard_s <= HEARD_S) + (now_s - self._other_heard_s <= HEARD_S)

    def answer_age_s(self, now_s: float) -> float | None:
        """Of the last right answer of this controller."""
        return None if self.answer_s == -inf else now_s - self.answer_s

    def answer(self, beat: HeartbeatSeen, now_s: float) -> str | None:
        """`right`, `wrong`, or None: to no challenge that is still open, so not an answer."""
        challenge_s = self._asked_s(beat.challenge)
        if not 0.0 <= now_s - challenge_s <= ANSWER_AGE_S_MAX:
            return None
        grows = beat.cycle > self._answered_cycle
        if grows and beat.flow == flow_token(beat.challenge, beat.cycle, beat.results):
            self._answered_cycle = beat.cycle
            self.answer_s = now_s
            self.wrong_in_a_row = 0
            return "right"
        self.wrong_in_a_row += 1
        return "wrong"

    def _asked_s(self, challenge: str) -> float:
        for asked, asked_s in self._challenges:
            if asked == challenge:
                return asked_s
        return -inf
