"""What Slack's error codes mean for somebody who wants to show a message.

The codes: https://docs.slack.dev/reference/methods/chat.postMessage and .../chat.update.
"""

from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

NO_ANSWER = (SlackClientError, OSError, HTTPException, ValueError)
"""What the SDK raises when there is no answer, or none that is Slack's."""
NOT_HERE = {
    "channel_not_found": "I am not in that channel. Invite me there to have it in the channel: `/invite @netcheck`.",
    "not_in_channel": "I am not in that channel. Invite me there to have it in the channel: `/invite @netcheck`.",
    "is_archived": "That channel is archived. Ask in another one, or have it unarchived.",
    "messages_tab_disabled": "This app takes no direct messages: its manifest switches the messages tab off.",
    "user_not_found": "That person is no longer there. Ask in a channel.",
    "restricted_action": "A setting of the workspace keeps apps from posting there. Ask in another channel, or ask an"
    " administrator to let me post.",
    "restricted_action_non_threadable_channel": "That channel takes no answers in threads. Ask in another one.",
    "restricted_action_read_only_channel": "Only a few may post in that channel. Ask in another one, or ask its"
    " managers to let me post.",
    "restricted_action_thread_only_channel": "That channel takes answers in threads alone. Use the shortcut"
    " on a message there, or ask in another one.",
}
"""Where the bot cannot write and trying again does not help: what whoever asked can do about each."""
NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"})
"""The message to answer is gone, or takes no answers."""
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
"""Somebody deleted the message, or it can no longer be edited: it is left alone."""
BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
"""The view is at fault."""
NOT_READABLE = frozenset(
    {"missing_scope", "channel_not_found", "not_in_channel", "thread_not_found", "not_allowed_token_type"}
)
"""The bot cannot look at what is in the channel."""
BAD_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
"""Only another token helps."""
TOO_MANY = "ratelimited"
NAME_TAKEN = "name_taken"
THERE_ALREADY = "already_in_channel"
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
_WAIT_S = 5.0


def code(error: SlackApiError) -> str:
    """Slack's word for what is wrong; empty when there is none in its answer."""
    answer = _answer(error)
    return str(answer.get("error", "")) if answer is not None else ""


def certain(error: SlackApiError) -> bool:
    """Whether the call is known to have done nothing."""
    status = getattr(error.response, "status_code", 0)
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and code(error) not in _UNCERTAIN | {""}


def wait_s(error: SlackApiError) -> float:
    """Seconds that Slack asks to wait after too many calls."""
    headers = {str(k).lower(): v for k, v in (getattr(error.response, "headers", None) or {}).items()}
    asked = headers.get("retry-after", "")
    asked = asked[0] if isinstance(asked, list) else asked
    return float(asked) if str(asked).isdecimal() else _WAIT_S


def _answer(error: SlackApiError) -> Any:
    data = getattr(error.response, "data", error.response)
    return data if isinstance(data, dict) else None
