// Where people type: Enter sends, Shift+Enter starts a line, a slash offers the app's commands and global shortcuts.
import { h } from "./dom.js";

const bytes = (file) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done({ name: file.name, content: reader.result.split(",")[1] ?? "" });
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(file);
});

export function composer(form, area, write, offers = null, use = null) {
  const attach = form.querySelector("input[type=file]");
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
    const chosen = attach?.files[0];
    if (!text.trim() && !chosen) return;
    const file = chosen ? await bytes(chosen).catch(() => null) : null;
    fill("");
    if (attach) attach.value = "";
    const answer = await write(text, file).catch(() => ({ ok: false, error: "unreachable" }));
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
