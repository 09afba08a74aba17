// Block Kit's interactive elements. Each control knows how to read itself, and says when a person used it.
import { h } from "./dom.js";
import { openMenu } from "./menu.js";
import { getWorld, plain, withEmoji } from "./mrkdwn.js";

const label = (object) => withEmoji(object.text);

// A control: an element with `read()`.
function control(element, blockId, node, read) {
  node.dataset.blockId = blockId;
  node.dataset.actionId = element.action_id;
  node.dataset.kind = element.type;
  node.dataset.about = JSON.stringify(element); // so that a control is replaced when anything about it changes
  node.read = read;
  return node;
}

function state(element, blockId, context) {
  return context.values?.[blockId]?.[element.action_id] ?? {};
}

function button(element, blockId, context) {
  const act = (event) => {
    if (element.url) window.open(element.url, "_blank", "noopener,noreferrer");
    context.use(element, blockId, undefined, event.currentTarget);
  };
  const node = h("button", {
    type: "button", class: element.style ?? null, onclick: act, "aria-label": element.accessibility_label,
  }, label(element.text));
  return control(element, blockId, node, () => null);
}

function iconButton(element, blockId, context) {
  const act = (event) => context.use(element, blockId, undefined, event.currentTarget);
  const name = element.accessibility_label ?? element.text.text;
  return control(element, blockId, h("button", { type: "button", onclick: act, "aria-label": name, title: name }, "🗑"), () => null);
}

function feedback(element, blockId, context) {
  const one = (side, sign) => h("button", {
    type: "button", "aria-label": element[`${side}_button`].text.text, title: element[`${side}_button`].text.text,
    onclick: (event) => context.use(element, blockId, side, event.currentTarget),
  }, sign);
  const node = h("span", { class: "feedback" }, one("positive", "👍"), one("negative", "👎"));
  return control(element, blockId, node, () => null);
}

function overflow(element, blockId, context) {
  const choose = (option, opener) => {
    if (option.url) window.open(option.url, "_blank", "noopener,noreferrer");
    context.use(element, blockId, option.value, opener);
  };
  const node = h("button", {
    type: "button", class: "overflow", "aria-label": "More options", "aria-haspopup": "menu", "aria-expanded": "false",
    onclick: (event) => openMenu(event.currentTarget, element.options.map((option) => ({
      label: label(option.text), hint: option.description && label(option.description),
      act: (opener) => choose(option, opener),
    }))),
  }, "⋯");
  return control(element, blockId, node, () => null);
}

const option = (chosen) => (item) =>
  h("option", { value: item.value, selected: chosen.includes(item.value) }, label(item.text));

function choices(element, chosen) {
  const groups = (element.option_groups ?? []).map((group) =>
    h("optgroup", { label: label(group.label) }, group.options.map(option(chosen))));
  return [...(element.options ?? []).map(option(chosen)), ...groups];
}

const peopleAndPlaces = {
  users: () => Object.entries(getWorld().users).map(([value, user]) => ({ value, text: { text: user.real_name } })),
  channels: () => getWorld().channels.filter((c) => !c.is_private).map((c) => ({ value: c.id, text: { text: `#${c.name}` } })),
  conversations: () => getWorld().channels.map((c) => ({ value: c.id, text: { text: c.is_direct ? "Direct message" : `#${c.name}` } })),
};

function select(element, blockId, context) {
  const [, many, source] = element.type.match(/^(multi_)?(.*)_select$/);
  const offered = peopleAndPlaces[source] ? { options: peopleAndPlaces[source]() } : element;
  const known = state(element, blockId, context);
  const key = { static: "option", users: "user", channels: "channel", conversations: "conversation" }[source];
  const first = known[`selected_${key}${many ? "s" : ""}`] ?? element[`initial_${key}${many ? "s" : ""}`];
  const chosen = [first ?? []].flat().map((item) => item.value ?? item);
  const prompt = element.placeholder ? label(element.placeholder) : "Choose…";
  const node = h("select", {
    multiple: Boolean(many), "aria-label": context.label ?? prompt, size: many ? "4" : null,
    onchange: (event) => context.use(element, blockId, node.read(), event.currentTarget),
  }, many ? null : h("option", { value: "", selected: chosen.length === 0 }, prompt), choices(offered, chosen));
  const read = many ? () => [...node.selectedOptions].map((item) => item.value) : () => node.value || null;
  return control(element, blockId, node, read);
}

function boxes(element, blockId, context) {
  const radio = element.type === "radio_buttons";
  const known = state(element, blockId, context);
  const first = known.selected_options ?? known.selected_option ?? element.initial_options ?? element.initial_option ?? [];
  const chosen = [first].flat().map((item) => item.value);
  const group = `${blockId}/${element.action_id}/${context.scope}`;
  const node = h("div", { class: "boxes", role: radio ? "radiogroup" : "group", "aria-label": context.label },
    element.options.map((item) => h("label", {},
      h("input", {
        type: radio ? "radio" : "checkbox", name: group, value: item.value, checked: chosen.includes(item.value),
        onchange: () => context.use(element, blockId, node.read(), node),
      }),
      h("span", {}, plain(item.text), item.description ? h("small", {}, plain(item.description)) : null))));
  const ticked = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  return control(element, blockId, node, radio ? () => ticked()[0] ?? null : ticked);
}

const INPUT_TYPES = {
  plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number",
  datepicker: "date", timepicker: "time", datetimepicker: "datetime-local",
};

function input(element, blockId, context) {
  const known = state(element, blockId, context);
  const first = Object.entries(known).find(([key]) => key !== "type")?.[1]
    ?? element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  const many = element.multiline || element.type === "rich_text_input";
  const node = h(many ? "textarea" : "input", {
    type: many ? null : INPUT_TYPES[element.type] ?? "text",
    rows: many ? "6" : null,
    placeholder: element.placeholder && label(element.placeholder),
    minlength: element.min_length, maxlength: element.max_length, min: element.min_value, max: element.max_value,
    step: element.is_decimal_allowed ? "any" : null,
    autofocus: element.focus_on_load, "aria-label": context.label, autocomplete: "off",
    onchange: () => context.use(element, blockId, node.read(), node),
  });
  node.value = typeof first === "string" ? first : "";
  const read = element.type === "datetimepicker"
    ? () => (node.value ? Math.floor(new Date(node.value).getTime() / 1000) : null) : () => node.value;
  return control(element, blockId, node, read);
}

const ELEMENTS = {
  button, overflow, icon_button: iconButton, feedback_buttons: feedback, workflow_button: button,
  checkboxes: boxes, radio_buttons: boxes,
};

export function element(item, blockId, context) {
  if (ELEMENTS[item.type]) return ELEMENTS[item.type](item, blockId, context);
  if (item.type.endsWith("_select")) return select(item, blockId, context);
  return input(item, blockId, context);
}

// What a form holds, by block ID and action ID.
export function collect(form) {
  const values = {};
  for (const node of form.querySelectorAll("[data-action-id]")) {
    if (!["button", "overflow", "icon_button", "feedback_buttons"].includes(node.dataset.kind)) {
      (values[node.dataset.blockId] ??= {})[node.dataset.actionId] = node.read();
    }
  }
  return values;
}
