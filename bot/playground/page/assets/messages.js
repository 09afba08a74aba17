// One message as people see it, and a list of them that is patched in place.
import { blocks } from "./blocks.js";
import { h, link, morph } from "./dom.js";
import { openMenu } from "./menu.js";
import { getWorld, mrkdwn } from "./mrkdwn.js";

export function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

function hue(text) {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
}

function avatar(user) {
  if (user.app) return h("img", { class: "avatar", src: "icon.svg", alt: "", width: "36", height: "36" });
  const letters = user.real_name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
  const node = h("span", { class: "avatar", "aria-hidden": "true" }, letters);
  node.style.setProperty("--hue", hue(user.name));
  return node;
}

function picture(item) {
  // By its path: the page may load nothing from elsewhere, and one host has several names.
  const { pathname } = new URL(item.permalink);
  return h("figure", { class: "picture" },
    h("a", { href: pathname, target: "_blank", rel: "noopener" },
      h("img", { src: pathname, alt: item.alt_txt || item.title, loading: "lazy" })),
    h("figcaption", {}, link(item.permalink, item.title)));
}

function file(item) {
  if (item.mimetype === "image/png") return picture(item);
  return h("div", { class: "file" }, h("span", { "aria-hidden": "true" }, "📄"),
    h("div", {}, link(item.permalink, item.title), h("small", {}, `${item.name} · ${item.size.toLocaleString()} bytes`)));
}

function content(message, act) {
  const context = {
    scope: message.ts, values: message.selected,
    use: (item, blockId, value, opener) => act.use({ ts: message.ts }, item, blockId, value, opener),
  };
  return [
    message.blocks?.length ? blocks(message.blocks, context)
      : message.text ? h("div", { class: "text" }, mrkdwn(message.text)) : null,
    (message.attachments ?? []).map((item) => h("div", { class: "attachment" },
      item.blocks ? blocks(item.blocks, context) : h("div", { class: "text" }, mrkdwn(item.text ?? item.fallback ?? "")))),
    message.files?.length ? h("div", { class: "files" }, message.files.map(file)) : null,
    message.edited ? h("small", { class: "edited", title: `edited at ${clock(message.edited.ts)}` }, "(edited)") : null,
    message.reactions?.length
      ? h("div", { class: "reactions" }, message.reactions.map((r) => h("span", {}, mrkdwn(`:${r.name}:`), ` ${r.count}`))) : null,
  ];
}

function tools(message, act, inThread) {
  const { app } = getWorld();
  const shortcuts = app.shortcuts.filter((shortcut) => shortcut.kind === "message").map((shortcut) => ({
    label: shortcut.name, hint: app.name, act: () => act.shortcut(shortcut.callback_id, message.ts),
  }));
  const copy = { label: "Copy text", act: () => navigator.clipboard?.writeText(act.text(message.ts)) };
  return h("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" },
    inThread || message.is_ephemeral ? null
      : h("button", { type: "button", onclick: () => act.openThread(message.thread_ts ?? message.ts) }, "Reply"),
    message.is_ephemeral ? null : h("button", {
      type: "button", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false",
      onclick: (event) => openMenu(event.currentTarget, [...shortcuts, copy]),
    }, "⋯"));
}

function render(message, act, inThread) {
  const world = getWorld();
  const user = { ...world.users[message.user], app: message.user === world.bot };
  const pinged = /<!(channel|here|everyone)[>|]/.test(message.text) && !message.is_ephemeral;
  return h("article", {
    class: "message", id: `${inThread ? "reply" : "message"}-${message.ts}`,
    "aria-label": `${user.real_name}, ${clock(message.ts)}`,
    dataset: { ts: message.ts, user: message.user, ephemeral: String(Boolean(message.is_ephemeral)), ping: String(pinged) },
  },
    message.is_ephemeral ? h("p", { class: "only-you" }, "👁 Only visible to you") : null,
    avatar(user),
    h("div", { class: "content" },
      h("p", { class: "by" },
        h("strong", {}, user.real_name), user.is_bot ? h("span", { class: "badge" }, "APP") : null,
        h("a", { class: "when", href: `#${act.channel()}/${message.ts}`, title: new Date(message.ts * 1000).toLocaleString() }, clock(message.ts))),
      message.broadcast && !inThread ? h("p", { class: "quiet" }, "also sent to the channel from a thread") : null,
      content(message, act),
      message.reply_count && !inThread
        ? h("button", { type: "button", class: "replies", onclick: () => act.openThread(message.ts) },
          message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`,
          h("span", { class: "quiet" }, ` last at ${clock(message.latest_reply)}`))
        : null),
    tools(message, act, inThread));
}

// Patches a list: only what changed is touched.
export function patch(list, messages, act, inThread) {
  const what = `${act.channel()}/${inThread ? messages[0].ts : ""}`;
  const stuck = list.dataset.shows !== what || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  list.dataset.shows = what;
  const before = new Map([...list.querySelectorAll(":scope > .message")].map((node) => [node.dataset.ts, node]));
  const nodes = messages.map((message) => {
    const signature = JSON.stringify(message);
    const known = before.get(message.ts);
    if (known?.signature === signature) return known;
    const node = render(message, act, inThread);
    if (!known) return Object.assign(node, { signature });
    const active = known.contains(document.activeElement) ? document.activeElement : null;
    morph(known, node);
    if (active && !active.isConnected) refocus(known, active);
    return Object.assign(known, { signature });
  });
  if (nodes.length !== list.children.length || nodes.some((node, index) => list.children[index] !== node)) {
    list.replaceChildren(...nodes);
  }
  if (stuck) list.scrollTop = list.scrollHeight;
}

function refocus(node, active) {
  const { blockId, actionId } = active.closest("[data-action-id]")?.dataset ?? {};
  if (!actionId) return;
  node.querySelector(`[data-block-id="${CSS.escape(blockId)}"][data-action-id="${CSS.escape(actionId)}"]`)?.focus();
}
