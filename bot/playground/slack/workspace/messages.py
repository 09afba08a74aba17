"""What is said."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """A message of a person or of the bot."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    as_sent: str = ""
    """The visible content as the bot sent it, to be compared with the next edit."""
    thread_ts: str | None = None
    broadcast: bool = False
    visible_to: str | None = None
    """The one person who sees an ephemeral message."""
    edited_at: str | None = None
    """Set once people would see "(edited)"."""
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    selected: dict[str, Any] = field(default_factory=dict)
    """What people chose in its elements, by block ID and action ID."""
    revision: int = 0

    @property
    def root(self) -> str:
        """The ts of the thread that this message belongs to or starts."""
        return self.thread_ts or self.ts
