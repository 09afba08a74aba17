"""Whether Slack lets the bot write: its token and scopes, looked at when it starts and again whenever Slack refuses.

Commands reach the bot by another token than the one it writes with, so a bot that cannot write looks alive. Nobody
waits for the look: it has a thread of its own.
"""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers import refusals

NEEDED = ("chat:write", "commands")
"""Scopes without which nothing works."""
USEFUL = {
    "channels:history": "a message that may have been posted already is not looked for in public channels",
    "groups:history": "a message that may have been posted already is not looked for in private channels",
    "files:read": "files of a message that is to be diagnosed are not looked at",
    "files:write": "the report of an incident is shown as text instead of as a file",
    "usergroups:read": "nobody is permitted anything as one of a user group",
    "app_mentions:read": "a command that begins with the bot's name is not heard in channels",
    "im:history": "what people write in the bot's own conversation is not heard",
}
"""Scopes that can be left out, with what is lost."""
AGAIN_S = 60.0
"""How often is looked while something is wrong, so that the bot notices that it was put right."""
REST_S = 5.0
"""The least time between two looks."""
_SCOPES = "x-oauth-scopes"

log = logging.getLogger(__name__)


class Credentials:
    """What is known of the bot's token; `run` is a thread's target."""

    def __init__(self, slack: WebClient) -> None:
        self._slack = slack
        self._doubted = threading.Event()
        self._stop = threading.Event()
        self._trouble = ""

    def trouble(self) -> str:
        """Why the bot cannot write, as a sentence for a person; empty when it can."""
        return self._trouble

    def doubt(self) -> None:
        """Slack has refused something: look again."""
        self._doubted.set()

    def stop(self) -> None:
        """End `run`."""
        self._stop.set()
        self._doubted.set()

    def run(self) -> None:
        """Look now, and whenever there is a doubt."""
        while not self._stop.is_set():
            self._doubted.clear()
            self._look()
            self._stop.wait(REST_S)
            self._doubted.wait(AGAIN_S if self._trouble else None)

    def _look(self) -> None:
        try:
            answer = self._slack.auth_test()
        except SlackApiError as error:
            code = refusals.code(error)
            if code in refusals.BAD_TOKEN:
                self._found(f"Slack does not accept SLACK_BOT_TOKEN ({code}), so netcheck cannot write in channels.")
        except refusals.NO_ANSWER as error:
            log.warning("Slack does not answer (%s): whether it accepts SLACK_BOT_TOKEN is not known", error)
            self._doubted.set()
        else:
            self._found_scopes(_scopes(answer.headers))

    def _found_scopes(self, scopes: frozenset[str]) -> None:
        missing = [scope for scope in NEEDED if scopes and scope not in scopes]
        if missing:
            named = " and ".join(missing)
            self._found(f"SLACK_BOT_TOKEN lacks the scope {named}, so netcheck cannot write in channels.")
            return
        self._found("")
        for scope, lost in USEFUL.items():
            if scopes and scope not in scopes:
                log.info("without the scope %s, %s", scope, lost)

    def _found(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.error("%s Install the app with its manifest again, and give the bot the new token.", trouble)
        elif self._trouble and not trouble:
            log.info("Slack accepts SLACK_BOT_TOKEN again")
        self._trouble = trouble


class WatchedClient(WebClient):
    """A client of the Web API that raises a doubt about its token whenever that is what Slack refuses."""

    credentials: Credentials | None = None

    def api_call(self, *args: Any, **kwargs: Any) -> Any:
        """See `WebClient`."""
        try:
            return super().api_call(*args, **kwargs)
        except SlackApiError as error:
            if self.credentials is not None and refusals.code(error) in {*refusals.BAD_TOKEN, "missing_scope"}:
                self.credentials.doubt()
            raise


def _scopes(headers: Mapping[str, Any]) -> frozenset[str]:
    """The token's scopes as Slack tells them with every answer; none when it does not."""
    told = next((value for name, value in headers.items() if name.lower() == _SCOPES), "")
    listed = ",".join(told) if isinstance(told, list) else str(told)
    return frozenset(scope.strip() for scope in listed.split(",") if scope.strip())
