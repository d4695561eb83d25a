// What to do about an alarm: its runbook page, in a sheet beside the page, so that STOP stays in reach.

import { openSheet } from "./acts.js";
import { get } from "./api.js";
import { make } from "./dom.js";

export async function showPage(alarm) {
  const title = alarm.alarm_id.replaceAll("_", " ");
  const close = () => make("div", { className: "acts" });
  try {
    const page = await get(alarm.page);
    openSheet("runbook", title, make("p", { className: "text", textContent: page.do }),
      ...part("Mitigation", ...steps(page.mitigation)), ...part("Diagnosis", ...steps(page.diagnosis)),
      ...part("Meaning", make("p", { textContent: page.meaning })),
      ...part("Impact", make("p", { textContent: page.impact })), close());
  } catch (error) {
    openSheet("runbook", title, make("p", { textContent: alarm.do }),
      make("p", { className: "muted", textContent: `${error.message} ${error.todo}` }), close());
  }
}

const part = (name, ...content) => [make("h3", { textContent: name }), ...content];
const steps = (texts) => [make("ol", { className: "steps-to-do" },
  ...texts.map((text) => make("li", { textContent: text.replaceAll("`", "") })))];
