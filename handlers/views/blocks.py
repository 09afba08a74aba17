"""Block Kit's plain blocks, and text that is safe and short enough to be in them.

The limits are Slack's: https://docs.slack.dev/reference/block-kit/blocks. Text that came from a cluster goes through
`escape`, `clip` or `code`; whatever is passed to `section` and `context` is mrkdwn already.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

Block = dict[str, Any]
Message = dict[str, Any]
Part = tuple[str, Callable[[], Message]]
"""A message in a thread: the name of the part of the record that it shows, and what makes it, when it is posted."""

SECTION_CHARACTERS = 3000
HEADER_CHARACTERS = 150
BUTTON_CHARACTERS = 75
OPTIONS = 100
MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 12_000
"""Slack refuses a message at about 13,200 characters, a figure that it does not document."""
TEXT_CHARACTERS = 300
"""Of the text beside the blocks: notifications and screen readers give no more than a line or two."""
_READ = ("text", "title")
_CODE_CHARACTERS = 300
_SUBJECT_CHARACTERS = 60
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_PLAIN = str.maketrans(
    {
        "&": "+",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    }
)
_MENTIONS = {"UW": "<@{}>", "S": "<!subteam^{}>", "CG": "<#{}>"}
"""By the first letters of ids. A `D…` is a conversation of two, which has no name."""
_TIMES = 4
_MARKED = re.compile(r"⟦(\d{1,11})⟧")
_CUT_ENTITY = re.compile(r"&[a-z]*$")


def escape(text: str) -> str:
    """Text as mrkdwn that shows just this text and addresses nobody: `<!channel>` pings, once escaped it does not."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable()).translate(_ENTITIES)


def clip(text: str, most: int) -> str:
    """Escaped text of at most so many characters, ending in an ellipsis where something is left out."""
    # Escaping only makes text longer, so what is far beyond the limit need not be looked at.
    escaped = escape(text[: most + 1])
    if len(escaped) <= most and len(text) <= most + 1:
        return escaped
    return _CUT_ENTITY.sub("", escaped[: most - 1]).rstrip() + "…"


def cut(text: str, most: int) -> str:
    """Text that is mrkdwn already, of at most so many characters; no entity is cut in half."""
    return text if len(text) <= most else _CUT_ENTITY.sub("", text[: most - 1]).rstrip() + "…"


def code(text: str, most: int = _CODE_CHARACTERS) -> str:
    """Escaped text on one line in a code span, which a backtick inside cannot end."""
    line = " ".join(text[: 2 * most].replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}").split())
    return f"`{clip(line, most - 2)}`" if line else ""


def mention(subject: str) -> str:
    """A user, user group or channel by the name that Slack has for its id; anything else is set apart as it is.

    https://docs.slack.dev/messaging/formatting-message-text#mentioning-users and below.
    """
    for letters, form in _MENTIONS.items():
        if re.fullmatch(rf"[{letters}][A-Z0-9]+", subject):
            return form.format(subject)
    return code(subject, _SUBJECT_CHARACTERS)


def time(at: float) -> str:
    """A time as everybody's own Slack shows it (https://docs.slack.dev/messaging/formatting-message-text)."""
    shown = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at)}^{{date_short_pretty}} {{time}}|{shown}>"


def marked(at: float) -> str:
    """A time in a text that is still to be escaped and clipped; `dated` makes it what Slack understands."""
    return f"⟦{at:.0f}⟧"


def dated(text: str) -> str:
    """Escaped text with the times that `marked` has put into it; a sentence has a few, and a time is long in mrkdwn."""
    return _MARKED.sub(lambda match: time(int(match[1])), text, count=_TIMES)


def fenced(text: str, most: int = SECTION_CHARACTERS) -> str:
    """Escaped text in a code block, which backticks inside cannot end."""
    return f"```\n{clip(text.replace('```', chr(0x2CB) * 3), most - 8)}\n```"


