// The recorded nodes: how they stand, and what a person would do on them. Nobody has a shell there, so it is simulated.
import { h, send } from "./dom.js";

export function drawRecorded(panel, recorded, refresh) {
  panel.hidden = !recorded;
  if (!recorded) return;
  // A press under way must not lose its button.
  const signature = JSON.stringify(recorded);
  if (panel.signature === signature) return;
  panel.signature = signature;
  // What was said of a step is of no use at the next one.
  const steps = recorded.offers.map((offer) => offer.id).join();
  if (panel.dataset.steps !== steps) panel.querySelector("[role=status]").textContent = "";
  panel.dataset.steps = steps;
  panel.querySelector("ul").replaceChildren(...recorded.nodes.map((line) => h("li", {}, line)));
  panel.querySelector(".offers").replaceChildren(
    ...recorded.offers.map((offer) => entry(panel, offer, refresh)),
    h("p", {}, h("button", { type: "button", onclick: pressed(panel, recorded.switch.id, refresh) }, recorded.switch.title)));
}

function pressed(panel, id, refresh) {
  return async (event) => {
    event.target.setAttribute("aria-busy", "true");
    const answer = await send("ui/recorded", { offer: id });
    event.target.removeAttribute("aria-busy");
    panel.querySelector("[role=status]").textContent = answer.said ?? answer.error;
    refresh();
  };
}

function entry(panel, offer, refresh) {
  if (!offer.modelled) return h("p", { class: "quiet" }, `${offer.title}: what this does is not modelled.`);
  return h("p", {}, `${offer.title}: `,
    h("button", { type: "button", onclick: pressed(panel, offer.id, refresh) }, "Do it on the recorded nodes (simulated)"));
}
