// Modals of the app, and the confirmation that an element may ask for.
import { blocks } from "./blocks.js";
import { h, send } from "./dom.js";
import { collect } from "./elements.js";
import { plain, withEmoji } from "./mrkdwn.js";

const modal = document.getElementById("modal");
const dialog = document.getElementById("confirm");
let shown = "";
let current = null;

export function confirmed(confirm) {
  if (!confirm) return Promise.resolve(true);
  return new Promise((resolve) => {
    const answer = (value) => () => { dialog.close(); resolve(value); };
    dialog.replaceChildren(
      h("header", {}, h("h2", { id: "confirm-title" }, withEmoji(confirm.title.text))),
      h("div", { class: "body" }, h("div", { class: "text" }, plain(confirm.text))),
      h("footer", {},
        h("button", { type: "button", onclick: answer(false) }, withEmoji(confirm.deny.text)),
        h("button", { type: "button", class: confirm.style ?? "primary", onclick: answer(true) }, withEmoji(confirm.confirm.text))));
    dialog.oncancel = answer(false);
    dialog.showModal();
  });
}

// What was typed but not yet submitted survives an update of the view, as in Slack, where IDs stay the same.
function typed() {
  const values = modal.open ? collect(modal) : {};
  return (node) => {
    const value = values[node.dataset.blockId]?.[node.dataset.actionId];
    if (typeof value === "string" && "value" in node && node.tagName !== "DIV" && node.type !== "datetime-local") node.value = value;
  };
}

async function act(work) {
  for (const button of modal.querySelectorAll("footer button")) button.disabled = true;
  modal.setAttribute("aria-busy", "true");
  await work();
  modal.removeAttribute("aria-busy");
  for (const button of modal.querySelectorAll("footer button")) button.disabled = false;
}

function close(me) {
  return () => act(() => send("ui/close", { user: me, view_id: current.id }));
}

function submit(me) {
  return (event) => {
    event.preventDefault();
    act(() => send("ui/view", { user: me, view_id: current.id, values: collect(modal) }));
  };
}

export function showView(view, me, use) {
  if (!view) {
    shown = "";
    current = null;
    if (modal.open) modal.close();
    return;
  }
  const signature = JSON.stringify([view.id, view.hash, view.errors, view.trouble]);
  if (signature === shown) return;
  const restore = current?.id === view.id ? typed() : () => undefined;
  shown = signature;
  current = view;
  const context = {
    scope: view.id, values: view.state.values, errors: view.errors,
    use: (item, blockId, value, opener) => use({ view_id: view.id }, item, blockId, value, opener),
  };
  const closeLabel = view.close ? withEmoji(view.close.text) : view.previous_view_id ? "Back" : "Cancel";
  modal.replaceChildren(h("form", { onsubmit: submit(me), novalidate: true, dataset: { viewId: view.id, callbackId: view.callback_id } },
    h("header", {},
      h("h2", { id: "modal-title", tabindex: "-1", autofocus: true }, withEmoji(view.title.text)),
      h("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close(me) }, "✕")),
    h("div", { class: "body" },
      view.trouble ? h("p", { class: "error", role: "alert" }, view.trouble) : null,
      blocks(view.blocks, context)),
    h("footer", {},
      h("button", { type: "button", onclick: close(me) }, closeLabel),
      view.submit ? h("button", { type: "submit", class: "primary" }, withEmoji(view.submit.text)) : null)));
  modal.querySelectorAll("[data-action-id]").forEach(restore);
  modal.oncancel = (event) => { event.preventDefault(); close(me)(); };
  if (!modal.open) modal.showModal();
}
