// What one dome looks like now. Called four times a second with the newest that was heard.

import { $, facts, make, mark, put, rows, say } from "./dom.js";
import * as words from "./words.js";

const CORE_STALE_S = 2.5; // an older reading gives no heat either (safety.md section 4)
const GAUGE_C = [36.5, 39.5];
const ONLY_LINE_OF_STEPS = { retention: "cool_down", ended: "done" };

// `extra_s`: how old the news itself is; `isLive`: may it be believed at all?
export function drawDome(dome, extra_s, isLive) {
  const snapshot = dome.snapshot;
  const main = $("dome");
  main.classList.toggle("stale", !isLive);
  if (snapshot === null) return drawNothing(dome);
  drawCore(snapshot, dome.limits, extra_s, isLive);
  drawHeater(snapshot, isLive ? null : dome.node, extra_s - (dome.age_s ?? 0));
  drawSession(snapshot, extra_s);
  drawParts(dome, snapshot, extra_s);
}

function drawNothing(dome) {
  put("dome", dome.dome);
  put("core-age", "control was never heard");
  put("phase", words.DASH);
  $("dome").classList.add("stale");
}

function drawCore(snapshot, limits, extra_s, isLive) {
  const core = snapshot.core;
  const age_s = core.age_s === null ? null : core.age_s + extra_s;
  const isFresh = isLive && core.temp_c !== null && age_s !== null && age_s <= CORE_STALE_S;
  document.querySelector(".core").classList.toggle("stale", !isFresh);
  put("dome", snapshot.dome);
  put("core", words.number(core.temp_c, 2));
  put("core-age", age_s === null ? "no reading" : `${isFresh ? "" : "stale: "}${words.seconds(age_s)} ago`);
  const [arrow, slope] = words.trend(core.slope_c_per_min);
  say($("arrow"), arrow);
  put("trend", slope);
  put("target", words.degrees(snapshot.target_c));
  put("setpoint", words.degrees(snapshot.setpoint_c, 2));
  put("forecast", words.degrees(snapshot.control.forecast_c, 2));
  const { eta_min, eta_low_min, eta_high_min } = snapshot.control;
  put("eta", isFresh ? words.within(eta_min, eta_low_min, eta_high_min) : words.DASH);
  const suspect = core.suspect > 0 ? `, ${core.suspect} suspect` : "";
  put("core-probes", `${core.good} good${suspect}`);
  drawGauge(core.temp_c, snapshot, limits);
}

function drawGauge(core_c, snapshot, limits) {
  const [low, high] = GAUGE_C;
  const at = (temp_c) => `${(100 * (Math.min(high, Math.max(low, temp_c)) - low)) / (high - low)}%`;
  const gauge = $("gauge");
  const move = (name, temp_c) => {
    const node = gauge.querySelector(`.${name}`);
    node.hidden = !Number.isFinite(temp_c);
    if (!node.hidden) node.style.left = at(temp_c);
  };
  const band = gauge.querySelector(".band");
  band.style.left = at(snapshot.target_c - 0.1);
  band.style.width = `${(100 * 0.2) / (high - low)}%`;
  move("now", core_c);
  move("ramp", snapshot.setpoint_c);
  move("warn", limits?.core_warn_c);
  move("cut", limits?.core_cut_c);
  move("aim", snapshot.target_c);
  put("gauge-target", snapshot.target_c.toFixed(1));
}

// `node`: the dome's own word, heard without control, for when control is silent.
function drawHeater(snapshot, node, heard_s) {
  const power = snapshot.power;
  put("heat", words.heat(snapshot.heat));
  mark($("heat"), "is", snapshot.heat);
  put("power", words.number(power.power_pct, 0));
  $("wanted").style.width = `${power.wanted_pct}%`;
  $("power").style.width = `${power.power_pct}%`;
  const measured = power.measured_w === null ? "not measured" : `${words.number(power.measured_w, 0)} W measured`;
  const rated = power.rated_w === null ? "" : ` of ${words.number(power.rated_w, 0)} W`;
  const ofDome = node === null ? "" : `the dome itself: ${words.number(node.measured_w, 0)} W, ${words.seconds(node.age_s + heard_s)} ago`;
  put("watts", ofDome || `${measured}${rated}, ${words.number(power.wanted_pct, 0)} % wanted`);
  const reasons = power.because.length > 0 ? power.because : ["nothing holds it back"];
  rows($("reasons"), reasons.slice(0, 3), (text) => text, (text) => make("li", { textContent: text }), () => {});
  put("skin", words.degrees(snapshot.skin_temp_c));
  put("air", words.degrees(snapshot.air_temp_c));
  put("room", words.degrees(snapshot.room_temp_c));
}

