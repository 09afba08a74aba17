"""What the bot sends to a `response_url` or along with an acknowledgement.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from typing import Any

from bot.playground import chat
from bot.playground.method import Arguments
from bot.playground.refusal import Refusal
from bot.playground.service import Service
from bot.playground.workspace import Message


def respond(service: Service, secret: str, arguments: Arguments) -> dict[str, Any]:
    """Use a response address once.

    Raises:
        Refusal: When the address is used up or expired, or Slack refuses the message.
        RateLimitedError: When there were too many messages for everyone in the channel.
    """
    address = service.addresses.use(secret)
    original = service.workspace.messages.get(address.channel, {}).get(address.message or "")
    if arguments.flag("delete_original"):
        if original is None:
            raise Refusal("message_not_found")
        service.workspace.remove(original)
        return {}
    new = chat.content(arguments)
    if arguments.flag("replace_original") and original is not None:
        if original.user != service.app.ids["user"]:
            raise Refusal("message_not_found")
        chat.rewrite(service, original, new, shows_edited=not new["blocks"])
        return {}
    thread_ts = arguments.text("thread_ts") or address.thread
    message = say(service, address.channel, address.user, arguments, thread_ts=thread_ts)
    address.message = address.message or message.ts
    return {}


def say(service: Service, channel: str, user: str, arguments: Arguments, *, thread_ts: str | None = None) -> Message:
    """Show a response: to everyone for `in_channel`, else to the person who acted.

    Raises:
        Refusal: When Slack refuses the message.
        RateLimitedError: When there were too many messages for everyone in the channel.
    """
    everyone = arguments.text("response_type") == "in_channel"
    new = chat.content(arguments)
    if everyone:
        chat.count_post(service, channel)
    return service.workspace.add(
        Message(
            channel,
            service.workspace.next_ts(),
            service.app.ids["user"],
            **new,
            thread_ts=thread_ts,
            visible_to=None if everyone else user,
        )
    )