def plain(text: str, most: int) -> dict[str, Any]:
    """A plain_text object. Slack shows entities in it differently from client to client, so none are in it."""
    shown = "".join(c for c in text if c.isprintable()).translate(_PLAIN)
    return {"type": "plain_text", "text": shown if len(shown) <= most else shown[: most - 1] + "…", "emoji": True}


def mrkdwn(text: str) -> dict[str, Any]:
    """A mrkdwn object. `verbatim` keeps Slack from turning a bare `@here` or `#name` of a cluster into a mention."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Block:
    """The headline."""
    return {"type": "header", "text": plain(text, HEADER_CHARACTERS)}


def section(text: str) -> Block:
    """A paragraph of at most `SECTION_CHARACTERS`."""
    return {"type": "section", "text": mrkdwn(text)}


def context(text: str) -> Block:
    """A line in small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def button(label: str, action: str, value: str, style: str = "") -> dict[str, Any]:
    """A button; `style` is empty, `primary` or `danger`."""
    made = {"type": "button", "text": plain(label, BUTTON_CHARACTERS), "action_id": action, "value": value}
    return made | {"style": style} if style else made


def actions(*elements: dict[str, Any]) -> Block:
    """A row of buttons or one select."""
    return {"type": "actions", "elements": list(elements)}


def option(label: str, value: str) -> dict[str, Any]:
    """One choice of a menu."""
    return {"text": plain(label, BUTTON_CHARACTERS), "value": value}


def select(placeholder: str, action: str, options: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A menu of `(label, value)`, the first hundred of them."""
    offered = [option(label, value) for label, value in options]
    placeholder_text = plain(placeholder, HEADER_CHARACTERS)
    return {"type": "static_select", "action_id": action, "placeholder": placeholder_text, "options": offered[:OPTIONS]}


def sections(lines: Iterable[str]) -> list[Block]:
    """Lines of mrkdwn, each shorter than a section, in as few sections as hold them."""
    packed: list[str] = []
    for line in lines:
        if packed and len(packed[-1]) + 1 + len(line) <= SECTION_CHARACTERS:
            packed[-1] += "\n" + line
        elif line:
            packed.append(line)
    return [section(text) for text in packed]


def pages(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks cut into messages that Slack takes: by number and by characters."""
    cut: list[list[Block]] = [[]]
    for block in blocks:
        full = len(cut[-1]) >= MESSAGE_BLOCKS or characters([*cut[-1], block]) > MESSAGE_CHARACTERS
        if full and cut[-1]:
            cut.append([])
        cut[-1].append(block)
    return cut


def parted(blocks: Sequence[Block], rest: str, room: Sequence[Block] = ()) -> tuple[list[Block], list[Block]]:
    """As many blocks as one message takes, with a line that says where the rest is if there is one; and the rest.

    There is room left for the blocks in `room`, which the caller puts after them.
    """
    first = list(blocks)
    if not _over([*first, *room]):
        return first, []
    while first and _over([*first, context(rest), *room]):
        first.pop()
    return [*first, context(rest)], list(blocks[len(first) :])


def _over(blocks: list[Block]) -> bool:
    return len(blocks) > MESSAGE_BLOCKS or characters(blocks) > MESSAGE_CHARACTERS


def fitting(blocks: Sequence[Block], rest: str, room: Sequence[Block] = ()) -> list[Block]:
    """As many blocks as one message takes, and where the rest is, if anything had to go; see `parted` for `room`."""
    return parted(blocks, rest, room)[0]


def characters(value: Any) -> int:
    """The characters of all text that people read in blocks."""
    if isinstance(value, list):
        return sum(map(characters, value))
    if isinstance(value, dict):
        return sum(len(v) if k in _READ and isinstance(v, str) else characters(v) for k, v in value.items())
    return 0


def message(text: str, blocks: list[Block]) -> Message:
    """A message; `text` is plain and is escaped and clipped here."""
    return {"text": clip(text, TEXT_CHARACTERS), "blocks": blocks}
