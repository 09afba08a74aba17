// The page: keeps what one person sees up to date, and sends what they do.
import { blocks } from "./blocks.js";
import { composer } from "./composer.js";
import { confirmed, showView } from "./dialogs.js";
import { h, send } from "./dom.js";
import { clock, patch } from "./messages.js";
import { setWorld } from "./mrkdwn.js";
import { drawRecorded } from "./recorded.js";

const byId = (id) => document.getElementById(id);
const here = { user: sessionStorage.getItem("user") ?? "U0ONCALL", channel: "", thread: "", tab: "messages" };
const seen = {};
let world = null;
let busy = false;
let again = false;

// What people do.

async function use(where, item, blockId, value, opener) {
  if (!(await confirmed(item.confirm))) return;
  const message = where.view_id ? where : { ...where, channel: here.channel };
  opener?.setAttribute("aria-busy", "true");
  const answer = await send("ui/action", { user: here.user, ...message, block_id: blockId, action_id: item.action_id, value });
  opener?.removeAttribute("aria-busy");
  opener?.parentElement?.querySelector(":scope > .warning")?.remove();
  if (!answer.ok) {
    opener?.after(h("span", { class: "warning", role: "alert", title: answer.error }, "⚠ the app did not respond"));
  }
}

const act = {
  use,
  channel: () => here.channel,
  text: (ts) => world.channels.find((c) => c.id === here.channel)?.messages.find((m) => m.ts === ts)?.text ?? "",
  shortcut: (callbackId, ts) => send("ui/shortcut", { user: here.user, callback_id: callbackId, channel: here.channel, ts }),
  openThread: (ts) => go(here.channel, ts, true),
};

function go(channel, ts = "", thread = false) {
  location.hash = `${channel}${ts ? `/${ts}` : ""}${thread ? "/thread" : ""}`;
}

// What people see.

function channelName(channel) {
  return channel.is_direct ? world.app.name : `${channel.is_private ? "🔒" : "#"} ${channel.name}`;
}

function unread(channel) {
  const last = seen[`${here.user}/${channel.id}`] ?? 0;
  return channel.messages.filter((message) => Number(message.ts) > last && message.user !== here.user).length;
}

function entry(channel) {
  const count = channel.id === here.channel ? 0 : unread(channel);
  return h("li", {}, h("a", {
    href: `#${channel.id}`, dataset: { channel: channel.id },
    "aria-current": channel.id === here.channel ? "page" : null, class: count ? "unread" : null,
  }, h("span", {}, channelName(channel)), count ? h("span", { class: "count", "aria-label": `${count} new` }, String(count)) : null));
}

function draw() {
  setWorld(world);
  const channel = world.channels.find((c) => c.id === here.channel) ?? world.channels[0];
  here.channel = channel.id;
  seen[`${here.user}/${channel.id}`] = Math.max(0, ...channel.messages.map((m) => Number(m.ts)));
  byId("channels").replaceChildren(...world.channels.filter((c) => !c.is_direct).map(entry));
  byId("apps").replaceChildren(...world.channels.filter((c) => c.is_direct).map(entry));
  byId("where").textContent = channelName(channel);
  byId("topic").textContent = channel.is_direct ? "Messages with the app" : channel.topic;
  byId("link").textContent = world.connected ? "The bot is connected." : "The bot is not connected.";
  byId("link").dataset.connected = String(world.connected);
  drawPeople();
  drawRefused();
  drawMessages(channel);
  drawHome(channel);
  drawThread(channel);
  drawRecorded(byId("recorded"), world.recorded, refresh);
  main.offer(world, channel);
  showView(world.view, here.user, use);
}

function drawRefused() {
  const node = byId("refused");
  node.hidden = world.refused.length === 0;
  node.querySelector("summary").textContent = `Refused calls (${world.refused.length})`;
  node.querySelector("ul").replaceChildren(...world.refused.toReversed().map((call) => h("li", {},
    h("strong", {}, call.method), ` ${call.error} · ${clock(call.at)}`, call.messages.map((text) => h("small", {}, text)))));
}

function drawPeople() {
  const people = Object.entries(world.users).filter(([, user]) => !user.is_bot);
  const select = byId("acting-as");
  if (select.options.length !== people.length) {
    select.replaceChildren(...people.map(([id, user]) => h("option", { value: id }, user.real_name)));
  }
  select.value = here.user;
}

function drawMessages(channel) {
  const list = byId("messages");
  const top = channel.messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.broadcast);
  list.setAttribute("aria-label", `Messages in ${channel.is_direct ? world.app.name : channel.name}`);
  if (top.length) patch(list, top, act, false);
  else list.replaceChildren(welcome(channel));
}

