"""The calls that post, edit and find the messages of one run."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.messages.messages import MESSAGE
from bot.runs.model import Run
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.messages.where import Where
from handlers import refusals
from handlers.views.blocks import Message, escape

EVENT = "netcheck_run"
"""The `event_type` of the metadata that every message of a run carries."""
CLOCKS_APART_S = 120
"""How far Slack's clock and Redis's may be apart when a message is looked for."""
PAGES = 5
_PAGE = 200
_AS_IT_IS = {"parse": "none", "link_names": False}
"""Nothing in a text becomes a mention or a link by itself."""

log = logging.getLogger(__name__)


class TooSoonError(Exception):
    """Slack has asked to wait before a call like this one."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"Slack asked to wait for {wait_s:.1f} s more.")
        self.wait_s = wait_s


class Pauses:
    """What Slack has asked to leave alone for a while, shared by all runs: one refusal is enough for all of them."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def call(self, kind: str, method: Callable[..., Any], **arguments: Any) -> Any:
        """Call a method of Slack, unless calls of this kind must wait.

        Raises:
            TooSoonError: they must.
            SlackApiError: what Slack answers.
        """
        wait_s = self._until.get(kind, 0.0) - time.monotonic()
        if wait_s > 0:
            raise TooSoonError(wait_s)
        try:
            return method(**arguments)
        except SlackApiError as error:
            if refusals.code(error) == refusals.TOO_MANY:
                self._until[kind] = time.monotonic() + refusals.wait_s(error)
            raise


class Posts:
    """The messages of one run. Every method may raise what `WebClient` raises, and `TooSoonError`."""

    def __init__(self, slack: WebClient, pauses: Pauses, run: Run) -> None:
        self._slack: Any = slack
        self._pauses = pauses
        self._run = run

    def post(self, where: Where, thread: str, part: str, view: Message) -> str:
        """Post a part of the run, in a thread or (empty) in the channel; its `ts`."""
        target: dict[str, Any] = {"channel": where.channel, "metadata": self._metadata(part)}
        target |= {"thread_ts": thread} if thread else {}
        target |= {"unfurl_links": False, "unfurl_media": False}
        # Slack counts posts by channel and edits by workspace.
        answer = self._plainer(f"post {where.channel}", self._slack.chat_postMessage, target, view)
        return str(answer["ts"])

    def edit(self, where: Where, ts: str, view: Message, part: str = MESSAGE) -> None:
        """Make a message say something else."""
        target = {"channel": where.channel, "ts": ts, "metadata": self._metadata(part)}
        self._plainer("edit", self._slack.chat_update, target, view)

    def find(self, where: Where, thread: str, part: str, since: float) -> str:
        """The `ts` of a part that was posted after `since` (Unix time in seconds); empty when it is not there.

        Without the scope to read the channel nobody can tell; posting it twice is better than not at all.
        """
        wanted = self._metadata(part)
        try:
            for message in self._messages(where.channel, thread, since - CLOCKS_APART_S):
                if message.get("metadata") == wanted:
                    return str(message["ts"])
        except SlackApiError as error:
            if refusals.code(error) not in refusals.NOT_READABLE:
                raise
            log.warning(
                "cannot look whether run %s is in %s already: %s", self._run.id, where.channel, refusals.code(error)
            )
        return ""

    def explain(self, where: Where) -> str:
        """Tell the person who asked why the channel stays silent; the id of the direct conversation, or nothing."""
        cluster, bare = escape(self._run.request.cluster), where.channel
        text = (
            f"I cannot write to <#{bare}>, so here is what you asked about *{cluster}*. "
            "Invite me there to have it in the channel next time: `/invite @netcheck`."
        )
        try:
            answer = self._slack.chat_postMessage(channel=self._run.request.requested_by.user, text=text)
        except SlackApiError as error:
            log.warning("cannot write to %s either: %s", self._run.request.requested_by.user, refusals.code(error))
            return ""
        return str(answer["channel"])

    def _messages(self, channel: str, thread: str, since: float) -> Iterator[dict[str, Any]]:
        read = {"channel": channel, "oldest": f"{since:.6f}", "include_all_metadata": True, "limit": _PAGE}
        method = self._slack.conversations_history
        if thread:
            read["ts"], method = thread, self._slack.conversations_replies
        for _ in range(PAGES):
            answer = method(**read)
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return
            read["cursor"] = cursor

    def _metadata(self, part: str) -> dict[str, Any]:
        payload = {"run": self._run.id, "cluster": self._run.request.cluster, "part": part}
        return {"event_type": EVENT, "event_payload": payload}

    def _plainer(self, kind: str, method: Callable[..., Any], target: dict[str, Any], view: Message) -> Any:
        """Send a view, and if Slack does not take its blocks, its text alone: an ugly answer is better than none."""
        try:
            return self._pauses.call(kind, method, **target, **_AS_IT_IS, **view)
        except SlackApiError as error:
            if refusals.code(error) not in refusals.BLOCKS:
                raise
            log.exception("Slack does not take the blocks of a view")
            return self._pauses.call(kind, method, **target, **_AS_IT_IS, text=view["text"], blocks=[])
