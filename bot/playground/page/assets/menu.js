// One popup menu for overflow elements and messages; keyboard and screen readers included.
import { h } from "./dom.js";

const menu = document.getElementById("menu");
let opener = null;

export function closeMenu(focus = false) {
  if (menu.hidden) return;
  menu.hidden = true;
  opener?.setAttribute("aria-expanded", "false");
  if (focus) opener?.focus();
  opener = null;
}

export function openMenu(button, items) {
  const again = opener === button;
  closeMenu();
  if (again) return;
  opener = button;
  menu.replaceChildren(...items.map((item) => h("button", {
    type: "button", role: "menuitem", tabindex: "-1",
    onclick: () => { closeMenu(true); item.act(button); },
  }, item.label, item.hint ? h("small", {}, item.hint) : null)));
  button.setAttribute("aria-expanded", "true");
  // A modal dialog makes everything outside it inert, so the menu moves to where its button is.
  (button.closest("dialog") ?? document.body).append(menu);
  menu.hidden = false;
  const at = button.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight + 8 < window.innerHeight;
  menu.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - menu.offsetHeight - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - menu.offsetWidth - 8))}px`;
  menu.firstElementChild?.focus();
}

menu.addEventListener("keydown", (event) => {
  const items = [...menu.children];
  const now = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items[(now + step + items.length) % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
  else return;
  event.preventDefault();
  event.stopPropagation();
});
document.addEventListener("pointerdown", (event) => {
  if (!menu.contains(event.target) && !opener?.contains(event.target)) closeMenu();
});
// Not on "scroll": a list that follows new messages scrolls by itself, and must not close what a person opened.
for (const moved of ["wheel", "touchmove"]) {
  document.addEventListener(moved, (event) => { if (!menu.contains(event.target)) closeMenu(); }, { passive: true });
}
