"""A message that was clicked changes at once, however many edits Slack still takes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.incidents.incidents import Incidents
from bot.messages import pace
from bot.messages.where import Where
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from handlers import posts
from handlers.response_urls import ResponseUrls
from tests.handlers.conftest import Bot
from tests.handlers.incident.channel import action
from tests.handlers.incidents import at, plan
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

NEARLY_NONE = pace.Calls("edit", interval_s=4.0, burst=1)
HERE = Where("C0INCIDENTS")


@pytest.fixture
def message(  # noqa: PLR0917 - fixtures
    slack: Playground,
    redis_client: Any,
    runs: Runs,
    start: Callable[..., Bot],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, Any]:
    """The message of an incident that waits for a person; the bot's next turn at editing is four seconds away."""
    monkeypatch.setattr(posts, "EDITS", NEARLY_NONE)
    (tmp_path / "access.toml").write_text('[remediate]\nusers = ["U0ONCALL"]\n', encoding="utf-8")
    start(NETCHECK_ACCESS=str(tmp_path / "access.toml"))
    Incidents(redis_client, runs.cluster).open(at(State.OFFERED, plan("redeploy-metallb"), since=1.0))
    (found,) = slack.wait_for(lambda: slack.messages("incidents"))
    until(lambda: pace.Pace(redis_client).then(NEARLY_NONE, "somebody else") == 0)
    return found


def _pressed(slack: Playground, message: dict[str, Any], label: str) -> None:
    assert slack.press("on-call", message, action(message, label)).ok


def _is_paused(slack: Playground) -> bool:
    return "Paused" in words(slack.messages("incidents")[0])


def test_a_click_needs_no_turn(slack: Playground, message: dict[str, Any]) -> None:
    """It is answered by its own address, and the message is not edited a second time when there is a turn again."""
    _pressed(slack, message, "Pause")
    slack.wait_for(lambda: _is_paused(slack))
    assert ([], 1) == (slack.calls_of("chat.update"), len(slack.calls_of("response_url")))
    _pressed(slack, slack.messages("incidents")[0], "Resume")
    slack.wait_for(lambda: not _is_paused(slack))
    assert ([], 2) == (slack.calls_of("chat.update"), len(slack.calls_of("response_url")))
    assert [] == slack.refusals


def test_an_address_that_is_used_up_costs_nothing_but_time(slack: Playground, message: dict[str, Any]) -> None:
    """Then the message is edited as every other is, when it is its turn."""
    slack.inject("response_url", error="used_url", status=404)
    _pressed(slack, message, "Pause")
    slack.wait_for(lambda: _is_paused(slack))
    assert (1, 1) == (len(slack.calls_of("chat.update")), len(slack.calls_of("response_url")))


def test_an_answer_that_is_lost_is_looked_after(slack: Playground, message: dict[str, Any]) -> None:
    """Whether the message was edited is not known then, so it is edited once more."""
    slack.inject("response_url", lose_answer=True)
    _pressed(slack, message, "Pause")
    slack.wait_for(lambda: _is_paused(slack))
    slack.wait_for(lambda: len(slack.calls_of("response_url")) > 1)
    assert _is_paused(slack)


def test_only_slack_is_answered(slack: Playground, redis_client: Any) -> None:
    """Whoever can write to Redis cannot make the bot send what it knows somewhere else."""
    kept = ResponseUrls(redis_client, WebClient(base_url="https://slack.com/api/"))
    kept.keep(HERE, "1.1", f"{slack.base_url}actions/T0/1/evil")
    assert not kept.edit(HERE, "1.1", {"text": "secret", "blocks": []})
    assert [] == slack.calls_of("response_url")
