"""What a message says: read from arguments, checked, and written into a message.

Shared by the chat methods, response addresses and answers along with an acknowledgement.
"""

import json
from collections.abc import Mapping
from typing import Any

from bot.playground.blockkit.messages import check_message
from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.workspace.messages import Message

POST_CHARACTERS = 40_000
"""Longest `text` of a posted message (https://docs.slack.dev/reference/methods/chat.postMessage)."""
UPDATE_CHARACTERS = 4_000
"""Longest `text` of an update (https://docs.slack.dev/reference/methods/chat.update)."""


def content(arguments: Arguments, most: int = POST_CHARACTERS) -> dict[str, Any]:
    """Read and check text, blocks and attachments of a message.

    Raises:
        Refusal: `no_text`, `msg_too_long` or what `check_message` raises.
    """
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    attachments = arguments.structure("attachments") or []
    text = arguments.text("text")
    if not text.strip() and not blocks and not attachments:
        raise Refusal("no_text")
    if len(text) > most:
        raise Refusal("msg_too_long")
    if blocks is not None:
        check_message(blocks)
    for attachment in attachments:
        check_message(attachment.get("blocks") or [])
    new = {"text": text, "blocks": blocks or [], "attachments": attachments}
    return {**new, "as_sent": _visible(new)}


def _visible(new: Mapping[str, Any]) -> str:
    """What people see of a message, in a form that can be compared; block IDs are not seen."""
    blocks = [{key: value for key, value in block.items() if key != "block_id"} for block in new["blocks"]]
    return json.dumps([new["text"], blocks, new["attachments"]], sort_keys=True)


def metadata(arguments: Arguments) -> dict[str, Any] | None:
    """Read and check the metadata of a message; None where there is none.

    Raises:
        Refusal: `invalid_metadata_format`.
    """
    given = arguments.structure("metadata", "invalid_metadata_format")
    if given is None or given == {}:
        return None
    if (
        not isinstance(given, dict)
        or not isinstance(given.get("event_type"), str)
        or not isinstance(given.get("event_payload"), dict)
    ):
        raise Refusal("invalid_metadata_format")
    return given


def rewrite(service: Service, message: Message, new: Mapping[str, Any]) -> None:
    """Replace what a message says; people see "(edited)" only where it has no blocks, as in Slack."""
    message.text, message.blocks = new["text"], new["blocks"]
    message.attachments, message.as_sent = new["attachments"], new["as_sent"]
    message.selected = {}
    if not new["blocks"]:
        message.edited_at = service.workspace.next_ts()
