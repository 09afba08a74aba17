"""Blocks and views that several tests post."""

from typing import Any


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def section(text: str, **further: Any) -> dict[str, Any]:
    """A section block."""
    return {"type": "section", "text": mrkdwn(text), **further}


def button(action_id: str, text: str = "Press", **further: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain(text), **further}


def actions(*elements: dict[str, Any], **further: Any) -> dict[str, Any]:
    """An actions block."""
    return {"type": "actions", "elements": list(elements), **further}


def option(value: str) -> dict[str, Any]:
    """An option whose text is its value."""
    return {"text": plain(value), "value": value}


def select(action_id: str, *values: str, **further: Any) -> dict[str, Any]:
    """A static select."""
    return {"type": "static_select", "action_id": action_id, "options": [option(v) for v in values], **further}


def asking(block_id: str, action_id: str = "text", **further: Any) -> dict[str, Any]:
    """An input block with a text field."""
    element = {"type": "plain_text_input", "action_id": action_id}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **further}


def modal(*blocks: dict[str, Any], **further: Any) -> dict[str, Any]:
    """A modal with a submit button."""
    return {"type": "modal", "title": plain("Title"), "submit": plain("Apply"), "blocks": list(blocks), **further}
