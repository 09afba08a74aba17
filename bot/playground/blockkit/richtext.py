"""The parts of a rich_text block as a table.

Figures: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from bot.playground.blockkit.composition import TYPE
from bot.playground.blockkit.schema import Check, Fields, Shape, boolean, choice, items, number, string, typed, url

_STYLE = Shape(dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
_INLINE: Fields = {**TYPE, "style": _STYLE}
RICH_INLINE: dict[str, Check] = {
    "text": Shape({**_INLINE, "text": string(12000)}, required=["text"]),
    "link": Shape({**_INLINE, "url": url, "text": string(3000), "unsafe": boolean}, required=["url"]),
    "emoji": Shape({**_INLINE, "name": string(255), "unicode": string(255), "skin_tone": number}, required=["name"]),
    "user": Shape({**_INLINE, "user_id": string(255)}, required=["user_id"]),
    "usergroup": Shape({**_INLINE, "usergroup_id": string(255)}, required=["usergroup_id"]),
    "channel": Shape({**_INLINE, "channel_id": string(255)}, required=["channel_id"]),
    "broadcast": Shape({**_INLINE, "range": choice("here", "channel", "everyone")}, required=["range"]),
    "color": Shape({**_INLINE, "value": string(255)}, required=["value"]),
    "date": Shape(
        {**_INLINE, "timestamp": number, "format": string(255), "url": url, "fallback": string(255)},
        required=["timestamp", "format"],
    ),
}
"""What a run of rich text is made of."""

_RUN = items(1000, typed(RICH_INLINE), least=0)
_SECTION = Shape({**TYPE, "elements": _RUN}, required=["elements"])
RICH: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": Shape({**TYPE, "elements": _RUN, "border": number}, required=["elements"]),
    "rich_text_preformatted": Shape(
        {**TYPE, "elements": _RUN, "border": number, "language": string(255)}, required=["elements"]
    ),
    "rich_text_list": Shape(
        {
            **TYPE,
            "style": choice("bullet", "ordered"),
            "indent": number,
            "offset": number,
            "border": number,
            "elements": items(1000, typed({"rich_text_section": _SECTION}), least=0),
        },
        required=["style", "elements"],
    ),
}
"""The parts of a rich_text block."""
