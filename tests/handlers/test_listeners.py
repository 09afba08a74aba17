"""What people type and press, end to end: the unmodified SDK, real sockets, a real Redis."""

import copy
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.access.audit import Audit
from bot.access.requester import Requester
from bot.messages.where import Where
from bot.playground.blockkit.views import check_view
from bot.playground.slack.envelope import Acknowledgement, Delivery, Envelope
from bot.runs.runs import Runs
from bot.store.connection import connect
from tests.conftest import RedisServer
from tests.handlers.conftest import MANIFEST, Bot, join, only_run, serving
from tests.handlers.reports import HOSTILE, REPORT
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until


def last_words(slack: Playground, user: str = "on-call") -> str:
    """What the newest message that only this person sees says."""
    return words(slack.ephemerals(user)[-1:])


@pytest.mark.usefixtures("bot")
def test_diagnose_is_stored_when_it_is_acknowledged(slack: Playground, runs: Runs) -> None:
    """Acknowledged means accepted: the run is in the queue with its place, and nothing was said to anybody else."""
    acknowledged = slack.command("on-call", "incidents", "/netcheck diagnose")
    assert acknowledged.ok
    (run,) = runs.recent()
    assert ("diagnose", "prod") == (run.request.command, run.request.cluster)
    assert Requester("on-call", "U0ONCALL", "T0PLAYGROUND") == run.request.requested_by
    assert Where("C0INCIDENTS") == run.where
    assert slack.ephemerals("on-call") == []


@pytest.mark.usefixtures("bot")
def test_a_run_is_one_message_with_its_details_in_the_thread(slack: Playground, runs: Runs) -> None:
    """One message from "Diagnosing" to the verdict, edited in place; the findings are in its thread."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    slack.wait_for(lambda: slack.messages("incidents"))
    runs.update(only_run(runs).id, state="done", report=REPORT)
    slack.wait_for(lambda: len(slack.messages("incidents")) == 2)
    message, detail = slack.messages("incidents")
    assert ":x: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %" in words(message)
    assert message["ts"] == detail["thread_ts"]
    assert "*Also weighed: A host firewall blocks VXLAN — 4 %*" in words(detail)
    assert slack.refusals == []


@pytest.mark.parametrize(
    "text", ["/netcheck", "/netcheck help", "/netcheck checks", "/netcheck help webhook", "/netcheck status"]
)
@pytest.mark.usefixtures("bot")
def test_answers_for_one_person(slack: Playground, runs: Runs, text: str) -> None:
    """Help, lists and status are seen by the person who asked alone, and start nothing."""
    assert slack.command("on-call", "incidents", text).ok
    assert len(slack.ephemerals("on-call")) == 1
    assert [] == slack.messages("incidents")
    assert runs.recent() == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("/netcheck diagnoze", "Did you mean this? `/netcheck diagnose`"),
        ("/netcheck run dnss on w1", "Did you mean this? `/netcheck run dns on w1`"),
        ("/netcheck run dns on w3", "There is no node 'w3'. Did you mean this? `/netcheck run dns on w2`"),
        ("/netcheck run dns colour=blue", "has no parameter 'colour'"),
        ("/netcheck status in prdo", "Did you mean this? `/netcheck status in prod`"),
        (
            "/netcheck cancel ffff",
            "No run begins with 'ffff' in prod. The recent runs are listed: `/netcheck status in prod`",
        ),
        ("/netcheck run texts error=“x", "A quote is opened and not closed."),
        ("/netcheck diagnose in prdo it hangs", "Did you mean this? `/netcheck diagnose in prod it hangs`"),
        ("/netcheck diagnose on w1", "One check looks at some nodes: `/netcheck run paths on w1`"),
        ("/netcheck diagnose " + "x" * 10_001, "10000 are looked at"),
        ("/netcheck run dns on " + HOSTILE * 10, "There is no node"),
    ],
)
@pytest.mark.usefixtures("bot")
def test_mistakes_are_told_to_the_person_who_made_them(slack: Playground, runs: Runs, text: str, hint: str) -> None:
    """A mistake is answered with the nearest right word, to nobody else, and starts nothing."""
    assert slack.command("on-call", "incidents", text).ok
    assert hint in last_words(slack)
    assert [] == slack.messages("incidents")
    assert runs.recent() == ()


@pytest.mark.usefixtures("bot")
def test_a_pasted_error_reaches_the_run_as_it_was(slack: Playground, runs: Runs) -> None:
    """Slack's escapes and smart quotes are undone before the text is looked at."""
    slack.command("on-call", "incidents", "/netcheck diagnose failed calling webhook “x.io”: a < b & c")
    assert {"texts": {"error": 'failed calling webhook "x.io": a < b & c'}} == only_run(runs).request.parameters


