"""The buttons and menus of netcheck's own messages."""

import re

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers.acts import Acts
from handlers.listeners.payloads import Interaction, Json, read
from handlers.listeners.replies import Replies, beside
from handlers.views.acting import ACT
from handlers.views.answers import CHOOSE
from handlers.views.run import CANCEL


def register(app: App, acts: Acts, replies: Replies) -> None:
    """Listen for Cancel, for what acts as a command does, and for the answers to "which cluster"."""

    def cancel(ack: Ack, body: Json, action: Json, respond: Respond) -> BoltResponse:
        act = read(body, Interaction)
        view = acts.stopped(str(action.get("value", "")), act.caller("button"), act.response_url)
        replies.alone(respond, view, **beside(act.message.thread_ts))
        return ack()

    def choose(ack: Ack, body: Json, action: Json, respond: Respond) -> BoltResponse:
        option = action.get("selected_option") or {}
        choice = str(action.get("value") or option.get("value", ""))
        pressed = read(body, Interaction)
        reply = acts.chosen(choice, pressed.caller("button"))
        replies.alone(respond, reply, pressed.trigger_id, replace_original=True)
        return ack()

    def act(ack: Ack, body: Json, action: Json, respond: Respond) -> BoltResponse:
        pressed = read(body, Interaction)
        reply = acts.acted(str(action.get("value", "")), pressed.caller("button"), pressed.response_url)
        replies.alone(respond, reply, pressed.trigger_id, **beside(pressed.message.thread_ts))
        return ack()

    app.action(CANCEL)(cancel)
    app.action(re.compile(rf"^{ACT}_"))(act)
    app.action(re.compile(rf"^{CHOOSE}(_\d+)?$"))(choose)
