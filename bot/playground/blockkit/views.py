"""What Slack accepts as a view: a modal or a home.

Figures: https://docs.slack.dev/reference/views.
"""

import json
from typing import Any

from bot.playground.blockkit.blocks import complaints
from bot.playground.blockkit.composition import TYPE, plain
from bot.playground.blockkit.schema import Check, Fields, Shape, anything, boolean, complaint, string, typed
from bot.playground.refusal import Refusal

VIEW_BYTES = 250_000
"""Size of a view."""

_VIEW: Fields = {
    **TYPE,
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
    "blocks": anything,
}
_VIEWS: dict[str, Check] = {
    "modal": Shape(
        {
            **_VIEW,
            "title": plain(24),
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        required=["title", "blocks"],
    ),
    "home": Shape(_VIEW, required=["blocks"]),
}


def check_view(view: Any, *kinds: str) -> None:
    """Check a view of one of the given types.

    Raises:
        Refusal: `invalid_arguments` or `view_too_large`.
    """
    found = list(typed(_VIEWS, kinds)(view, "/view"))
    if not found:
        found = complaints(view["blocks"], view["type"], "/view/blocks")
        inputs = [block for block in view["blocks"] if isinstance(block, dict) and block.get("type") == "input"]
        if view["type"] == "modal" and inputs and "submit" not in view:
            found.append(complaint("missing required field: submit", "/view"))
    if found:
        raise Refusal("invalid_arguments", [f"[ERROR] {text}" for text in found])
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise Refusal("view_too_large")