@pytest.mark.usefixtures("bot")
def test_the_same_command_delivered_twice_runs_once(slack: Playground, runs: Runs) -> None:
    """A second delivery of the same payload is acknowledged and does nothing."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    assert slack.redeliver(slack.deliveries[-1]).ok
    assert len(runs.recent()) == 1


@pytest.mark.usefixtures("bot")
def test_fifty_commands_at_once_are_acknowledged_at_once(slack: Playground, runs: Runs) -> None:
    """Fifty people who type in the same moment are all acknowledged in Slack's time, and all accepted."""
    with ThreadPoolExecutor(50) as people:
        texts = [f"/netcheck diagnose {n}" for n in range(50)]
        outcomes = list(people.map(lambda text: slack.command("on-call", "incidents", text), texts))
    assert [] == [outcome.error for outcome in outcomes if not outcome.ok]
    assert len(runs.recent(100)) == 50


def test_an_ambiguous_command_asks(slack: Playground, start: Callable[..., Bot], runs: Runs, redis_client: Any) -> None:
    """With two clusters the person chooses by a button, and the command goes on with that cluster."""
    staging = join(redis_client, "staging")
    start()
    slack.command("on-call", "incidents", "/netcheck diagnose it broke")
    (question,) = slack.ephemerals("on-call")
    assert "Which cluster?" in words(question)
    assert slack.press("on-call", question, "choose_cluster_1").ok
    assert {"texts": {"error": "it broke"}} == only_run(staging).request.parameters
    assert runs.recent() == ()
    slack.wait_for(lambda: "diagnose in staging is on its way" in last_words(slack))
    (message,) = slack.wait_for(lambda: slack.messages("incidents"))
    assert "*Diagnosing staging*" in words(message)


def test_the_same_choice_twice_runs_once(slack: Playground, start: Callable[..., Bot], redis_client: Any) -> None:
    """A second click before the question is replaced starts no second run."""
    prod, _ = join(redis_client, "prod"), join(redis_client, "staging")
    start()
    slack.command("on-call", "incidents", "/netcheck diagnose")
    slack.press("on-call", slack.ephemerals("on-call")[0], "choose_cluster_0")
    assert slack.redeliver(slack.deliveries[-1]).ok
    assert len(prod.recent()) == 1


@pytest.mark.usefixtures("runs")
def test_a_question_that_is_too_old_says_so(slack: Playground, start: Callable[..., Bot], redis_client: Any) -> None:
    """A button whose question is no longer kept is not silent and starts nothing."""
    join(redis_client, "staging")
    start()
    slack.command("on-call", "incidents", "/netcheck diagnose")
    (key,) = redis_client.keys("netcheck:question:*")
    assert 1790 < redis_client.ttl(key) <= 1800
    redis_client.delete(key)
    slack.press("on-call", slack.ephemerals("on-call")[-1], "choose_cluster_0")
    slack.wait_for(lambda: "too old to be answered" in last_words(slack))


