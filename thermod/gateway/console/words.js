// Numbers and names as people read them. "No value" is a dash, never a zero.

export const DASH = "–";
const PHASES = {
  idle: "Idle", preflight: "Preflight", heat_up: "Heat-up", hold: "Hold", retention: "Retention",
  cool_down: "Cool-down", ended: "Ended", paused: "Paused", interrupted: "Interrupted",
  tripped: "Tripped",
};
const HEAT = { off: "Heat off", withheld: "Heat withheld", permitted: "Heat permitted" };

export const phase = (name) => PHASES[name] ?? name;
export const heat = (name) => HEAT[name] ?? name;

export function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : DASH;
}

export function degrees(value, digits = 1) {
  return Number.isFinite(value) ? `${value.toFixed(digits)} °C` : DASH;
}

export function minutes(value) {
  if (!Number.isFinite(value)) return DASH;
  const whole = Math.floor(value);
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

// "34 min (29-41)": an estimate is never shown without its interval.
export function within(value, low, high) {
  if (![value, low, high].every(Number.isFinite)) return DASH;
  return `${Math.round(value)} min (${Math.round(low)}–${Math.round(high)})`;
}

export function seconds(value) {
  if (!Number.isFinite(value)) return DASH;
  if (value < 10) return `${value.toFixed(1)} s`;
  return value < 120 ? `${Math.round(value)} s` : minutes(value / 60);
}

export function countdown(value) {
  if (!Number.isFinite(value)) return DASH;
  const left = Math.max(0, Math.round(value));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

export const clock = (at_ms) =>
  new Date(at_ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function trend(slope_c_per_min) {
  if (!Number.isFinite(slope_c_per_min)) return ["", "trend not known yet"];
  const arrow = slope_c_per_min > 0.004 ? "↗" : slope_c_per_min < -0.004 ? "↘" : "→";
  const sign = slope_c_per_min < 0 ? "−" : "+";
  return [arrow, `${sign}${Math.abs(slope_c_per_min).toFixed(3)} °C/min`];
}