function welcome(channel) {
  const command = world.app.commands[0];
  const examples = command ? [`${command.name} help`, `${command.name} diagnose`] : [];
  const offer = (text) => h("button", { type: "button", onclick: () => main.fill(text) }, text);
  return h("div", { class: "welcome" },
    h("h3", {}, channel.is_direct ? `This is where ${world.app.name} writes to you.` : `This is the start of #${channel.name}.`),
    channel.has_app
      ? [h("p", {}, "Type a command below, or paste an error message and choose ",
        h("em", {}, world.app.shortcuts[0]?.name ?? "a shortcut"), " from its menu."),
      h("div", { class: "actions" }, examples.map(offer))]
      : h("p", {}, `${world.app.name} has not been invited to this channel, so it can see and post nothing here. What you ask is answered in its messages to you, under Apps.`));
}

function drawHome(channel) {
  const has = channel.is_direct && world.app.home_tab;
  byId("tabs").hidden = !has;
  const atHome = has && here.tab === "home";
  byId("tab-home").setAttribute("aria-selected", String(atHome));
  byId("tab-messages").setAttribute("aria-selected", String(!atHome));
  byId("home").hidden = !atHome;
  byId("messages").hidden = atHome;
  byId("composer").hidden = atHome;
  const signature = JSON.stringify(world.home?.hash ?? null);
  if (atHome && byId("home").signature !== signature) {
    byId("home").signature = signature;
    const context = world.home && {
      scope: world.home.id, values: world.home.state.values,
      use: (item, blockId, value, opener) => use({ view_id: world.home.id }, item, blockId, value, opener),
    };
    byId("home").replaceChildren(world.home
      ? h("div", { class: "content" }, blocks(world.home.blocks, context))
      : h("div", { class: "welcome" }, h("p", {}, "The app has not published a home view.")));
  }
}

function drawThread(channel) {
  const first = channel.messages.find((m) => m.ts === here.thread);
  const closed = !first;
  if (byId("thread").hidden !== closed) byId("thread").hidden = closed;
  byId("shell").classList.toggle("with-thread", !closed);
  if (closed) return;
  byId("thread-where").textContent = channelName(channel);
  patch(byId("replies"), [first, ...channel.messages.filter((m) => m.thread_ts === first.ts && m.ts !== first.ts)], act, true);
}

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const response = await fetch(`ui/state?user=${encodeURIComponent(here.user)}`);
    if (response.ok) { world = await response.json(); draw(); }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  } finally {
    busy = false;
    if (again) { again = false; setTimeout(refresh, 60); }
  }
}

function follow() {
  const [channel, ts, thread] = decodeURIComponent(location.hash.slice(1)).split("/");
  here.channel = channel || here.channel;
  here.thread = thread ? ts : "";
  closeSidebar();
  if (!world) return;
  draw();
  if (ts && !thread) {
    const node = byId(`message-${ts}`);
    node?.scrollIntoView({ block: "center" });
    node?.classList.add("found");
  }
  if (thread) byId("reply-text").focus({ preventScroll: true });
}

function closeSidebar() {
  byId("shell").classList.remove("with-sidebar");
  byId("open-sidebar").setAttribute("aria-expanded", "false");
}

// Wiring.

const write = (list, thread) => (text, file) => {
  // Whoever writes wants to see the answer, wherever they had scrolled to.
  byId(list).scrollTop = byId(list).scrollHeight;
  return send("ui/message", { user: here.user, channel: here.channel, text, file, thread_ts: thread() });
};
const main = composer(byId("composer"), byId("composer-text"), write("messages", () => ""), byId("commands"), (callbackId) => act.shortcut(callbackId, ""));
composer(byId("reply"), byId("reply-text"), write("replies", () => here.thread));

byId("acting-as").addEventListener("change", (event) => {
  here.user = event.target.value;
  sessionStorage.setItem("user", here.user);
  byId("messages").replaceChildren();
  refresh();
});
byId("close-thread").addEventListener("click", () => go(here.channel));
byId("open-sidebar").addEventListener("click", () => {
  const open = byId("shell").classList.toggle("with-sidebar");
  byId("open-sidebar").setAttribute("aria-expanded", String(open));
});
for (const tab of ["home", "messages"]) {
  byId(`tab-${tab}`).addEventListener("click", () => {
    here.tab = tab;
    if (tab === "home") send("ui/home", { user: here.user });
    draw();
  });
}
document.addEventListener("pointerdown", (event) => {
  const inside = byId("sidebar").contains(event.target) || byId("open-sidebar").contains(event.target);
  if (!inside) closeSidebar();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSidebar();
  if (event.key === "Escape" && here.thread && !document.querySelector("dialog[open]")) go(here.channel);
});
window.addEventListener("hashchange", follow);
follow();
const events = new EventSource("ui/events");
events.onmessage = refresh;
events.onerror = () => {
  byId("link").textContent = "The playground has stopped; this page reconnects by itself.";
  byId("link").dataset.connected = "false";
};