@pytest.mark.usefixtures("bot")
def test_the_shortcut_answers_in_the_thread_of_the_message(slack: Playground, runs: Runs) -> None:
    """The shortcut "Diagnose this message" takes the message's text and shows the run in its thread."""
    pasted = slack.post("developer", "incidents", 'failed calling webhook "x.io": context deadline exceeded')
    message = slack.messages("incidents")[0]
    assert slack.shortcut("on-call", "diagnose_message", message).ok
    run = only_run(runs)
    assert {"texts": {"error": pasted["text"].replace("&quot;", '"')}} == run.request.parameters
    slack.wait_for(lambda: slack.thread(message))
    runs.update(run.id, state="done", report=REPORT)
    slack.wait_for(lambda: len(slack.thread(message)) == 2)
    assert len(slack.messages("incidents")) == 3


@pytest.mark.usefixtures("bot")
def test_the_telling_lines_of_a_long_message_are_taken(slack: Playground, runs: Runs) -> None:
    """Nobody can shorten a message that somebody else wrote; its error counts wherever it stands, the rest is told."""
    slack.post("developer", "incidents", "all is well\n" * 2000 + "dial tcp 10.0.0.1:443: i/o timeout")
    slack.shortcut("on-call", "diagnose_message", slack.messages("incidents")[0])
    assert {"error": "dial tcp 10.0.0.1:443: i/o timeout"} == only_run(runs).request.parameters["texts"]
    slack.wait_for(lambda: "only 1 of its 2001 lines are looked at" in last_words(slack))


@pytest.mark.usefixtures("bot")
def test_cancel_by_button(slack: Playground, runs: Runs) -> None:
    """The button ends the run, its message says who did it, and a second press says that there is nothing to stop."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    (message,) = slack.wait_for(lambda: slack.messages("incidents"))
    assert slack.press("developer", message, "cancel_run").ok
    assert "cancelled" == only_run(runs).state
    slack.wait_for(lambda: "Cancelled by developer." in words(slack.messages("incidents")[0]))
    assert slack.ephemerals("developer") == []
    slack.redeliver(slack.deliveries[-1])
    slack.wait_for(lambda: "had ended already" in last_words(slack, "developer"))


@pytest.mark.usefixtures("bot")
def test_cancel_by_the_beginning_of_the_id(slack: Playground, runs: Runs) -> None:
    """`cancel` takes the first characters that `status` shows."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    run = only_run(runs)
    slack.command("on-call", "incidents", f"/netcheck cancel {run.id[:4]}")
    assert f"Run {run.id} in prod is cancelled." in last_words(slack)
    assert "cancelled" == only_run(runs).state


