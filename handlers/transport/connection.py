"""The SDK's Socket Mode client, with what keeps it from being deaf or silent for a while mended.

What slack_sdk 3.47 does, and what is done here instead:

- When Slack announces that it will close a connection, the thread that hands out payloads makes the next one, and waits
  up to three seconds for the last read from the old one. Commands that are typed meanwhile fail. Here it happens aside,
  and the last read is short.
- A connection that was cut is read from in a busy loop until five pings in a row have failed. Here the kernel is asked.
- The thread that reads may take a new connection together with the end mark of the former one. It then never ends, and
  the connection after that is never read. Here both are changed and taken under one lock.
- Acknowledgements are small frames on a socket that gathers them: when several people type at once, each but the first
  waits 40 ms for the other side's delayed ACK. Here they leave at once.
- Closing may fail when two threads close the same socket at the same moment, and never ends when a new connection is
  made meanwhile. Here none is made once it is closed.
"""

import contextlib
import json
import logging
import select
import socket
import threading
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient

from handlers.refusals import NO_ANSWER

PING_EVERY_S = 3
"""How often Slack is pinged; a connection without an answer for four times as long is replaced."""
RECEIVE_BYTES = 65_536
"""The SDK calls itself once for each so many bytes of a payload, so a small figure ends in a RecursionError."""
LAST_READ_S = 0.05
_FRAME_CHARACTERS = 1000
"""More than any frame that is about the connection itself."""
_CLOSED = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR

log = logging.getLogger(__name__)


class SteadyClient(SocketModeClient):
    """A Socket Mode client that is always connected as soon as it can be."""

    def __init__(self, app_token: str, web_client: WebClient, workers: int) -> None:
        self._swap = threading.Lock()
        # The SDK starts its threads before it says so.
        self.closed = False
        super().__init__(
            app_token,
            logger=log,
            web_client=web_client,
            ping_interval=PING_EVERY_S,
            receive_buffer_size=RECEIVE_BYTES,
            concurrency=workers,
        )

    def connect(self) -> None:
        """Make a connection and close the former one. Raises `NO_ANSWER` or `SlackApiError`."""
        with self._swap:
            if self.closed:
                return
            super().connect()
            sock = self._socket()
            if sock is not None:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _run_current_session(self) -> None:
        with self._swap:
            session, state = self.current_session, self.current_session_state
            if self.closed or session is None or not session.is_active():
                return
            state.terminated = False
        session.run_until_completion(state)

    def enqueue_message(self, message: str) -> None:
        """Hand on a frame; called by the thread that reads."""
        if len(message) > _FRAME_CHARACTERS or json.loads(message).get("type") != "disconnect":
            super().enqueue_message(message)
            return
        sock = self._socket()
        if sock is not None:
            sock.settimeout(LAST_READ_S)
        threading.Thread(target=self._renew, kwargs={"force": True}, name="renewal", daemon=True).start()

    def renew_if_gone(self) -> None:
        """Replace the connection if the other side has closed it."""
        sock = self._socket()
        if sock is None or not _gone(sock):
            return
        log.warning("the connection to Slack is gone; making a new one")
        with contextlib.suppress(AttributeError):
            self.disconnect()
        self._renew()

    def close(self) -> None:
        """End all threads."""
        with self._swap:
            # Whoever is about to make or to read a connection sees it now, and whoever reads one stops.
            self.closed = True
            if self.current_session_state is not None:
                self.current_session_state.terminated = True
        # The thread that reads this queue looks whether it is closed once a second, or when something comes.
        self.message_queue.put(None)
        with contextlib.suppress(AttributeError):
            super().close()

    def _renew(self, *, force: bool = False) -> None:
        try:
            self.connect_to_new_endpoint(force=force)
        except (*NO_ANSWER, AttributeError) as error:
            log.warning("Slack does not answer (%s); trying again every %g s", error, PING_EVERY_S)

    def _socket(self) -> Any:
        return None if self.current_session is None else self.current_session.sock


def _gone(sock: socket.socket) -> bool:
    """Whether the other side has closed, by the kernel's account: below TLS there is nothing to look into."""
    poll = select.poll()
    try:
        poll.register(sock, _CLOSED)
    except ValueError:  # closed on this side a moment ago
        return False
    return bool(poll.poll(0))
