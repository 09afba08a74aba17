"""The one message of a run, through everything that goes wrong between the bot and Slack."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from bot.playground.slack.settings import Settings
from bot.runs.model import Progress, Run
from bot.runs.runs import Runs

from bot.config import SETTINGS
from bot.messages import messages as announcements
from tests.handlers.conftest import MANIFEST, Bot, config_for, only_run, until
from tests.handlers.reports import REPORT
from tests.handlers.test_views import words
from tests.playground import Playground

SERVE = """
import threading
from bot import announcements
from bot.config import Config
from handlers.app import serve
announcements.POSTING_S = 1.0
serve(Config(), threading.Event())
"""
NOT_FOUND_YET = 20.0
"""Seconds within which a message is found again after its answer was lost."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for lost messages after one second instead of six: the stand-in is never that slow."""
    monkeypatch.setattr(announcements, "POSTING_S", 1.0)


def ask(slack: Playground, runs: Runs, channel: str = "incidents") -> Run:
    """Have somebody ask for a diagnosis."""
    assert slack.command("on-call", channel, "/netcheck diagnose").ok
    return only_run(runs)


def answers(slack: Playground, channel: str = "incidents") -> list[dict[str, Any]]:
    """The bot's messages in a channel that are in no thread."""
    return [m for m in slack.messages(channel) if "bot_id" in m and m.get("thread_ts", m["ts"]) == m["ts"]]


def finished(slack: Playground, channel: str = "incidents", timeout_s: float = 10.0) -> None:
    """Wait for the verdict and its details."""
    slack.wait_for(lambda: [m for m in slack.messages(channel) if "that were weighed" in words(m)], timeout_s)


def waiting(runs: Runs) -> int:
    """How many runs are still to be shown."""
    return int(runs.client.zcard(runs.keys.announcements))


@pytest.mark.usefixtures("bot")
def test_a_message_is_edited_once_a_second_and_the_newest_wins(slack: Playground, runs: Runs) -> None:
    """Many changes become few edits; the last one is always shown."""
    run = ask(slack, runs)
    end = time.monotonic() + 2.5
    done = 0
    while time.monotonic() < end:
        done += 1
        runs.update(run.id, state="running", progress=Progress("paths", done, 1000))
        time.sleep(0.02)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    edits = [call.at for call in slack.calls_of("chat.update")]
    assert 2 <= len(edits) <= 4
    assert min(later - sooner for sooner, later in pairwise(edits)) > 0.9
    assert "94 %" in words(answers(slack))


@pytest.mark.usefixtures("bot")
def test_slack_asks_to_wait(slack: Playground, runs: Runs) -> None:
    """After a 429 nothing is edited until Retry-After has passed; then the newest state is shown."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    slack.inject("chat.update", status=429, retry_after=2)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    refused, edited = slack.calls_of("chat.update")[:2]
    assert 429 == refused.status
    assert edited.at - refused.at >= 2


def test_a_busy_channel_gets_every_answer(runs: Runs, redis_url: str) -> None:
    """More runs than a channel takes at once are all shown in the end, and one refusal is enough for all of them."""
    with Playground(manifest=MANIFEST, settings=Settings(post_burst=4, posts_per_second=4)) as slack:
        bot = Bot(config_for(slack, redis_url))
        slack.wait_for(lambda: slack.connections)
        for n in range(16):
            slack.command("on-call", "incidents", f"/netcheck diagnose {n}")
        slack.wait_for(lambda: len(answers(slack)) == 16)
        assert len(runs.recent(20)) == 16
        assert 1 <= len(slack.rate_limited) <= 12
        bot.stop.set()
        slack.drop_connections()
        bot.end()


@pytest.mark.usefixtures("bot")
def test_a_lost_answer_is_no_second_message(slack: Playground, runs: Runs) -> None:
    """When Slack posts the message but its answer is lost, the message is found and edited, not posted again."""
    slack.inject("chat.postMessage", lose_answer=True)
    run = ask(slack, runs)
    slack.wait_for(lambda: slack.calls_of("chat.postMessage"))
    runs.update(run.id, state="done", report=REPORT)
    finished(slack, timeout_s=NOT_FOUND_YET)
    assert len(answers(slack)) == 1
    assert "94 %" in words(answers(slack))


@pytest.mark.usefixtures("bot")
def test_a_slow_slack_is_not_asked_twice(slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a post takes longer than the lease on its run, nobody else begins another."""
    monkeypatch.setattr(announcements, "HELD_S", 1)
    monkeypatch.setattr(announcements, "POSTING_S", 4.0)
    slow = slack.inject("chat.postMessage", hang=2.5)
    ask(slack, runs)
    until(lambda: slow.times == 0)
    time.sleep(slow.hang + 0.5)
    assert len(answers(slack)) == 1


@pytest.mark.usefixtures("bot")
def test_lost_details_are_posted_once(slack: Playground, runs: Runs) -> None:
    """The same holds for the messages in the thread."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    slack.inject("chat.postMessage", lose_answer=True)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    slack.wait_for(lambda: slack.calls_of("conversations.replies"), NOT_FOUND_YET)
    slack.wait_for(lambda: len(slack.calls_of("chat.update")) > 1)
    assert len(slack.thread(answers(slack)[0])) == 1


@pytest.mark.usefixtures("bot")
def test_slack_fails(slack: Playground, runs: Runs) -> None:
    """After an error of Slack's own, which says nothing about whether it posted, there is one message in the end."""
    slack.inject("chat.postMessage", status=503)
    run = ask(slack, runs)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack, timeout_s=NOT_FOUND_YET)
    assert len(answers(slack)) == 1


