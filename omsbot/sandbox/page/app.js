import { blocks } from "./blocks.js";
import { composer, grow } from "./composer.js";
import { byId, el } from "./dom.js";
import { fill } from "./messages.js";
import { act, ask, listen } from "./net.js";
import { keepingEnd, toEnd } from "./scroll.js";
import { confirmDialog, showModal } from "./views.js";

const HOME = "home";
const NEWEST = 500;
const state = { info: null, me: "", place: "", thread: "", logs: new Map(), read: new Map(), home: null, target: "" };

// What people and channels are called.
const names = {
  person: (id) => state.info.users[id] ?? (id === "USLACKBOT" ? { id, real_name: "Workspace", is_bot: true } : undefined),
  user: (id) => state.info.users[id]?.name,
  users: () => Object.values(state.info.users).filter((user) => !user.is_bot),
  channel: (id) => channel(id)?.name,
  channels: () => state.info.channels.filter((one) => !one.is_im),
  group: (id) => state.info.groups[id],
};

const channel = (id) => state.info.channels.find((one) => one.id === id);
const log = (id = state.place) => state.logs.get(id) ?? [];
const shownInChannel = (message) => !message.is_reply || message.subtype === "thread_broadcast";
const READ = "read";
const inThread = (message) => message.ts === state.thread || message.thread_ts === state.thread;

const context = {
  names,
  find: (ts) => log().find((message) => message.ts === ts),
  openThread,
  confirm: (spec) => confirmDialog(spec, names),
  click,
  remove: (message) => attempt(act("delete", { channel: state.place, ts: message.ts })),
  actOnView: (view, spec, value) => attempt(act("view", { view_id: view.id, do: "click", action_id: spec.action_id, value })),
  submitView: (view, values) => attempt(act("view", { view_id: view.id, do: "submit", values })),
  closeView: (view) => attempt(act("view", { view_id: view.id, do: "close" })),
};

async function click(message, block, spec, value, node) {
  const pressed = { channel: state.place, ts: message.ts, action_id: spec.action_id, block_id: block.block_id, user: state.me };
  const answer = await attempt(act("click", { ...pressed, value }));
  node.classList.toggle("failed", Boolean(answer.error));
  node.title = answer.error ? `The app did not answer (${answer.error})` : "";
  if (answer.error) complain(`The app did not answer to “${node.textContent}” (${answer.error}).`);
}

async function attempt(promise) {
  try {
    const answer = await promise;
    complain("");
    return answer;
  } catch (error) {
    complain(`That did not work: ${error.message}`);
    return { error: error.message };
  }
}

function complain(text) {
  for (const place of document.querySelectorAll(".complaint")) {
    place.textContent = text;
    place.hidden = !text;
  }
}

// Drawing

function drawSidebar() {
  const all = state.info.channels;
  const mine = (one) => one.members.includes(state.me);
  const list = (title, found) => [el("h3", {}, title), el("ul", {}, found)];
  const rooms = all.filter((one) => !one.is_im && mine(one)).map((one) => entry(one.id, one.is_private ? "🔒" : "#", one.name, one.is_archived));
  const direct = all.filter((one) => one.is_im && mine(one)).map((one) => entry(one.id, "●", state.info.users[state.info.bot_user].real_name));
  const apps = [entry(HOME, "🤖", `${state.info.users[state.info.bot_user].real_name} · Home`)];
  byId("channels").replaceChildren(...list("Channels", rooms).concat(list("Direct messages", direct), list("Apps", apps)).filter((node) => node.tagName !== "UL" || node.children.length));
  for (const title of byId("channels").querySelectorAll("h3")) if (title.nextElementSibling?.tagName !== "UL") title.remove();
}

