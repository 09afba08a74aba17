"""The App Home: opened, turned over, and its buttons."""

import re

import msgspec
from slack_bolt import Ack, App, BoltResponse

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.home.model import Pages
from bot.messages.where import Where
from handlers.acts import Acts
from handlers.deliveries import Deliveries
from handlers.home import Home
from handlers.listeners.payloads import Event, Interaction, Json, read
from handlers.listeners.replies import Replies
from handlers.offers import Reply
from handlers.views.home import ACT, TURN, Kept

TAB = "home"
"""What is opened, besides the app's messages."""
_ON_ITS_WAY = ":hourglass_flowing_sand: It is on its way, under *Messages*."
_MORE = "(All of it is under *Messages*.)"


def register(app: App, acts: Acts, replies: Replies, deliveries: Deliveries, home: Home) -> None:
    """Listen for what people do with their home."""

    def opened(ack: Ack, body: Json) -> BoltResponse:
        told = read(body, Event)
        if told.event.tab == TAB:
            replies.aside(lambda: home.publish(told.caller(TAB).by, Kept(told.event.channel)))
        return ack()

    def turned(ack: Ack, body: Json, action: Json) -> BoltResponse:
        pressed = read(body, Interaction)
        kept = Kept(_kept(pressed).channel, _pages(str(action.get("value", ""))))
        replies.aside(lambda: home.publish(pressed.caller("button").by, kept))
        return ack()

    def act(ack: Ack, body: Json, action: Json) -> BoltResponse:
        pressed, kept = read(body, Interaction), _kept(read(body, Interaction))
        by = pressed.caller("button").by
        if deliveries.first(f"home {pressed.trigger_id}"):
            # A home is in no channel: what comes of its buttons is said in the app's own conversation.
            caller = msgspec.structs.replace(pressed.caller("button"), where=Where(kept.channel or by.user))
            reply = acts.acted(str(action.get("value", "")), caller)
            replies.direct(by.user, reply, pressed.trigger_id)
            replies.aside(lambda: home.publish(by, kept, _said(reply)))
        return ack()

    app.event("app_home_opened")(opened)
    app.action(re.compile(rf"^{TURN}_"))(turned)
    app.action(re.compile(rf"^{ACT}_"))(act)


def _kept(pressed: Interaction) -> Kept:
    """What the home carried; nothing of it where another version made it."""
    try:
        return decoded(pressed.view.private_metadata.encode(), Kept) if pressed.view else Kept()
    except Unreadable:
        return Kept()


def _pages(value: str) -> Pages:
    try:
        return decoded(value.encode(), Pages)
    except Unreadable:
        return Pages()


def _said(reply: Reply) -> str:
    """What comes of a press, as mrkdwn, beside where it was pressed."""
    if reply is None:
        return _ON_ITS_WAY
    return f"{reply['text']} {_MORE}" if isinstance(reply, dict) else ""
