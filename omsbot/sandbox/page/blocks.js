import { el } from "./dom.js";
import { element } from "./elements.js";
import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./richtext.js";

/** A text object: mrkdwn is parsed, plain text only gets its emoji. */
export function textObject(text, names) {
  if (text.type === "mrkdwn") return mrkdwn(text.text, names);
  return withBreaks(text.emoji === false ? text.text : withEmoji(text.text));
}

const withBreaks = (text) => text.split("\n").flatMap((line, i) => (i ? [el("br"), line] : [line]));

/** Blocks as nodes; `context` as in elements.js, with `act` bound to the message or view. */
export function blocks(list, context) {
  return list.map((block) => {
    const build = BUILDERS[block.type];
    const bound = { ...context, act: context.act && ((spec, value, node) => context.act(block, spec, value, node)) };
    return build ? build(block, bound) : el("p", { class: "unsupported" }, `[${block.type} block]`);
  });
}

const header = (block) => el("h3", { class: "header" }, textObject(block.text));

function section(block, context) {
  const body = el("div", { class: "section-body" });
  if (block.text) body.append(el("div", { class: "section-text" }, textObject(block.text, context.names)));
  if (block.fields) {
    body.append(el("div", { class: "fields" }, block.fields.map((f) => el("div", {}, textObject(f, context.names)))));
  }
  return el("div", { class: "section" }, body, block.accessory && el("div", { class: "accessory" }, element(block.accessory, context)));
}

function contextBlock(block, context) {
  return el("div", { class: "context" }, block.elements.map((one) =>
    one.type === "image" ? element(one, context) : el("span", {}, textObject(one, context.names)),
  ));
}

const actions = (block, context) =>
  el("div", { class: "actions" }, block.elements.map((one) => element(one, context)));

function image(block, context) {
  const picture = el("img", { class: "picture", src: block.image_url ?? block.slack_file?.url, alt: block.alt_text, loading: "lazy" });
  return el("figure", {}, block.title && el("figcaption", { class: "muted" }, textObject(block.title, context.names)), picture);
}

function input(block, context) {
  const collect = (spec, read) => context.collect?.(spec, read, block);
  const control = element(block.element, { ...context, collect: context.collect && collect });
  const error = el("p", { class: "field-error", role: "alert", hidden: true, "data-error": block.block_id });
  const label = [textObject(block.label), block.optional && el("span", { class: "muted" }, " (optional)")];
  const several = control.classList.contains("ticks");
  return el("div", { class: "field" },
    several
      ? el("fieldset", {}, el("legend", { class: "label" }, label), control)
      : el("label", {}, el("span", { class: "label" }, label), control),
    block.hint && el("p", { class: "muted hint" }, textObject(block.hint)),
    error,
  );
}

function table(block, context) {
  const cell = (one) => (one.type === "rich_text" ? richText(one, context.names) : String(one.text ?? one.value ?? ""));
  const align = (column) => block.column_settings?.[column]?.align;
  const row = (cells, tag) => el("tr", {}, cells.map((one, i) => el(tag, { class: align(i) && `align-${align(i)}` }, cell(one))));
  const [first, ...rest] = block.rows;
  return el("div", { class: "table" }, el("table", {}, el("thead", {}, row(first, "th")), el("tbody", {}, rest.map((r) => row(r, "td")))));
}

const BUILDERS = {
  header,
  section,
  context: contextBlock,
  actions,
  image,
  input,
  table,
  divider: () => el("hr"),
  rich_text: (block, context) => richText(block, context.names),
  markdown: (block) => el("div", { class: "markdown" }, block.text),
};

/** Legacy attachments, with their bar of colour. */
export function attachment(one, context) {
  const names = context.names;
  const color = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" }[one.color] ?? (/^#?[0-9a-f]{6}$/i.test(one.color ?? "") ? `#${one.color.replace("#", "")}` : "#ddd");
  const body = el("div", { class: "attachment-body" });
  body.style.borderLeftColor = color;
  if (one.author_name) body.append(el("div", { class: "muted" }, one.author_name));
  if (one.title) body.append(el("div", { class: "attachment-title" }, mrkdwn(one.title_link ? `<${one.title_link}|${one.title}>` : one.title, names)));
  if (one.text) body.append(el("div", {}, mrkdwn(one.text, names)));
  if (one.fields) {
    body.append(el("div", { class: "fields" }, one.fields.map((f) =>
      el("div", { class: f.short ? "" : "wide" }, el("strong", {}, f.title ?? ""), el("br"), ...mrkdwn(f.value ?? "", names)))));
  }
  if (one.blocks) body.append(...blocks(one.blocks, context));
  if (one.image_url) body.append(el("img", { class: "picture", src: one.image_url, alt: one.fallback ?? "" }));
  if (one.footer) body.append(el("div", { class: "muted small" }, one.footer));
  if (!body.childNodes.length) body.append(one.fallback ?? "");
  return el("div", { class: "attachment" }, one.pretext && el("div", {}, mrkdwn(one.pretext, names)), body);
}
