"""The calls that post, edit and find the messages of one record."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.messages.messages import MESSAGE
from bot.messages.pace import EDITS, FILES, READS, ROOMS, Calls, Pace, posts
from bot.messages.where import Where
from handlers import refusals
from handlers.response_urls import ResponseUrls
from handlers.views.blocks import Message, escape
from handlers.views.tasks import without_plans

EVENT = "netcheck_record"
"""The `event_type` of the metadata that every message of a record carries."""
CLOCKS_APART_S = 120
"""How far Slack's clock and Redis's may be apart when a message is looked for."""
PAGES = 5
ROOM_TRIES = 5
_PAGE = 200
_AS_IT_IS = {"parse": "none", "link_names": False}
"""Nothing in a text becomes a mention or a link by itself."""

_HINT = "NETCHECK_SLACK_BLOCKS=plain does without the newer ones from the start"

log = logging.getLogger(__name__)


class TooSoonError(Exception):
    """It is not this call's turn yet."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"The next turn is in {wait_s:.1f} s.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Subject:
    """The record whose messages these are."""

    cluster: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id} of {self.cluster}"


@dataclass(frozen=True, slots=True)
class Sender:
    """By what the messages of all records are sent."""

    slack: WebClient
    pace: Pace
    response_urls: ResponseUrls
    plain: bool = False
    """Whether the workspace does not take Slack's newer blocks."""


