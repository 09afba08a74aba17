"""The views methods: modals, stacked up to three high, and the home view."""

from typing import Any

from bot.playground.blockkit.views import check_view
from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method
from bot.playground.slack.workspace.views import View

MOST_IN_STACK = 3
"""Modals on top of each other (https://docs.slack.dev/surfaces/modals)."""


def _read(service: Service, arguments: Arguments, kind: str, *, replaces: View | None = None) -> dict[str, Any]:
    body = arguments.structure("view")
    check_view(body, kind)
    external = body.get("external_id")
    others = [view for view in service.workspace.views.values() if view is not replaces]
    if external and any(view.body.get("external_id") == external for view in others):
        raise Refusal("duplicate_external_id")
    return dict(body)


def open_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Open a modal for the person behind a trigger."""
    body = _read(service, arguments, "modal")
    trigger = service.triggers.exchange(arguments.text("trigger_id"))
    return {"view": service.workspace.show_view(trigger.user, body).as_slack(service.app.ids)}


def push_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Put a modal on top of the one in which the trigger arose."""
    body = _read(service, arguments, "modal")
    trigger = service.triggers.exchange(arguments.text("trigger_id"))
    parent = service.workspace.views.get(trigger.view or "")
    if parent is None:
        raise Refusal("not_found")
    if sum(view.user == trigger.user for view in service.workspace.views.values()) >= MOST_IN_STACK:
        raise Refusal("push_limit_reached")
    return {"view": service.workspace.show_view(trigger.user, body, parent).as_slack(service.app.ids)}


def update_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Change an open modal, found by ID or external ID, unless it changed since `hash`."""
    wanted, external = arguments.text("view_id"), arguments.text("external_id")
    known = [*service.workspace.views.values(), *service.workspace.homes.values()]
    view = next((v for v in known if v.id == wanted or (external and v.body.get("external_id") == external)), None)
    if view is None:
        raise Refusal("not_found")
    if arguments.text("hash") and arguments.text("hash") != view.hash:
        raise Refusal("hash_conflict")
    service.workspace.replace_view(view, _read(service, arguments, view.body["type"], replaces=view))
    return {"view": view.as_slack(service.app.ids)}


def publish_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Show a person their home view."""
    user = arguments.text("user_id")
    if user not in service.workspace.users:
        raise Refusal("user_not_found")
    if not service.app.home_tab:
        raise Refusal("not_enabled")
    body = _read(service, arguments, "home")
    known = service.workspace.homes.get(user)
    if known and arguments.text("hash") and arguments.text("hash") != known.hash:
        raise Refusal("hash_conflict")
    return {"view": service.workspace.publish_home(user, body).as_slack(service.app.ids)}


_VIEW = {"view": "invalid_arguments"}
METHODS = {
    "views.open": Method(open_view, 4, (), {"trigger_id": "invalid_arguments", **_VIEW}),
    "views.push": Method(push_view, 4, (), {"trigger_id": "invalid_arguments", **_VIEW}),
    "views.update": Method(update_view, 4, (), _VIEW),
    "views.publish": Method(publish_view, 4, (), {"user_id": "invalid_arguments", **_VIEW}),
}
