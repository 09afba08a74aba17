"""The views methods: modals, stacked up to three high, and the home view."""

import json
import secrets
import time
from typing import Any

from bot.playground.blocks import check_view
from bot.playground.method import Arguments, Method
from bot.playground.refusal import Refusal
from bot.playground.service import Service
from bot.playground.workspace import TEAM, View, name_blocks

MOST_IN_STACK = 3
"""Modals on top of each other (https://docs.slack.dev/surfaces/modals)."""


def _hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


def view_as_slack(service: Service, view: View) -> dict[str, Any]:
    """Return the view object of the Web API and of interaction payloads."""
    body = view.body
    defaults = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
    return {
        **defaults,
        "clear_on_close": False,
        "notify_on_close": False,
        **body,
        "id": view.id,
        "team_id": TEAM,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.parent,
        "app_id": service.app.ids["app"],
        "bot_id": service.app.ids["bot"],
        "state": {"values": view.values},
    }


def _read(service: Service, arguments: Arguments, kind: str, *, replaces: View | None = None) -> dict[str, Any]:
    body = arguments.structure("view")
    check_view(body, kind)
    body = json.loads(json.dumps(body))
    external = body.get("external_id")
    others = [view for view in service.workspace.views.values() if view is not replaces]
    if external and any(view.body.get("external_id") == external for view in others):
        raise Refusal("duplicate_external_id")
    name_blocks(body["blocks"])
    return dict(body)


def show(service: Service, user: str, body: dict[str, Any], parent: View | None = None) -> View:
    """Put a modal in front of a person, on top of `parent` if that is given."""
    workspace = service.workspace
    if parent is None:
        workspace.close_views(user)
    view_id = workspace.new_id("V")
    view = View(view_id, user, body, parent.root if parent else view_id, parent.id if parent else None, _hash())
    workspace.views[view_id] = view
    workspace.changed()
    return view


def replace(service: Service, view: View, body: dict[str, Any]) -> None:
    """Change what a view shows; what was entered stays where block and action IDs are the same."""
    kept = {block["block_id"] for block in body["blocks"]}
    view.body, view.hash = body, _hash()
    view.values = {block_id: values for block_id, values in view.values.items() if block_id in kept}
    view.errors, view.trouble = {}, ""
    service.workspace.changed()


def open_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Open a modal for the person behind a trigger."""
    body = _read(service, arguments, "modal")
    trigger = service.triggers.exchange(arguments.text("trigger_id"))
    return {"view": view_as_slack(service, show(service, trigger.user, body))}


def push_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Put a modal on top of the one in which the trigger arose."""
    body = _read(service, arguments, "modal")
    trigger = service.triggers.exchange(arguments.text("trigger_id"))
    parent = service.workspace.views.get(trigger.view or "")
    if parent is None:
        raise Refusal("not_found")
    if sum(view.user == trigger.user for view in service.workspace.views.values()) >= MOST_IN_STACK:
        raise Refusal("push_limit_reached")
    return {"view": view_as_slack(service, show(service, trigger.user, body, parent))}


def update_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Change an open modal, found by ID or external ID, unless it changed since `hash`."""
    wanted, external = arguments.text("view_id"), arguments.text("external_id")
    known = [*service.workspace.views.values(), *service.workspace.homes.values()]
    view = next((v for v in known if v.id == wanted or (external and v.body.get("external_id") == external)), None)
    if view is None:
        raise Refusal("not_found")
    if arguments.text("hash") and arguments.text("hash") != view.hash:
        raise Refusal("hash_conflict")
    replace(service, view, _read(service, arguments, view.body["type"], replaces=view))
    return {"view": view_as_slack(service, view)}


def publish_view(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Show a person their home view."""
    user = arguments.text("user_id")
    if user not in service.workspace.users:
        raise Refusal("user_not_found")
    if not service.app.home_tab:
        raise Refusal("not_enabled")
    body = _read(service, arguments, "home")
    view = service.workspace.homes.get(user)
    if view is None:
        view_id = service.workspace.new_id("V")
        view = service.workspace.homes[user] = View(view_id, user, body, view_id, None, _hash())
        service.workspace.changed()
    else:
        if arguments.text("hash") and arguments.text("hash") != view.hash:
            raise Refusal("hash_conflict")
        replace(service, view, body)
    return {"view": view_as_slack(service, view)}


_VIEW = {"view": "invalid_arguments"}
METHODS = {
    "views.open": Method(open_view, 4, (), {"trigger_id": "invalid_arguments", **_VIEW}),
    "views.push": Method(push_view, 4, (), {"trigger_id": "invalid_arguments", **_VIEW}),
    "views.update": Method(update_view, 4, (), _VIEW),
    "views.publish": Method(publish_view, 4, (), {"user_id": "invalid_arguments", **_VIEW}),
}
