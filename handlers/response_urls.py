"""The `response_url`s of clicks, kept so that the message that was clicked changes at once.

An edit through one is not counted among the 50 edits a minute that Slack promises to a workspace, so twenty people who
press at the same moment all see at once what came of it. One is good for five messages in thirty minutes
(https://docs.slack.dev/interactivity/handling-user-interaction#message_responses).
"""

from typing import Any

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.messages.where import Where
from handlers.hosts import of_slack
from handlers.views.blocks import Message

EDITS = 4
"""Uses that are for edits. The fifth is for a word to the person who clicked."""
KEPT_S = 25 * 60


class ResponseUrls:
    """The addresses of one workspace's clicks. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, slack: WebClient) -> None:
        self._client = client
        self._slack = slack

    def keep(self, where: Where, ts: str, url: str) -> None:
        """A message was clicked, and may be edited by this address; what was kept for it before is forgotten."""
        if not (ts and url):
            return
        with self._client.pipeline() as pipeline:
            pipeline.delete(_key(where, ts))
            pipeline.rpush(_key(where, ts), *[url] * EDITS)
            pipeline.expire(_key(where, ts), KEPT_S)
            pipeline.execute()

    def edit(self, where: Where, ts: str, view: Message) -> bool:
        """Make a message that was clicked say something else; False where no address for it is good (any more).

        May raise besides what `handlers.refusals.NO_ANSWER` names: then nobody knows whether it was edited.
        """
        url: bytes | None = self._client.lpop(_key(where, ts))
        # Redis is not what tells netcheck where to send things.
        if url is None or not of_slack(url.decode(errors="replace"), self._slack.base_url):
            return False
        webhook = WebhookClient(
            url.decode(), timeout=self._slack.timeout, ssl=self._slack.ssl, proxy=self._slack.proxy, retry_handlers=[]
        )
        answer = webhook.send_dict({**view, "replace_original": True})
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's number
            self._client.delete(_key(where, ts))
            return False
        return True


def _key(where: Where, ts: str) -> str:
    return f"netcheck:response-urls:{where.channel}:{ts}"
