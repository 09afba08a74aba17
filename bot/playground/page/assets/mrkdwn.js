// Slack's own markup (mrkdwn) and plain text, to DOM nodes.
import { h, link } from "./dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", heavy_multiplication_x: "✖️", warning: "⚠️", rotating_light: "🚨", fire: "🔥",
  new: "🆕", arrow_upper_right: "↗️", arrow_lower_right: "↘️", double_vertical_bar: "⏸️", no_bell: "🔕",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", mag: "🔍", question: "❓", grey_question: "❔", bulb: "💡",
  information_source: "ℹ️", no_entry: "⛔", no_entry_sign: "🚫", stop_sign: "🛑", eyes: "👀", lock: "🔒", key: "🔑",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", red_circle: "🔴",
  large_red_circle: "🔴", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫", wrench: "🔧",
  hammer_and_wrench: "🛠️", gear: "⚙️", repeat: "🔁", arrows_counterclockwise: "🔄", arrow_right: "➡️",
  chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", clipboard: "📋", memo: "📝",
  tada: "🎉", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", wave: "👋", robot_face: "🤖", bell: "🔔",
  speech_balloon: "💬", link: "🔗", globe_with_meridians: "🌐", satellite: "🛰️", electric_plug: "🔌", package: "📦",
  construction: "🚧", clock1: "🕐", stopwatch: "⏱️", alarm_clock: "⏰", calendar: "📅", pushpin: "📌", zap: "⚡",
  heavy_minus_sign: "➖", heavy_plus_sign: "➕", black_square_for_stop: "⏹️", leftwards_arrow_with_hook: "↩️", arrow_forward: "▶️", white_small_square: "▫️",
};

export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export const emoji = (name) => EMOJI[name];

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

export function plain(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : [withEmoji(object.text)];
}

export function ping(range) {
  return h("strong", { class: "ping", dataset: { ping: range }, title: `notifies everyone: ${range}` }, `@${range}`);
}

export function mention(user, world) {
  const known = world.users[user];
  return h("span", { class: "mention", dataset: { user } }, `@${known ? known.name : user}`);
}

export function moment(seconds, format, fallback) {
  const when = new Date(Number(seconds) * 1000);
  if (Number.isNaN(when.getTime())) return fallback ?? "";
  const time = when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const date = when.toLocaleDateString([], { year: "numeric", month: "short", day: "numeric" });
  const filled = (format || "{date} {time}").replace(/\{time[^}]*\}/g, time).replace(/\{date[^}]*\}/g, date);
  return h("time", { datetime: when.toISOString() }, filled);
}

let world = { users: {}, usergroups: {}, channels: [] };
export const setWorld = (current) => { world = current; };
export const getWorld = () => world;

function special(inside) {
  const [target, label] = inside.split(/\|(.*)/s);
  const shown = label && unescape(label);
  if (target.startsWith("@")) return mention(target.slice(1), world);
  if (target.startsWith("#")) {
    const known = world.channels.find((channel) => channel.id === target.slice(1));
    return h("span", { class: "mention" }, `#${known ? known.name : shown || target.slice(1)}`);
  }
  if (/^!(channel|here|everyone)$/.test(target)) return ping(target.slice(1));
  if (target.startsWith("!date^")) {
    const [, seconds, format] = target.split("^");
    return moment(seconds, format, shown);
  }
  if (target.startsWith("!subteam^")) {
    const known = world.usergroups[target.split("^")[1]];
    return h("span", { class: "mention" }, known ? `@${known.handle}` : shown || target.split("^")[1]);
  }
  if (target.startsWith("!")) return h("span", { class: "mention" }, shown || target.slice(1));
  return link(unescape(target), shown || unescape(target));
}

// Inline rules, tried in order at each place; a mark counts only at the edge of a word, as in Slack.
const INLINE = [
  [/^`([^`\n]+)`/, (match) => h("code", {}, unescape(match[1]))],
  [/^<([^<>]+)>/, (match) => special(match[1])],
  [/^https?:\/\/[^\s<>|]+/, (match) => link(unescape(match[0]), unescape(match[0])), true],
  [/^\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])/, (match) => h("strong", {}, inline(match[1])), true],
  [/^_(?!\s)([^_\n]+?)(?<!\s)_(?![\w_])/, (match) => h("em", {}, inline(match[1])), true],
  [/^~(?!\s)([^~\n]+?)(?<!\s)~(?![\w~])/, (match) => h("s", {}, inline(match[1])), true],
];

export function inline(text) {
  const nodes = [];
  let pending = "";
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const atEdge = at === 0 || !/[\w*_~]/.test(text[at - 1]);
    const rule = INLINE.find(([pattern, , edge]) => (!edge || atEdge) && pattern.test(rest));
    if (rule) {
      const match = rest.match(rule[0]);
      nodes.push(withEmoji(unescape(pending)), rule[1](match));
      pending = "";
      at += match[0].length;
    } else {
      pending += text[at];
      at += 1;
    }
  }
  nodes.push(withEmoji(unescape(pending)));
  return nodes;
}

function lines(text) {
  const nodes = [];
  let quote = null;
  text.split("\n").forEach((line, index) => {
    const quoted = line.match(/^(?:&gt;|>)\s?(.*)$/s);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote")));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1]));
      return;
    }
    if (index > 0 && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line));
  });
  return nodes;
}

export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```\n?/);
  return parts.flatMap((part, index) => {
    if (index % 2) return [h("pre", { tabindex: "0" }, unescape(part))];
    const shown = index < parts.length - 1 ? part.replace(/\n$/, "") : part;
    return shown === "" ? [] : lines(shown);
  });
}
