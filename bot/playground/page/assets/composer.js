// Where people type: Enter sends, Shift+Enter starts a line, a slash offers the app's commands and global shortcuts.
import { h } from "./dom.js";

export function composer(form, area, write, offers = null, use = null) {
  let commands = [];
  let shortcuts = [];

  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  };

  const offer = () => {
    if (!offers) return;
    const typed = area.value;
    const fitting = typed.startsWith("/") && !typed.includes("\n")
      ? commands.filter((command) => command.name.startsWith(typed.split(" ")[0])) : [];
    const global = typed === "/" ? shortcuts : [];
    offers.hidden = fitting.length + global.length === 0;
    offers.replaceChildren(...fitting.map((command) => h("button", {
      type: "button", onclick: () => fill(`${command.name} `),
    }, h("strong", {}, command.name), " ", h("code", {}, command.usage_hint), h("small", {}, command.description))),
    ...global.map((shortcut) => h("button", {
      type: "button", onclick: () => { fill(""); use(shortcut.callback_id); },
    }, h("strong", {}, shortcut.name), h("small", {}, "Shortcut"))));
  };

  const fill = (text) => {
    area.value = text;
    area.focus();
    area.setSelectionRange(text.length, text.length);
    fit();
    offer();
  };

  const submit = async () => {
    const text = area.value;
    if (!text.trim()) return;
    fill("");
    const answer = await write(text).catch(() => ({ ok: false, error: "unreachable" }));
    // A failed command tells the person itself; only text that never arrived comes back.
    if (["unreachable", "channel_not_found"].includes(answer.error) && !area.value) fill(text);
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  area.addEventListener("input", () => { fit(); offer(); });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });

  return {
    fill,
    offer: (world, channel) => {
      commands = world.app.commands;
      shortcuts = world.app.shortcuts.filter((shortcut) => shortcut.kind === "global");
      area.placeholder = `Message ${channel.is_direct ? world.app.name : `#${channel.name}`}`;
      document.getElementById("composer-label").textContent = area.placeholder;
      offer();
    },
  };
}
