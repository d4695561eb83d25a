"""Each row takes one safety measure away by one exact edit, and names the test that must fail then.

`old` stands exactly once in the file. A row that no longer fits is a fault of this list: the
measure has moved, and nobody knows any more whether a test would miss it.
"""

from __future__ import annotations

from typing import NamedTuple


class Sabotage(NamedTuple):
    """One measure gone."""

    measure: str
    hazard: str
    path: str
    old: str
    new: str
    caught_by: str  # node id of a test that then fails


NODE = (
    Sabotage(
        "the permit's age is judged by the echoed tick",
        "H08",
        "thermod/sim/node_authority.py",
        "if not (0.0 <= now_s - self._permit_tick_s <= LEASE_S):",
        "if False:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "the command's age is judged by the echoed tick",
        "H10",
        "thermod/sim/node_authority.py",
        "if not (0.0 <= now_s - self._command_tick_s <= LEASE_S):",
        "if False:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "an old tick proves nothing",
        "H05",
        "thermod/sim/node_authority.py",
        "            return Refused.TICK_OLD",
        "            return None",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a command counts only in the epoch of the permit",
        "H13",
        "thermod/sim/node_authority.py",
        "        if command.epoch != self.epoch:",
        "        if command.epoch < self.epoch:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a command counts only from the controller of the permit",
        "H13",
        "thermod/sim/node_authority.py",
        "        if command.controller_id != self.controller_id:",
        "        if False:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a command counts only for this boot of the dome",
        "H05",
        "thermod/sim/node_authority.py",
        "        if command.boot_id != self.boot_id:",
        "        if False:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "the numbers of commands only grow",
        "H05",
        "thermod/sim/node_authority.py",
        "        if command.seq <= self.command_seq:",
        "        if False:",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a revoke acts on receipt",
        "H10",
        "thermod/sim/node_authority.py",
        "        self._granted = False\n        if permit.epoch == self.epoch:",
        "        if permit.epoch == self.epoch:",
        "tests/guard/test_with_simulated_node.py"
        "::test_a_revoke_is_obeyed_on_receipt_and_healing_restores_heat",
    ),
    Sabotage(
        "an epoch that is over does not come back",
        "H16",
        "thermod/sim/node_authority.py",
        "        if self.over_because is not None:\n            return Refused.EPOCH_OVER\n"
        "        if permit.guard_id",
        "        if permit.guard_id",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "the node obeys STOP itself",
        "H19",
        "thermod/sim/node_authority.py",
        '        self.over_because = "stopped"\n',
        "",
        "tests/thermod/sim/test_node.py::test_stop_acts_before_the_next_look",
    ),
    Sabotage(
        "after a STOP no grant opens an epoch whose guard may not know of it",
        "H05",
        "thermod/sim/node_authority.py",
        "return Refused.STOP_UNSEEN if permit.tick <= self._stop_tick else None",
        "return None",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a retained command or permit is refused",
        "H05",
        "thermod/sim/node.py",
        "        if retained:\n            return self._refuse(Refused.RETAINED)\n",
        "",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
    Sabotage(
        "a heater that is on while off opens every contactor",
        "H14",
        "thermod/sim/node.py",
        "            or self._heater.is_stuck\n            or not",
        "            or not",
        "tests/thermod/sim/test_node.py"
        "::test_stuck_on_is_seen_3_s_after_the_window_and_1_s_and_opens_the_contactors",
    ),
    Sabotage(
        "the lid takes heat at the dome",
        "H26",
        "thermod/sim/node.py",
        '        if self._lid == "open":\n            return "the lid is open"\n',
        "",
        "tests/thermod/sim/test_node_vectors.py::test_the_node_does_what_the_table_says",
    ),
)

GUARD = (
    Sabotage(
        "a trip latches",
        "H23",
        "thermod/guard/epoch.py",
        "        self.keeper.latch(name)\n",
        "",
        "tests/guard/test_trips.py::test_each_trip_ends_the_epoch_latches_and_survives_a_restart",
    ),
    Sabotage(
        "a trip ends the epoch",
        "H23",
        "thermod/guard/epoch.py",
        '        self.end("no epoch is open")  # while it stands, the latch says why\n',
        "",
        "tests/guard/test_trips.py::test_each_trip_ends_the_epoch_latches_and_survives_a_restart",
    ),
    Sabotage(
        "an epoch's number is safe on disk before it is used",
        "H16",
        "thermod/guard/keeper.py",
        "        if not self._save_alone(number, self.latches, now_s):\n"
        "            return False\n        self.epoch = number",
        "        self.epoch = number",
        "tests/guard/test_events.py::test_a_full_disk_opens_no_epoch",
    ),
    Sabotage(
        "a lost state file is a trip",
        "H20",
        "thermod/guard/dome.py",
        'kept or Kept(latches=("state_lost",))',
        "kept or Kept()",
        "tests/guard/test_trips.py::test_a_lost_state_file_trips_and_a_reset_writes_a_fresh_one",
    ),
    Sabotage(
        "the guard obeys STOP itself",
        "H19",
        "thermod/guard/dome.py",
        '        self._epochs.trip("stopped")\n',
        "",
        "tests/guard/test_people.py::test_a_malformed_stop_stops",
    ),
    Sabotage(
        "a STOP that reached the dome alone stops the guard too",
        "H19",
        "thermod/guard/dome.py",
        "            self.on_stop(node.stop_id)  # it has reached the dome, and not us\n",
        "            pass\n",
        "tests/guard/test_people.py"
        "::test_a_stop_that_reached_the_dome_alone_stops_as_soon_as_the_dome_says_so",
    ),
    Sabotage(
        "a reset needs that the condition has gone",
        "H17",
        "thermod/guard/dome.py",
        "[name for name in named if set(TRIP[name].must_hold).isdisjoint(self.broken)]",
        "named",
        "tests/guard/test_trips.py::test_a_reset_is_refused_and_counted_while_the_condition_stands",
    ),
    Sabotage(
        "a dome that restarts in a session trips",
        "H16",
        "thermod/guard/dome.py",
        '            self._epochs.trip("dome_restarted")\n',
        "            pass\n",
        "tests/guard/test_events.py::test_a_reboot_of_the_dome_inside_a_session_trips",
    ),
    Sabotage(
        "another guard on the dome ends the epoch",
        "H13",
        "thermod/guard/dome.py",
        '        self._epochs.end("another guard was heard")\n',
        "",
        "tests/guard/test_epochs.py::test_h13_another_guard_on_the_dome_ends_the_epoch",
    ),
    Sabotage(
        "a gap of the guard's own clock withholds",
        "H06",
        "thermod/guard/dome.py",
        "            epochs.permission.withhold(self._looked_s)\n",
        "            pass\n",
        "tests/guard/test_events.py"
        "::test_h06_a_guard_that_was_stopped_for_more_than_60_s_ends_the_epoch",
    ),
    Sabotage(
        "heat comes back only after everything has held for 3 s",
        "H25",
        "thermod/guard/permission.py",
        "now_s - self._held_since_s >= HEAL_S",
        "now_s - self._held_since_s >= 0.0",
        "tests/guard/test_permission.py::test_heat_returns_after_3_s_five_samples_and_five_answers",
    ),
    Sabotage(
        "after 60 s withheld a person resumes",
        "H08",
        "thermod/guard/permission.py",
        "        return not now_s - self._withheld_since_s <= WITHHELD_S_MAX",
        "        return False",
        "tests/guard/test_heal.py::test_60_s_withheld_end_the_epoch_and_nothing_brings_it_back",
    ),
    Sabotage(
        "the guard judges control by its answers",
        "H10",
        "thermod/guard/judge.py",
        "_within(v.answer_age_s, ANSWER_AGE_S_MAX) and v.wrong_answers < 2",
        "v.wrong_answers < 2",
        "tests/guard/test_trips.py"
        "::test_h10_a_hanging_control_is_withheld_after_1_5_s_and_trips_after_10",
    ),
    Sabotage(
        "an answer proves every stage of the cycle",
        "H10",
        "thermod/guard/control_watch.py",
        "if grows and beat.flow == flow_token(beat.challenge, beat.cycle, beat.results):",
        "if grows:",
        "tests/guard/test_epochs.py::test_one_wrong_flow_is_counted_and_two_in_a_row_trip",
    ),
    Sabotage(
        "an answer is of a new cycle",
        "H10",
        "thermod/guard/control_watch.py",
        "        grows = beat.cycle > self._answered_cycle",
        "        grows = True",
        "tests/guard/test_epochs.py::test_a_cycle_that_does_not_grow_is_a_wrong_answer",
    ),
    Sabotage(
        "a NaN and a fault value are no sample for the guard",
        "H07",
        "thermod/guard/probes.py",
        "        if raw_temp_c in FAULT_VALUES_C or not self._low_c <= temp_c <= self._high_c:",
        "        if temp_c < self._low_c or temp_c > self._high_c:",
        "tests/guard/test_probes.py::test_what_is_no_temperature_is_no_sample",
    ),
    Sabotage(
        "readings are fresh by the dome's tick, not by their arrival alone",
        "H05",
        "thermod/guard/probes.py",
        '            return "reading_old_tick"\n',
        "            return None\n",
        "tests/guard/test_senses.py::test_h05_a_late_old_or_foreign_reading_is_refused_and_counted",
    ),
    Sabotage(
        "a person's intent is fresh when it is armed",
        "H17",
        "thermod/guard/intents.py",
        "        if not 0.0 <= now_s - waiting.heard_s <= INTENT_AGE_S_MAX:\n"
        '            return "arm_late"\n',
        "",
        "tests/guard/test_epochs.py::test_an_intent_older_than_10_s_arms_nothing",
    ),
    Sabotage(
        "control cannot arm what no person asked for",
        "H19",
        "thermod/guard/intents.py",
        "        if arm.scope != _SCOPE[waiting.intent.kind]:\n"
        '            return "arm_of_other_scope"\n',
        "",
        "tests/guard/test_epochs.py"
        "::test_control_cannot_arm_another_scope_than_the_person_asked_for",
    ),
    Sabotage(
        "a retained intent opens nothing",
        "H05",
        "thermod/guard/hear.py",
        '        dome.senses.count(f"{kind}_retained")\n        return\n',
        '        dome.senses.count(f"{kind}_retained")\n',
        "tests/guard/test_epochs.py::test_a_retained_intent_or_arm_is_refused",
    ),
    Sabotage(
        "a rise that tripped is watched on",
        "H22",
        "thermod/guard/dome.py",
        ' or "core_rise_cutoff" in self.latches',
        "",
        "tests/guard/test_fast_rise.py"
        "::test_its_latch_cannot_be_reset_while_the_core_still_rises_as_fast",
    ),
    Sabotage(
        "heat for 3 s that is not allowed is a heater stuck on",
        "H14",
        "thermod/guard/heater_watch.py",
        "and _lasted(self._unasked_since_s, now_s) >= STUCK_S_MIN",
        "and False",
        "tests/guard/test_heater_watch.py"
        "::test_h14_three_seconds_of_heat_that_is_not_allowed_are_a_heater_stuck_on",
    ),
)

CONTROL = (
    Sabotage(
        "control holds an epoch only under a fresh permit",
        "H12",
        "controllers/actuation.py",
        "        and 0.0 <= now_s - permit.received_s <= LEASE_S\n",
        "",
        "tests/controllers/test_actuation.py::test_a_permit_holds_for_3_s",
    ),
    Sabotage(
        "what the guard said before control armed is no answer",
        "H19",
        "controllers/actuation.py",
        "        or not permit.epoch > lease.epoch_before\n",
        "",
        "tests/controllers/test_actuation.py"
        "::test_the_epoch_of_the_heater_test_does_not_serve_the_session",
    ),
    Sabotage(
        "a dome that restarted ends control's epoch",
        "H16",
        "controllers/actuation.py",
        "    if boot_id is not None and boot_id != lease.boot_id:\n"
        '        return "the dome restarted"\n',
        "",
        "tests/controllers/test_actuation.py"
        "::test_what_ends_an_epoch_ends_the_lease_in_that_cycle_and_for_good",
    ),
    Sabotage(
        "the limiter can only lower",
        "H22",
        "controllers/limiter.py",
        "    return Limited(_height(binding[0]), tuple(cap.because for cap in binding))",
        "    return Limited(max(wanted_pct, _height(binding[0])), ())",
        "tests/controllers/test_limiter.py"
        "::test_power_is_never_raised_above_what_was_wanted_or_above_any_cap",
    ),
    Sabotage(
        "a wanted power that is no number is no heat",
        "H07",
        "controllers/limiter.py",
        "    if not 0.0 <= wanted_pct <= 100.0:  # NaN lands here too\n",
        "    if wanted_pct < 0.0 or wanted_pct > 100.0:\n",
        "tests/controllers/test_limiter.py::test_what_is_no_power_is_no_heat",
    ),
    Sabotage(
        "no NaN, gap or absurd reading reaches the PID library",
        "H07",
        "controllers/pid.py",
        "    if not plausible:  # NaN lands here too\n        return None\n",
        "",
        "tests/controllers/test_pid.py::test_no_absurd_measurement_or_set_point_gets_an_answer",
    ),
    Sabotage(
        "the regulator starts afresh after a gap",
        "H06",
        "controllers/regulator.py",
        "    if not DT_S_MIN <= dt_s <= DT_S_MAX:",
        "    if dt_s <= 0.0:",
        "tests/controllers/test_regulator.py"
        "::test_after_a_gap_or_a_clock_gone_mad_it_starts_and_does_not_integrate_the_gap",
    ),
    Sabotage(
        "only a person's start or resume leads to heat",
        "H16",
        "controllers/session.py",
        "        (Phase.TRIPPED, Event.RESET): Phase.PAUSED,",
        "        (Phase.TRIPPED, Event.RESET): Phase.HEAT_UP,",
        "tests/controllers/test_session.py::test_only_start_and_resume_lead_to_heat",
    ),
    Sabotage(
        "a NaN of a probe is no temperature",
        "H07",
        "sensors/freshness.py",
        "    if not spec.temp_c_min <= temp_c <= spec.temp_c_max:  # NaN lands here too\n",
        "    if temp_c < spec.temp_c_min or temp_c > spec.temp_c_max:\n",
        "tests/sensors/test_freshness.py::test_a_core_temperature_outside_30_to_43_is_absent",
    ),
    Sabotage(
        "a reading as late as seven ticks is not fresh",
        "H05",
        "sensors/freshness.py",
        "    if tick_lag is not None and not 0 <= tick_lag <= TICK_LAG_MAX:\n"
        "        return Absent(Why.OLD_TICK)\n",
        "",
        "tests/sensors/test_freshness.py"
        "::test_a_sample_more_than_six_ticks_behind_or_ahead_of_its_dome_is_old",
    ),
    Sabotage(
        "of probes that differ the highest controls",
        "H03",
        "sensors/fusion.py",
        "    leader = max((*chosen, *suspects), key=_temp_c)",
        "    leader = min((*chosen, *suspects), key=_temp_c)",
        "tests/sensors/test_fusion.py"
        "::test_a_suspect_probe_that_reads_higher_controls_and_one_that_reads_lower_does_not",
    ),
    Sabotage(
        "of two core probes one that sinks takes the estimate along by no more than it may be off",
        "H03",
        "sensors/fusion.py",
        "    if len(temps_c) == 2:",
        "    if len(temps_c) == 9:",
        "tests/sensors/test_fusion.py"
        "::test_of_two_probes_one_that_sinks_takes_the_core_along_by_no_more_than_it_may_be_off",
    ),
    Sabotage(
        "while it is not known which core probe slips, nothing is learnt from the leading one",
        "H03",
        "controllers/observer.py",
        "    elif observer.told_s >= SETTLES_S:",
        "    elif observer.told_s >= 0.0:",
        "tests/controllers/test_observer.py"
        "::test_while_it_is_not_yet_known_which_probe_slips_nothing_is_learnt_from_the_leading_one",
    ),
    Sabotage(
        "two core probes that cannot both be right are not averaged",
        "H03",
        "sensors/fusion.py",
        "(1.0 if were_apart else 2.0) * CALIBRATED_DELTA_C",
        "(1.0 if were_apart else 5.0) * CALIBRATED_DELTA_C",
        "tests/sensors/test_fusion.py::test_two_probes_of_which_one_must_be_off_are_never_averaged",
    ),
    Sabotage(
        "a core probe that has moved as no body can is asked first when probes differ",
        "H03",
        "sensors/plausibility.py",
        "        finding = finding or doubt",
        "        pass",
        "tests/scenarios/test_h03_drift_and_disagreement.py"
        "::test_a_probe_that_slips_against_warm_skin_never_leads_the_patient_astray",
    ),
    Sabotage(
        "a probe that is not trusted does not say that the target is reached",
        "H03",
        "thermod/cycle.py",
        "    session, core_temp_c = state.session, picture.core.good_temp_c",
        "    session, core_temp_c = state.session, picture.core.core_temp_c",
        "tests/scenarios/test_h03_drift_and_disagreement.py"
        "::test_a_suspect_probe_that_reads_higher_does_not_begin_the_hold",
    ),
    Sabotage(
        "one core probe left of two halves the power",
        "H01",
        "alarms/rows/core.py",
        "        Effect.CAP_50,\n",
        "        Effect.NONE,\n",
        "tests/scenarios/test_h01_core_probe_lost.py"
        "::test_one_of_two_lost_halves_the_power_and_the_other_controls",
    ),
    Sabotage(
        "no core probe to trust is an alarm row of its own",
        "H01",
        "alarms/rows/core.py",
        "        lambda seen: seen.core_good == 0,\n        is_true,",
        "        lambda seen: False,\n        is_true,",
        "tests/alarms/test_rules.py::test_a_fact_raises_its_row_and_takes_from_heat_what_it_must",
    ),
    Sabotage(
        "two core samples at the cut-off trip",
        "H23",
        "alarms/rows/core.py",
        "        lambda limits: limits.core_cut_c,\n",
        "        lambda limits: 43.0,\n",
        "tests/scenarios/test_h23_over_limits.py::test_two_core_samples_above_the_cut_off_latch",
    ),
    Sabotage(
        "a core that rises too fast trips",
        "H03",
        "alarms/rows/core.py",
        "        lambda limits: limits.core_rise_cut_c_per_min,\n",
        "        lambda limits: 9.0,\n",
        "tests/alarms/test_rules.py"
        "::test_just_inside_nothing_begins_and_just_outside_it_does_after_its_delay",
    ),
    Sabotage(
        "the skin's dose is counted",
        "H23",
        "thermod/elapsed.py",
        "    return dose.accumulate(state.dose_min, skin_c, dt_s)",
        "    return state.dose_min",
        "tests/scenarios/test_h23_over_limits.py"
        "::test_skin_dose_of_the_day_ends_heating_and_is_not_forgotten_by_the_next_session",
    ),
    Sabotage(
        "staff who are not there are asked for, and then heat pauses",
        "H24",
        "controllers/session.py",
        "        clocks.presence_s + (dt_s if under_way else 0.0),",
        "        clocks.presence_s,",
        "tests/scenarios/test_h24_times.py"
        "::test_an_unconfirmed_presence_is_asked_for_at_20_and_pauses_at_25_minutes",
    ),
    Sabotage(
        "what is latched stays",
        "H23",
        "alarms/engine.py",
        "    if not row.latched:\n        return None\n    return (",
        "    if True:\n        return None\n    return (",
        "tests/alarms/test_engine.py"
        "::test_a_trip_stays_and_keeps_heat_off_when_its_condition_is_gone",
    ),
    Sabotage(
        "a row that cannot tell keeps its timer",
        "H01",
        "alarms/engine.py",
        "a running timer runs on, nothing else begins or ends\n"
        "        return _ripen(rule, before, now_s)",
        "no more\n        return None",
        "tests/alarms/test_engine.py"
        "::test_a_probe_that_flaps_between_too_hot_and_nothing_still_raises_its_alarm",
    ),
    Sabotage(
        "control obeys STOP itself",
        "H19",
        "thermod/facts.py",
        "stopped_by=_who(inbox.stops),",
        'stopped_by="",',
        "tests/scenarios/test_stop.py::test_stop_takes_heat_at_once_in_every_phase_and_latches",
    ),
    Sabotage(
        "an act on an old picture is refused",
        "H17",
        "thermod/acts.py",
        "    if not 0 <= state.cycle + 1 - intent.cycle <= CYCLES_OLD_MAX:",
        "    if False:",
        "tests/scenarios/test_h05_late_and_repeated.py"
        "::test_an_act_on_what_was_seen_five_seconds_ago_is_refused",
    ),
    Sabotage(
        "the same act counts once",
        "H05",
        "thermod/acts.py",
        "    if intent.intent_id in state.seen_intents:",
        "    if False:",
        "tests/scenarios/test_h05_late_and_repeated.py::test_the_same_act_counts_once",
    ),
    Sabotage(
        "who may only look does not act",
        "H19",
        "thermod/acts.py",
        '    if intent.role not in ROLES_THAT_ACT and intent.kind != "stop":',
        "    if False:",
        "tests/scenarios/test_h17_preflight.py::test_who_may_only_look_does_not_act",
    ),
    Sabotage(
        "a session starts only from a complete checklist",
        "H17",
        "thermod/acts.py",
        "    if not checklist.ready(scene.checks):",
        "    if False:",
        "tests/scenarios/test_h17_preflight.py"
        "::test_a_start_is_refused_while_a_line_is_open_and_says_which",
    ),
    Sabotage(
        "a session that heated comes back interrupted",
        "H11",
        "thermod/keep.py",
        "    Phase.HEAT_UP: Phase.INTERRUPTED,",
        "    Phase.HEAT_UP: Phase.HEAT_UP,",
        "tests/scenarios/test_h11_restarts.py::test_no_phase_survives_a_restart_as_one_that_heats",
    ),
    Sabotage(
        "three crashes in ten minutes lock",
        "H11",
        "thermod/keeper.py",
        "    if len(recent) < CRASHES_MAX:",
        "    if True:",
        "tests/thermod/test_keeper.py::test_three_crashes_within_ten_minutes_latch",
    ),
    Sabotage(
        "a latch file that is missing latches",
        "H20",
        "thermod/latches.py",
        '            lost = f"{self._path} is missing"',
        "            lost = None",
        "tests/thermod/test_latches.py"
        "::test_a_missing_file_latches_state_lost_on_every_dome_and_says_where",
    ),
    Sabotage(
        "the journal never holds up a cycle",
        "H20",
        "thermod/journal.py",
        "        self._queue.append(row)\n        return True",
        "        self._queue.append(row)\n        self.flush(0.05)\n        return True",
        "tests/thermod/test_journal.py::test_append_returns_while_another_program_holds_the_file",
    ),
    Sabotage(
        "a repeated word of the dome is not news",
        "H05",
        "thermod/mailbox.py",
        "is_old = node.tick <= last.tick if is_same_boot else node.boot_id in self._boots_before",
        "is_old = False",
        "tests/thermod/test_post.py::test_a_repeated_or_older_word_of_the_dome_is_not_news",
    ),
    Sabotage(
        "a repeated reading is not news",
        "H05",
        "thermod/post.py",
        "            if boot_id == counted_boot_id and reading.seq <= seq:",
        "            if False:",
        "tests/thermod/test_post.py::test_a_repeated_or_reordered_reading_changes_nothing",
    ),
    Sabotage(
        "a permit that the broker kept is refused",
        "H05",
        "thermod/wire.py",
        'return Refused("permit_retained", "a permit is never retained")',
        "pass",
        "tests/thermod/test_post.py::test_a_retained_permit_or_challenge_is_refused",
    ),
    Sabotage(
        "a permit counts once and in its order",
        "H05",
        "thermod/mailbox.py",
        "            if not (permit.epoch, seq) > (last.epoch, self._permit_seq):\n"
        "                return False\n",
        "            pass\n",
        "tests/thermod/test_post.py::test_a_permit_counts_once_and_in_its_order",
    ),
    Sabotage(
        "power under a command of nothing is counted",
        "H14",
        "thermod/balance.py",
        "balance.stuck_on_s + passed_s if stuck else 0.0",
        "0.0",
        "tests/thermod/test_balance.py"
        "::test_power_under_a_command_of_nothing_is_stuck_after_the_window_has_passed",
    ),
)

SABOTAGES = (*NODE, *GUARD, *CONTROL)
