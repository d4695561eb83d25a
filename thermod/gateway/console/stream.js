// The live stream. Silence means something: the gateway speaks twice a second, so after 3 s without
// a word nothing on the page is current.

import { whoAmI } from "./api.js";
import { stopwatch } from "./dom.js";

export const DEAD_S = 3;
const AGAIN_MS = 1000;

export function listen({ onEverything, onDome, onBeat, onHappening, onLoggedOut }) {
  let source = null;
  let since = stopwatch();
  const hear = (handler) => (event) => {
    since = stopwatch();
    handler(JSON.parse(event.data));
  };

  function open() {
    source = new EventSource("/v1/events");
    source.addEventListener("snapshot", hear(onEverything));
    source.addEventListener("dome", hear(onDome));
    source.addEventListener("beat", hear(onBeat));
    source.addEventListener("happening", hear(onHappening));
    source.onerror = () => {
      source.close();
      setTimeout(again, AGAIN_MS);
    };
  }

  async function again() {
    try {
      const me = await whoAmI();
      if (me.expired) return onLoggedOut(me);
    } catch (error) {
      if (error.status === 401) return onLoggedOut(null);
      return setTimeout(again, AGAIN_MS);
    }
    open();
  }

  open();
  return { silence_s: () => since(), close: () => source.close() };
}
