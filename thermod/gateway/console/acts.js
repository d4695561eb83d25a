// What staff can ask for, by phase, and the sheets that ask back. Everything is asked of control in
// the name of the snapshot that was on the screen; it answers "accepted" or "refused because".

import { get, post } from "./api.js";
import { $, make, mark, randomId, rows, say } from "./dom.js";
import { drawChecks } from "./view.js";

const CLOSE_BELOW_C = 38.0;
const SAID_MS = 8000;
const LEADS = new Set(["operator", "clinician", "admin"]);
const ATTENDS = new Set([...LEADS, "technician"]);
const WAIVES = new Set(["clinician", "admin"]);
const ONE_PROBE = "Only one core probe (a clinician's decision): cut-off 38.9 °C, 30 min of hold at most, the core measured by hand each 30 min";

const ACTS = {
  create: { text: "New session …", style: "primary", by: LEADS, run: askForSession },
  preflight: { text: "Preflight and start …", style: "primary", by: LEADS, run: showPreflight },
  presence: { text: "I am here", style: "primary", by: ATTENDS, run: (now) => ofSession(now, "confirm-presence", "Presence confirmed") },
  check: { text: "Core by hand …", style: "primary", by: ATTENDS, run: askForManualCheck },
  pause: { text: "Pause heat", by: ATTENDS, run: (now) => ofSession(now, "pause", "Heat is paused") },
  resume: { text: "Resume heat …", style: "heat", by: LEADS, run: askToResume },
  end: { text: "End heating", by: ATTENDS, run: (now) => ofSession(now, "stop", "Heating has ended") },
  discard: { text: "Discard", by: ATTENDS, run: (now) => ofSession(now, "stop", "Session discarded") },
  close: { text: "Close session", style: "primary", by: LEADS, run: close },
  reset: { text: "Reset latches …", style: "primary", by: ATTENDS, run: askToReset },
};
const BY_PHASE = {
  idle: ["create"], ended: ["create"], preflight: ["preflight", "discard"],
  heat_up: ["presence", "pause", "end"], hold: ["presence", "pause", "end"],
  retention: ["presence", "end", "close"], cool_down: ["presence", "close"],
  paused: ["resume", "presence", "end"], interrupted: ["resume", "presence", "end"], tripped: ["presence"],
};

let me = null;
let newest = null; // the snapshot on the screen
let sheetFor = null;

export const actAs = (person) => { me = person; };

export function drawActs(snapshot) {
  newest = snapshot;
  const names = snapshot === null ? [] : [...(BY_PHASE[snapshot.phase] ?? [])];
  if (snapshot !== null && snapshot.latches.length > 0) names.unshift("reset");
  if (names.includes("presence") && Number.isFinite(snapshot.session?.manual_check_due_s)) names.push("check");
  const allowed = names.filter((name) => ACTS[name].by.has(me?.role));
  rows($("acts"), allowed, (name) => name, (name) => {
    const act = ACTS[name];
    const button = make("button", { type: "button", textContent: act.text, className: act.style ?? "" });
    button.addEventListener("click", () => act.run(newest));
    return button;
  }, () => {});
  const onPage = snapshot?.phase === "preflight" && sheetFor !== "preflight";
  drawChecks($("checks-on-page"), onPage ? snapshot.preflight : []);
  if (sheetFor === "preflight") drawPreflight(snapshot);
}

const seen = (now) => ({ controller_id: now.controller_id, cycle: now.cycle });

export async function ask(path, done, body = {}, headers = {}) {
  try {
    const answer = await post(path, { ...body, seen: seen(newest) }, headers);
    tell(done, "accepted");
    return answer;
  } catch (error) {
    tell(`${error.message} ${error.todo}`.trim(), "refused");
    return null;
  }
}

let quiet = null;

function tell(text, is) {
  clearTimeout(quiet);
  if (text !== "" && is === "accepted") quiet = setTimeout(() => tell("", "quiet"), SAID_MS);
  for (const node of [$("said"), document.querySelector("#sheet .said")]) {
    if (node === null) continue;
    mark(node, "is", is);
    say(node, text);
  }
}

function ofSession(now, kind, done, body = {}) {
  if (now.session === null) return tell("There is no session on this dome.", "refused");
  return ask(`/v1/sessions/${now.session.session_id}/${kind}`, done, body);
}

// --- sheets: beside the page, never over the bar, so that STOP stays in reach ---

export function openSheet(name, title, ...content) {
  sheetFor = name;
  const sheet = $("sheet");
  const dismiss = make("button", { type: "button", textContent: "Not now", className: "quiet dismiss" });
  dismiss.addEventListener("click", closeSheet);
  sheet.replaceChildren(make("h2", { id: "sheet-title", textContent: title }), ...content);
  sheet.querySelector(".acts").append(dismiss);
  if (!sheet.open) sheet.show();
  sheet.querySelector("input, select, textarea, button")?.focus();
}

export function closeSheet() {
  sheetFor = null;
  if ($("sheet").open) $("sheet").close();
}

function field(name, text, input) {
  input.id = `ask-${name}`;
  input.name = name;
  return [make("label", { htmlFor: input.id, textContent: text }), input];
}

function tick(name, text, required = true) {
  const box = make("input", { type: "checkbox", name, required });
  return make("label", { className: "tick" }, box, make("span", { textContent: text }));
}

