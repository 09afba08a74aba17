"""The slash command."""

from slack_bolt import Ack, App, BoltResponse

from handlers.acts import Acts
from handlers.listeners.payloads import Json, SlashCommand, read
from handlers.views.answers import COMMAND


def register(app: App, acts: Acts) -> None:
    """Listen for lines after `/netcheck`."""

    def typed(ack: Ack, body: Json) -> BoltResponse:
        line = read(body, SlashCommand)
        view = acts.typed(line.text, line.caller())
        return ack() if view is None else ack(response_type="ephemeral", **view)

    app.command(COMMAND)(typed)