def test_without_the_right_to_look(runs: Runs, redis_url: str) -> None:
    """Where the bot may not read the channel it posts again: two messages are better than none."""
    scopes = {"oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}}}
    with Playground(manifest={**MANIFEST, **scopes}) as slack:
        bot = Bot(config_for(slack, redis_url))
        slack.wait_for(lambda: slack.connections)
        slack.inject("chat.postMessage", lose_answer=True)
        run = ask(slack, runs)
        runs.update(run.id, state="done", report=REPORT)
        finished(slack, timeout_s=NOT_FOUND_YET)
        assert len(answers(slack)) == 2
        bot.end()


@pytest.mark.parametrize("part", ["message", "details"])
def test_a_bot_killed_while_posting(slack: Playground, runs: Runs, redis_url: str, part: str, start: Any) -> None:
    """SIGKILL between posting and noting where: the next bot ends the run with one message and one set of details."""
    with bot_process(slack, redis_url) as process:
        if part == "message":
            slack.inject("chat.postMessage", lose_answer=True)
        run = ask(slack, runs)
        slack.wait_for(lambda: answers(slack))
        if part == "details":
            until(lambda: only_run(runs).message)
            slack.inject("chat.postMessage", lose_answer=True)
            runs.update(run.id, state="done", report=REPORT)
            finished(slack)
        process.send_signal(signal.SIGKILL)
        process.wait()
    runs.update(run.id, state="done", report=REPORT)
    start()
    finished(slack, timeout_s=NOT_FOUND_YET)
    slack.wait_for(lambda: "94 %" in words(answers(slack)), NOT_FOUND_YET)
    until(lambda: not waiting(runs), NOT_FOUND_YET)
    assert len(answers(slack)) == 1
    assert len(slack.thread(answers(slack)[0])) == 1


class bot_process:  # noqa: N801 - reads as a context manager
    """A bot in a process of its own, which ends with the block."""

    def __init__(self, slack: Playground, redis_url: str) -> None:
        config = config_for(slack, redis_url)
        self._slack = slack
        self._environment = os.environ | {s.name: config[s.name] for s in SETTINGS if config[s.name]}

    def __enter__(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen([sys.executable, "-c", SERVE], env=self._environment)
        self._slack.wait_for(lambda: self._slack.connections)
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._slack.wait_for(lambda: not self._slack.connections)


@pytest.mark.usefixtures("bot")
def test_two_bots_are_one(slack: Playground, runs: Runs, start: Callable[..., Bot]) -> None:
    """With two replicas there is still one message and one set of details."""
    start()
    run = ask(slack, runs)
    for done in range(20):
        runs.update(run.id, state="running", progress=Progress("paths", done, 20))
        time.sleep(0.05)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    until(lambda: not waiting(runs))
    assert (1, 1) == (len(answers(slack)), len(slack.thread(answers(slack)[0])))


@pytest.mark.usefixtures("bot")
def test_where_the_bot_is_not_in_the_channel(slack: Playground, runs: Runs) -> None:
    """The person is told how to invite it, and gets the run in the direct conversation."""
    run = ask(slack, runs, "general")
    slack.wait_for(lambda: len(slack.messages("D0ONCALL")) == 2)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack, "D0ONCALL")
    explained, shown, _ = slack.messages("D0ONCALL")
    assert "I cannot write to <#C0GENERAL>" in explained["text"]
    assert "94 %" in words(shown)
    assert slack.messages("general") == []


@pytest.mark.usefixtures("bot")
def test_a_message_that_somebody_deleted_stays_deleted(slack: Playground, runs: Runs) -> None:
    """Who deletes the bot's message does not get another one."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    slack.inject("chat.update", error="message_not_found", times=5)
    runs.update(run.id, state="done", report=REPORT)
    slack.wait_for(lambda: slack.calls_of("chat.update"))
    until(lambda: not waiting(runs))
    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.usefixtures("bot")
def test_a_thread_that_is_gone(slack: Playground, runs: Runs) -> None:
    """When the message to answer was deleted meanwhile, the run is shown in the channel."""
    slack.post("developer", "incidents", "context deadline exceeded")
    slack.inject("chat.postMessage", error="thread_not_found")
    slack.shortcut("on-call", "diagnose_message", slack.messages("incidents")[0])
    slack.wait_for(lambda: answers(slack)[:1])
    assert "thread_ts" not in answers(slack)[0]
    assert only_run(runs).open


@pytest.mark.usefixtures("bot")
def test_blocks_that_slack_refuses(slack: Playground, runs: Runs) -> None:
    """A view that Slack does not take is shown as plain text."""
    slack.inject("chat.postMessage", error="invalid_blocks")
    ask(slack, runs)
    (message,) = slack.wait_for(lambda: answers(slack))
    assert ("Diagnosing prod", []) == (message["text"], message.get("blocks", []))


@pytest.fixture(autouse=True)
def _no_refusals_but_injected(slack: Playground) -> Iterator[None]:
    """Slack never sees a call that it would refuse for its form."""
    yield
    form = {"invalid_arguments", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"}
    assert [] == [call for call in slack.refusals if call.error in form]
