"""What comes from Slack: one file a surface, and the only modules that know Slack's payloads.

A listener does its work, which is a few short questions to Redis, before it acknowledges: acknowledged means stored.
It calls Slack only afterwards, and elsewhere.
"""

import logging
from collections.abc import Callable

import msgspec
from slack_bolt import App, BoltResponse

from handlers.acts import Acts
from handlers.deliveries import Deliveries
from handlers.listeners import buttons, command, conversation, shortcut, strangers
from handlers.listeners.payloads import Json
from handlers.listeners.replies import Replies
from handlers.views import answers

log = logging.getLogger(__name__)


def register(app: App, acts: Acts, deliveries: Deliveries) -> Callable[[], None]:
    """Add all listeners to the app; returns what sends the last replies and ends."""
    replies = Replies()
    command.register(app, acts)
    shortcut.register(app, acts, replies)
    buttons.register(app, acts, replies)
    conversation.register(app, acts, replies, deliveries)
    strangers.register(app, replies)
    app.error(_broken)
    return replies.finish


def _broken(error: Exception, body: Json) -> BoltResponse:
    """Whatever we did not think of: people hear of it, and the log has the rest."""
    if isinstance(error, msgspec.ValidationError):
        log.warning("refused a payload that is none of Slack's: %s", error)
        return BoltResponse(status=400, body="")
    log.error("a listener failed for %s", body.get("command") or body.get("type"), exc_info=error)
    view = answers.said("netcheck itself failed here; its log says why. Nothing else is affected.")
    return BoltResponse(status=200, body={"response_type": "ephemeral", **view} if "command" in body else "")
