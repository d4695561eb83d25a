// STOP: one press, no dialog, and no rest until dome, guard and control have all said it back.

import { post } from "./api.js";
import { $, make, mark, rows, stopwatch } from "./dom.js";

const AGAIN_MS = 500;
const GIVE_UP_S = 60;
const SHOWN_AFTER_RESET_S = 10;
const NAMES = { node: "dome", guard: "guard", control: "control" };

const stops = new Map(); // dome -> { is, say, by, stop_id, since }
let selected = null;

// With one dome or before a dome is chosen there is a button for each; otherwise for the one shown.
export function drawButtons(domes, dome) {
  selected = dome;
  rows($("stops"), dome === null ? domes : [dome], (name) => name, (name) => {
    const button = make("button", { type: "button", className: "stop" });
    button.append("STOP", make("small", { textContent: name }));
    button.setAttribute("aria-label", `STOP ${name}`);
    button.addEventListener("click", () => press(name));
    return button;
  }, () => {});
  draw();
}

async function press(dome) {
  const since = stopwatch();
  selected ??= dome;
  stops.set(dome, { is: "waiting", say: "Stopping …", by: {}, since });
  draw();
  while (since() < GIVE_UP_S) {
    try {
      take(dome, await post(`/v1/domes/${dome}/stop`));
      return; // the gateway goes on repeating it, and the stream tells when it is confirmed
    } catch (error) {
      const words = `NOT SENT: use the stop button on the dome. ${error.message}`;
      stops.set(dome, { is: "unconfirmed", say: words, by: {}, since });
      draw();
      if (error.status === 401 || error.status === 404) return;
      await new Promise((wake) => setTimeout(wake, AGAIN_MS));
    }
  }
}

function take(dome, report) {
  const is = report.confirmed ? "confirmed" : "unconfirmed";
  const { say, by, stop_id } = report;
  stops.set(dome, { is, say, by, stop_id, since: stops.get(dome)?.since ?? stopwatch() });
  draw();
}

// What the stream tells of the newest STOP: also of one that somebody else has pressed.
export function hear(dome, report, latches) {
  const known = stops.get(dome);
  if (known?.is === "waiting" || !report) return;
  if (known?.is === "confirmed" && known.stop_id === report.stop_id) {
    const isOver = !latches.includes("stopped") && known.since() > SHOWN_AFTER_RESET_S;
    if (isOver) stops.delete(dome);
  } else if (known?.stop_id === report.stop_id || !report.confirmed) {
    take(dome, report);
  }
  draw();
}

function draw() {
  const stop = stops.get(selected);
  const panel = $("stopped");
  panel.hidden = stop === undefined;
  if (stop === undefined) return;
  mark(panel, "is", stop.is);
  const echoes = Object.entries(stop.by).map(([who, said]) => `${said ? "✓" : "…"} ${NAMES[who]}`);
  const words = [`STOP ${selected}: ${stop.say}`, ...echoes];
  if (panel.dataset.words === words.join("|")) return;
  panel.dataset.words = words.join("|");
  panel.replaceChildren(words[0], ...echoes.map((textContent) => make("span", { textContent })));
}
