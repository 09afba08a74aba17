"""The text of files that people have shared in Slack, fetched with the bot's token.

https://docs.slack.dev/reference/objects/file-object: `url_private` wants the token with the scope `files:read`; without
it Slack redirects to where people log in. The token goes to Slack's own hosts and nowhere else, so no redirect is
followed, and what a payload says about an address is not believed.
"""

import logging
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any
from urllib.error import HTTPError

import msgspec
from slack_sdk import WebClient

from handlers import refusals
from handlers.hosts import of_slack

MOST_BYTES = 1_000_000
"""Of one file: a log that people paste as a snippet has less, and one that has more is cut by whoever shares it."""
MOST_FILES = 5
"""Of one message."""
PATIENCE_S = 10.0
"""For one file."""
_CHUNK = 65536
_GONE = ("tombstone", "hidden_by_limit")
"""Modes of a file that was deleted, or that a free plan no longer shows."""
_TEXTS = ("application/json", "application/xml", "application/yaml", "application/x-yaml", "application/x-sh")

log = logging.getLogger(__name__)


class SharedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file or snippet of a message."""

    name: str = ""
    mode: str = ""
    mimetype: str = ""
    size: int = 0
    """Bytes."""
    url_private: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What several files say."""

    texts: tuple[str, ...]
    unread: tuple[str, ...]
    """What was not read and why, each a sentence."""


class _Unread(Exception):  # noqa: N818 - it is an answer
    """Why a file cannot be read."""


class SharedFiles:
    """Files of one workspace."""

    def __init__(self, slack: WebClient) -> None:
        self._token = slack.token or ""
        self._api = slack.base_url
        proxies = {"http": slack.proxy, "https": slack.proxy} if slack.proxy else None
        handlers: list[Any] = [_NoRedirect(), urllib.request.HTTPSHandler(context=slack.ssl)]
        self._opener = urllib.request.build_opener(*handlers, *([urllib.request.ProxyHandler(proxies)] * bool(proxies)))

    def read(self, files: Sequence[SharedFile]) -> Contents:
        """What the files of a message say; it may take `PATIENCE_S` for each."""
        texts, unread = [], []
        for file in files[:MOST_FILES]:
            try:
                texts.append(self._text(file))
            except _Unread as why:
                unread.append(f"{_named(file)} is not looked at: {why}.")
        if len(files) > MOST_FILES:
            unread.append(f"Only the first {MOST_FILES} of {len(files)} files are looked at.")
        return Contents(tuple(texts), tuple(unread))

    def _text(self, file: SharedFile) -> str:
        if file.mode in _GONE or not file.url_private:
            raise _Unread("it is no longer there")
        if file.mimetype and not file.mimetype.startswith("text/") and file.mimetype not in _TEXTS:
            raise _Unread("it is no text")
        if file.size > MOST_BYTES:
            raise _Unread(f"it has {file.size:,} bytes, and at most {MOST_BYTES:,} are read")
        if not of_slack(file.url_private, self._api):
            raise _Unread("it is not at Slack")
        content = self._fetched(file)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _Unread("it is no text") from None
        if "\0" in text:
            raise _Unread("it is no text")
        return text

    def _fetched(self, file: SharedFile) -> bytes:
        request = urllib.request.Request(file.url_private, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310 - `of_slack` has looked at it
        until = time.monotonic() + PATIENCE_S
        try:
            with self._opener.open(request, timeout=PATIENCE_S / 2) as answer:
                if answer.headers.get_content_type() == "text/html" and file.mimetype != "text/html":
                    raise _Unread("Slack does not give it to me; the app may lack the scope files:read")
                return _bounded(answer, until)
        except HTTPError as error:
            raise _Unread(_why(error.code)) from None
        except refusals.NO_ANSWER as error:
            log.warning("%s cannot be fetched: %s", _named(file), error)
            raise _Unread("Slack does not answer") from None


def _bounded(answer: IO[bytes], until: float) -> bytes:
    content = b""
    while chunk := answer.read(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise _Unread(f"it has more than {MOST_BYTES:,} bytes")
        if time.monotonic() > until:
            raise _Unread("Slack is too slow")
    return content


def _why(status: int) -> str:
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return "it is no longer there"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST or status in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    ):
        return "Slack does not give it to me; the app may lack the scope files:read"
    return f"Slack answers with {status}"


def _named(file: SharedFile) -> str:
    return file.name[:80] or "A file"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Answers a redirect with an error: the token would go along."""

    def redirect_request(self, *_: Any) -> None:
        """See `HTTPRedirectHandler`."""
