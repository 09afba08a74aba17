// Block Kit's blocks, to DOM nodes.
import { h, link } from "./dom.js";
import { element } from "./elements.js";
import { markdown } from "./markdown.js";
import { emoji, getWorld, mention, moment, ping, plain, withEmoji } from "./mrkdwn.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", code: "code", underline: "u", highlight: "mark" };

function styled(node, style = {}) {
  return Object.entries(STYLES).reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

const RUNS = {
  text: (run) => run.text,
  link: (run) => link(run.url, run.text || run.url),
  emoji: (run) => emoji(run.name) ?? `:${run.name}:`,
  user: (run) => mention(run.user_id, getWorld()),
  channel: (run) => h("span", { class: "mention" }, `#${getWorld().channels.find((c) => c.id === run.channel_id)?.name ?? run.channel_id}`),
  usergroup: (run) => h("span", { class: "mention" }, `@${run.usergroup_id}`),
  broadcast: (run) => ping(run.range),
  color: (run) => h("code", {}, run.value),
  date: (run) => moment(run.timestamp, run.format, run.fallback),
};

const runs = (elements) => elements.map((run) => styled(RUNS[run.type](run), run.style));

const RICH = {
  rich_text_section: (part) => h("div", { class: "lines" }, runs(part.elements)),
  rich_text_quote: (part) => h("blockquote", { class: "lines" }, runs(part.elements)),
  rich_text_preformatted: (part) => h("pre", { tabindex: "0" }, runs(part.elements)),
  rich_text_list: (part) => h(part.style === "ordered" ? "ol" : "ul",
    { class: part.indent ? "nested" : null, start: part.offset ? part.offset + 1 : null },
    part.elements.map((item) => h("li", {}, runs(item.elements)))),
};

const richText = (block) => h("div", { class: "rich" }, block.elements.map((part) => RICH[part.type](part)));

function image(block) {
  const source = block.image_url ?? "an uploaded file";
  return h("figure", { class: "image" },
    block.title ? h("figcaption", {}, plain(block.title)) : null,
    h("div", { class: "placeholder", role: "img", "aria-label": block.alt_text }, "🖼 ", block.alt_text),
    h("small", {}, "The playground loads no pictures: ", source));
}

function section(block, context) {
  return h("div", { class: "section" },
    h("div", { class: "grow" },
      block.text ? h("div", { class: "text" }, plain(block.text)) : null,
      block.fields ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, plain(field)))) : null),
    block.accessory
      ? h("div", { class: "accessory" },
        block.accessory.type === "image" ? image(block.accessory) : element(block.accessory, block.block_id, context))
      : null);
}

function input(block, context) {
  const id = `${context.scope}-${block.block_id}`;
  const inner = block.dispatch_action ? context : { ...context, use: () => undefined };
  const name = withEmoji(block.label.text);
  const control = element(block.element, block.block_id, { ...inner, label: name });
  const error = context.errors?.[block.block_id];
  if (error) control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", `${id}-notes`);
  return h("div", { class: "input" },
    h("div", { class: "label" }, name, block.optional ? h("span", { class: "quiet" }, " (optional)") : null),
    control,
    h("div", { id: `${id}-notes` },
      block.hint ? h("small", { class: "quiet" }, withEmoji(block.hint.text)) : null,
      error ? h("p", { class: "error", role: "alert" }, error) : null));
}

function cell(item) {
  return item.type === "rich_text" ? richText(item) : item.text;
}

function table(block) {
  const settings = block.column_settings ?? [];
  const row = (tag) => (items) => h("tr", {}, items.map((item, index) =>
    h(tag, { class: [settings[index]?.align ?? "left", settings[index]?.is_wrapped ? "wrapped" : ""].join(" ") }, cell(item))));
  const [head, ...rows] = block.rows;
  return h("div", { class: "scroll", tabindex: "0" },
    h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, rows.map(row("td")))));
}

const TASK = { pending: ["○", "pending"], in_progress: ["◐", "in progress"], complete: ["●", "complete"], error: ["✕", "error"] };

function task(block) {
  const [sign, words] = TASK[block.status];
  return h("div", { class: "task", dataset: { status: block.status } },
    h("span", { class: "sign", role: "img", "aria-label": words }, sign),
    h("div", {}, h("strong", {}, block.title),
      block.details ? richText(block.details) : null,
      block.output ? richText(block.output) : null,
      (block.sources ?? []).map((source) => h("div", {}, link(source.url, source.text)))));
}

const ALERT = { default: "•", info: "ℹ️", warning: "⚠️", error: "⛔", success: "✅" };

const BLOCKS = {
  section,
  image,
  input,
  table,
  rich_text: richText,
  task_card: task,
  header: (block) => h("h3", {}, withEmoji(block.text.text)),
  divider: () => h("hr"),
  context: (block) => h("div", { class: "context" }, block.elements.map((item) =>
    item.type === "image" ? h("span", { role: "img", "aria-label": item.alt_text }, "🖼") : h("span", {}, plain(item)))),
  actions: (block, context) => h("div", { class: "actions" },
    block.elements.map((item) => element(item, block.block_id, context))),
  context_actions: (block, context) => h("div", { class: "actions" },
    block.elements.map((item) => element(item, block.block_id, context))),
  markdown: (block) => h("div", { class: "markdown" }, markdown(block.text)),
  plan: (block) => h("div", { class: "plan" }, h("strong", {}, block.title), (block.tasks ?? []).map(task)),
  alert: (block) => h("div", { class: "alert", role: "status", dataset: { level: block.level ?? "default" } },
    h("span", { "aria-hidden": "true" }, ALERT[block.level ?? "default"]), h("div", {}, plain(block.text))),
  card: (block, context) => h("div", { class: "card" },
    block.title ? h("strong", {}, plain(block.title)) : null,
    block.subtitle ? h("div", { class: "quiet" }, plain(block.subtitle)) : null,
    block.body ? h("div", {}, plain(block.body)) : null,
    block.subtext ? h("small", {}, plain(block.subtext)) : null,
    block.actions ? h("div", { class: "actions" }, block.actions.map((item) => element(item, block.block_id, context))) : null),
  file: (block) => h("div", {}, "📄 ", block.external_id),
};

export function blocks(list, context) {
  return list.map((block) => {
    const node = BLOCKS[block.type](block, context);
    node.dataset.block = block.type;
    if (block.block_id) node.dataset.blockId = block.block_id;
    return node;
  });
}

