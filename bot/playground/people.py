"""What people do: type, press, choose, submit. Each act becomes a payload for the bot, and the person sees how it went.

Payloads follow https://docs.slack.dev/reference/interaction-payloads.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

from bot.playground import modals
from bot.playground.blocks import check_view
from bot.playground.chat import RateLimitedError
from bot.playground.entered import STATELESS, elements, empty, entered, states
from bot.playground.events import posted
from bot.playground.method import Arguments
from bot.playground.refusal import Refusal
from bot.playground.respond import say
from bot.playground.service import Acknowledgement, Call, Envelope, Service
from bot.playground.workspace import TEAM, TEAM_DOMAIN, Message, View, name_blocks

VERIFICATION_TOKEN = "playground"  # noqa: S105  Slack's deprecated field, still sent
TROUBLE = "We had some trouble connecting. Try again?"
"""What Slack shows in a modal whose submission was not acknowledged."""


async def type_text(
    service: Service, user: str, channel: str, text: str, thread_ts: str | None = None
) -> Acknowledgement | Message:
    """Enter text in the composer: a slash command, or a message as Slack would store it, escaped."""
    workspace = service.workspace
    if text.startswith("/") and thread_ts:
        sorry = f"{html.escape(text.split(maxsplit=1)[0])} is not supported in threads. Sorry!"
        return workspace.tell(workspace.user(user).id, workspace.channel(channel).id, sorry, thread_ts)
    if text.startswith("/"):
        return await command(service, user, channel, text)
    message = workspace.add(
        Message(
            workspace.channel(channel).id,
            workspace.next_ts(),
            workspace.user(user).id,
            text=_as_stored(service, text),
            thread_ts=thread_ts,
        )
    )
    posted(service, message)
    return message


def _as_stored(service: Service, text: str) -> str:
    """Escape text and turn mentions into Slack's own, as its composer does."""
    known = {user.name: f"<@{user.id}>" for user in service.workspace.users.values()}
    known |= {name: f"<!{name}>" for name in ("here", "channel", "everyone")}
    return re.sub(r"(?<!\S)@([\w-]+)", lambda m: known.get(m[1], m[0]), html.escape(text, quote=False))


async def command(service: Service, user: str, channel: str, text: str) -> Acknowledgement:
    """Send a slash command; when it fails, only this person is told, in Slack's words."""
    workspace = service.workspace
    person, place = workspace.user(user), workspace.channel(channel)
    name, _, rest = text.strip().partition(" ")
    if name not in service.app.commands or "commands" not in service.app.scopes:
        workspace.tell(person.id, place.id, f"`{html.escape(name)}` is not a valid command.")
        return Acknowledgement(error="invalid_command")
    secret = service.addresses.issue(place.id, person.id)
    envelope = Envelope(
        "slash_commands",
        {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM,
            "team_domain": TEAM_DOMAIN,
            "channel_id": place.id,
            "channel_name": place.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": name,
            "text": html.escape(rest.strip(), quote=False),
            "api_app_id": service.app.ids["app"],
            "is_enterprise_install": "false",
            "response_url": f"{service.base_url}/response/{secret}",
            "trigger_id": service.triggers.issue(person.id),
        },
        accepts_response=True,
    )
    outcome = await service.deliver(envelope)
    if outcome.ok and outcome.payload:
        outcome.error = _say_along(service, place.id, person.id, outcome.payload)
    if not outcome.ok:
        workspace.tell(person.id, place.id, f'{name} failed with the error "{outcome.error}"')
    return outcome


def _say_along(service: Service, channel: str, user: str, payload: Mapping[str, Any]) -> str:
    arguments = Arguments(payload)
    try:
        say(service, channel, user, arguments)
    except (Refusal, RateLimitedError) as refusal:
        error = refusal.code if isinstance(refusal, Refusal) else "ratelimited"
        service.log(Call(0.0, "acknowledgement", arguments, 200, error, {"ok": False, "error": error}))
        return "invalid_command_response"
    return ""


def _who(service: Service, user: str) -> dict[str, Any]:
    person = service.workspace.user(user)
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM},
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "api_app_id": service.app.ids["app"],
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _where(service: Service, channel: str) -> dict[str, str]:
    return {"id": channel, "name": service.workspace.channels[channel].name}


