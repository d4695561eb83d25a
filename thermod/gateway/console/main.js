// The console: log in, listen, show, and let staff ask. Numbers and STOP first, the chart last.

import { login, logout, whoAmI } from "./api.js";
import { actAs, ask, closeSheet, drawActs } from "./acts.js";
import { asPast, drawAlarms, worst } from "./alarms.js";
import { follow, load } from "./chart.js";
import { $, make, mark, randomId, rows, say, stopwatch } from "./dom.js";
import { drawButtons, hear } from "./stop.js";
import { DEAD_S, listen } from "./stream.js";
import { drawDome } from "./view.js";
import * as words from "./words.js";

const REDRAW_MS = 250;
const SILENT_S = 3;
const LOG_LINES = 6;
const plotlyAddress = document.querySelector("script[data-plotly]").dataset.plotly;

const logs = new Map(); // name -> what control told lately, newest first
const domes = new Map(); // name -> { dome, since }
let siteAlarms = [];
let link = null; // is the gateway connected to the broker?
let selected = null;
let stream = null;

async function begin() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname);
  try {
    enter(key === null ? await whoAmI() : await login(key));
  } catch (error) {
    showLogin(error.status === 401 && key === null ? null : error.message);
  }
}

function enter(me) {
  if (me.expired) return showLogin("Your login has expired. STOP still works.", me);
  actAs(me);
  say($("site"), me.site);
  say($("me"), `${me.label} (${me.role})`);
  selected = me.domes.length === 1 ? me.domes[0] : recall(me.domes);
  show("dome");
  drawButtons(me.domes, selected);
  stream?.close();
  stream = listen({ onEverything, onDome, onBeat, onHappening, onLoggedOut });
}

function recall(names) {
  const last = sessionStorage.getItem("dome");
  return names.includes(last) ? last : names[0];
}

function onLoggedOut(me) {
  stream = null;
  showLogin(me === null ? "You are logged out." : "Your login has expired. STOP still works.", me);
}

function showLogin(why, me = null) {
  show("login");
  closeSheet();
  say($("login-error"), why ?? "");
  drawButtons(me?.domes ?? [], null);
  $("key").focus();
}

function show(name) {
  mark(document.body, "view", name);
  $("login").hidden = name !== "login";
  $("dome").hidden = name !== "dome";
  $("logout").hidden = name === "login";
  if (name === "login") mark(document.body, "link", "waiting");
  $("link").hidden = name === "login";
  $("dead").hidden = true;
}

// --- what the stream brings ---

function onEverything(everything) {
  link = everything.link;
  for (const dome of everything.domes) onDome(dome);
}

function onDome(dome) {
  domes.set(dome.dome, { dome, since: stopwatch() });
  hear(dome.dome, dome.stop, dome.snapshot?.latches ?? []);
}

function onBeat(beat) {
  link = beat.link;
  siteAlarms = beat.alarms.filter((alarm) => alarm.dome === "-");
}

function onHappening(happening) {
  const logged = logs.get(happening.dome) ?? [];
  logs.set(happening.dome, [{ ...happening, key: randomId() }, ...logged].slice(0, LOG_LINES));
}

function drawLog() {
  rows($("log"), logs.get(selected) ?? [], (line) => line.key,
    (line) => make("li", {}, make("span", { textContent: words.clock(line.at_ms) }),
      make("span", { textContent: `${line.kind}: ${line.text}` })), () => {});
}

// --- drawing, four times a second whatever comes ---

function redraw() {
  if (document.body.dataset.view !== "dome" || stream === null) return;
  const silence_s = stream.silence_s();
  const isDead = silence_s > DEAD_S;
  drawLink(isDead, silence_s);
  drawTabs();
  const seen = domes.get(selected);
  if (seen === undefined) return;
  const { dome, since } = seen;
  const extra_s = since() + (dome.age_s ?? 0);
  const isLive = !isDead && dome.live === "live" && extra_s <= SILENT_S;
  drawDome(dome, extra_s, isLive);
  const alarms = [...dome.alarms, ...siteAlarms];
  drawAlarms(isDead ? asPast(alarms) : alarms, (path, done) => ask(path, done));
  drawActs(isLive ? dome.snapshot : null);
  if (dome.snapshot !== null) follow(dome.snapshot, dome.limits);
  drawTitle(dome, isLive);
  drawLog();
}

function drawTitle(dome, isLive) {
  const core = isLive ? `${words.number(dome.snapshot.core.temp_c, 2)} °C` : "no live data";
  const alarm = worst(dome.alarms) === "high" ? "ALARM · " : "";
  const title = `${alarm}${core} · ${dome.dome} · thermod`;
  if (document.title !== title) document.title = title;
}

function drawLink(isDead, silence_s) {
  const isSilent = domes.has(selected) && domes.get(selected).dome.live !== "live";
  const is = isDead ? "dead" : link === false ? "cut" : link === null ? "waiting" : isSilent ? "silent" : "live";
  mark(document.body, "link", is);
  say($("link"), { dead: "no data", cut: "no broker", silent: "control silent", waiting: "connecting", live: "live" }[is]);
  $("dead").hidden = !isDead;
  if (isDead) {
    say($("dead"), `No data for ${Math.floor(silence_s)} s: nothing on this page is current. ` +
      "Look at the patient. Use the stop button on the dome.");
  }
}

function drawTabs() {
  const shown = domes.size > 1 ? [...domes.values()].map((seen) => seen.dome) : [];
  rows($("domes"), shown, (dome) => dome.dome, (dome) => {
    const button = make("button", { type: "button" }, make("span", { className: "lamp", ariaHidden: "true" }),
      make("b", { textContent: dome.dome }), make("span", { className: "gist" }));
    button.addEventListener("click", () => select(dome.dome));
    return button;
  }, (button, dome) => {
    button.setAttribute("aria-current", String(dome.dome === selected));
    const priority = worst(dome.alarms.filter((alarm) => alarm.current));
    mark(button.querySelector(".lamp"), "priority", priority);
    const core_c = dome.live === "live" ? dome.snapshot.core.temp_c : null;
    const phase = dome.snapshot === null ? "" : words.phase(dome.snapshot.phase);
    const gist = priority === "none" ? phase : `${priority} alarm`;
    say(button.querySelector(".gist"), `${words.number(core_c, 2)} °C · ${gist}`);
  });
}

function select(name) {
  selected = name;
  sessionStorage.setItem("dome", name);
  closeSheet();
  say($("said"), "");
  drawButtons([...domes.keys()], selected);
  redraw();
}

$("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const me = await login($("key").value.trim());
    $("key").value = "";
    say($("login-error"), "");
    enter(me);
  } catch (error) {
    say($("login-error"), `${error.message} ${error.todo}`.trim());
  }
});

$("logout").addEventListener("click", async () => {
  await logout().catch(() => null);
  stream?.close();
  onLoggedOut(null);
});

setInterval(redraw, REDRAW_MS);
await begin();
load(plotlyAddress).catch(() => null);
