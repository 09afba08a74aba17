"""What no other listener knows: buttons, shortcuts and forms of a former version. None of them may be silent."""

import re

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers.listeners.payloads import Interaction, Json, read
from handlers.listeners.replies import Replies, beside
from handlers.views import answers

_ANY = re.compile("")


def register(app: App, replies: Replies) -> None:
    """Listen for the rest; to be called last."""

    def pressed(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        act = read(body, Interaction)
        replies.alone(respond, answers.outdated("button"), **beside(act.message.thread_ts))
        return ack()

    def shortcut(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        act = read(body, Interaction)
        if body.get("response_url"):
            replies.alone(respond, answers.outdated("shortcut"), **beside(act.thread))
        else:
            # A global shortcut leaves no address to answer to but the person's own conversation.
            replies.direct(act.user.id, answers.outdated("shortcut"))
        return ack()

    app.action(_ANY)(pressed)
    app.shortcut(_ANY)(shortcut)
    app.view(_ANY)(lambda ack: ack(response_action="update", view=answers.outdated_form()))
    app.view_closed(_ANY)(lambda ack: ack())
    app.options(_ANY)(lambda ack: ack(options=[]))
    app.event(_ANY)(lambda ack: ack())
