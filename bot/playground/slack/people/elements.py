"""What people do with the elements of messages, modals and homes: press a button, choose an option."""

from collections.abc import Mapping
from typing import Any

from bot.playground.blockkit.state import STATELESS, elements, entered, states
from bot.playground.refusal import Refusal
from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.people.modals import view_of
from bot.playground.slack.people.payloads import response_url, where, who
from bot.playground.slack.service import Service


async def press(
    service: Service, user: str, channel: str, ts: str, action_id: str, *, value: Any = None, block_id: str = ""
) -> Acknowledgement:
    """Use an element of a message: press a button, or choose `value` in anything else.

    Raises:
        Refusal: `message_not_found`, `no_such_action`, or `no_such_option`.
    """
    workspace = service.workspace
    message, person = workspace.message(channel, ts), workspace.user(user).id
    if message.visible_to not in (None, person):
        raise Refusal("message_not_found")
    found_block, element = _find(message.blocks, action_id, block_id)
    action = _action(service, found_block, element, value)
    if element["type"] not in STATELESS:
        message.selected.setdefault(found_block, {})[action_id] = entered(element, value)
        workspace.touch(message)
    ephemeral = message.visible_to is not None
    payload = {
        "type": "block_actions",
        **who(service, user),
        "container": {
            "type": "message",
            "message_ts": ts,
            "channel_id": channel,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "trigger_id": service.triggers.issue(person),
        "channel": where(service, channel),
        "state": {"values": states(message.blocks, message.selected)},
        "response_url": response_url(service, channel, person, ts, message.thread_ts),
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
    view = view_of(service, user, view_id)
    found_block, element = _find(view.body["blocks"], action_id, block_id)
    if element["type"] not in STATELESS:
        view.values.setdefault(found_block, {})[action_id] = entered(element, value)
    view.values = states(view.body["blocks"], view.values)
    payload = {
        "type": "block_actions",
        **who(service, user),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": service.triggers.issue(view.user, view.id),
        "view": view.as_slack(service.app.ids),
        "actions": [_action(service, found_block, element, value)],
    }
    return await service.deliver(Envelope("interactive", payload))


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
