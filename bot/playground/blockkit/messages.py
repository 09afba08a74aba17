"""What Slack accepts as the blocks of a message."""

from typing import Any

from bot.playground.blockkit.blocks import characters, complaints
from bot.playground.refusal import Refusal

MESSAGE_TOTAL = 13_200
"""Characters of text in all blocks of one message; not documented, observed at about this number."""


def check_message(blocks: Any) -> None:
    """Check the blocks of a message.

    Raises:
        Refusal: `invalid_blocks_format`, `invalid_blocks` or `msg_blocks_too_long`.
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refusal("invalid_blocks_format")
    found = complaints(blocks, "message")
    if found:
        raise Refusal("invalid_blocks", [f"[ERROR] {text}" for text in found], {"errors": found})
    if characters(blocks) > MESSAGE_TOTAL:
        raise Refusal("msg_blocks_too_long")
