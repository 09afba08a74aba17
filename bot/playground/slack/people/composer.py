"""What people type: messages and slash commands."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.delivery.events import posted
from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.journal import Call
from bot.playground.slack.limits import RateLimited
from bot.playground.slack.people.payloads import VERIFICATION_TOKEN, response_url
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.response_urls import say
from bot.playground.slack.workspace.channels import Channel
from bot.playground.slack.workspace.files import File
from bot.playground.slack.workspace.messages import Message
from bot.playground.slack.workspace.users import TEAM, TEAM_DOMAIN, User

SWITCHED_OFF = "Sending messages to this app has been turned off."
"""What Slack shows in place of the composer where the manifest has no Messages tab, or a read-only one."""


@dataclass(frozen=True)
class Attached:
    """A file that somebody attaches to a message."""

    name: str
    content: bytes


async def type_text(
    service: Service,
    user: str,
    channel: str,
    text: str,
    thread_ts: str | None = None,
    *,
    attached: Attached | None = None,
) -> Acknowledgement | Message:
    """Enter text in the composer: a slash command, or a message as Slack would store it, escaped, with a file or none.

    Raises:
        Refusal: `user_not_found`, `channel_not_found`, `not_in_channel` or `thread_not_found`.
    """
    workspace = service.workspace
    person, talk = _member(service, user, channel)
    if thread_ts and thread_ts not in workspace.messages.get(talk.id, {}):
        raise Refusal("thread_not_found")
    if text.startswith("/") and thread_ts:
        sorry = f"{html.escape(text.split(maxsplit=1)[0])} is not supported in threads. Sorry!"
        return workspace.tell(person.id, talk.id, sorry, thread_ts)
    if text.startswith("/"):
        return await command(service, user, channel, text)
    if talk.person and not service.app.takes_messages:
        return workspace.tell(person.id, talk.id, SWITCHED_OFF)
    stored = _as_stored(service, text)
    files = [_uploaded(service, attached)] if attached else []
    message = workspace.add(
        Message(talk.id, workspace.next_ts(), person.id, text=stored, thread_ts=thread_ts, files=files)
    )
    posted(service, message)
    return message


def _uploaded(service: Service, attached: Attached) -> dict[str, Any]:
    file = File(service.workspace.new_id("F"), attached.name, len(attached.content), content=attached.content)
    file.mode = "hosted"
    service.workspace.files[file.id] = file
    return file.as_slack(service.base_url)


def _member(service: Service, user: str, channel: str) -> tuple[User, Channel]:
    person, talk = service.workspace.user(user), service.workspace.channel(channel)
    if person.id not in talk.members:
        raise Refusal("not_in_channel")
    return person, talk


def _as_stored(service: Service, text: str) -> str:
    """Escape text and turn mentions into Slack's own, as its composer does."""
    known = {user.name: f"<@{user.id}>" for user in service.workspace.users.values()}
    known |= {name: f"<!{name}>" for name in ("here", "channel", "everyone")}
    return re.sub(r"(?<!\S)@([\w-]+)", lambda m: known.get(m[1], m[0]), html.escape(text, quote=False))


def _as_sent(service: Service, name: str, text: str) -> str:
    """What follows a command, with people and channels as ids where the manifest asks for that.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    escaped = html.escape(text, quote=False)
    if not service.app.commands[name].should_escape:
        return escaped
    known = {f"@{user.name}": f"<@{user.id}|{user.name}>" for user in service.workspace.users.values()}
    known |= {f"#{each.name}": f"<#{each.id}|{each.name}>" for each in service.workspace.channels.values()}
    return re.sub(r"(?<!\S)[@#][\w-]+", lambda m: known.get(m[0], m[0]), escaped)


async def command(service: Service, user: str, channel: str, text: str) -> Acknowledgement:
    """Send a slash command; when it fails, only this person is told, in Slack's words.

    Raises:
        Refusal: `user_not_found`, `channel_not_found` or `not_in_channel`.
    """
    workspace = service.workspace
    person, talk = _member(service, user, channel)
    name, _, rest = text.strip().partition(" ")
    if name not in service.app.commands or "commands" not in service.app.scopes:
        workspace.tell(person.id, talk.id, f"`{html.escape(name)}` is not a valid command.")
        return Acknowledgement(error="invalid_command")
    envelope = Envelope(
        "slash_commands",
        {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM,
            "team_domain": TEAM_DOMAIN,
            "channel_id": talk.id,
            "channel_name": talk.name,
            "user_id": person.id,
            "user_name": person.name,
            "command": name,
            "text": _as_sent(service, name, rest.strip()),
            "api_app_id": service.app.ids["app"],
            "is_enterprise_install": "false",
            "response_url": response_url(service, talk.id, person.id),
            "trigger_id": service.triggers.issue(person.id),
        },
        accepts_response=True,
    )
    outcome = await service.deliver(envelope)
    if outcome.ok and outcome.payload:
        outcome.error = _say_along(service, talk.id, person.id, outcome.payload)
    if not outcome.ok:
        workspace.tell(person.id, talk.id, f'{name} failed with the error "{outcome.error}"')
    return outcome


def _say_along(service: Service, channel: str, user: str, payload: Mapping[str, Any]) -> str:
    """Show what came along with an acknowledgement; an error where Slack cannot."""
    arguments = Arguments(payload)
    try:
        say(service, channel, user, arguments)
    except (Refusal, RateLimited) as refusal:
        error = refusal.code if isinstance(refusal, Refusal) else "ratelimited"
        service.log(Call(0.0, "acknowledgement", arguments, 200, error, {"ok": False, "error": error}))
        return "invalid_command_response"
    return ""
