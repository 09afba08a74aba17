"""What the bot sends to a `response_url` or along with an acknowledgement.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.delivery.events import posted
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.contents import content, rewrite
from bot.playground.slack.workspace.messages import Message


def respond(service: Service, secret: str, arguments: Arguments) -> dict[str, Any]:
    """Use a response address once.

    Raises:
        Refusal: it is used up or expired, or Slack refuses the message.
        RateLimited: there were too many messages for everyone in the channel.
    """
    url = service.response_urls.use(secret)
    original = service.workspace.messages.get(url.channel, {}).get(url.message or "")
    if arguments.flag("delete_original"):
        if original is None:
            raise Refusal("message_not_found")
        service.workspace.remove(original)
        return {}
    new = content(arguments)
    if arguments.flag("replace_original") and original is not None:
        if original.user != service.app.ids["user"]:
            raise Refusal("message_not_found")
        rewrite(service, original, new)
        service.workspace.touch(original)
        return {}
    thread_ts = arguments.text("thread_ts") or url.thread
    message = say(service, url.channel, url.user, arguments, thread_ts=thread_ts)
    url.message = url.message or message.ts
    return {}


def say(service: Service, channel: str, user: str, arguments: Arguments, *, thread_ts: str | None = None) -> Message:
    """Show a response: to everyone for `in_channel`, else to the person who acted.

    Raises:
        Refusal: Slack refuses the message.
        RateLimited: there were too many messages for everyone in the channel.
    """
    everyone = arguments.text("response_type") == "in_channel"
    new = content(arguments)
    if everyone:
        service.rate_limits.post(channel)
    message = service.workspace.add(
        Message(
            channel,
            service.workspace.next_ts(),
            service.app.ids["user"],
            **new,
            thread_ts=thread_ts,
            visible_to=None if everyone else user,
        )
    )
    posted(service, message)
    return message
