/** Ask the stand-in's control API; throws an Error with Slack's word for what is wrong. */
export async function ask(name, query = {}) {
  return answerOf(await fetch(`/control/${name}?${new URLSearchParams(query)}`));
}

/** Do something as a person. */
export async function act(name, body) {
  const headers = { "Content-Type": "application/json" };
  return answerOf(await fetch(`/control/${name}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function answerOf(response) {
  const body = await response.json();
  if (!body.ok) throw new Error(body.error);
  return body;
}

/** Hear of changes; `change` gets each, `connected` true or false. The browser reconnects by itself. */
export function listen(change, connected) {
  const source = new EventSource("/control/stream");
  source.onmessage = (event) => change(JSON.parse(event.data));
  source.onopen = () => connected(true);
  source.onerror = () => connected(false);
}
