"""What people do with modals: submit and close."""

from collections.abc import Mapping
from typing import Any

from bot.playground.blockkit.state import elements, empty, entered, states
from bot.playground.blockkit.views import check_view
from bot.playground.refusal import Refusal
from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.journal import Call
from bot.playground.slack.people.payloads import who
from bot.playground.slack.service import Service
from bot.playground.slack.workspace.views import View

TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows in a modal whose submission was not acknowledged."""


def view_of(service: Service, user: str, view_id: str) -> View:
    """Find a modal or home that a person sees.

    Raises:
        Refusal: `not_found`.
    """
    person = service.workspace.user(user).id
    view = service.workspace.views.get(view_id) or service.workspace.homes.get(person)
    if view is None or view.id != view_id or view.user != person:
        raise Refusal("not_found")
    return view


async def submit(service: Service, user: str, view_id: str, values: Mapping[str, Mapping[str, Any]]) -> Acknowledgement:
    """Submit a modal with `values` by block ID and action ID; what is left out keeps its state.

    Slack itself complains about a required input that is empty; nothing is sent then.

    Raises:
        Refusal: `not_found` or `no_such_option`.
    """
    view = view_of(service, user, view_id)
    for block_id, element in elements(view.body["blocks"]):
        given = values.get(block_id, {})
        if element["action_id"] in given:
            state = entered(element, given[element["action_id"]])
            view.values.setdefault(block_id, {})[element["action_id"]] = state
    view.values = states(view.body["blocks"], view.values)
    view.errors = _left_out(view)
    view.trouble = ""
    if view.errors:
        service.workspace.changed()
        return Acknowledgement(error="required_input_missing")
    payload = {
        "type": "view_submission",
        **who(service, user),
        "trigger_id": service.triggers.issue(view.user, view.id),
        "view": view.as_slack(service.app.ids),
        "response_urls": [],
    }
    outcome = await service.deliver(Envelope("interactive", payload, accepts_response=True))
    if outcome.ok:
        outcome.error = _follow(service, view, outcome.payload)
    if not outcome.ok:
        view.trouble = TROUBLE
        service.workspace.changed()
    return outcome


async def close(service: Service, user: str, view_id: str) -> None:
    """Close a modal; the bot hears of it where it asked to."""
    view = view_of(service, user, view_id)
    service.workspace.close_view(view)
    if view.body.get("notify_on_close"):
        payload = {
            "type": "view_closed",
            **who(service, user),
            "view": view.as_slack(service.app.ids),
            "is_cleared": bool(view.body.get("clear_on_close")),
        }
        await service.deliver(Envelope("interactive", payload))


def _follow(service: Service, view: View, payload: Mapping[str, Any]) -> str:
    """Do what the answer to a submission says; an error where Slack cannot."""
    action = payload.get("response_action")
    if action == "errors":
        return _complain(service, view, payload.get("errors"))
    if action in {"update", "push"}:
        return _show(service, view, payload)
    if action == "clear":
        service.workspace.close_views(view.user)
    else:
        service.workspace.close_view(view)
    return ""


def _complain(service: Service, view: View, errors: Any) -> str:
    known = {block.get("block_id") for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not known.issuperset(errors):
        return "invalid_response_action"
    view.errors = dict(errors)
    service.workspace.changed()
    return ""


def _show(service: Service, view: View, payload: Mapping[str, Any]) -> str:
    try:
        check_view(payload.get("view"), "modal")
    except Refusal as refusal:
        service.log(Call(0.0, "acknowledgement", payload, 200, refusal.code, refusal.answer()))
        return refusal.code
    if payload["response_action"] == "update":
        service.workspace.replace_view(view, payload["view"])
    else:
        service.workspace.show_view(view.user, payload["view"], view)
    return ""


def _left_out(view: View) -> dict[str, str]:
    missing = {}
    for block in view.body["blocks"]:
        if block["type"] == "input" and not block.get("optional"):
            state = view.values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
            if empty(state):
                missing[block["block_id"]] = "Please complete this required field."
    return missing
