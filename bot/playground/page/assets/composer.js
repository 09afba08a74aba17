// Where people type: Enter sends, Shift+Enter starts a line, a slash offers the app's commands.
import { h } from "./dom.js";

export function composer(form, area, write, offers = null) {
  let commands = [];

  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  };

  const offer = () => {
    if (!offers) return;
    const typed = area.value;
    const fitting = typed.startsWith("/") && !typed.includes("\n")
      ? commands.filter((command) => command.name.startsWith(typed.split(" ")[0])) : [];
    offers.hidden = fitting.length === 0;
    offers.replaceChildren(...fitting.map((command) => h("button", {
      type: "button", onclick: () => fill(`${command.name} `),
    }, h("strong", {}, command.name), " ", h("code", {}, command.usage_hint), h("small", {}, command.description))));
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
      area.placeholder = `Message ${channel.is_direct ? world.app.name : `#${channel.name}`}`;
      document.getElementById("composer-label").textContent = area.placeholder;
      offer();
    },
  };
}
