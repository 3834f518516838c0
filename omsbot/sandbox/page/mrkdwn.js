import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { formatted } from "./times.js";

const INLINE =
  /`([^`\n]+)`|<([^<>\n]*)>|\*(\S(?:[^*\n]*\S)?)\*|_(\S(?:[^_\n]*\S)?)_|~(\S(?:[^~\n]*\S)?)~|:([a-z0-9_+-]+):/g;
const WORD = /[\p{L}\p{N}]/u;

const decoded = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Slack's mrkdwn as nodes. `names` tells what people, channels and groups are called. */
export function mrkdwn(text, names) {
  const nodes = [];
  for (const [number, part] of String(text).split("```").entries()) {
    if (number % 2) nodes.push(el("pre", {}, inCode(part.replace(/^\n|\n$/g, ""), names)));
    else if (part) nodes.push(...lines(number ? part.replace(/^\n/, "") : part, names));
  }
  return nodes;
}

function lines(text, names) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, number) => {
    const quoted = /^(&gt;|>) ?/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = el("blockquote")));
      else quote.append(el("br"));
      quote.append(...inline(line.slice(quoted[0].length), names));
      return;
    }
    if (number && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line, names));
  });
  return nodes;
}

function inline(text, names) {
  const nodes = [];
  const scan = new RegExp(INLINE);
  let from = 0;
  for (let found = scan.exec(text); found; found = scan.exec(text)) {
    const node = inlineNode(found, text, names);
    if (!node) {
      scan.lastIndex = found.index + 1;
      continue;
    }
    if (found.index > from) nodes.push(decoded(text.slice(from, found.index)));
    nodes.push(node);
    from = scan.lastIndex;
  }
  if (from < text.length) nodes.push(decoded(text.slice(from)));
  return nodes;
}

function inlineNode(found, text, names) {
  const [whole, code, angled, bold, italic, struck, name] = found;
  if (code !== undefined) return el("code", {}, inCode(code, names));
  if (angled !== undefined) return special(angled, names);
  if (name !== undefined) return emoji(name).startsWith(":") ? null : el("span", { class: "emoji" }, emoji(name));
  // *, _ and ~ count only around whole words, so that snake_case and 2*3*4 stay as they are.
  const before = text[found.index - 1] ?? " ";
  const after = text[found.index + whole.length] ?? " ";
  if (WORD.test(before) || WORD.test(after)) return null;
  if (bold !== undefined) return el("strong", {}, inline(bold, names));
  if (italic !== undefined) return el("em", {}, inline(italic, names));
  return el("s", {}, inline(struck, names));
}

function inCode(text, names) {
  return text.split(/(<[^<>\n]*>)/).map((part, number) => (number % 2 ? special(part.slice(1, -1), names) : decoded(part)));
}

/** What stands between angle brackets: a mention, a date or a link. */
function special(content, names) {
  const [target, ...rest] = content.split("|");
  const label = rest.join("|");
  if (target.startsWith("@")) return mention(`@${names.user(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${names.channel(target.slice(1)) ?? (label || target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!subteam^")) return mention(`@${names.group(target.slice(9)) ?? decoded(label || "group")}`);
  if (target.startsWith("!")) return mention(`@${label ? decoded(label) : target.slice(1)}`, "broadcast");
  return link(decoded(target), decoded(label || target));
}

function date(target, fallback) {
  const [, seconds, format = "", url] = target.split("^");
  const shown = el("time", { title: fallback }, /^\d+$/.test(seconds) ? formatted(seconds, format) : decoded(fallback));
  return url ? link(decoded(url), shown) : shown;
}

export function mention(text, kind = "") {
  return el("span", { class: `mention ${kind}` }, text);
}