class Posts:
    """The messages of one record.

    Every method may raise what `WebClient` raises, `redis.RedisError`, and `TooSoonError` when calls of its kind have
    to wait. First messages and edits for which somebody waits go before
    everything else.
    """

    def __init__(self, sender: Sender, subject: Subject) -> None:
        self._slack: Any = sender.slack
        self._pace = sender.pace
        self._response_urls = sender.response_urls
        self._plain = sender.plain
        self._subject = subject

    def post(self, where: Where, thread: str, part: str, view: Message) -> str:
        """Post a part of the record, in a thread or (empty) in the channel; its `ts`."""
        calls = posts(where.channel)
        self._turn(self._pace.first if part == MESSAGE else self._pace.then, calls)
        try:
            return self.put(where, thread, part, view)
        except TooSoonError:
            if part == MESSAGE:
                # What was asked for first is still shown first.
                self._pace.back(calls, str(self._subject))
            raise

    def put(self, where: Where, thread: str, part: str, view: Message) -> str:
        """The same for who has taken the turn already."""
        target: dict[str, Any] = {"channel": where.channel, "metadata": self._metadata(part)}
        target |= {"thread_ts": thread} if thread else {}
        target |= {"unfurl_links": False, "unfurl_media": False}
        calls = posts(where.channel)
        try:
            return str(self._plainer(calls, self._slack.chat_postMessage, target, view)["ts"])
        finally:
            # However long it was on its way: it was there before the answer was.
            self._pace.delay(calls, calls.interval_s)

    def edit(self, where: Where, ts: str, view: Message, part: str, *, prompt: bool) -> None:
        """Make a message say something else; `prompt` where somebody waits for it.

        One that was clicked is edited by the click's own address, which Slack does not count.
        """
        if self._response_urls.edit(where, ts, without_plans(view) if self._plain else view):
            return
        target = {"channel": where.channel, "ts": ts, "metadata": self._metadata(part)}
        self._turn(self._pace.first if prompt else self._pace.then, EDITS)
        self._plainer(EDITS, self._slack.chat_update, target, view)

    def turn(self, where: Where) -> None:
        """Take the turn for a post in that channel, before anything is done for it that would be in vain."""
        self._turn(self._pace.then, posts(where.channel))

    def upload(self, name: str, content: bytes, alt: str) -> str:
        """Give Slack a file that nobody sees yet; its id. Where this fails, nothing has happened.

        Args:
            name: The file's name.
            content: Its bytes.
            alt: What it shows, for who does not see it.
        """
        self._turn(self._pace.then, FILES)
        what = {"filename": name, "length": len(content), "alt_txt": alt}
        answer = self._call(FILES, self._slack.files_getUploadURLExternal, what)
        self._send(str(answer["upload_url"]), content)
        return str(answer["file_id"])

    def share(self, where: Where, thread: str, file: str, title: str) -> None:
        """Show a file that was uploaded; the message appears some time after the answer, and has no metadata."""
        calls, files = posts(where.channel), [{"id": file, "title": title}]
        target = {"channel_id": where.channel} | ({"thread_ts": thread} if thread else {})
        try:
            self._call(calls, self._slack.files_completeUploadExternal, {"files": files, **target})
        finally:
            self._pace.delay(calls, calls.interval_s)

    def _send(self, url: str, content: bytes) -> None:
        """The second step of an upload, for which the SDK has no public method."""
        if not url.startswith(("https://", "http://")):
            raise ValueError(f"Slack gave {url[:80]!r} as the address for a file")
        proxy = self._slack.proxy
        handlers: list[Any] = [HTTPSHandler(context=self._slack.ssl)]
        handlers += [ProxyHandler({"http": proxy, "https": proxy})] if proxy else []
        request = Request(url, data=content, method="POST", headers={"Content-Type": "application/octet-stream"})  # noqa: S310 - looked at above
        with build_opener(*handlers).open(request, timeout=self._slack.timeout) as answer:
            answer.read()

    def find(self, where: Where, thread: str, part: str, since: float, file: str = "") -> str:
        """The `ts` of a part that was posted after `since` (Unix time in seconds); empty when it is not there.

        A part that is a file is also known by the file's name, because its message carries no metadata.
        Without the scope to read the channel nobody can tell; posting it twice is better than not at all.
        """
        wanted = self._metadata(part)
        self._turn(self._pace.first, READS)
        try:
            for message in self._messages(where.channel, thread, since - CLOCKS_APART_S):
                named = {each.get("name") for each in message.get("files") or ()}
                if message.get("metadata") == wanted or (file and file in named):
                    return str(message["ts"])
        except SlackApiError as error:
            if refusals.code(error) not in refusals.NOT_READABLE:
                raise
            log.warning(
                "cannot look whether %s is in %s already: %s", self._subject, where.channel, refusals.code(error)
            )
        return ""

    def explain(self, where: Where, user: str, code: str) -> str:
        """Tell the person who asked why the channel stays silent; the id of the direct conversation, or nothing."""
        text = (
            f"I cannot write to <#{where.channel}>, so here is what you asked about *{escape(self._subject.cluster)}*. "
            f"{refusals.NOT_HERE[code]}"
        )
        try:
            answer = self._call(posts(user), self._slack.chat_postMessage, {"channel": user, "text": text})
        except SlackApiError as error:
            if refusals.code(error) not in refusals.NOT_HERE:
                raise
            log.warning("cannot write to %s either: %s", user, refusals.code(error))
            return ""
        return str(answer["channel"])

    def room(self, name: str) -> str:
        """Make a channel of that name, or of one much like it where there is one already; its id.

        Empty where the bot may not: Slack's own word for it is in the log.
        """
        for number in range(1, ROOM_TRIES + 1):
            called = name if number == 1 else f"{name}-{number}"
            try:
                return str(self._call(ROOMS, self._slack.conversations_create, {"name": called})["channel"]["id"])
            except SlackApiError as error:
                if refusals.code(error) == refusals.NAME_TAKEN:
                    continue
                if not refusals.certain(error):
                    raise
                log.warning("%s gets no channel of its own: %s", self._subject, refusals.code(error))
                return ""
        return ""

    def invite(self, room: str, user: str) -> None:
        """Have somebody in a channel; who cannot be had there is still called by name."""
        try:
            self._call(ROOMS, self._slack.conversations_invite, {"channel": room, "users": user})
        except SlackApiError as error:
            if refusals.code(error) != refusals.THERE_ALREADY:
                log.warning("%s is not in %s: %s", user, room, refusals.code(error))

    def _messages(self, channel: str, thread: str, since: float) -> Iterator[dict[str, Any]]:
        read = {"channel": channel, "oldest": f"{since:.6f}", "include_all_metadata": True, "limit": _PAGE}
        method = self._slack.conversations_history
        if thread:
            read["ts"], method = thread, self._slack.conversations_replies
        for _ in range(PAGES):
            answer = self._call(READS, method, read)
            yield from answer["messages"]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return
            read["cursor"] = cursor

    def _metadata(self, part: str) -> dict[str, Any]:
        subject = self._subject
        payload = {"cluster": subject.cluster, "kind": subject.kind, "id": subject.id, "part": part}
        return {"event_type": EVENT, "event_payload": payload}

    def _turn(self, take: Callable[[Calls, str], float], calls: Calls) -> None:
        wait_s = take(calls, str(self._subject))
        if wait_s > 0:
            raise TooSoonError(wait_s)

    def _call(self, calls: Calls, method: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        try:
            return method(**arguments)
        except SlackApiError as error:
            if refusals.code(error) != refusals.TOO_MANY:
                raise
            self._pace.delay(calls, refusals.wait_s(error))
            raise TooSoonError(refusals.wait_s(error)) from error

    def _plainer(self, calls: Calls, method: Callable[..., Any], target: dict[str, Any], view: Message) -> Any:
        """Send a view, and if Slack does not take its blocks, ever plainer ones, its text alone in the end.

        An ugly answer is better than none.
        """
        plain = without_plans(view)
        forms = [*([] if self._plain or plain == view else [view]), plain]
        for form in forms:
            try:
                return self._call(calls, method, {**target, **_AS_IT_IS, **form})
            except SlackApiError as error:
                if refusals.code(error) not in refusals.BLOCKS:
                    raise
                log.warning("Slack does not take the blocks of a message (%s); %s", refusals.code(error), _HINT)
        return self._call(calls, method, {**target, **_AS_IT_IS, "text": view["text"], "blocks": []})
