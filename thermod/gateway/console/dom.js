// Small hands for the page. Nothing is touched that already says the right thing, so that a screen
// reader is not made to read it again and a button does not lose its focus.

export const $ = (id) => document.getElementById(id);

export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function put(name, text) {
  for (const node of document.querySelectorAll(`[data-text="${name}"]`)) say(node, text);
}

export function mark(node, name, value) {
  if (node.dataset[name] !== String(value)) node.dataset[name] = value;
}

export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null));
  return node;
}

// A list whose rows keep their nodes while their key stays.
export function rows(list, items, keyOf, create, update) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const key = keyOf(item);
    const node = old.get(key) ?? Object.assign(create(item));
    node.dataset.key = key;
    old.delete(key);
    update(node, item);
    return node;
  });
  for (const node of old.values()) node.remove();
  nodes.forEach((node, place) => {
    if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null);
  });
}

export function facts(list, pairs) {
  const shown = pairs.filter(([, value]) => value !== null);
  const wanted = shown.map(([name]) => name).join("|");
  if (list.dataset.names !== wanted) {
    list.dataset.names = wanted;
    list.replaceChildren(...shown.flatMap(([name]) =>
      [make("dt", { textContent: name }), make("dd")]));
  }
  const cells = list.querySelectorAll("dd");
  shown.forEach(([, value, isDue], place) => {
    say(cells[place], value);
    cells[place].classList.toggle("due", isDue === true);
  });
}

// crypto.randomUUID is for https and localhost only; a tablet may come over plain http.
export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Time since something, also over a sleep of the computer, in which one of the two clocks may stand.
export function stopwatch() {
  const ticks = performance.now(), wall = Date.now();
  return () => Math.max(performance.now() - ticks, Date.now() - wall, 0) / 1000;
}
