"""Shortcuts: in a message's menu, or global."""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.manifest import Shortcut
from bot.playground.slack.people.payloads import response_url, where, who
from bot.playground.slack.service import Service


async def shortcut_on_message(service: Service, user: str, callback_id: str, channel: str, ts: str) -> Acknowledgement:
    """Use a shortcut from the menu of a message; when it fails, the person is told beside the message.

    Raises:
        Refusal: `no_such_shortcut` or `message_not_found`.
    """
    offered = _offered(service, callback_id, "message")
    message = service.workspace.message(channel, ts)
    person = service.workspace.user(user).id
    if message.visible_to is not None:
        raise Refusal("message_not_found")
    payload = {
        "type": "message_action",
        **_payload(service, person, callback_id),
        "channel": where(service, channel),
        "message_ts": ts,
        "message": service.workspace.message_as_slack(message),
        "response_url": response_url(service, channel, person, ts, message.thread_ts),
    }
    outcome = await service.deliver(Envelope("interactive", payload))
    if not outcome.ok:
        service.workspace.tell(person, channel, _failed(offered, outcome), message.thread_ts)
    return outcome


async def shortcut(service: Service, user: str, callback_id: str, channel: str) -> Acknowledgement:
    """Use a global shortcut; when it fails, the person is told in the channel that they look at.

    Raises:
        Refusal: `no_such_shortcut` or `channel_not_found`.
    """
    offered = _offered(service, callback_id, "global")
    person, talk = service.workspace.user(user).id, service.workspace.channel(channel)
    payload = {"type": "shortcut", **_payload(service, person, callback_id)}
    outcome = await service.deliver(Envelope("interactive", payload))
    if not outcome.ok:
        service.workspace.tell(person, talk.id, _failed(offered, outcome))
    return outcome


def _offered(service: Service, callback_id: str, kind: str) -> Shortcut:
    offered = service.app.shortcuts.get(callback_id)
    if offered is None or offered.kind != kind:
        raise Refusal("no_such_shortcut", [f"the manifest declares no {kind} shortcut {callback_id!r}"])
    return offered


def _payload(service: Service, person: str, callback_id: str) -> dict[str, Any]:
    return {
        **who(service, person),
        "action_ts": service.workspace.next_ts(),
        "callback_id": callback_id,
        "trigger_id": service.triggers.issue(person),
    }


def _failed(offered: Shortcut, outcome: Acknowledgement) -> str:
    return f'{offered.name} failed with the error "{outcome.error}"'
