import { attachment, blocks } from "./blocks.js";
import { el } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { clock, dateOf, dayName } from "./times.js";

const COLORS = ["#0f766e", "#7c3aed", "#b45309", "#be185d", "#1d4ed8", "#4d7c0f"];
const GROUP_SECONDS = 300;

// *bold* and the like around whole words; the underscore in np_1 is no mark.
const MARKS = /(^|[^\p{L}\p{N}])[*_~`]([^*_~`\n]+)[*_~`](?![\p{L}\p{N}])/gu;

const colorOf = (id) => COLORS[[...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLORS.length];

/** A short line of a message, for "replied to a thread". */
export function excerpt(message) {
  const text = withEmoji((message.text || "a message").replace(/<[^|>]*\|([^>]*)>/g, "$1").replace(MARKS, "$1$2"));
  const plain = text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").split("\n")[0];
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}

function avatar(user) {
  const initials = (user?.real_name ?? "?").split(" ").map((word) => word[0]).slice(0, 2).join("");
  const node = el("div", { class: "avatar", "aria-hidden": "true" }, user?.is_bot ? "🤖" : initials);
  node.style.background = user?.is_bot ? "#d7ecec" : colorOf(user?.id ?? "?");
  return node;
}

function content(message, context) {
  if (message.subtype === "tombstone") return el("p", { class: "muted" }, "This message was deleted.");
  const body = el("div", { class: "content" });
  const bound = { ...context, act: (block, spec, value, node) => context.click(message, block, spec, value, node) };
  if (message.blocks) body.append(...blocks(message.blocks, bound));
  else if (message.text) body.append(el("div", { class: "text" }, mrkdwn(message.text, context.names)));
  for (const one of message.attachments ?? []) body.append(attachment(one, bound));
  for (const file of message.files ?? []) body.append(fileNode(file));
  if (message.edited) {
    const last = body.lastElementChild;
    const inline = last?.classList.contains("text") && last.lastChild?.nodeName !== "PRE";
    (inline ? last : body).append(el("span", { class: "muted small edited" }, "(edited)"));
  }
  return body;
}

function fileNode(file) {
  const address = new URL(file.url_private).pathname;
  if (!file.mimetype.startsWith("image/")) return el("a", { class: "file", href: address, download: file.name }, `📎 ${file.title}`);
  return el("figure", {}, el("figcaption", { class: "muted" }, file.title),
    el("img", { class: "picture", src: address, alt: file.alt_txt || file.title }));
}

/** Does this message go on from the one before, without a new name and time? */
function continues(message, previous) {
  return (
    previous && previous.user === message.user && !message.subtype && !previous.subtype && !message.is_ephemeral &&
    !previous.is_ephemeral && Number(message.ts) - Number(previous.ts) < GROUP_SECONDS
  );
}

/** One message. `where` is "channel" or "thread". */
export function messageNode(message, previous, context, where) {
  const user = context.names.person(message.user);
  const when = dateOf(message.ts);
  const grouped = continues(message, previous);
  const node = el("li", { class: `message ${grouped ? "grouped" : ""} ${message.is_ephemeral ? "ephemeral" : ""}`, "data-ts": message.ts });
  if (message.subtype?.match(/_(join|leave)$/)) {
    node.append(el("div", { class: "gutter" }, "→"), el("div", { class: "muted" }, mrkdwn(message.text, context.names)));
    return node;
  }
  const body = el("div", { class: "body" });
  if (message.is_ephemeral) body.append(el("p", { class: "only-you muted small" }, "👁 Only visible to you"));
  if (message.subtype === "thread_broadcast") body.append(broadcastLine(message, context, where));
  if (!grouped) {
    body.append(el("div", { class: "who" },
      el("span", { class: "name" }, user?.real_name ?? message.user),
      user?.is_bot && el("span", { class: "app" }, "APP"),
      el("time", { class: "muted small", datetime: when.toISOString(), title: when.toString() }, clock(when))));
  }
  body.append(content(message, context));
  if (where === "channel") body.append(...threadLine(message, context));
  const gutter = el("div", { class: "gutter" }, grouped ? el("time", { class: "muted small" }, clock(when)) : avatar(user));
  node.append(gutter, body);
  if (!message.is_ephemeral && message.subtype !== "tombstone") node.append(tools(message, context, where));
  return node;
}

function broadcastLine(message, context, where) {
  if (where === "thread") return el("p", { class: "muted small" }, "Also sent to the channel");
  const parent = context.find(message.thread_ts);
  const open = () => context.openThread(message.thread_ts);
  return el("p", { class: "muted small replied" }, "replied to a thread: ",
    el("button", { type: "button", class: "link", onclick: open }, parent ? excerpt(parent) : "a message"));
}

function threadLine(message, context) {
  if (!message.reply_count) return [];
  const count = `${message.reply_count} ${message.reply_count === 1 ? "reply" : "replies"}`;
  const last = dateOf(message.latest_reply);
  return [el("button", { type: "button", class: "replies", onclick: () => context.openThread(message.ts) },
    message.reply_users.map((id) => avatar(context.names.person(id))),
    el("span", { class: "link" }, count),
    el("span", { class: "muted small" }, `Last reply ${dayName(last).toLowerCase()} at ${clock(last)}`))];
}

function tools(message, context, where) {
  const reply = () => context.openThread(message.thread_ts ?? message.ts);
  return el("div", { class: "tools" },
    where === "channel" && el("button", { type: "button", class: "icon", title: "Reply in thread", "aria-label": "Reply in thread", onclick: reply }, "💬"),
    el("button", { type: "button", class: "icon", title: "Delete", "aria-label": "Delete the message", onclick: () => context.remove(message) }, "🗑"));
}

/** Bring a list up to date: nodes of unchanged messages stay, so that focus and open menus survive. */
export function fill(list, messages, context, where) {
  const kept = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const wanted = [];
  let day = "";
  messages.forEach((message, i) => {
    const name = dayName(dateOf(message.ts));
    const fresh = name !== day;
    if (fresh) wanted.push(kept.get(`day ${name}`) ?? keyed(el("li", { class: "day" }, el("span", {}, name)), `day ${name}`));
    day = name;
    const afterParent = where === "thread" && i === 1;
    if (afterParent) wanted.push(countLine(messages.length - 1, kept));
    const previous = fresh || afterParent ? null : messages[i - 1];
    const key = JSON.stringify([message, continues(message, previous)]);
    wanted.push(kept.get(key) ?? keyed(messageNode(message, previous, context, where), key));
  });
  const same = wanted.length === list.children.length && wanted.every((node, i) => node === list.children[i]);
  if (!same) replaceInPlace(list, wanted);
}

function countLine(count, kept) {
  const text = `${count} ${count === 1 ? "reply" : "replies"}`;
  return kept.get(text) ?? keyed(el("li", { class: "count" }, text), text);
}

function keyed(node, key) {
  node.dataset.key = key;
  return node;
}

function replaceInPlace(list, wanted) {
  const keep = new Set(wanted);
  for (const node of [...list.children]) if (!keep.has(node)) node.remove();
  wanted.forEach((node, i) => {
    if (list.children[i] !== node) list.insertBefore(node, list.children[i] ?? null);
  });
}