function drawSession(snapshot, extra_s) {
  put("phase", words.phase(snapshot.phase));
  mark($("phase"), "is", snapshot.phase);
  const steps = [...$("steps").children];
  const shown = ONLY_LINE_OF_STEPS[snapshot.phase] ?? snapshot.phase;
  const now = steps.findIndex((step) => step.dataset.phase === shown);
  steps.forEach((step, place) => {
    step.classList.toggle("now", place === now);
    step.classList.toggle("done", place < now || shown === "done");
  });
  const session = snapshot.session;
  const due_s = session?.presence_due_s;
  const left_s = Number.isFinite(due_s) ? due_s - extra_s : null;
  const check_s = session?.manual_check_due_s;
  const checkLeft_s = Number.isFinite(check_s) ? check_s - extra_s : null;
  facts($("facts"), [
    ["In this phase", words.minutes(snapshot.phase_min)],
    ["Subject", session?.subject ?? "no session"],
    ["Staff", session?.staff ?? null],
    ["Protocol", session === null ? null : `${session.protocol}, ${words.degrees(snapshot.target_c)}`],
    ["Heated", session === null ? null : words.minutes(session.heat_min)],
    ["Hold left", Number.isFinite(session?.hold_left_min) ? words.minutes(session.hold_left_min) : null],
    ["Skin dose", session === null ? null : `${words.number(session.dose_cem43_min, 1)} CEM43 min`],
    ["Confirm presence in", left_s === null ? null : words.countdown(left_s), left_s < 120],
    ["Measure core by hand in", checkLeft_s === null ? null : words.countdown(checkLeft_s), checkLeft_s < 120],
  ]);
}

export function drawChecks(list, checks) {
  rows(list, checks, (check) => check.check_id, () => make("li", {}, "", make("small")), (node, check) => {
    mark(node, "ok", String(check.ok));
    if (node.firstChild.data !== check.text) node.firstChild.data = check.text;
    say(node.querySelector("small"), check.ok === false ? check.do : "");
  });
}

function drawParts(dome, snapshot, extra_s) {
  rows($("probes"), snapshot.probes, (probe) => probe.probe_id,
    () => make("tr", {}, ...Array.from({ length: 5 }, () => make("td"))),
    (node, probe) => {
      const age_s = probe.age_s === null ? null : probe.age_s + extra_s;
      const state = probe.why ? `${probe.status}: ${probe.why}` : probe.status;
      const cells = [probe.probe_id, `${probe.role}, ${probe.site}`, words.number(probe.temp_c, 2), words.seconds(age_s), state];
      cells.forEach((text, place) => say(node.children[place], text));
      node.children[4].classList.toggle("bad", probe.status !== "good");
    });
  const guard = dome.guard, node = dome.node;
  const heard = (part) => (part === null ? "never heard" : part.age_s === null ? "age unknown" : `${words.seconds(part.age_s + extra_s)} ago`);
  facts($("parts"), [
    ["Guard", guard === null ? "never heard" : `${guard.permitting ? "permits" : "withholds"}, ${heard(guard)}`],
    ["Guard misses", guard?.broken.length ? guard.broken.join(", ") : null],
    ["Guard tripped by", guard?.tripped_by.length ? guard.tripped_by.join(", ") : null],
    ["Dome", `${snapshot.node.because || words.DASH}, ${heard(node)}`],
    ["Lid", snapshot.node.lid],
    ["Contactors", snapshot.node.contactors_closed.map((closed) => (closed ? "closed" : "open")).join(", ") || words.DASH],
    ["Dome faults", snapshot.node.faults.length ? snapshot.node.faults.join(", ") : null],
    ["Latched", snapshot.latches.length ? snapshot.latches.join(", ") : "nothing"],
    ["Control", `cycle ${snapshot.cycle}, ${words.number(snapshot.health.cycle_ms, 1)} ms`],
    ["Overruns", String(snapshot.health.overruns)],
  ]);
}
