"""The one message of a run, through everything that goes wrong between the bot and Slack."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.config import JOBS, SETTINGS, SigningKey
from bot.messages import messages, pace
from bot.messages.messages import MESSAGE, MessageState
from bot.playground.slack.settings import Settings
from bot.queue.consumer import Consumer
from bot.queue.lease import Lane
from bot.runs import requests
from bot.runs.bundle import Replay, read
from bot.runs.execution import Keeping
from bot.runs.handler import RunHandler
from bot.runs.model import RUN, Progress, Run
from bot.runs.runs import ENDS, Runs
from bot.store.connection import connect
from bot.store.due import Due
from bot.store.records import MESSAGES
from handlers import announcer, posts, refusals, shown
from handlers.views.run import CANCEL
from tests.bot.test_runs import RECORDING
from tests.handlers.conftest import MANIFEST, Bot, config_for, only_run, serving
from tests.handlers.reports import REPORT
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

SERVE = """
import threading
from bot.config import Config
from bot.messages import messages, pace
from handlers import announcer
from handlers.app import serve
announcer.HELD_S = messages.POSTING_S = 1.0
announcer.EDIT_EVERY_S = pace.POST_EVERY_S = 0.02
serve(Config(), threading.Event())
"""
"""A bot whose leases and doubts last a second, because somebody waits for their end when it has died."""
DIE = """
import os, signal
from bot.messages.messages import MessageState
from handlers.posts import Posts

owner, name, when = {{"MessageState": MessageState, "Posts": Posts}}["{owner}"], "{name}", "{when}"
method = getattr(owner, name)