function form(fields, button, onSubmit) {
  const made = make("form", {}, ...fields.flat(), make("p", { className: "said", role: "status" }),
    make("div", { className: "acts" }, button));
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    await onSubmit(new FormData(made));
    button.disabled = false;
  });
  return made;
}

const submit = (text, style = "primary") => make("button", { type: "submit", textContent: text, className: style });
const reason = (isRequired) => field("reason", isRequired ? "Reason" : "Reason (if any)",
  make("textarea", { rows: 2, maxLength: 500, required: isRequired }));

async function askForSession() {
  const { protocols } = await get("/v1/protocols").catch(() => ({ protocols: [] }));
  const options = protocols.map((one) => make("option", { value: one.protocol_id, textContent: `${one.protocol_id}: ${one.title}` }));
  const code = { required: true, maxLength: 32, pattern: "[A-Za-z0-9\\-]+", autocomplete: "off", spellcheck: false };
  const fields = [
    field("protocol", "Protocol", make("select", { required: true }, ...options)),
    field("subject", "Subject code (a pseudonym, never a name)", make("input", code)),
    field("staff", "Your staff id", make("input", code)),
    tick("consent", "Consent has been given and is on file"),
    ...(WAIVES.has(me?.role) ? [tick("one_core_probe", ONE_PROBE, false)] : []),
  ];
  openSheet("create", "New session", form(fields, submit("Create and check"), async (data) => {
    const ticked = (name) => data.get(name) === "on";
    const waived = ticked("one_core_probe") ? { one_core_probe: true } : {};
    const body = { ...Object.fromEntries(data), consent: ticked("consent"), ...waived };
    const key = { "Idempotency-Key": randomId() };
    const path = `/v1/domes/${newest.dome}/sessions`;
    if ((await ask(path, "Session created; the preflight is running", body, key)) !== null) showPreflight();
  }));
}

function showPreflight() {
  const start = make("button", { type: "button", id: "start", className: "heat", textContent: "START HEATING", disabled: true });
  start.addEventListener("click", async () => {
    const target_c = newest.target_c;
    if ((await ofSession(newest, "start", "Heat-up begins", { target_c })) !== null) closeSheet();
  });
  const words = "The dome tests itself while nobody lies under it. Every line must be ticked before it may heat.";
  openSheet("preflight", "Preflight", make("p", { className: "muted", textContent: words }),
    make("ul", { id: "checks", className: "checks" }), make("p", { className: "said", role: "status" }),
    make("div", { className: "acts" }, start));
  drawPreflight(newest);
}

function drawPreflight(snapshot) {
  if (snapshot === null || !["idle", "ended", "preflight"].includes(snapshot.phase)) return closeSheet();
  const checks = snapshot.phase === "preflight" ? snapshot.preflight : [];
  drawChecks($("checks"), checks);
  const isReady = checks.length > 0 && checks.every((check) => check.ok === true);
  $("start").disabled = !isReady;
}

function askToResume(now) {
  const isInterrupted = now.phase === "interrupted";
  const fields = [reason(isInterrupted), ...(isInterrupted ? [tick("same_patient", "The same patient lies under the dome")] : [])];
  openSheet("resume", "Resume heat", form(fields, submit(`Heat again, to ${now.target_c.toFixed(1)} °C`, "heat"), async (data) => {
    const body = { reason: data.get("reason"), same_patient: data.get("same_patient") === "on", target_c: newest.target_c };
    if ((await ofSession(newest, "resume", "Heat goes on when the guard permits", body)) !== null) closeSheet();
  }));
}

function askToReset(now) {
  const words = `Latched: ${now.latches.join(", ")}. Find out why first. It heats nothing by itself.`;
  openSheet("reset", "Reset latches", make("p", { textContent: words }),
    form([reason(true)], submit("Reset"), async (data) => {
      const body = { latches: newest.latches, reason: data.get("reason") };
      if ((await ask(`/v1/domes/${newest.dome}/reset`, "Latches are reset", body)) !== null) closeSheet();
    }));
}

function askForManualCheck(now) {
  const input = make("input", { type: "number", min: 30, max: 43, step: 0.01, required: true, inputMode: "decimal" });
  const core_c = now.core.temp_c === null ? "unknown" : `${now.core.temp_c.toFixed(2)} °C`;
  openSheet("check", "Core by hand", make("p", { textContent: `The probe says ${core_c}. Measure with another thermometer.` }),
    form([field("core_temp_c", "Core temperature, °C", input)], submit("Enter"), async (data) => {
      const body = { core_temp_c: Number(data.get("core_temp_c")) };
      if ((await ofSession(newest, "manual-check", "The measurement is on record", body)) !== null) closeSheet();
    }));
}

function close(now) {
  const core_c = now.core.temp_c;
  if (core_c !== null && core_c < CLOSE_BELOW_C) return ofSession(now, "close", "The session is closed");
  const words = `The core is ${core_c === null ? "unknown" : `${core_c.toFixed(2)} °C`}, not below ${CLOSE_BELOW_C.toFixed(1)} °C.`;
  openSheet("close", "Close the cool-down early", make("p", { textContent: words }),
    form([reason(true)], submit("Close session"), async (data) => {
      if ((await ofSession(newest, "close", "The session is closed", { reason: data.get("reason") })) !== null) closeSheet();
    }));
}

$("sheet").addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSheet();
});