function entry(id, sign, name, archived) {
  const unread = unreadOf(id);
  const current = id === state.place;
  const label = `${name}${unread ? `, ${unread} unread` : ""}${archived ? ", archived" : ""}`;
  return el("li", {}, el("button", {
    type: "button", class: `channel ${current ? "current" : ""} ${unread ? "unread" : ""} ${archived ? "archived" : ""}`,
    "aria-current": current ? "page" : null, "aria-label": label, "data-channel": id, onclick: () => go(id),
  }, el("span", { class: "sign" }, sign), el("span", { class: "channel-name" }, name), unread ? el("span", { class: "badge" }, unread > 99 ? "99+" : String(unread)) : null));
}

function unreadOf(id) {
  if (id === state.place || id === HOME) return 0;
  const since = state.read.get(id) ?? "0";
  return log(id).filter((one) => one.ts > since && shownInChannel(one) && one.user !== state.me).length;
}

function drawMain() {
  const isHome = state.place === HOME;
  const place = channel(state.place);
  byId("composer").hidden = isHome || Boolean(place?.is_archived);
  byId("title").textContent = isHome ? "App home" : place.is_im ? state.info.users[state.info.bot_user].real_name : `${place.is_private ? "🔒 " : "# "}${place.name}`;
  byId("subtitle").textContent = isHome ? "What the app shows to you" : describe(place);
  document.title = `${byId("title").textContent} · Sandbox workspace`;
  byId("composer-input").placeholder = place ? `Message ${byId("title").textContent} or /oms …` : "";
  const list = byId("log");
  if (isHome) return drawHome(list);
  keepingEnd(byId("scroll"), state.place, () => fill(list, log().filter(shownInChannel), context, "channel"));
}

function describe(place) {
  if (place.is_im) return "Direct messages";
  const bot = place.members.includes(state.info.bot_user) ? "the bot is here" : "the bot is not here";
  return `${place.members.length} members · ${bot}${place.is_archived ? " · archived" : ""}`;
}

function drawHome(list) {
  const bound = { ...context, act: (block, spec, value) => context.actOnView(state.home, spec, value) };
  const content = state.home ? blocks(state.home.blocks, bound) : [el("p", { class: "muted" }, "The app has not published anything here.")];
  list.replaceChildren(el("li", { class: "home content" }, content));
}

function drawThread() {
  const parent = state.thread && log().find((message) => message.ts === state.thread);
  byId("thread").hidden = !parent;
  byId("frame").classList.toggle("with-thread", Boolean(parent));
  if (!parent) return;
  byId("thread-subtitle").textContent = byId("title").textContent;
  keepingEnd(byId("thread-scroll"), state.thread, () => fill(byId("thread-log"), log().filter(inThread), context, "thread"));
}

