"""The chat methods: post, show to one person, edit, delete."""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.delivery.events import posted
from bot.playground.slack.journal import IdenticalEdit
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.contents import UPDATE_CHARACTERS, content, metadata, rewrite
from bot.playground.slack.web.method import Method
from bot.playground.slack.workspace.channels import Channel
from bot.playground.slack.workspace.messages import Message


def _target(service: Service, arguments: Arguments) -> Channel:
    reference = arguments.text("channel")
    if reference in service.workspace.users:
        return service.workspace.open_direct(reference)
    channel = service.workspace.channel(reference)
    if channel.person is None and service.app.ids["user"] not in channel.members:
        if channel.is_private:
            raise Refusal("channel_not_found")
        if "chat:write.public" not in service.app.scopes:
            raise Refusal("not_in_channel")
    return channel


def _thread(service: Service, channel: Channel, arguments: Arguments) -> str | None:
    thread_ts = arguments.text("thread_ts")
    if not thread_ts:
        return None
    if thread_ts not in service.workspace.messages.get(channel.id, {}):
        raise Refusal("thread_not_found")
    return service.workspace.message(channel.id, thread_ts).root


def post_message(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Post a message to a channel, a thread or a person."""
    channel = _target(service, arguments)
    service.rate_limits.post(channel.id)
    workspace = service.workspace
    message = workspace.add(
        Message(
            channel.id,
            workspace.next_ts(),
            service.app.ids["user"],
            **content(arguments),
            thread_ts=_thread(service, channel, arguments),
            broadcast=arguments.flag("reply_broadcast"),
            metadata=metadata(arguments),
        )
    )
    posted(service, message)
    return {"channel": channel.id, "ts": message.ts, "message": workspace.message_as_slack(message, with_metadata=True)}


def post_ephemeral(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Show a message to one person."""
    channel = _target(service, arguments)
    if arguments.text("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    workspace = service.workspace
    message = workspace.add(
        Message(
            channel.id,
            workspace.next_ts(),
            service.app.ids["user"],
            **content(arguments),
            thread_ts=_thread(service, channel, arguments),
            visible_to=arguments.text("user"),
        )
    )
    return {"message_ts": message.ts}


def _own(service: Service, arguments: Arguments, code: str) -> Message:
    if arguments.text("channel") not in service.workspace.channels:
        raise Refusal("channel_not_found")
    message = service.workspace.message(arguments.text("channel"), arguments.text("ts"))
    if message.visible_to is not None:
        raise Refusal("message_not_found")
    if message.user != service.app.ids["user"]:
        raise Refusal(code)
    return message


def update(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Change a message of the bot; without text the former blocks stay, with text alone they go."""
    message = _own(service, arguments, "cant_update_message")
    noted = metadata(arguments) if "metadata" in arguments else message.metadata
    keeps_content = not arguments.text("text") and not {"blocks", "attachments"} & arguments.keys()
    if not keeps_content or "metadata" not in arguments:
        new = content(arguments, UPDATE_CHARACTERS)
        if new["as_sent"] == message.as_sent:
            service.journal.identical_edits.append(IdenticalEdit(message.channel, message.ts, message.text))
        rewrite(service, message, new)
    message.metadata = noted
    service.workspace.touch(message)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": service.workspace.message_as_slack(message, with_metadata=True),
    }


def delete(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Delete a message of the bot."""
    message = _own(service, arguments, "cant_delete_message")
    service.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(service: Service, arguments: Arguments) -> dict[str, Any]:
    """The address of a message on the page."""
    channel, ts = arguments.text("channel"), arguments.text("message_ts")
    if channel not in service.workspace.channels:
        raise Refusal("channel_not_found")
    service.workspace.message(channel, ts)
    return {"channel": channel, "permalink": f"{service.base_url}/#{channel}/{ts}"}


_CHANNEL = {"channel": "channel_not_found"}
METHODS = {
    "chat.postMessage": Method(post_message, 4, ("chat:write",), _CHANNEL),
    "chat.postEphemeral": Method(post_ephemeral, 4, ("chat:write",), {**_CHANNEL, "user": "user_not_in_channel"}),
    "chat.update": Method(update, 3, ("chat:write",), {**_CHANNEL, "ts": "message_not_found"}),
    "chat.delete": Method(delete, 3, ("chat:write",), {**_CHANNEL, "ts": "message_not_found"}),
    "chat.getPermalink": Method(permalink, 4, (), {**_CHANNEL, "message_ts": "message_not_found"}),
}