@pytest.mark.usefixtures("bot")
def test_an_unknown_button_says_so(slack: Playground) -> None:
    """A button of a version long gone is answered instead of being dead."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    (message,) = slack.wait_for(lambda: slack.messages("incidents"))
    slack.press("developer", message, "cancel_run")
    payload = slack.deliveries[-1].envelope.payload
    payload["actions"][0]["action_id"] = "of_a_former_version"
    assert slack.redeliver(slack.deliveries[-1]).ok
    slack.wait_for(lambda: "button is from another version" in last_words(slack, "developer"))


def interaction(slack: Playground, **payload: Any) -> Acknowledgement:
    """Deliver something that the manifest of today does not know, as if Slack still had a former one."""
    person = {"id": "U0ONCALL", "username": "on-call", "team_id": "T0PLAYGROUND"}
    whole = {"user": person, "team": {"id": "T0PLAYGROUND"}, "trigger_id": "1.2.ab", **payload}
    envelope = Envelope("interactive", whole, accepts_response=True)
    return slack.redeliver(Delivery(0.0, envelope, 0, Acknowledgement()))


@pytest.mark.usefixtures("bot")
def test_an_unknown_message_shortcut_says_so(slack: Playground) -> None:
    """It is acknowledged, and the person reads what is the matter beside the message."""
    slack.post("developer", "incidents", "x")
    assert slack.shortcut("on-call", "diagnose_message", slack.messages("incidents")[0]).ok
    known = slack.deliveries[-1].envelope.payload
    assert interaction(slack, **{**known, "callback_id": "of_a_former_version"}).ok
    slack.wait_for(lambda: "shortcut is from another version" in last_words(slack))


@pytest.mark.usefixtures("bot")
def test_an_unknown_global_shortcut_says_so(slack: Playground) -> None:
    """There is no message beside which to answer, so the bot writes to the person."""
    assert interaction(slack, type="shortcut", callback_id="of_a_former_version").ok
    slack.wait_for(lambda: slack.calls_of("chat.postMessage"))
    assert "U0ONCALL" == slack.calls_of("chat.postMessage")[-1].arguments["channel"]
    assert [] == slack.refusals


@pytest.mark.usefixtures("bot")
def test_an_unknown_form_says_so(slack: Playground) -> None:
    """The form is replaced by a sentence: what was entered is not lost without a word."""
    view = {"id": "V1", "type": "modal", "callback_id": "of_a_former_version", "state": {"values": {}}}
    answer = interaction(slack, type="view_submission", view=view)
    assert (True, "update") == (answer.ok, answer.payload["response_action"])
    check_view(answer.payload["view"], "modal")
    assert "from another version" in words(answer.payload["view"])


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("text", ["help", "/netcheck help", "netcheck help", "help dns", "nonsense"])
def test_a_message_in_the_bots_own_conversation_is_a_command(slack: Playground, text: str) -> None:
    """People write to a bot as to a person, and it answers there."""
    direct = conversation(slack)
    slack.post("on-call", direct, text.removeprefix("/"))
    answer = slack.wait_for(lambda: said_there(slack, direct))
    assert 1 == len(answer)
    assert "/netcheck" in words(answer)


@pytest.mark.usefixtures("bot")
def test_a_run_can_be_asked_for_in_the_bots_own_conversation(slack: Playground, runs: Runs) -> None:
    """Its message appears there; the same event that is sent again starts and says nothing more."""
    direct = conversation(slack)
    slack.post("on-call", direct, "diagnose it hangs")
    (message,) = slack.wait_for(lambda: said_there(slack, direct))
    assert "*Diagnosing prod*" in words(message)
    assert ("conversation", Where(direct)) == (
        Audit(runs.client, "prod").read()[-1].act.surface,
        only_run(runs).where,
    )
    until(lambda: "done" == Audit(runs.client, "prod").read()[-1].outcome)
    assert slack.redeliver(slack.deliveries[-1]).ok
    assert 1 == len(runs.recent())


@pytest.mark.usefixtures("bot")
def test_an_event_that_is_sent_again_is_answered_once(slack: Playground) -> None:
    """Slack sends an event again when its acknowledgement was lost."""
    direct = conversation(slack)
    slack.post("on-call", direct, "help")
    slack.wait_for(lambda: said_there(slack, direct))
    assert slack.redeliver(slack.deliveries[-1]).ok
    slack.post("on-call", direct, "checks")
    slack.wait_for(lambda: len(said_there(slack, direct)) > 1)
    said = said_there(slack, direct)
    assert [True, False] == ["How to use netcheck" in words(message) for message in said]


def conversation(slack: Playground) -> str:
    """The id of the bot's own conversation with the person on call."""
    client = WebClient(slack.bot_token, base_url=slack.base_url)
    return str(client.chat_postMessage(channel="U0ONCALL", text="Hello.")["channel"])


def said_there(slack: Playground, direct: str) -> list[dict[str, Any]]:
    """What the bot has said in that conversation since it greeted."""
    return [message for message in slack.messages(direct) if message.get("bot_id")][1:]


