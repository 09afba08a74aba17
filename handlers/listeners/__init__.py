"""What comes from Slack: one file a surface, and the only modules that know Slack's payloads.

A listener does its work, which is a few short questions to Redis, before it acknowledges: acknowledged means stored.
It calls Slack only afterwards, and elsewhere.
"""

import logging
from collections.abc import Callable

import msgspec
from slack_bolt import App, BoltResponse, Respond
from slack_sdk import WebClient

from handlers.acts import Acts
from handlers.deliveries import Deliveries
from handlers.home import Home
from handlers.listeners import buttons, command, conversation, forms, home, shortcut, strangers
from handlers.listeners.payloads import Json
from handlers.listeners.replies import Replies
from handlers.shared_files import SharedFiles
from handlers.views import answers
from handlers.views.blocks import Message

log = logging.getLogger(__name__)


def register(app: App, acts: Acts, deliveries: Deliveries, slack: WebClient, at_home: Home) -> Callable[[], None]:
    """Add all listeners to the app; returns what sends the last replies and ends."""
    replies = Replies(slack, deliveries.first)
    command.register(app, acts, replies)
    shortcut.register(app, acts, replies, SharedFiles(slack))
    buttons.register(app, acts, replies)
    forms.register(app, acts, replies, slack, at_home)
    conversation.register(app, acts, replies, deliveries)
    home.register(app, acts, replies, deliveries, at_home)
    strangers.register(app, replies)

    def broken(error: Exception, body: Json, respond: Respond) -> BoltResponse:
        return _broken(error, body, lambda view: replies.alone(respond, view, replace_original=False))

    app.error(broken)
    return replies.finish


def _broken(error: Exception, body: Json, tell: Callable[[Message], None]) -> BoltResponse:
    """Whatever we did not think of: people hear of it, and the log has the rest."""
    if isinstance(error, msgspec.ValidationError):
        log.warning("refused a payload that is none of Slack's: %s", error)
        return BoltResponse(status=400, body="")
    log.error("a listener failed for %s", body.get("command") or body.get("type"), exc_info=error)
    view = answers.said("netcheck itself failed here; its log says why. Nothing else is affected.")
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", **view})
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body={"response_action": "update", "view": answers.in_place_of_form(view)})
    if body.get("response_url"):
        tell(view)
    return BoltResponse(status=200, body="")