async def press(
    service: Service, user: str, channel: str, ts: str, action_id: str, *, value: Any = None, block_id: str = ""
) -> Acknowledgement:
    """Use an element of a message: press a button, or choose `value` in anything else.

    Raises:
        Refusal: `message_not_found`, `no_such_action`, or `no_such_option`.
    """
    workspace = service.workspace
    message = workspace.message(channel, ts)
    if message.visible_to not in (None, workspace.user(user).id):
        raise Refusal("message_not_found")
    found_block, element = _find(message.blocks, action_id, block_id)
    action = _action(service, found_block, element, value)
    if element["type"] not in STATELESS:
        message.selected.setdefault(found_block, {})[action_id] = entered(element, value)
        workspace.touch(message)
    ephemeral = message.visible_to is not None
    secret = service.addresses.issue(channel, workspace.user(user).id, ts, message.thread_ts)
    payload = {
        "type": "block_actions",
        **_who(service, user),
        "container": {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "trigger_id": service.triggers.issue(workspace.user(user).id),
        "channel": _where(service, channel),
        "state": {"values": states(message.blocks, message.selected)},
        "response_url": f"{service.base_url}/response/{secret}",
        "actions": [action],
    }
    if not ephemeral:
        payload["message"] = workspace.message_as_slack(message)
    return await service.deliver(Envelope("interactive", payload))


async def press_in_view(
    service: Service, user: str, view_id: str, action_id: str, *, value: Any = None, block_id: str = ""
) -> Acknowledgement:
    """Use an element of a modal or home view.

    Raises:
        Refusal: `not_found`, `no_such_action`, or `no_such_option`.
    """
    view = _view(service, user, view_id)
    found_block, element = _find(view.body["blocks"], action_id, block_id)
    if element["type"] not in STATELESS:
        view.values.setdefault(found_block, {})[action_id] = entered(element, value)
    view.values = states(view.body["blocks"], view.values)
    payload = {
        "type": "block_actions",
        **_who(service, user),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": service.triggers.issue(view.user, view.id),
        "view": modals.view_as_slack(service, view),
        "actions": [_action(service, found_block, element, value)],
    }
    return await service.deliver(Envelope("interactive", payload))


async def shortcut(service: Service, user: str, callback_id: str, channel: str = "", ts: str = "") -> Acknowledgement:
    """Use a shortcut from a message's menu, or a global one where no message is given.

    Raises:
        Refusal: `no_such_shortcut` or `message_not_found`.
    """
    offered = service.app.shortcuts.get(callback_id)
    if offered is None or (offered.kind == "message") != bool(ts):
        raise Refusal("no_such_shortcut")
    person = service.workspace.user(user).id
    payload: dict[str, Any] = {
        **_who(service, user),
        "action_ts": service.workspace.next_ts(),
        "callback_id": callback_id,
        "trigger_id": service.triggers.issue(person),
    }
    if not ts:
        return await service.deliver(Envelope("interactive", {"type": "shortcut", **payload}))
    message = service.workspace.message(channel, ts)
    secret = service.addresses.issue(channel, person, ts, message.thread_ts)
    payload |= {
        "type": "message_action",
        "channel": _where(service, channel),
        "message_ts": ts,
        "message": service.workspace.message_as_slack(message),
        "response_url": f"{service.base_url}/response/{secret}",
    }
    outcome = await service.deliver(Envelope("interactive", payload))
    if not outcome.ok:
        text = f'{offered.name} failed with the error "{outcome.error}"'
        service.workspace.tell(person, channel, text, message.thread_ts)
    return outcome


async def submit(service: Service, user: str, view_id: str, values: Mapping[str, Mapping[str, Any]]) -> Acknowledgement:
    """Submit a modal with `values` by block ID and action ID; what is left out keeps its state.

    Slack itself complains about a required input that is empty; nothing is sent then.

    Raises:
        Refusal: `not_found` or `no_such_option`.
    """
    view = _view(service, user, view_id)
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
        **_who(service, user),
        "trigger_id": service.triggers.issue(view.user, view.id),
        "view": modals.view_as_slack(service, view),
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
    view = _view(service, user, view_id)
    service.workspace.views.pop(view.id, None)
    service.workspace.changed()
    if view.body.get("notify_on_close"):
        payload = {
            "type": "view_closed",
            **_who(service, user),
            "view": modals.view_as_slack(service, view),
            "is_cleared": bool(view.body.get("clear_on_close")),
        }
        await service.deliver(Envelope("interactive", payload))


def _follow(service: Service, view: View, payload: Mapping[str, Any]) -> str:
    """Do what the answer to a submission says; return an error where Slack could not."""
    action = payload.get("response_action")
    if action == "errors":
        known = {block.get("block_id") for block in view.body["blocks"] if block["type"] == "input"}
        errors = payload.get("errors") or {}
        if not errors or not known.issuperset(errors):
            return "invalid_response_action"
        view.errors = dict(errors)
        service.workspace.changed()
        return ""
    if action in {"update", "push"}:
        try:
            check_view(payload.get("view"), "modal")
        except Refusal as refusal:
            service.log(Call(0.0, "acknowledgement", payload, 200, refusal.code, refusal.answer()))
            return refusal.code
        name_blocks(payload["view"]["blocks"])
        if action == "update":
            modals.replace(service, view, payload["view"])
        else:
            modals.show(service, view.user, payload["view"], view)
        return ""
    if action == "clear":
        service.workspace.close_views(view.user)
    else:
        service.workspace.views.pop(view.id, None)
        service.workspace.changed()
    return ""


def _left_out(view: View) -> dict[str, str]:
    missing = {}
    for block in view.body["blocks"]:
        if block["type"] == "input" and not block.get("optional"):
            state = view.values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
            if empty(state):
                missing[block["block_id"]] = "Please complete this required field."
    return missing


def _view(service: Service, user: str, view_id: str) -> View:
    person = service.workspace.user(user).id
    view = service.workspace.views.get(view_id) or service.workspace.homes.get(person)
    if view is None or view.id != view_id or view.user != person:
        raise Refusal("not_found")
    return view


def _find(blocks: list[dict[str, Any]], action_id: str, block_id: str) -> tuple[str, Mapping[str, Any]]:
    for found_block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in ("", found_block):
            return found_block, element
    raise Refusal("no_such_action", [f"{action_id!r} is not there"])


def _action(service: Service, block_id: str, element: Mapping[str, Any], value: Any) -> dict[str, Any]:
    action = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": service.workspace.next_ts(),
        **{key: element[key] for key in ("text", "value", "style", "url", "placeholder") if key in element},
    }
    if element["type"] == "feedback_buttons":
        return action | {"value": element[f"{value or 'positive'}_button"]["value"]}
    return action | entered(element, value)
