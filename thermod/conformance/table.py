"""Every requirement that the kit knows, in the order in which it is put to the test.

Sections are headings of CONTRACT.md. The order is by risk: what the dome says, then that it
refuses to heat, then that it heats, then everything that must take heat away.
"""

from __future__ import annotations

from thermod.conformance import by_hand, commands, endings, heating, permits, silence, speech
from thermod.conformance.verdict import Requirement as R  # a table is read by its columns

TIMES = "Times and sizes"
SAYS = "Node → all"
HEARS = "Control → node and guard"
PERMITS = "Guard → node and control"
STOPS = "People → control and guard"
DOES = "What the node does with a message"

REQUIREMENTS = (
    R("state-rate", TIMES, "node/state each 0.5 s", speech.comes_every_half_second),
    R("state-readable", SAYS, "node/state keeps the rules", speech.is_readable),
    R("tick", SAYS, "tick counts, boot_id stays", speech.counts_its_ticks),
    R("readings", SAYS, "readings come and count", speech.counts_its_readings),
    R("rest", DOES, "SAFE before any permit", speech.rests_in_safe),
    R("command-alone", DOES, "no heat without a permit", heating.command_alone),
    R("permit-alone", DOES, "no heat without a command", heating.permit_alone),
    R("heat", DOES, "permit and command heat", heating.both_heat),
    R("power", HEARS, "the newest command is in force", heating.power_follows),
    R("meter", SAYS, "power measured as commanded", heating.meter_follows),
    R("revoke", DOES, "a revoke acts on receipt", endings.revoke),
    R("command-silence", TIMES, "no commands: off", silence.command_silence),
    R("permit-silence", TIMES, "no permits: off", silence.permit_silence),
    R("all-silence", TIMES, "nobody speaks: off", silence.all_silence),
    R("command-age", TIMES, "a command's age is its tick's", silence.command_age),
    R("permit-age", TIMES, "a permit's age is its tick's", silence.permit_age),
    R("command-tick", DOES, "stale command refused", commands.command_tick),
    R("command-tick-unknown", DOES, "unknown tick refused", commands.command_unknown_tick),
    R("command-boot", DOES, "other boot refused", commands.command_boot),
    R("command-epoch", DOES, "other epoch refused", commands.command_epoch),
    R("command-controller", DOES, "other control refused", commands.command_controller),
    R("command-seq", DOES, "repeated, reordered refused", commands.command_seq),
    R("command-power", HEARS, "power 0…100 and finite", commands.command_power),
    R("command-malformed", DOES, "malformed refused", commands.command_malformed),
    R("command-size", TIMES, "over 512 bytes refused", commands.command_size),
    R("permit-tick", DOES, "stale grant refused", permits.permit_tick),
    R("permit-tick-unknown", DOES, "unknown tick refused", permits.permit_unknown_tick),
    R("permit-boot", DOES, "other boot refused", permits.permit_boot),
    R("permit-epoch", DOES, "lower epoch refused", permits.permit_epoch),
    R("permit-guard", DOES, "one guard an epoch", permits.permit_guard),
    R("permit-controller", DOES, "one control an epoch", permits.permit_controller),
    R("permit-seq", DOES, "a revoke outlasts older grants", permits.permit_seq),
    R("permit-malformed", DOES, "malformed refused", permits.permit_malformed),
    R("permit-size", TIMES, "over 512 bytes refused", permits.permit_size),
    R("revoke-any-echo", DOES, "a revoke is never too old", endings.revoke_whatever_it_echoes),
    R("revoke-stays", DOES, "until a newer grant", endings.revoke_stays),
    R("revoke-refused", DOES, "a revoke of others changes nothing", permits.revoke_refused),
    R("revoke-higher", DOES, "of a later epoch: closes, opens none", endings.revoke_of_later_epoch),
    R("contactors-open", TIMES, "5 s after a revoke", endings.contactors_open),
    R("ended", DOES, "contactors open, never again", endings.ended),
    R("contactors-reclose", TIMES, "after 10 s or more", endings.contactors_reclose),
    R("stop", STOPS, "STOP: off, open, echoed, over", endings.stop),
    R("stop-unseen", DOES, "no epoch by a guard that missed it", endings.stop_unseen),
    R("stop-malformed", STOPS, "whatever arrives on stop", endings.stop_malformed),
    R("lid", DOES, "no heat with the lid open", by_hand.lid),
    R("reboot", SAYS, "a boot forgets everything", by_hand.reboot),
    R("meter-rest", SAYS, "no power measured while off", by_hand.rests_by_the_meter),
    R("sounder", PERMITS, "annunciate sounds", by_hand.sounder),
    R("retained", DOES, "retained refused", by_hand.retained),
    R("hard-wired", DOES, "works with all computers off", by_hand.hard_wired),
)  # fmt: skip

BY_NAME = {requirement.name: requirement for requirement in REQUIREMENTS}
