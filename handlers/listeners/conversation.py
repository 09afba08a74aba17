"""What people write to the bot is a command: in its own conversation, and in a channel after its name."""

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
        if message.channel_type == DIRECT and message.by_person and deliveries.first(told.event_id):
            thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
            words = told.words if told.addressed else message.text
            replies.aloud(say, acts.typed(words, told.caller("conversation")), told.event_id, **thread)
        return ack()

    def mentioned(ack: Ack, body: Json) -> BoltResponse:
        """Only what begins with the bot's name is for it: people also write about it."""
        told = read(body, Event)
        message = told.event
        if message.by_person and told.addressed and deliveries.first(told.event_id):
            caller = told.caller("mention", message.thread_ts or message.ts)
            replies.privately(told.beside, message.user, acts.typed(told.words, caller), told.event_id)
        return ack()

    app.event("message")(written)
    app.event("app_mention")(mentioned)
