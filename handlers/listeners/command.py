"""The slash command."""

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers.acts import Acts
from handlers.listeners.payloads import Json, SlashCommand, read
from handlers.listeners.replies import Replies
from handlers.views.answers import COMMAND


def register(app: App, acts: Acts, replies: Replies) -> None:
    """Listen for lines after `/netcheck`."""

    def typed(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        line = read(body, SlashCommand)
        reply = acts.typed(line.text, line.caller())
        if isinstance(reply, dict):
            return ack(response_type="ephemeral", **reply)
        replies.alone(respond, reply, line.trigger_id)
        return ack()

    app.command(COMMAND)(typed)