def dying(*args, **kwargs):
    if when == "after":
        method(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
"""
TRUE_PACE_S = pace.POST_EVERY_S
NOT_FOUND_YET = 20.0
"""Seconds within which a message is found again after its answer was lost."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for lost messages after one second instead of six: the stand-in is never that slow."""
    monkeypatch.setattr(messages, "POSTING_S", 1.0)


def ask(slack: Playground, runs: Runs, channel: str = "incidents") -> Run:
    """Have somebody ask for a diagnosis."""
    assert slack.command("on-call", channel, "/netcheck diagnose").ok
    return only_run(runs)


def answers(slack: Playground, channel: str = "incidents") -> list[dict[str, Any]]:
    """The bot's messages in a channel that are in no thread."""
    return [m for m in slack.messages(channel) if "bot_id" in m and m.get("thread_ts", m["ts"]) == m["ts"]]


def details(slack: Playground, message: dict[str, Any]) -> list[dict[str, Any]]:
    """What hangs in a message's thread, but for pictures: those come when Slack has processed them."""
    return [reply for reply in slack.thread(message) if not reply.get("files")]


def finished(slack: Playground, channel: str = "incidents", timeout_s: float = 10.0) -> None:
    """Wait for the verdict and its details."""
    slack.wait_for(lambda: [m for m in slack.messages(channel) if "Also weighed" in words(m)], timeout_s)


def state_of(runs: Runs, run: Run) -> MessageState:
    """What is known of the message of a run."""
    return MessageState(runs.client, runs.keys, RUN.name, run.id)


def waiting(runs: Runs) -> int:
    """How many runs are still to be shown."""
    return len(Due(runs.client, runs.keys, MESSAGES).waiting())


@pytest.mark.usefixtures("bot")
def test_a_message_is_edited_once_a_second_and_the_newest_wins(
    slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many changes become few edits; the last one is always shown."""
    monkeypatch.setattr(announcer, "EDIT_EVERY_S", 1.0)
    run = ask(slack, runs)
    changes = itertools.count(1)

    def changed() -> bool:
        runs.update(run.id, state="running", progress=Progress("paths", next(changes), 1000))
        return len(slack.calls_of("chat.update")) == 2

    until(changed)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    edits = [call.at for call in slack.calls_of("chat.update")]
    assert 3 <= len(edits) < next(changes)
    assert min(later - sooner for sooner, later in pairwise(edits)) > 0.9
    assert "94 %" in words(answers(slack))


@pytest.mark.usefixtures("bot")
def test_slack_asks_to_wait(slack: Playground, runs: Runs) -> None:
    """After a 429 nothing is edited until Retry-After has passed; then the newest state is shown."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    slack.inject("chat.update", status=429, retry_after=1)
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    refused, edited = slack.calls_of("chat.update")[:2]
    assert 429 == refused.status
    assert edited.at - refused.at >= 1


@pytest.mark.usefixtures("bot")
def test_what_was_asked_first_is_shown_first_in_a_channel(
    slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where Slack asks to wait in between: whoever is refused does not go to the end."""
    monkeypatch.setattr(pace, "POST_EVERY_S", 0.3)
    promised = "netcheck:pace:{post:C0INCIDENTS}:promised"
    asked: list[str] = []

    def tried() -> bool:
        """Whether the last one has asked for its turn."""
        calls = [call.arguments["metadata"] for call in slack.calls_of("chat.postMessage")]
        return asked[-1] in str(calls) or runs.client.zscore(promised, f"run {asked[-1]} of prod") is not None

    for number in range(5):
        if number == 1:
            slack.inject("chat.postMessage", status=429, retry_after=1)
        assert slack.command("on-call", "incidents", "/netcheck diagnose").ok
        asked += [run.id for run in runs.recent() if run.id not in asked]
        until(tried)

    slack.wait_for(lambda: len(answers(slack)) == len(asked))

    assert asked == [message["metadata"]["event_payload"]["id"] for message in answers(slack)]
    assert [429] == [call.status for call in slack.calls_of("chat.postMessage") if call.status == 429]


@pytest.fixture
def eightfold(monkeypatch: pytest.MonkeyPatch, redis_url: str, runs: Runs) -> Iterator[Playground]:  # noqa: ARG001
    """Slack at eight times its speed, with a bot that knows that."""
    monkeypatch.setattr(announcer, "EDIT_EVERY_S", 1 / 8)
    monkeypatch.setattr(pace, "POST_EVERY_S", TRUE_PACE_S / 8)
    monkeypatch.setattr(posts, "EDITS", pace.Calls("edit", interval_s=pace.EDITS.interval_s / 8, burst=10))
    settings = Settings(post_burst=1, posts_per_second=8)
    with Playground(manifest=MANIFEST, settings=settings) as slack, serving(slack, redis_url):
        yield slack


def identical_edits(slack: Playground) -> int:
    """Edits that show what the edit of the same message before showed."""
    shown: dict[str, Any] = {}
    count = 0
    for call in slack.calls_of("chat.update"):
        view = (call.arguments["text"], call.arguments["blocks"])
        count += shown.get(call.arguments["ts"]) == view
        shown[call.arguments["ts"]] = view
    return count


def edited(slack: Playground) -> None:
    """Wait for the next edit."""
    before = len(slack.calls_of("chat.update"))
    slack.wait_for(lambda: len(slack.calls_of("chat.update")) > before)


def test_a_busy_channel_gets_every_answer(eightfold: Playground, runs: Runs) -> None:
    """Twenty diagnoses at once: first messages first, no edit that changes nothing, and Slack need not say stop."""
    for n in range(20):
        eightfold.command("on-call", "incidents", f"/netcheck diagnose {n}")
    asked = runs.recent(20)
    for run in asked[10:]:
        runs.update(run.id, state="done", report=REPORT)

    eightfold.wait_for(lambda: len(answers(eightfold)) == 20, 30)
    for done in range(5):
        for run in asked[:10]:
            runs.update(run.id, state="running", progress=Progress("paths", done, 5))
        edited(eightfold)
    for run in asked[:10]:
        runs.update(run.id, state="done", report=REPORT)
    until(lambda: not waiting(runs), 30)

    posted = [m for m in eightfold.messages("incidents") if not m.get("files")]
    assert [False] * 20 + [True] * 20 == ["thread_ts" in m and m["thread_ts"] != m["ts"] for m in posted]
    assert 20 == len([m for m in answers(eightfold) if "94 %" in words(m)])
    assert [1] * 20 == [len(details(eightfold, message)) for message in answers(eightfold)]
    assert (0, 0) == (identical_edits(eightfold), len(eightfold.rate_limited))


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
    monkeypatch.setattr(announcer, "HELD_S", 0.2)
    monkeypatch.setattr(messages, "POSTING_S", 15.0)
    slack.inject("chat.postMessage", hang=1.0)
    ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    until(lambda: not waiting(runs))
    assert (1, 1) == (len(slack.calls_of("chat.postMessage")), len(answers(slack)))


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
    assert len(details(slack, answers(slack)[0])) == 1


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
    with Playground(manifest={**MANIFEST, **scopes}) as slack, serving(slack, redis_url):
        slack.inject("chat.postMessage", lose_answer=True)
        run = ask(slack, runs)
        runs.update(run.id, state="done", report=REPORT)
        finished(slack, timeout_s=NOT_FOUND_YET)
        assert len(answers(slack)) == 2


def test_a_bot_killed_while_posting_details(slack: Playground, runs: Runs, redis_url: str, start: Any) -> None:
    """SIGKILL between posting them and noting where: the next bot finds them."""
    with bot_process(slack, redis_url) as process:
        run = ask(slack, runs)
        slack.wait_for(lambda: answers(slack))
        until(lambda: state_of(runs, run).posted())
        slack.inject("chat.postMessage", lose_answer=True)
        runs.update(run.id, state="done", report=REPORT)
        finished(slack)
        process.send_signal(signal.SIGKILL)
        process.wait()
    start()
    slack.wait_for(lambda: "94 %" in words(answers(slack)), NOT_FOUND_YET)
    until(lambda: not waiting(runs), NOT_FOUND_YET)
    assert len(answers(slack)) == 1
    assert len(details(slack, answers(slack)[0])) == 1


@pytest.mark.parametrize(
    "step",
    [
        "before MessageState.begin",
        "after MessageState.begin",
        "after Posts.post",
        "after MessageState.note_posted",
        "after MessageState.note_shown",
        "before Posts.edit",
        "after Posts.edit",
    ],
)
def test_a_bot_that_dies_at_any_step(slack: Playground, runs: Runs, redis_url: str, start: Any, step: str) -> None:
    """Whatever was done or noted last, the next bot ends with one message, one set of details and the verdict."""
    when, _, method = step.partition(" ")
    owner, _, name = method.partition(".")
    with bot_process(slack, redis_url, DIE.format(owner=owner, name=name, when=when)) as process:
        run = ask(slack, runs)
        if name == "edit":
            slack.wait_for(lambda: answers(slack))
            runs.update(run.id, state="running", progress=Progress("paths", 1, 2))
        assert -signal.SIGKILL == process.wait(30)
    runs.update(run.id, state="done", report=REPORT)
    start()
    finished(slack, timeout_s=NOT_FOUND_YET)
    until(lambda: not waiting(runs), NOT_FOUND_YET)
    assert ["94 %" in words(message) for message in answers(slack)] == [True]
    assert 1 == len(details(slack, answers(slack)[0]))
    assert 0 == identical_edits(slack)


class bot_process:  # noqa: N801 - reads as a context manager
    """A bot in a process of its own, which ends with the block."""

    def __init__(self, slack: Playground, redis_url: str, before: str = "") -> None:
        self._program = before + SERVE
        config = config_for(slack, redis_url)
        self._slack = slack
        self._environment = os.environ | {s.name: config[s.name] for s in SETTINGS if config[s.name]}

    def __enter__(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen([sys.executable, "-c", self._program], env=self._environment)
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
    slack.wait_for(lambda: answers(slack))
    for done in range(20):
        runs.update(run.id, state="running", progress=Progress("paths", done, 20))
    slack.wait_for(lambda: slack.calls_of("chat.update"))
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    until(lambda: not waiting(runs))
    assert (1, 1) == (len(answers(slack)), len(details(slack, answers(slack)[0])))


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


@pytest.mark.parametrize("code", refusals.NOT_HERE)
@pytest.mark.usefixtures("bot")
def test_each_refusal_of_a_channel_has_its_own_advice(slack: Playground, runs: Runs, code: str) -> None:
    """Who asked reads what helps with this channel, and gets the run."""
    slack.inject("chat.postMessage", error=code)
    ask(slack, runs)
    slack.wait_for(lambda: len(slack.messages("D0ONCALL")) == 2)
    assert slack.messages("D0ONCALL")[0]["text"].endswith(refusals.NOT_HERE[code])


@pytest.mark.usefixtures("bot")
def test_where_nothing_can_be_written_it_is_tried_at_the_end_once_more_and_never_else(
    slack: Playground, runs: Runs
) -> None:
    """Neither the channel nor the person can be reached: progress changes nothing about that."""
    slack.inject("chat.postMessage", error="not_in_channel", times=100)
    run = ask(slack, runs)
    until(lambda: not waiting(runs))
    tried = len(slack.calls_of("chat.postMessage"))
    for done in range(5):
        runs.update(run.id, state="running", progress=Progress("paths", done, 5))
        until(lambda: not waiting(runs))
    still = len(slack.calls_of("chat.postMessage"))
    runs.update(run.id, state="done", report=REPORT)
    until(lambda: len(slack.calls_of("chat.postMessage")) > still)
    until(lambda: not waiting(runs))

    assert (2, 2, 4) == (tried, still, len(slack.calls_of("chat.postMessage")))


@pytest.mark.usefixtures("bot")
def test_who_had_to_wait_is_told_once(slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit notifies nobody: the first message of the thread mentions whoever asked, with what came out."""
    monkeypatch.setattr(shown, "LOOKED_AWAY_S", 0.0)
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    runs.update(run.id, state="done", report=REPORT)
    finished(slack)
    until(lambda: not waiting(runs))
    (first,) = details(slack, answers(slack)[0])
    told = "<@U0ONCALL> prod: :x: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %"
    assert (told, told) == (first["text"], first["blocks"][0]["text"]["text"])
    assert 1 == len([m for m in slack.messages("incidents") if told in words(m)])


@pytest.mark.usefixtures("bot")
def test_who_had_to_wait_for_nothing_is_told_too(
    slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run without a report has no details, but its end is told all the same; who cancels knows it already."""
    monkeypatch.setattr(shown, "LOOKED_AWAY_S", 0.0)
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    runs.update(run.id, state="failed", error="The API server does not answer.")
    slack.wait_for(lambda: details(slack, answers(slack)[0]))
    assert ["<@U0ONCALL> prod: :grey_question: Not done"] == [m["text"] for m in details(slack, answers(slack)[0])]
    slack.command("on-call", "incidents", "/netcheck diagnose")
    runs.cancel(runs.recent()[0], "on-call")
    slack.wait_for(lambda: [m for m in answers(slack) if "Cancelled" in words(m)])
    until(lambda: not waiting(runs))
    assert [] == details(slack, answers(slack)[1])


@pytest.mark.usefixtures("bot")
def test_a_copy_of_the_message_ends_with_the_run(slack: Playground, runs: Runs) -> None:
    """Two bots may both have posted while the other's answer was on its way; both messages show the end."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    copy = WebClient(slack.bot_token, slack.base_url).chat_postMessage(channel="C0INCIDENTS", text="Diagnosing prod")
    until(lambda: state_of(runs, run).posted())
    state_of(runs, run).note_posted(MESSAGE, copy["ts"])
    runs.update(run.id, state="done", report=REPORT)
    slack.wait_for(lambda: ["94 %" in words(message) for message in answers(slack)] == [True, True])


def test_the_cancel_button_of_a_copy_makes_it_known(runs: Runs, redis_url: str) -> None:
    """Where the bot may not read the channel it posts again; who presses the button of either ends both."""
    scopes = {"oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}}}
    with Playground(manifest={**MANIFEST, **scopes}) as slack, serving(slack, redis_url):
        slack.inject("chat.postMessage", lose_answer=True)
        ask(slack, runs)
        slack.wait_for(lambda: len(answers(slack)) == 2, NOT_FOUND_YET)
        slack.press("on-call", answers(slack)[0], CANCEL)
        slack.wait_for(lambda: [m for m in answers(slack) if "Cancelled" in words(m)] == answers(slack))


def refused_by(workers: Callable[[Runs], None], runs: Runs, slack: Playground) -> str:
    """What the message says in the end of a run that expires at once."""
    workers(runs)
    ask(slack, runs)
    slack.wait_for(lambda: "Not done" in words(answers(slack)))
    return words(answers(slack))


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        (lambda _: None, "no worker of prod was heard of"),
        (lambda runs: runs.fleet.seen("worker", "one"), "none of the 1 workers of prod had time for it"),
    ],
    ids=["no worker", "a busy worker"],
)
@pytest.mark.usefixtures("bot")
def test_waiting_for_a_worker_ends_and_says_why(
    slack: Playground,
    runs: Runs,
    monkeypatch: pytest.MonkeyPatch,
    workers: Callable[[Runs], None],
    said: str,
) -> None:
    """A run that nobody took is ended by whoever shows it, once its time has passed."""
    monkeypatch.setattr(requests, "WAITING_S", 0.5)
    assert said in refused_by(workers, runs, slack)
    assert 0 == len(Due(runs.client, runs.keys, ENDS).waiting())


@pytest.mark.usefixtures("bot")
def test_a_worker_with_another_key_is_said_at_once(slack: Playground, runs: Runs, redis_url: str) -> None:
    """Nobody waits two minutes to read that the keys differ."""
    other = SigningKey(JOBS, b"the key of another netcheck")
    handler = RunHandler(lambda: connect(redis_url), other, "prod", Replay(read(RECORDING)), Keeping(60, 60))
    worker = Consumer(lambda: connect(redis_url), [Lane(runs.keys.runs, 1, handler, shared=True)], name="one")
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        said = refused_by(lambda _: None, runs, slack)
    finally:
        worker.stop()
        thread.join()
    assert "The worker of prod refuses the signature of this request." in said
    assert "the same NETCHECK_JOB_KEY" in said


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
def test_details_of_a_message_that_somebody_deleted_are_not_tried_for_ever(slack: Playground, runs: Runs) -> None:
    """The thread that they belong to is gone with it."""
    run = ask(slack, runs)
    slack.wait_for(lambda: answers(slack))
    slack.inject("chat.postMessage", error="thread_not_found", times=5)
    runs.update(run.id, state="done", report=REPORT)
    slack.wait_for(lambda: len(slack.calls_of("chat.postMessage")) == 2)
    until(lambda: not waiting(runs))
    assert 2 == len(slack.calls_of("chat.postMessage"))


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