function draw() {
  drawSidebar();
  drawMain();
  drawThread();
  if (!state.target) return;
  const node = document.querySelector(`#log [data-ts="${state.target}"], #thread-log [data-ts="${state.target}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("target");
  if (node) state.target = "";
}

// Fetching

async function fetchLog(id) {
  const { messages } = await ask("messages", { channel: id, user: state.me, limit: NEWEST });
  state.logs.set(id, messages);
  if (id === state.place) markRead(id);
}

function markRead(id) {
  state.read.set(id, log(id).at(-1)?.ts ?? "0");
  sessionStorage.setItem(READ, JSON.stringify([...state.read]));
}

async function fetchViews() {
  const { modals, home } = await ask("views", { user: state.me });
  state.home = home;
  showModal(modals.at(-1), context);
}

async function fetchEverything() {
  state.info = await ask("state");
  if (!state.me) state.me = names.users()[0].id;
  const mine = state.info.channels.filter((one) => one.members.includes(state.me));
  await Promise.all(mine.map((one) => fetchLog(one.id)));
  await fetchViews();
}

// Changes that come close together are fetched together.
const dirty = new Set();
let timer = 0;

function changed(change) {
  if (change.kind === "refused") return showRefused(change);
  if (change.kind === "stopping") return;
  dirty.add({ message: change.channel, ephemeral: change.channel, view: "view" }[change.kind] ?? "everything");
  timer ||= setTimeout(refresh, 60);
}

/** What the bot tried and was refused, so that a wrong message does not just stay away. */
function showRefused({ method, error, why }) {
  byId("refused").textContent = `${method} was refused: ${error}${why ? `, ${why}` : ""}`;
}

async function refresh() {
  timer = 0;
  const wanted = [...dirty];
  dirty.clear();
  if (wanted.includes("everything") || !state.info) await fetchEverything();
  else await Promise.all(wanted.map((one) => (one === "view" ? fetchViews() : fetchLog(one))));
  if (!state.place) begin();
  draw();
}

// Moving about

function begin() {
  const [, id, ts] = /^\/archives\/(\w+)\/p(\d{16})$/.exec(location.pathname) ?? [];
  const remembered = sessionStorage.getItem("place");
  state.read = new Map(JSON.parse(sessionStorage.getItem(READ) ?? "[]"));
  const start = [id, remembered].find((one) => one && channel(one)) ?? state.info.channels.find((one) => one.name === "migrations")?.id ?? state.info.channels[0].id;
  drawYou();
  state.place = start;
  markRead(start);
  if (id === start) aim(ts, new URLSearchParams(location.search).get("thread_ts"));
}

function aim(digits, thread) {
  state.target = `${digits.slice(0, 10)}.${digits.slice(10)}`;
  state.thread = thread ?? "";
}

function go(id) {
  state.place = id;
  state.thread = "";
  byId("jump").hidden = true;
  sessionStorage.setItem("place", id);
  openSidebar(false);
  if (id === HOME) void attempt(act("home", { user: state.me }));
  else markRead(id);
  byId("log").replaceChildren();
  draw();
  byId("composer-input").focus({ preventScroll: true });
}

function openThread(ts) {
  state.thread = ts;
  draw();
  byId("thread-input").focus();
}

function closeThread() {
  state.thread = "";
  draw();
}

function openSidebar(yes) {
  byId("frame").classList.toggle("with-sidebar", yes);
  byId("menu").setAttribute("aria-expanded", String(yes));
}

// A link to a message of this workspace is followed here.
document.addEventListener("click", (event) => {
  const address = event.target.closest?.("a")?.href;
  const url = address && new URL(address);
  const [, id, digits] = (url?.host === location.host && /^\/archives\/(\w+)\/p(\d{16})$/.exec(url.pathname)) || [];
  if (!id || !channel(id)) return;
  event.preventDefault();
  go(id);
  aim(digits, url.searchParams.get("thread_ts"));
  draw();
});

function drawYou() {
  byId("you").replaceChildren(...names.users().map((user) => el("option", { value: user.id }, user.real_name)));
  byId("you").value = state.me;
}

// Writing

async function send(input, more) {
  const text = input.value.trim();
  if (!text) return;
  toEnd(input.closest(".main, .thread").querySelector(".scroll")); // who speaks wants to see the answer
  if (more.thread_ts && text.startsWith("/")) return complain("Commands cannot be run in a thread; use the channel.");
  input.value = "";
  grow(input);
  const body = { channel: state.place, user: state.me, text, ...more };
  const answer = await attempt(act(more.thread_ts ? "say" : "command", body));
  if (answer.error && !input.value && !answer.responses) input.value = text;
}

composer(byId("composer"), byId("composer-input"), (input) => send(input, {}));
composer(byId("thread-composer"), byId("thread-input"), (input) => send(input, { thread_ts: state.thread }));
byId("try").addEventListener("click", (event) => {
  byId("composer-input").value = event.target.textContent;
  byId("composer-input").focus();
});
byId("thread-close").addEventListener("click", closeThread);
byId("menu").addEventListener("click", () => openSidebar(!byId("frame").classList.contains("with-sidebar")));
document.querySelector(".main").addEventListener("click", (event) => {
  if (!byId("menu").contains(event.target)) openSidebar(false);
});
byId("you").addEventListener("change", async (event) => {
  state.me = event.target.value;
  await fetchEverything();
  draw();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (byId("frame").classList.contains("with-sidebar")) openSidebar(false);
  else if (state.thread) closeThread();
});

listen(changed, (yes) => {
  byId("connection").textContent = yes ? "" : "Not connected; trying again…";
});
