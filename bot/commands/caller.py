"""Who acts, and from where."""

import msgspec

from bot.access.requester import Requester
from bot.messages.where import Where


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who gives a command, presses a button or chooses a shortcut."""

    by: Requester
    surface: str
    """Through what: `command`, `shortcut`, `button`, `form`, `conversation`, `mention` or `command line`."""
    where: Where | None = None
    """Where in Slack the answer belongs; None on the command line."""
    message: str = ""
    """Slack's `ts` of the message whose button was pressed."""
    trigger: str = ""
    """The same for every delivery of the same act; empty where an act is never delivered twice."""
