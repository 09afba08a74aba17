"""The IDs that Slack generates for blocks and elements whose sender gave none."""

import secrets
from typing import Any

from bot.playground.blockkit.elements import INTERACTIVE


def name_blocks(blocks: list[dict[str, Any]]) -> None:
    """Give blocks and elements the IDs that Slack generates where the sender gave none."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        holders = [block.get("accessory"), block.get("element"), *block.get("elements", []), *block.get("actions", [])]
        for element in holders:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(4))
