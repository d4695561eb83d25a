"""The alarms that only the gateway can raise, because nobody else is left who could (H27).

They are not rows of the engine: the gateway raises them itself (`thermod/gateway/watch.py`), and
they clear by themselves. So each brings what a row would have said.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from alarms.advice.model import Advice
from alarms.model import Priority


class OwnAlarm(NamedTuple):
    """One alarm of the gateway. `raised` says when, in words."""

    alarm_id: str
    priority: Priority
    say: str
    do: str
    raised: str
    advice: Advice


OWN: Final[tuple[OwnAlarm, ...]] = (
    OwnAlarm(
        "control_silent",
        Priority.HIGH,
        "Control has been silent for … s",
        "Go to the patient. Use the stop button on the dome, then have control restarted.",
        "when the gateway has heard no live `state` of a dome for more than 3 s",
        Advice(
            "Control, or the way from it to this screen, is gone. Nothing on the page is live.",
            "If control is dead, guard and dome have already ended heat by themselves. If only this"
            " screen is cut off, the session goes on unseen.",
            (
                "The text says whether the gateway still reaches the broker. If it does, control is"
                " gone: `systemctl status thermod-control`.",
                "If it does not: `systemctl status mosquitto`, then the network.",
                "Look at the dome: its own lamp or panel shows whether it heats.",
            ),
            (
                "Go to the patient now. The screen cannot tell you anything.",
                "In doubt press the stop button on the dome: it works without any computer.",
                "Restart control: `systemctl restart thermod-control`. It comes back idle, the"
                " session is interrupted, and a person resumes.",
            ),
        ),
    ),
    OwnAlarm(
        "journal_unreadable",
        Priority.MEDIUM,
        "The record cannot be read: …",
        "Check the disk and that control is running. Treatment does not depend on it.",
        "when the journal does not answer the gateway",
        Advice(
            "The gateway cannot read the journal that control writes.",
            "Charts, past sessions and the copy to the database stand still. Heat does not depend"
            " on it.",
            ("`df -h`, `dmesg | tail`", "May the gateway's user read the file and its folder?"),
            (
                "Free or repair the disk.",
                "If control writes on (no `record_failing`), nothing is lost.",
            ),
        ),
    ),
    OwnAlarm(
        "telemetry_refused",
        Priority.MEDIUM,
        "The database refuses to write: …",
        "Check its address, token, organisation and bucket. Nothing is lost: it all waits.",
        "when the database answers that it will not take what it is sent",
        Advice(
            "The database answers, and says no: wrong token, bucket or address.",
            "The copy stands still. The journal has everything.",
            ("The text carries the database's own words.", "Was a token changed or expired?"),
            ("Correct `[influx]` in `thermod.toml` and restart the gateway. It catches up alone.",),
        ),
    ),
    OwnAlarm(
        "telemetry_waiting",
        Priority.LOW,
        "The database takes nothing: …",
        "Check that it runs. Nothing is lost: it all waits in the journal.",
        "when no write has succeeded for a minute",
        Advice(
            "The database does not answer, or is overloaded.",
            "The copy stands still. The journal has everything.",
            ("Does it run? Is its disk full?", "Can this computer reach it?"),
            ("Start it again. The gateway catches up alone.",),
        ),
    ),
    OwnAlarm(
        "telemetry_set_aside",
        Priority.LOW,
        "The database refused … lines; they are set aside",
        "Look at the table dead_letter in gateway.db; the journal holds the record.",
        "when the database has refused single lines",
        Advice(
            "Single lines were not acceptable to the database; all others went on.",
            "Charts of the database lack these points. The journal has them.",
            ("`sqlite3 gateway.db 'SELECT * FROM dead_letter LIMIT 5'` shows line and reason.",),
            ("Report it with such a line; delete the rows to end the alarm.",),
        ),
    ),
)
