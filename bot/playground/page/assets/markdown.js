// Standard Markdown, as much of it as Slack's markdown block shows, to DOM nodes.
import { h, link } from "./dom.js";
import { withEmoji } from "./mrkdwn.js";

const INLINE = [
  [/^`([^`\n]+)`/, (m) => h("code", {}, m[1])],
  [/^!?\[([^\]\n]*)\]\(([^)\s]+)\)/, (m) => link(m[2], m[1] || m[2])],
  [/^(\*\*|__)(?=\S)([\s\S]+?)(?<=\S)\1/, (m) => h("strong", {}, inline(m[2]))],
  [/^~~(?=\S)([\s\S]+?)(?<=\S)~~/, (m) => h("s", {}, inline(m[1]))],
  [/^([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?!\w)/, (m) => h("em", {}, inline(m[2]))],
  [/^\\([\\`*_{}[\]()#+.!|~>-])/, (m) => m[1]],
  [/^https?:\/\/[^\s<>)]+/, (m) => link(m[0], m[0])],
];

function inline(text) {
  const nodes = [];
  let pending = "";
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const inWord = at > 0 && /\w/.test(text[at - 1]) && /^[_h]/.test(rest);
    const rule = !inWord && INLINE.find(([pattern]) => pattern.test(rest));
    if (rule) {
      const match = rest.match(rule[0]);
      nodes.push(withEmoji(pending), rule[1](match));
      pending = "";
      at += match[0].length;
    } else {
      pending += text[at];
      at += 1;
    }
  }
  return [...nodes, withEmoji(pending)];
}

const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));

function table(block) {
  const [head, , ...rows] = block;
  const row = (tag) => (line) => h("tr", {}, cells(line).map((cell) => h(tag, {}, inline(cell))));
  return h("div", { class: "scroll", tabindex: "0" },
    h("table", {}, h("thead", {}, row("th")(head)), h("tbody", {}, rows.map(row("td")))));
}

function list(block) {
  const ordered = /^\s*\d/.test(block[0]);
  const items = [];
  for (const line of block) {
    const match = line.match(/^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$/);
    if (match) items.push(h("li", { class: match[1].length > 1 ? "nested" : null }, inline(match[2])));
    else items.at(-1)?.append(" ", ...inline(line.trim()));
  }
  return h(ordered ? "ol" : "ul", {}, items);
}

// Block rules: what a line looks like that starts one, which lines go on, and what becomes of them.
const BLOCKS = [
  [/^#{1,6}\s/, () => false, ([line]) => h("p", { class: "heading" }, inline(line.replace(/^#+\s+|\s+#+$/g, "")))],
  [/^(-{3,}|\*{3,}|_{3,})\s*$/, () => false, () => h("hr")],
  [/^>/, (line) => /^>/.test(line), (block) => h("blockquote", {}, markdown(block.map((l) => l.replace(/^>\s?/, "")).join("\n")))],
  [/^\s*([-*+]|\d+[.)])\s/, (line) => /^\s*([-*+]|\d+[.)])\s|^\s+\S/.test(line), list],
];

export function markdown(text) {
  const nodes = [];
  const source = text.split("\n");
  let at = 0;
  while (at < source.length) {
    const line = source[at];
    if (line.trim() === "") { at += 1; continue; }
    let end = at + 1;
    const rule = BLOCKS.find(([start]) => start.test(line));
    if (/^```/.test(line)) {
      while (end < source.length && !/^```/.test(source[end])) end += 1;
      nodes.push(h("pre", { tabindex: "0" }, source.slice(at + 1, end).join("\n")));
      end += 1;
    } else if (line.includes("|") && /^\s*\|?[\s:|-]+$/.test(source[end] ?? "") && source[end].includes("-")) {
      while (end < source.length && source[end].includes("|")) end += 1;
      nodes.push(table(source.slice(at, end)));
    } else if (rule) {
      while (end < source.length && rule[1](source[end])) end += 1;
      nodes.push(rule[2](source.slice(at, end)));
    } else {
      const goesOn = (next) => next.trim() !== "" && !/^```/.test(next) && !BLOCKS.some(([start]) => start.test(next));
      while (end < source.length && goesOn(source[end])) end += 1;
      nodes.push(h("p", {}, source.slice(at, end).flatMap((part, index) => [index ? h("br") : null, ...inline(part)])));
    }
    at = end;
  }
  return nodes;
}
