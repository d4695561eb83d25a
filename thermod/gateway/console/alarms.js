// The alarms of the dome that is shown, most serious first, with what to do about each.

import { $, make, mark, rows, say } from "./dom.js";
import { showPage } from "./runbook.js";
import { clock, countdown } from "./words.js";

const ORDER = { high: 0, medium: 1, low: 2 };

export function bySeverity(one, other) {
  return ORDER[one.priority] - ORDER[other.priority] || one.since_ms - other.since_ms;
}

export function worst(alarms) {
  return [...alarms].sort(bySeverity)[0]?.priority ?? "none";
}

// What was heard over a link that is gone: shown as past, and silenced no more.
export function asPast(alarms) {
  return alarms.map((alarm) => ({ ...alarm, current: false, audio_paused_s: 0 }));
}

export function drawAlarms(alarms, act) {
  $("no-alarms").hidden = alarms.length > 0;
  const shown = [...alarms].sort(bySeverity);
  rows($("alarm-list"), shown, (alarm) => `${alarm.dome}/${alarm.alarm_id}`,
    (alarm) => create(alarm, act), update);
}

function create(alarm, act) {
  const button = (kind, text) => {
    const made = make("button", { type: "button", textContent: text, className: kind });
    made.setAttribute("aria-label", `${text}: ${alarm.alarm_id.replaceAll("_", " ")}`);
    made.addEventListener("click", () => act(`/v1/alarms/${alarm.dome}/${alarm.alarm_id}/${kind}`, text));
    return made;
  };
  const page = make("button", { type: "button", textContent: "What to do", className: "page" });
  page.setAttribute("aria-label", `What to do: ${alarm.alarm_id.replaceAll("_", " ")}`);
  page.addEventListener("click", () => showPage(alarm));
  return make("li", { className: "alarm" },
    make("span", { className: "lamp", ariaHidden: "true" }),
    make("div", { className: "what" }, make("p", { className: "text" }), make("p", { className: "do" }),
      make("p", { className: "when" })),
    make("div", { className: "acts" }, page, button("acknowledge", "Acknowledge"),
      button("audio-pause", "Pause sound")));
}

function update(node, alarm) {
  mark(node, "priority", alarm.priority);
  node.classList.toggle("seen", alarm.acknowledged_by !== null);
  node.classList.toggle("past", !alarm.current);
  say(node.querySelector(".text"), alarm.text);
  say(node.querySelector(".do"), alarm.do);
  say(node.querySelector(".when"), when(alarm));
  const isControls = alarm.source === "control" && alarm.current;
  node.querySelector(".acknowledge").hidden = !isControls || alarm.acknowledged_by !== null;
  const pause = node.querySelector(".audio-pause");
  pause.hidden = !isControls;
  pause.disabled = alarm.audio_paused_s > 0;
  say(pause, alarm.audio_paused_s > 0 ? `Sound paused ${countdown(alarm.audio_paused_s)}` : "Pause sound");
}

function when(alarm) {
  const words = [`${alarm.priority} priority, since ${clock(alarm.since_ms)}`];
  if (alarm.first_out) words.push("came first");
  if (alarm.state === "latched") words.push("its cause is gone; it stays until it is reset");
  if (alarm.acknowledged_by !== null) words.push(`acknowledged by ${alarm.acknowledged_by}`);
  if (!alarm.current) words.push("last heard before the link was lost");
  return words.join(" · ");
}
