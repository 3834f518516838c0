import { blocks, textObject } from "./blocks.js";
import { byId, el } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** Ask before a button with `confirm`; resolves to what the person chose. */
export function confirmDialog(spec, names) {
  return new Promise((resolve) => {
    const style = spec.style === "danger" ? "danger" : "primary";
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "confirm-title" },
      el("h2", { id: "confirm-title" }, textObject(spec.title)),
      el("p", {}, spec.text.type === "mrkdwn" ? mrkdwn(spec.text.text, names) : textObject(spec.text)),
      el("form", { method: "dialog", class: "dialog-buttons" },
        el("button", { class: "button", value: "no" }, textObject(spec.deny)),
        el("button", { class: `button ${style}`, value: "yes", "data-confirm": "yes" }, textObject(spec.confirm))));
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    byId("dialogs").append(dialog);
    dialog.showModal();
  });
}

let shown = null;

/** Show the modal on top of the person's stack, or none. */
export function showModal(view, context) {
  if (shown && view && shown.dataset.hash === view.hash) return;
  shown?.remove();
  shown = view ? modal(view, context) : null;
  if (!shown) return;
  byId("dialogs").append(shown);
  shown.showModal();
}

function modal(view, context) {
  const readers = new Map();
  const bound = {
    ...context,
    act: (block, spec, value) => (dispatches(block, spec) ? context.actOnView(view, spec, value) : undefined),
    collect: (spec, read, block) => readers.set(spec.action_id, { read, block }),
  };
  const close = () => context.closeView(view);
  const form = el("form", { class: "modal-form" },
    el("header", { class: "bar" }, el("h2", { id: "modal-title" }, textObject(view.title)),
      el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: close }, "✕")),
    el("div", { class: "modal-body" }, blocks(view.blocks, bound)),
    el("footer", { class: "dialog-buttons" },
      el("button", { type: "button", class: "button", onclick: close }, view.close ? textObject(view.close) : "Close"),
      view.submit && el("button", { class: "button primary", "data-submit": "yes" }, textObject(view.submit))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...readers].map(([id, { read }]) => [id, read()]));
    const missing = [...readers].filter(([id, { block }]) => block && !block.optional && isEmpty(values[id]));
    const errors = Object.fromEntries(missing.map(([, { block }]) => [block.block_id, "Please complete this field."]));
    if (!missing.length) Object.assign(errors, (await context.submitView(view, values)).ack_payload?.errors);
    showErrors(form, errors);
  });
  const dialog = el("dialog", { class: "dialog modal", "aria-labelledby": "modal-title", "data-hash": view.hash }, form);
  dialog.addEventListener("cancel", close);
  return dialog;
}

// An input block only reports when it is left, unless it asks to be dispatched at once.
const dispatches = (block) => block.type !== "input" || block.dispatch_action;

const isEmpty = (value) => value === null || value === undefined || value.length === 0;

function showErrors(form, errors) {
  for (const place of form.querySelectorAll("[data-error]")) {
    place.textContent = errors[place.dataset.error] ?? "";
    place.hidden = !place.textContent;
  }
}
