// Asking the gateway. A refusal is an Error that says why and what to do.

let csrf = null;

export class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail ?? problem.title ?? "The gateway did not answer.");
    this.todo = problem.do ?? "";
    this.status = status;
  }
}

async function send(method, path, body, headers = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(csrf === null ? {} : { "X-CSRF-Token": csrf }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    const todo = "Look at the patient; use the stop button on the dome if in doubt.";
    throw new Refused({ detail: "The gateway cannot be reached.", do: todo }, 0);
  }
  const content = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(content, answer.status);
  return content;
}

function remember(me) {
  csrf = me.csrf;
  return me;
}

export const get = (path) => send("GET", path);
export const post = (path, body, headers) => send("POST", path, body, headers);
export const login = async (key) => remember(await send("POST", "/v1/login", { key }));
export const whoAmI = async () => remember(await send("GET", "/v1/me"));
export const logout = () => send("POST", "/v1/logout");
