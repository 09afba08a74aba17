"""An incident with a channel of its own."""

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.incidents.incidents import Incidents, noted
from bot.incidents.model import Incident, Sort
from bot.playground.refusal import Refusal
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from checks.text import say
from tests.handlers.conftest import GENEROUS, MANIFEST, Bot
from tests.handlers.incidents import OWNER, STARTER, at, plan
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

NAME = "netcheck-prod-012345"


def _incident() -> Incident:
    """It waits since now: one that has long waited would be reminded of beside what a test does."""
    return at(State.OFFERED, plan("redeploy-metallb"), since=time.time())


@pytest.fixture
def slack(request: pytest.FixtureRequest) -> Iterator[Playground]:
    """Slack with an app that may make channels, unless the test says otherwise."""
    manifest = copy.deepcopy(MANIFEST)
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    scopes += getattr(request, "param", ["channels:manage"])
    with Playground(manifest=manifest, settings=GENEROUS) as playground:
        yield playground


@pytest.fixture
def incidents(redis_client: Any, runs: Runs, start: Callable[..., Bot]) -> Incidents:
    """The incidents of a bot that gives each a channel of its own; one is open."""
    made = Incidents(redis_client, runs.cluster)
    made.open(_incident())
    start(NETCHECK_INCIDENT_CHANNELS="own")
    return made


def _shown(slack: Playground) -> dict[str, Any]:
    return slack.messages("incidents")[0]


def _said(slack: Playground, channel: str) -> list[str]:
    """What stands in a channel; nothing while there is no such channel."""
    try:
        return [words(message) for message in slack.messages(channel)]
    except Refusal:
        return []


def test_what_happens_is_told_there(slack: Playground, incidents: Incidents) -> None:
    """The message stays where it was asked for and leads there; its owner and who opened it are in; also the report."""
    slack.wait_for(lambda: len(slack.calls_of("conversations.invite")) == 2)
    until(lambda: incidents.recent()[0].room)
    slack.wait_for(lambda: _said(slack, NAME))
    room = incidents.recent()[0].room
    assert [{STARTER.user}, {OWNER.user}] == [{c.arguments["users"]} for c in slack.calls_of("conversations.invite")]
    slack.wait_for(lambda: f"all that happens: <#{room}>" in words(_shown(slack)))
    assert "Opened" in _said(slack, NAME)[0]

    incidents.close(incidents.recent()[0], STARTER)
    slack.wait_for(lambda: "Report of the incident" in _said(slack, NAME)[-1] or "Timeline" in _said(slack, NAME)[-1])
    assert ([], []) == (slack.thread(_shown(slack)), slack.refusals)


def test_a_name_that_is_taken(slack: Playground, redis_client: Any, runs: Runs, start: Callable[..., Bot]) -> None:
    """A channel that somebody else made, or a bot that died before it could say so, is left alone."""
    slack.inject("conversations.create", error="name_taken")
    Incidents(redis_client, runs.cluster).open(_incident())
    start(NETCHECK_INCIDENT_CHANNELS="own")
    slack.wait_for(lambda: _said(slack, f"{NAME}-2"))


@pytest.mark.parametrize("slack", [[]], indirect=True)
def test_without_the_right_to_make_channels(slack: Playground, incidents: Incidents) -> None:
    """The thread of its message serves, and nothing is asked for again and again."""
    until(lambda: incidents.recent()[0].room == "")
    incidents.change("0123456789", _moved)
    slack.wait_for(lambda: slack.thread(_shown(slack)))
    assert 1 == len(slack.calls_of("conversations.create"))


def test_a_channel_that_was_archived(slack: Playground, incidents: Incidents) -> None:
    """The rest is told in the thread."""
    slack.wait_for(lambda: _said(slack, NAME))
    slack.inject("chat.postMessage", error="is_archived")
    incidents.change("0123456789", _moved)
    slack.wait_for(lambda: slack.thread(_shown(slack)))
    assert ["Opened" in text for text in _said(slack, NAME)] == [True]


def _moved(incident: Incident, now: float) -> Incident:
    return noted(incident, now, Sort.DECISION, say("Something happened"))
