// The course of the session. plotly comes after the numbers and after STOP, and the page works
// without it. History comes from the journal, the rest from the stream; both are thinned.

import { get } from "./api.js";
import { $, put } from "./dom.js";
import { phase as phaseName } from "./words.js";

const POINTS_MAX = 1500;
const HISTORY_POINTS = 800;
const EVERY_MS = 1000;
const SPAN_MS_MIN = 10 * 60 * 1000; // a narrower view makes a slope of what is none
const IN_BAND_C = 0.1;
const COLUMNS = ["at_ms", "core_temp_c", "setpoint_c", "power_pct", "phase"];

let points = empty();
let shown = null; // "dome/session"
let drawnAt = 0;
let loading = null;

function empty() {
  return Object.fromEntries(COLUMNS.map((name) => [name, []]));
}

export function load(address) {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `/${address}`;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

export function follow(snapshot, limits) {
  const key = `${snapshot.dome}/${snapshot.session?.session_id ?? ""}`;
  if (key !== shown) begin(key, snapshot);
  const last = points.at_ms.at(-1) ?? 0;
  if (snapshot.at_ms - last >= EVERY_MS) {
    add(snapshot.at_ms, snapshot.core.temp_c, snapshot.setpoint_c, snapshot.power.power_pct, snapshot.phase);
  }
  const now = performance.now();
  if (window.Plotly && now - drawnAt >= EVERY_MS && !document.hidden) {
    drawnAt = now;
    draw(snapshot, limits);
  }
}

function add(...values) {
  COLUMNS.forEach((name, place) => points[name].push(values[place]));
  if (points.at_ms.length <= POINTS_MAX) return;
  const half = Math.floor(POINTS_MAX / 2); // every second point of the older half
  for (const name of COLUMNS) {
    points[name] = points[name].filter((_, place) => place > half || place % 2 === 0);
  }
}

async function begin(key, snapshot) {
  shown = key;
  points = empty();
  if (snapshot.session === null) return;
  const address = `/v1/sessions/${snapshot.session.session_id}/series?points=${HISTORY_POINTS}`;
  const history = await get(address).catch(() => null);
  if (history === null || key !== shown) return;
  const first = points.at_ms[0] ?? Infinity;
  const count = history.at_ms.filter((at_ms) => at_ms < first).length;
  for (const name of COLUMNS) points[name] = [...history[name].slice(0, count), ...points[name]];
}

// plotly draws milliseconds as UTC; staff read the clock on the wall.
const local = (at_ms) => at_ms - new Date(at_ms).getTimezoneOffset() * 60000;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function draw(snapshot, limits) {
  const plot = $("plot");
  if (!plot.classList.contains("js-plotly-plot")) plot.replaceChildren();
  const x = points.at_ms.map(local);
  const line = (name, y, style) => ({ name, x, y, mode: "lines", hoverinfo: "y+name", ...style });
  const traces = [
    line("heater %", points.power_pct, { yaxis: "y2", line: { color: colour("heat"), width: 1, shape: "hv" }, fill: "tozeroy", fillcolor: `${colour("heat")}22` }),
    line("ramp", points.setpoint_c, { line: { color: colour("accent"), width: 1.5, dash: "dot" } }),
    line("core °C", points.core_temp_c, { line: { color: colour("ink"), width: 3 } }),
  ];
  window.Plotly.react(plot, traces, layout(snapshot, limits, x), { displayModeBar: false, responsive: true });
  put("chart-note", snapshot.session === null ? "no session: since this page was opened" : `session of ${snapshot.session.subject}`);
}

function layout(snapshot, limits, x) {
  const axis = { color: colour("muted"), gridcolor: colour("line"), zeroline: false, fixedrange: true };
  const low = Math.min(snapshot.target_c - 0.6, ...points.core_temp_c.filter(Number.isFinite)) - 0.1;
  const target = snapshot.target_c;
  const now = x.at(-1);
  const across = { type: "line", xref: "paper", x0: 0, x1: 1 };
  const limit = (value, name) => (Number.isFinite(value) ? [{ ...across, y0: value, y1: value, line: { color: colour(name), width: 1.5, dash: "dash" } }] : []);
  const changes = x.map((_, place) => place).filter((place) => place > 0 && points.phase[place] !== points.phase[place - 1]);
  const span = now - Math.min(x[0], now - SPAN_MS_MIN);
  const named = changes.filter((place, at) => (x[changes[at + 1]] ?? Infinity) - x[place] > span * 0.12);
  const label = (y, text, name, x = 1) => ({ xref: "paper", x, xanchor: x ? "right" : "left", y, yanchor: x ? "bottom" : "top", text, showarrow: false, font: { size: 11, color: colour(name) } });
  return {
    margin: { l: 40, r: 40, t: 10, b: 26 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colour("muted") },
    hovermode: "x unified", hoverlabel: { bgcolor: colour("card"), font: { color: colour("ink") } },
    showlegend: false,
    xaxis: { ...axis, type: "date", range: [Math.min(x[0], now - SPAN_MS_MIN), now], tickformat: "%H:%M", nticks: $("plot").clientWidth < 420 ? 4 : 8, showgrid: false },
    yaxis: { ...axis, range: [low, Math.max(39.3, target + 0.7)], ticksuffix: "°" },
    yaxis2: { ...axis, overlaying: "y", side: "right", range: [0, 300], tickvals: [0, 50, 100], ticksuffix: "%", showgrid: false },
    shapes: [
      { ...across, type: "rect", y0: target - IN_BAND_C, y1: target + IN_BAND_C, line: { width: 0 }, fillcolor: colour("ok"), opacity: 0.16, layer: "below" },
      ...limit(limits?.core_warn_c, "medium"), ...limit(limits?.core_cut_c, "high"),
      ...changes.map((place) => ({ type: "line", x0: x[place], x1: x[place], yref: "paper", y0: 0, y1: 1, line: { color: colour("line"), width: 1 } })),
    ],
    annotations: [
      label(target - IN_BAND_C, `target ${target.toFixed(1)} ± ${IN_BAND_C}`, "ok", 0),
      ...(limits ? [label(limits.core_warn_c, "warning", "medium"), label(limits.core_cut_c, "cut-off", "high")] : []),
      ...named.map((place) => ({ x: x[place], yref: "paper", y: 1, xanchor: "left", yanchor: "top", text: ` ${phaseName(points.phase[place])}`, showarrow: false, font: { size: 11 } })),
    ],
  };
}
