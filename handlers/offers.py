"""What answers a person besides a message: a form to fill in, a file for a thread. Both need Slack, and may fail."""

from dataclasses import dataclass
from typing import Any

from bot.commands.answer import File
from handlers.views.blocks import Message


@dataclass(frozen=True, slots=True)
class Form:
    """A form that opens for whoever acted."""

    view: dict[str, Any]
    instead: Message
    """What is said where it cannot open: its trigger lives for three seconds."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a thread."""

    file: File
    done: Message
    """What is said once it is there."""
    instead: Message
    """What is said where it cannot be put there: all that is in it, as far as it fits."""


Reply = Message | Form | Upload | None
"""None where a message that everybody sees says it all."""
