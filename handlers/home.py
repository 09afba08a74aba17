"""Publishes the App Home of a person: when they open it, and again after whatever they press there."""

import logging
import time
from typing import Any

import redis
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.errors import Unavailable
from bot.home.glance import glance
from handlers import refusals
from handlers.views import answers
from handlers.views.home import Kept, home_trouble, home_view

LONGEST_S = 10.0
"""Who has waited so long has opened it again."""

log = logging.getLogger(__name__)


class Home:
    """The homes of everybody. Nothing in it asks a cluster."""

    def __init__(self, slack: WebClient, client: Any, policy: Policy) -> None:
        self._slack = slack
        self._client = client
        self._policy = policy

    def publish(self, by: Requester, kept: Kept, said: str = "") -> None:
        """Show somebody how things are now; `said` is mrkdwn about what they have just pressed.

        May raise what `handlers.refusals.NO_ANSWER` names.
        """
        try:
            seen = glance(self._client, self._policy, by, kept.channel, kept.pages)
            view = home_view(seen, kept.channel, said)
        except redis.RedisError as error:
            log.warning("Redis does not answer: %s", error)
            lost = Unavailable(
                "Redis, where netcheck keeps all that it knows, does not answer.", hint="Open this again in a minute."
            )
            view = home_trouble(answers.mistake(lost), kept.channel)
        try:
            self._slack.views_publish(user_id=by.user, view=view)
        except SlackApiError as error:
            wait_s = refusals.wait_s(error)
            if refusals.code(error) != refusals.TOO_MANY or wait_s > LONGEST_S:
                raise
            # Nothing else shows it again: who has pressed a button would look at what was before.
            time.sleep(wait_s)
            self._slack.views_publish(user_id=by.user, view=view)