@pytest.mark.usefixtures("runs")
def test_a_token_that_slack_does_not_accept_is_told(
    slack: Playground, start: Callable[..., Bot], caplog: pytest.LogCaptureFixture
) -> None:
    """Commands still come in, so whoever gives one is told that its message will not appear, and why."""
    with caplog.at_level(logging.ERROR, "handlers"):
        start(SLACK_BOT_TOKEN="xoxb-wrong")
        until(lambda: "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)" in caplog.text)
    assert slack.command("on-call", "incidents", "/netcheck diagnose").ok
    assert "is on its way. Slack does not accept SLACK_BOT_TOKEN (invalid_auth)" in last_words(slack)
    assert slack.command("on-call", "incidents", "/netcheck status").ok
    assert "Slack does not accept SLACK_BOT_TOKEN (invalid_auth)" in last_words(slack)


def test_a_scope_that_is_missing_is_told(redis_url: str, runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    """Slack names the token's scopes with every answer; without one that is needed the bot says which."""
    del runs
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] = ["commands"]
    caplog.set_level(logging.INFO, "handlers")
    with Playground(manifest=manifest) as slack, serving(slack, redis_url):
        until(lambda: "SLACK_BOT_TOKEN lacks the scope chat:write" in caplog.text)
        assert slack.command("on-call", "incidents", "/netcheck status").ok
        assert "lacks the scope chat:write" in last_words(slack)


@pytest.mark.usefixtures("bot")
def test_a_token_that_is_taken_back_is_noticed(slack: Playground, caplog: pytest.LogCaptureFixture) -> None:
    """The look at the start is not the last one: when Slack refuses a post, the bot looks again."""
    slack.wait_for(lambda: slack.calls_of("auth.test"))
    for method in ("chat.postMessage", "auth.test"):
        slack.inject(method, error="token_revoked", times=100)
    with caplog.at_level(logging.ERROR, "handlers"):
        slack.command("on-call", "incidents", "/netcheck diagnose")
        until(lambda: "Slack does not accept SLACK_BOT_TOKEN (token_revoked)" in caplog.text)
    slack.command("on-call", "incidents", "/netcheck status")
    assert "SLACK_BOT_TOKEN (token_revoked)" in last_words(slack)


@pytest.mark.usefixtures("runs")
def test_a_full_queue_refuses_in_words(slack: Playground, start: Callable[..., Bot]) -> None:
    """When the queue is full the person is told so, instead of waiting for nothing."""
    start(NETCHECK_QUEUE_LIMIT="2")
    for n in range(3):
        assert slack.command("on-call", "incidents", f"/netcheck diagnose {n}").ok
    assert "2 runs are waiting in prod already" in last_words(slack)


def test_redis_away(slack: Playground, redis_server: RedisServer) -> None:
    """Without Redis a command is acknowledged in time with what to do; when Redis is back, commands work again."""
    runs = join(connect(redis_server.url), "prod")
    with serving(slack, redis_server.url):
        redis_server.kill()
        acknowledged = slack.command("on-call", "incidents", "/netcheck diagnose")
        assert acknowledged.ok
        assert "does not answer" in last_words(slack)
        assert slack.command("on-call", "incidents", "/netcheck help").ok
        assert "netcheck" in last_words(slack)
        redis_server.start()
        until(lambda: slack.command("on-call", "incidents", "/netcheck diagnose").ok and runs.recent())
        slack.wait_for(lambda: slack.messages("incidents"))


def test_redis_hangs(slack: Playground, redis_server: RedisServer) -> None:
    """When Redis takes connections but says nothing, everybody is told so within Slack's three seconds."""
    join(connect(redis_server.url), "prod")
    with serving(slack, redis_server.url):
        slack.command("on-call", "incidents", "/netcheck diagnose")
        assert redis_server._process
        os.kill(redis_server._process.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(50) as people:
            texts = [f"/netcheck diagnose {n}" for n in range(50)]
            outcomes = list(people.map(lambda text: slack.command("on-call", "incidents", text), texts))
        os.kill(redis_server._process.pid, signal.SIGCONT)
    assert [] == [outcome.error for outcome in outcomes if not outcome.ok]
    assert len([m for m in slack.ephemerals("on-call") if "does not answer" in words(m)]) == 50
