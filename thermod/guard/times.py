"""The times of the guard, in seconds of its own clock. Source: CONTRACT.md, "Times and sizes"."""

from typing import Final

PERIOD_S: Final = 0.5  # challenge, permit and the node's tick
LOOK_S: Final = 0.02  # how often everything is judged when no message comes
STATE_PERIOD_S: Final = 5.0  # guard/state at least this often
REVOKE_REPEAT_S: Final = 0.1  # a revoke is repeated this often, …
REVOKE_REPEATED_FOR_S: Final = 1.0  # … for this long

LEASE_S: Final = 3.0  # so old may permit and command be at the node, and no older
NODE_AGE_S_MAX: Final = 1.5  # two lost messages in a row are tolerated, three are not
READING_LAG_TICKS_MAX: Final = 6  # against the newest tick, either way
PROBE_AGE_S_MAX: Final = 3.0  # SAFETY.md §4: revoke when the newest good sample is older
TWICE_WITHIN_S: Final = 3.0  # SAFETY.md §4: "on two samples"
OVER_REMEMBERED_S: Final = 60.0  # a probe that fell silent while too hot counts this long
AIR_LOST_S_MAX: Final = 600.0  # SAFETY.md §4: air lost in a session, never at its start
FAN_STOPPED_S_MAX: Final = 3.75  # seen at a message every 0.5 s: off within the 5 s of H26
FAST_RISE_MIN_MAX: Final = 5.0  # minutes for which the core may rise too fast

ANSWER_AGE_S_MAX: Final = 1.5
CONTROL_SILENT_S_MAX: Final = 10.0  # without a right answer, while the node is heard
HEARD_S: Final = 5.0  # a second controller, guard or dome node counts as there for this long
DOME_SILENT_S: Final = 10.0  # then a node that was taken for replaced is heard again
ECHO_AGE_S_MAX: Final = 3.0  # H09: the node shows our epoch, or the way to it is broken
ANNUNCIATE_AFTER_S: Final = 3.0  # H27: control is silent, so the node's sounder calls

HEAL_S: Final = 3.0
HEAL_SAMPLES_MIN: Final = 5
HEAL_ANSWERS_MIN: Final = 5
WITHHELD_S_MAX: Final = 60.0
OWN_GAP_S_MAX: Final = 2.0  # between two looks: we were stopped, or the host slept

INTENT_AGE_S_MAX: Final = 10.0  # from a person's intent to the arm that names it, and to the grant
INTENT_CYCLES_MAX: Final = 10  # the snapshot that the person saw, against the newest heartbeat
SCOPE_UNSEEN_S_MAX: Final = 2.0  # from arm to the first heartbeat that wants its scope

TEST_S_MAX: Final = 60.0  # SAFETY.md §2: scope `test`
TEST_HEAT_S_MAX: Final = 10.0
TEST_POWER_MAX: Final = 0.30  # of rated power; the on-test commands 0.20 …
TEST_POWER_S_MAX: Final = 1.0  # … and passes more than this for no longer
HEAT_POWER_MIN: Final = 0.02  # of rated power: more than this is heat
STUCK_POWER_MAX: Final = 0.05  # of rated power, while commanded 0
STUCK_S_MIN: Final = 3.0
STUCK_SETTLES_S: Final = 1.0  # beside the node's averaging window
