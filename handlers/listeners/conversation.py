"""The bot's own conversation with a person: what they write there is a command."""

from slack_bolt import Ack, App, BoltResponse, Say

from handlers.acts import Acts
from handlers.deliveries import Deliveries
from handlers.listeners.payloads import Event, Json, read
from handlers.listeners.replies import Replies

DIRECT = "im"
"""The `channel_type` of a conversation of two."""


def register(app: App, acts: Acts, replies: Replies, deliveries: Deliveries) -> None:
    """Listen for what people write to the bot."""

    def written(ack: Ack, body: Json, say: Say) -> BoltResponse:
        told = read(body, Event)
        message = told.event
        by_person = message.user and not message.subtype and not message.bot_id
        if message.channel_type == DIRECT and by_person and deliveries.first(told.event_id):
            thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
            replies.aloud(say, acts.typed(message.text, told.caller()), told.event_id, **thread)
        return ack()

    app.event("message")(written)
