"""Forms that are filled in, and that were."""

import re

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient

from bot.decoding import decoded
from bot.errors import Unreadable
from handlers.acts import Acts
from handlers.home import Home
from handlers.listeners.payloads import Filling, Json, Submission, read
from handlers.listeners.replies import Replies
from handlers.offers import Reply
from handlers.views import answers, digest_form
from handlers.views.home import Kept
from handlers.views.pool import CALLBACK, errors, pairs

DIRECT = "D"
"""With which the ids of conversations between two begin."""


def register(app: App, acts: Acts, replies: Replies, slack: WebClient, home: Home) -> None:
    """Listen for the forms of an address pool and of a digest."""

    def pool(ack: Ack, body: Json) -> BoltResponse:
        form = read(body, Submission)
        entered = pairs(form.view.state.values)
        if wrong := errors(entered):
            return ack(response_action="errors", errors=wrong)
        return _answered(ack, acts.filled(form.view.private_metadata, entered, form.caller()))

    def digest(ack: Ack, body: Json) -> BoltResponse:
        form = read(body, Submission)
        entered = digest_form.entered_in(form.view.state.values)
        if wrong := digest_form.errors(entered):
            return ack(response_action="errors", errors=wrong)
        reply = acts.digest_filled(form.view.private_metadata, entered, form.caller())
        if conversation := _conversation(form.view.private_metadata):
            replies.aside(lambda: home.publish(form.caller().by, Kept(conversation)))
        return _answered(ack, reply)

    def filling(ack: Ack, body: Json) -> BoltResponse:
        """The next firings follow what is chosen."""
        view = read(body, Filling).view
        try:
            kept = decoded(view.private_metadata.encode(), digest_form.KeptDigest)
        except Unreadable:
            return ack()
        shown = digest_form.digest_form(kept, digest_form.entered_in(view.state.values))
        replies.aside(lambda: slack.views_update(view_id=view.id, hash=view.hash, view=shown))
        return ack()

    app.view(CALLBACK)(pool)
    app.view(digest_form.CALLBACK)(digest)
    app.action(re.compile(rf"^{digest_form.CALLBACK}_"))(filling)


def _conversation(carried: str) -> str:
    """The app's own conversation with whoever opened a form there or at home; empty where it was opened elsewhere."""
    try:
        where = decoded(carried.encode(), digest_form.KeptDigest).where
    except Unreadable:
        return ""
    return where.channel if where and where.channel.startswith(DIRECT) else ""


def _answered(ack: Ack, reply: Reply) -> BoltResponse:
    if isinstance(reply, dict):
        return ack(response_action="update", view=answers.in_place_of_form(reply))
    return ack()
