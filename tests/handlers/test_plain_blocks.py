"""A workspace that does not take Slack's newer blocks."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.incidents.incidents import Incidents
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from handlers.app import serve
from tests.handlers.conftest import Bot, config_for
from tests.handlers.incidents import at, plan
from tests.handlers.test_views import words
from tests.playground import Playground


def _kinds(view: Any) -> set[str]:
    return {block["type"] for block in view["blocks"]}


@pytest.fixture
def incident(redis_client: Any, runs: Runs) -> None:
    """An incident that waits for a person."""
    Incidents(redis_client, runs.cluster).open(at(State.OFFERED, plan("redeploy-metallb"), since=1.0))


@pytest.mark.usefixtures("incident")
def test_a_refused_plan_is_shown_as_lines(slack: Playground, start: Callable[..., Bot]) -> None:
    """With its buttons: nobody is left with words alone because of one block."""
    slack.inject("chat.postMessage", error="invalid_blocks")
    start()
    message = slack.wait_for(lambda: slack.messages("incidents"))[0]
    refused, _ = slack.calls_of("chat.postMessage")[:2]
    assert "plan" in _kinds(refused.arguments)
    assert {"header", "context", "section", "actions"} == _kinds(message)
    assert ":arrow_forward: Now: 1. " in words(message)


@pytest.mark.usefixtures("incident")
def test_a_setting_does_without_them_from_the_start(slack: Playground, start: Callable[..., Bot]) -> None:
    """Then nothing is refused."""
    start(NETCHECK_SLACK_BLOCKS="plain")
    message = slack.wait_for(lambda: slack.messages("incidents"))[0]
    assert ({"header", "context", "section", "actions"}, []) == (_kinds(message), slack.refusals)


def test_another_word_is_refused(slack: Playground, redis_url: str) -> None:
    """And it is said which ones there are."""
    with pytest.raises(ConfigError) as caught:
        serve(config_for(slack, redis_url, NETCHECK_SLACK_BLOCKS="fancy"), stop=None)  # type: ignore[arg-type]
    assert ("NETCHECK_SLACK_BLOCKS is 'fancy'.", "It is one of: all, plain.") == (str(caught.value), caught.value.hint)
