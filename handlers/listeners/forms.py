"""Forms that were filled in."""

from slack_bolt import Ack, App, BoltResponse

from handlers.acts import Acts
from handlers.listeners.payloads import Json, Submission, read
from handlers.views import answers
from handlers.views.pool import CALLBACK, errors, pairs


def register(app: App, acts: Acts) -> None:
    """Listen for the form of an address pool."""

    def filled(ack: Ack, body: Json) -> BoltResponse:
        form = read(body, Submission)
        entered = pairs(form.view.state.values)
        if wrong := errors(entered):
            return ack(response_action="errors", errors=wrong)
        reply = acts.filled(form.view.private_metadata, entered, form.caller())
        if isinstance(reply, dict):
            return ack(response_action="update", view=answers.in_place_of_form(reply))
        return ack()

    app.view(CALLBACK)(filled)
