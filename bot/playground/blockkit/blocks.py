"""Block Kit's blocks as a table, the surfaces that show them, and the checks that span several blocks.

Figures: https://docs.slack.dev/reference/block-kit/blocks.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bot.playground.blockkit.composition import ID, IMAGE, SLACK_FILE, TYPE, plain, text
from bot.playground.blockkit.elements import ELEMENTS, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from bot.playground.blockkit.richtext import RICH
from bot.playground.blockkit.schema import (
    Check,
    Fields,
    Shape,
    boolean,
    choice,
    complaint,
    items,
    number,
    string,
    typed,
    url,
)

MARKDOWN_TOTAL = 12_000
"""Characters in all markdown blocks of one message."""
TABLE_TOTAL = 10_000
"""Characters in all cells of a table."""
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
"""Blocks by surface."""

_BLOCK: Fields = {**TYPE, "block_id": ID}
_RICH_TEXT = Shape({**_BLOCK, "elements": items(1000, typed(RICH))}, required=["elements"])
_CELL = typed(
    {
        "raw_text": Shape({**TYPE, "text": string(TABLE_TOTAL)}, required=["text"]),
        "raw_number": Shape({**TYPE, "value": number, "text": string(TABLE_TOTAL)}, required=["value", "text"]),
        "rich_text": _RICH_TEXT,
    }
)
_COLUMN = Shape({"align": choice("left", "center", "right"), "is_wrapped": boolean})
_CONTEXT = typed({"image": IMAGE, **dict.fromkeys(("plain_text", "mrkdwn"), text(3000))})
_SOURCE = Shape({**TYPE, "url": url, "text": string(3000)}, required=["url", "text"])
_TASK = Shape(
    {
        **_BLOCK,
        "task_id": ID,
        "title": string(3000),
        "details": typed({"rich_text": _RICH_TEXT}),
        "output": typed({"rich_text": _RICH_TEXT}),
        "sources": items(100, _SOURCE, least=0),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    required=["task_id", "title", "status"],
)


def _nullable(check: Check) -> Check:
    def check_unless_null(value: Any, path: str) -> Iterator[str]:
        if value is not None:
            yield from check(value, path)

    return check_unless_null


BLOCKS: dict[str, Check] = {
    "section": Shape(
        {
            **_BLOCK,
            "text": text(3000),
            "fields": items(10, text(2000)),
            "accessory": typed(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
        one_of=[["text", "fields"]],
    ),
    "header": Shape({**_BLOCK, "text": plain(150), "level": number}, required=["text"]),
    "divider": Shape(_BLOCK),
    "image": Shape(
        {**_BLOCK, "image_url": url, "slack_file": SLACK_FILE, "alt_text": string(2000), "title": plain(2000)},
        required=["alt_text"],
        one_of=[["image_url", "slack_file"]],
    ),
    "context": Shape(
        {
            **_BLOCK,
            "elements": items(10, _CONTEXT),
        },
        required=["elements"],
    ),
    "actions": Shape({**_BLOCK, "elements": items(25, typed(ELEMENTS, IN_ACTIONS))}, required=["elements"]),
    "context_actions": Shape(
        {**_BLOCK, "elements": items(5, typed(ELEMENTS, IN_CONTEXT_ACTIONS))}, required=["elements"]
    ),
    "input": Shape(
        {
            **_BLOCK,
            "label": plain(2000),
            "element": typed(ELEMENTS, IN_INPUT),
            "hint": plain(2000),
            "optional": boolean,
            "dispatch_action": boolean,
        },
        required=["label", "element"],
    ),
    "rich_text": _RICH_TEXT,
    "markdown": Shape({**_BLOCK, "text": string(MARKDOWN_TOTAL)}, required=["text"]),
    "table": Shape(
        {**_BLOCK, "rows": items(100, items(20, _CELL)), "column_settings": items(20, _nullable(_COLUMN))},
        required=["rows"],
    ),
    "task_card": _TASK,
    "plan": Shape(
        {**_BLOCK, "title": string(3000), "tasks": items(100, typed({"task_card": _TASK}), least=0)},
        required=["title"],
    ),
    "alert": Shape(
        {**_BLOCK, "text": text(200), "level": choice("default", "info", "warning", "error", "success")},
        required=["text"],
    ),
    "card": Shape(
        {
            **_BLOCK,
            "hero_image": typed({"image": IMAGE}),
            "icon": typed({"image": IMAGE}),
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "subtext": text(200),
            "actions": items(3, typed(ELEMENTS, ["button"])),
        },
        one_of=[["hero_image", "title", "actions", "body"]],
    ),
    "file": Shape({**_BLOCK, "external_id": ID, "source": choice("remote")}, required=["external_id", "source"]),
}
"""Every block by its type."""

ONLY_IN_MESSAGES = frozenset({"markdown", "table", "task_card", "plan", "card", "context_actions", "file"})
ONLY_IN_MODALS = frozenset({"alert"})
SURFACES: dict[str, list[str]] = {
    "message": [kind for kind in BLOCKS if kind not in ONLY_IN_MODALS],
    "modal": [kind for kind in BLOCKS if kind not in ONLY_IN_MESSAGES],
    "home": [kind for kind in BLOCKS if kind not in ONLY_IN_MESSAGES | ONLY_IN_MODALS],
}
"""Which blocks each surface shows."""


def complaints(blocks: Any, surface: str, path: str = "/blocks") -> list[str]:
    """Everything Slack would refuse in a list of blocks on a surface: message, modal or home."""
    found = list(items(MOST_BLOCKS[surface], typed(BLOCKS, SURFACES[surface]), least=0)(blocks, path))
    if not found:
        found += [*_repeated_ids(blocks, path), *_whole(blocks, path)]
    return found


def characters(value: Any) -> int:
    """Count the characters of all text that people read in blocks."""
    if isinstance(value, list):
        return sum(map(characters, value))
    if isinstance(value, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else characters(v) for k, v in value.items())
    return 0


def _repeated_ids(blocks: Sequence[Any], path: str) -> Iterator[str]:
    for block_id, times in Counter(b["block_id"] for b in blocks if "block_id" in b).items():
        if times > 1:
            yield complaint(f"block_id `{block_id}` already exists", path)
    for index, block in enumerate(blocks):
        elements = [e for e in [*block.get("elements", []), block.get("accessory")] if isinstance(e, dict)]
        for action_id, times in Counter(e["action_id"] for e in elements if "action_id" in e).items():
            if times > 1:
                yield complaint(f"action_id `{action_id}` already exists", f"{path}/{index}/elements")


def _whole(blocks: Sequence[Any], path: str) -> Iterator[str]:
    of_type = {kind: [b for b in blocks if b["type"] == kind] for kind in ("table", "markdown")}
    if len(of_type["table"]) > 1:
        yield complaint("only_one_table_allowed", path)
    if characters(of_type["table"]) > TABLE_TOTAL:
        yield complaint(f"table: must be less than {TABLE_TOTAL + 1} characters", path)
    if characters(of_type["markdown"]) > MARKDOWN_TOTAL:
        yield complaint(f"markdown: must be less than {MARKDOWN_TOTAL + 1} characters", path)
