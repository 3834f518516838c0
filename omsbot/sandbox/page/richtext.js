import { el, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { mention } from "./mrkdwn.js";
import { formatted } from "./times.js";

/** A rich_text block as nodes: nothing in it is parsed, every element says what it is. */
export function richText(block, names) {
  return el("div", { class: "rich" }, block.elements.map((part) => richPart(part, names)));
}

function richPart(part, names) {
  const inside = () => part.elements.map((one) => inlineOf(one, names));
  switch (part.type) {
    case "rich_text_preformatted":
      return el("pre", {}, inside());
    case "rich_text_quote":
      return el("blockquote", {}, withBreaks(inside()));
    case "rich_text_list":
      return el(
        part.style === "ordered" ? "ol" : "ul",
        { class: `indent-${part.indent ?? 0}`, start: part.offset ? part.offset + 1 : undefined },
        part.elements.map((item) => el("li", {}, withBreaks(item.elements.map((one) => inlineOf(one, names))))),
      );
    default:
      return el("div", {}, withBreaks(inside()));
  }
}

function withBreaks(nodes) {
  return nodes.flatMap((node) =>
    typeof node === "string" ? node.split("\n").flatMap((line, i) => (i ? [el("br"), line] : [line])) : [node],
  );
}

function inlineOf(one, names) {
  return styled(plain(one, names), one.style ?? {});
}

function plain(one, names) {
  switch (one.type) {
    case "text":
      return one.text;
    case "link":
      return link(one.url, one.text ?? one.url);
    case "emoji":
      return el("span", { class: "emoji" }, emoji(one.name));
    case "user":
      return mention(`@${names.user(one.user_id) ?? one.user_id}`);
    case "usergroup":
      return mention(`@${names.group(one.usergroup_id) ?? one.usergroup_id}`);
    case "channel":
      return mention(`#${names.channel(one.channel_id) ?? one.channel_id}`);
    case "broadcast":
      return mention(`@${one.range}`, "broadcast");
    case "date":
      return el("time", { title: one.fallback }, formatted(one.timestamp, one.format));
    default:
      return one.value ?? `[${one.type}]`;
  }
}

function styled(node, style) {
  const wraps = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u" };
  return Object.entries(wraps).reduce((inner, [key, tag]) => (style[key] ? el(tag, {}, inner) : inner), node);
}
