"""What the app shows one person besides messages: modals and the home."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.workspace.users import TEAM


def _new_hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


@dataclass
class View:
    """A modal or home view of one person; `parent` is the view under it in the stack of modals."""

    id: str
    user: str
    body: dict[str, Any]
    root: str
    parent: str | None
    hash: str = field(default_factory=_new_hash)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What people entered, by block ID and action ID."""
    errors: dict[str, str] = field(default_factory=dict)
    """Complaints about what was entered, by block ID."""
    trouble: str = ""
    """What Slack itself says about a submission that was not taken."""

    def replace(self, body: dict[str, Any]) -> None:
        """Change what it shows; what was entered stays where the block IDs are the same."""
        kept = {block["block_id"] for block in body["blocks"]}
        self.body, self.hash = body, _new_hash()
        self.values = {block_id: values for block_id, values in self.values.items() if block_id in kept}
        self.errors, self.trouble = {}, ""

    def as_slack(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """The view object of the Web API and of interaction payloads; `ids` are the app's."""
        return {
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
            **self.body,
            "id": self.id,
            "team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.parent,
            "app_id": ids["app"],
            "bot_id": ids["bot"],
            "state": {"values": self.values},
        }
