"""HTTP mode: Slack posts signed requests.

What is not signed by Slack never reaches Bolt's parser. The SDK's verifier is strict about the signature but not about
the form of the headers, so the form is looked at first.
"""

import io
import logging
import re
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import waitress.server
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk.signature import SignatureVerifier

from bot.config import Config
from bot.errors import ConfigError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/slack/events"
BODY_BYTES = 1024 * 1024
"""More than the largest payload, a modal of 250 kB with its state, and little enough to hold in memory."""
WORKERS = 8
"""Payloads that are worked on at once, as in Socket Mode."""
IDLE_S = 15
"""A connection that sends nothing for so long is closed: a body that is shorter than announced ends here."""
LAST_PORT = 65_535
_ADDRESS = re.compile(r"([^:\[\]]+|\[[0-9a-fA-F:.]+\]):(?P<port>[0-9]{1,5})", re.ASCII)
_FORM = "It is ADDRESS:PORT, for example 0.0.0.0:3000 or [::]:3000."
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)

log = logging.getLogger(__name__)


def transport(config: Config, app: App) -> Callable[[threading.Event], None]:
    """What serves Slack's requests until an event is set.

    Raises:
        ConfigError: no signing secret is set; when it runs, that the address cannot be listened on.
    """
    guarded = guard(SlackRequestHandler(app, path=PATH), config.required("SLACK_SIGNING_SECRET"))
    address = _address(config["NETCHECK_HTTP_LISTEN"])

    def run(stop: threading.Event) -> None:
        try:
            server = waitress.server.create_server(
                guarded,
                listen=address,
                threads=WORKERS,
                max_request_body_size=BODY_BYTES,
                channel_timeout=IDLE_S,
                cleanup_interval=IDLE_S,
                ident=None,
            )
        except (OSError, ValueError) as error:
            raise ConfigError(f"Cannot listen on {address}: {error}.", hint=_FORM) from None
        threading.Thread(target=_serve, args=(server, stop), name="http", daemon=True).start()
        log.info("listening for Slack on %s%s", address, PATH)
        stop.wait()
        server.task_dispatcher.shutdown()
        server.close()

    return run


def _address(setting: str) -> str:
    """The setting, if it says all that it must: waitress would make up a missing port."""
    found = _ADDRESS.fullmatch(setting)
    if found is None or not 1 <= int(found["port"]) <= LAST_PORT:
        raise ConfigError(f"NETCHECK_HTTP_LISTEN is {setting!r}.", hint=_FORM)
    return setting


def _serve(server: Any, stop: threading.Event) -> None:
    try:
        server.run()
    except OSError:  # waitress knows no other way to end than to have its sockets closed
        if not stop.is_set():
            raise


def guard(inner: "WSGIApplication", secret: str) -> "WSGIApplication":
    """Let through what Slack has signed within the last five minutes, and nothing else.

    What is signed and makes no sense all the same is answered with 400.
    """
    verifier = SignatureVerifier(secret)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return _refuse(start_response, "404 Not Found")
        if environ.get("REQUEST_METHOD") != "POST":
            return _refuse(start_response, "405 Method Not Allowed")
        body = environ["wsgi.input"].read()
        if not _signed(verifier, environ, body):
            log.warning("refused a request that Slack did not sign, from %s", environ.get("REMOTE_ADDR"))
            return _refuse(start_response, "401 Unauthorized")
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            return inner(environ, start_response)
        except Exception as error:  # noqa: BLE001 - Bolt looks into a payload before any listener, and trusts its shape
            log.warning("refused a signed request that is none of Slack's: %s: %s", type(error).__name__, error)
            return _refuse(start_response, "400 Bad Request")

    return application


def _signed(verifier: SignatureVerifier, environ: "WSGIEnvironment", body: bytes) -> bool:
    timestamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
    signature = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False


def _refuse(start_response: "StartResponse", status: str) -> list[bytes]:
    text = status.encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
