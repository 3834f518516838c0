import { el } from "./dom.js";
import { withEmoji } from "./emoji.js";

/*
 * The elements that a person acts on. `context` is
 *   names    what people and channels are called, and their lists
 *   act      (element, value, node) => Promise: what happens on a click; absent where values are only collected
 *   collect  (element, read) => void: in a modal, how the value is read at submission
 *   confirm  (dialog) => Promise<boolean>
 */
export function element(spec, context) {
  const build = BUILDERS[spec.type];
  return build ? build(spec, context) : el("span", { class: "unsupported" }, `[${spec.type}]`);
}

const shown = (text) => (text ? withEmoji(text.text) : "");
const optionsOf = (spec) => spec.options ?? (spec.option_groups ?? []).flatMap((group) => group.options);

async function perform(spec, value, node, context) {
  if (!context.act) return;
  if (spec.confirm && !(await context.confirm(spec.confirm))) return;
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  try {
    await context.act(spec, value, node);
  } finally {
    node.classList.remove("busy");
    node.removeAttribute("aria-busy");
  }
}

function button(spec, context) {
  const attributes = {
    class: `button ${spec.style ?? ""}`,
    "data-action": spec.action_id,
    "aria-label": spec.accessibility_label,
  };
  if (spec.url && /^https?:/i.test(spec.url)) {
    const node = el("a", { ...attributes, href: spec.url, target: "_blank", rel: "noopener noreferrer" }, shown(spec.text));
    node.addEventListener("click", () => void perform({ ...spec, confirm: undefined }, undefined, node, context));
    return node;
  }
  const node = el("button", { ...attributes, type: "button" }, shown(spec.text));
  node.addEventListener("click", () => void perform(spec, spec.value, node, context));
  return node;
}

function choiceList(spec, context, options, initial) {
  const node = el("select", {
    class: "select",
    "data-action": spec.action_id,
    "aria-label": shown(spec.placeholder) || spec.action_id,
  });
  node.append(el("option", { value: "", disabled: Boolean(context.act), hidden: Boolean(context.act) }, shown(spec.placeholder) || "Choose…"));
  node.append(...options);
  node.value = initial ?? "";
  node.addEventListener("change", () => void perform(spec, node.value, node, context));
  context.collect?.(spec, () => node.value || null);
  return node;
}

const option = (value, label) => el("option", { value }, label);

function staticSelect(spec, context) {
  const one = (o) => option(o.value, shown(o.text));
  const options = spec.option_groups
    ? spec.option_groups.map((group) => el("optgroup", { label: shown(group.label) }, group.options.map(one)))
    : optionsOf(spec).map(one);
  return choiceList(spec, context, options, spec.initial_option?.value);
}

const usersSelect = (spec, context) =>
  choiceList(spec, context, context.names.users().map((u) => option(u.id, u.real_name)), spec.initial_user);
const channelsSelect = (spec, context) =>
  choiceList(
    spec,
    context,
    context.names.channels().map((c) => option(c.id, `#${c.name}`)),
    spec.initial_channel ?? spec.initial_conversation,
  );

function overflow(spec, context) {
  const menu = el("div", { class: "menu", role: "menu", hidden: true });
  const opener = el("button", {
    class: "button overflow",
    type: "button",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    "aria-label": "More actions",
    "data-action": spec.action_id,
  }, "⋯");
  const open = (yes) => {
    menu.hidden = !yes;
    opener.setAttribute("aria-expanded", String(yes));
    if (yes) menu.firstElementChild.focus();
  };
  for (const one of spec.options) {
    const item = el("button", { type: "button", role: "menuitem", "data-value": one.value }, shown(one.text));
    item.addEventListener("click", () => {
      open(false);
      if (one.url && /^https?:/i.test(one.url)) window.open(one.url, "_blank", "noopener");
      void perform(spec, one.value, opener, context);
    });
    menu.append(item);
  }
  menu.addEventListener("keydown", (event) => moveInMenu(event, menu, () => (open(false), opener.focus())));
  opener.addEventListener("click", () => open(menu.hidden));
  const whole = el("span", { class: "with-menu" }, opener, menu);
  whole.addEventListener("focusout", (event) => {
    if (!whole.contains(event.relatedTarget)) open(false);
  });
  return whole;
}

function moveInMenu(event, menu, close) {
  const items = [...menu.children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") close();
  else if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
  else return;
  event.preventDefault();
}

function ticks(kind, initial) {
  return (spec, context) => {
    const name = `${spec.action_id}-${Math.random()}`;
    const chosen = new Set([initial(spec) ?? []].flat().map((o) => o.value));
    const group = el("div", { class: "ticks", role: kind === "radio" ? "radiogroup" : "group", "data-action": spec.action_id });
    for (const o of optionsOf(spec)) {
      const input = el("input", { type: kind, name, value: o.value, checked: chosen.has(o.value) });
      group.append(el("label", {}, input, shown(o.text), o.description && el("small", { class: "muted" }, shown(o.description))));
    }
    const values = () => [...group.querySelectorAll(":checked")].map((input) => input.value);
    const read = () => (kind === "radio" ? values()[0] ?? null : values());
    group.addEventListener("change", () => void perform(spec, read(), group, context));
    context.collect?.(spec, read);
    return group;
  };
}

function typing(kind) {
  return (spec, context) => {
    const node = el(spec.multiline ? "textarea" : "input", {
      class: "input",
      type: spec.multiline ? undefined : kind,
      rows: spec.multiline ? 4 : undefined,
      placeholder: shown(spec.placeholder),
      maxlength: spec.max_length,
      "data-action": spec.action_id,
    });
    node.value = spec.initial_value ?? spec.initial_date ?? spec.initial_time ?? "";
    const read = () => node.value || null;
    if (kind === "date" || kind === "time") node.addEventListener("change", () => void perform(spec, read(), node, context));
    context.collect?.(spec, read);
    return node;
  };
}

function moment(spec, context) {
  const node = el("input", { class: "input", type: "datetime-local", "data-action": spec.action_id });
  const read = () => (node.value ? Math.round(new Date(node.value).getTime() / 1000) : null);
  node.addEventListener("change", () => void perform(spec, read(), node, context));
  context.collect?.(spec, read);
  return node;
}

const image = (spec) =>
  el("img", { class: "thumb", src: spec.image_url ?? spec.slack_file?.url, alt: spec.alt_text, loading: "lazy" });

const BUILDERS = {
  button,
  overflow,
  image,
  static_select: staticSelect,
  users_select: usersSelect,
  channels_select: channelsSelect,
  conversations_select: channelsSelect,
  checkboxes: ticks("checkbox", (spec) => spec.initial_options),
  multi_static_select: ticks("checkbox", (spec) => spec.initial_options),
  radio_buttons: ticks("radio", (spec) => spec.initial_option),
  datepicker: typing("date"),
  timepicker: typing("time"),
  datetimepicker: moment,
  plain_text_input: typing("text"),
  email_text_input: typing("email"),
  url_text_input: typing("url"),
  number_input: typing("number"),
};
