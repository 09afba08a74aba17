"""The message of an incident and its thread: each entry once and in order, whatever is lost on the way."""

import signal
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.incidents.incidents import Incidents
from bot.incidents.model import INCIDENT
from bot.language import ENGLISH
from bot.messages import messages, pace
from bot.messages.messages import MESSAGE, MessageState
from bot.runs.runs import Runs
from bot.store.due import Due
from bot.store.records import MESSAGES
from tests.handlers.clusters import Answering
from tests.handlers.incident.channel import ONE_STEP, action, approving, offered, said_since, shown, tops
from tests.handlers.test_announcer import bot_process
from tests.handlers.test_listeners import last_words
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

DIE_AT_AN_ENTRY = """
import os, signal
from handlers.posts import Posts

post = Posts.post

def dying(self, where, thread, part, view):
    ts = post(self, where, thread, part, view)
    if part.startswith("entry-"):
        os.kill(os.getpid(), signal.SIGKILL)
    return ts

Posts.post = dying
"""


@pytest.mark.usefixtures("fixer")
def test_what_stands_elsewhere_is_pointed_to(slack: Playground, cluster: Answering) -> None:
    """Who decides by typing, in another channel or far below, reads where the message is."""
    offered(slack, ONE_STEP, "Approve")
    cluster.answers = False
    slack.command("platform", "platform", approving(cluster))

    said = said_since(slack, "platform", 0)
    assert f"The incident `{cluster.incident.id}` goes on. Its message is in <#C0INCIDENTS>." in said


@pytest.mark.usefixtures("fixer")
def test_the_timeline_is_the_thread(slack: Playground, cluster: Answering) -> None:
    """One message an entry, in its order, and each once; also while a reply is lost on its way."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Approve"))
    slack.wait_for(lambda: "Every step is done" in words(shown(slack)))

    told = [ENGLISH.words(entry.what) for entry in cluster.incident.timeline[1:]]
    slack.wait_for(lambda: len(slack.thread(message)) == len(told), 20)
    assert told == [m["text"] for m in slack.thread(message)]


@pytest.mark.usefixtures("fixer")
def test_the_message_follows_while_its_thread_waits_for_a_turn(
    slack: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack takes few posts in a channel and many edits: whoever clicks need not wait until the thread goes on."""
    monkeypatch.setattr(pace, "POST_EVERY_S", 600.0)
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Approve"))

    slack.wait_for(lambda: "Every step is done" in words(shown(slack)))
    assert [] == slack.thread(message)


@pytest.mark.usefixtures("fixer")
def test_a_lost_answer_is_no_second_entry(
    slack: Playground, cluster: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is found in the thread by the number of its entry."""
    monkeypatch.setattr(messages, "POSTING_S", 1.0)
    message = offered(slack, ONE_STEP, "Approve")
    slack.wait_for(lambda: len(slack.thread(message)) == 2, 20)
    slack.inject("chat.postMessage", lose_answer=True)
    slack.press("on-call", message, action(message, "Stop"))

    slack.wait_for(lambda: slack.calls_of("conversations.replies"), 20)
    slack.command("on-call", "incidents", f"/netcheck incident close {cluster.incident.id}")
    slack.wait_for(lambda: "Report of the incident" in words(slack.thread(message)), 20)
    texts = [m["text"] for m in slack.thread(message)]
    assert 1 == len([text for text in texts if text.startswith("The plan is stopped")])


def test_a_bot_killed_while_posting_an_entry(
    slack: Playground, runs: Runs, redis_url: str, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL between posting it and noting where: the next bot goes on after it, in the timeline's order."""
    monkeypatch.setattr(messages, "POSTING_S", 1.0)
    with bot_process(slack, redis_url, DIE_AT_AN_ENTRY) as process:
        assert slack.command("on-call", "incidents", "/netcheck incident open").ok
        slack.wait_for(lambda: tops(slack))
        slack.command("on-call", "incidents", "/netcheck incident assign @platform")
        assert -signal.SIGKILL == process.wait(15)
    start()
    slack.command("on-call", "incidents", "/netcheck incident assign @developer")
    slack.command("on-call", "incidents", "/netcheck incident close")
    slack.wait_for(lambda: "Report of the incident" in words(slack.thread(tops(slack)[0])), 20)
    until(lambda: not Due(runs.client, runs.keys, MESSAGES).waiting(), 20)

    told = ["<@U0PLATFORM> The incident is yours now", "<@U0DEVELOPER> The incident is yours now", "Closed"]
    assert [*told, "Report of the incident"] == [
        m["text"].removesuffix(f" {incident_id(runs)}") for m in slack.thread(tops(slack)[0])
    ]


def incident_id(runs: Runs) -> str:
    """The id of the one incident."""
    (found,) = Incidents(runs.client, "prod").recent()
    return found.id


@pytest.mark.usefixtures("fixer")
def test_a_hand_over_tells_the_new_owner(slack: Playground, cluster: Answering) -> None:
    """By mention, in the thread; they are called from then on."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.command("on-call", "incidents", "/netcheck incident assign @platform")

    slack.wait_for(lambda: "<@U0PLATFORM> The incident is yours now" in words(slack.thread(message)), 20)
    assert ("U0PLATFORM", "platform") == (cluster.incident.owner.user, cluster.incident.owner.name)
    slack.wait_for(lambda: "owner <@U0PLATFORM>" in words(shown(slack)))


@pytest.mark.usefixtures("fixer")
def test_show_is_short_in_slack(slack: Playground, cluster: Answering) -> None:
    """How it stands, what happened last, and how to have all of it."""
    offered(slack, ONE_STEP, "Approve")
    slack.command("developer", "incidents", "/netcheck incident show")

    said = last_words(slack, "developer")
    assert "Waiting for an approval: Restart controller in metallb-system" in said
    assert f"`/netcheck incident export {cluster.incident.id}`" in said
    assert "## Timeline" not in said
    assert len(said) < 1500


@pytest.mark.usefixtures("fixer")
def test_a_copy_of_the_message_follows(slack: Playground, cluster: Answering) -> None:
    """Where nobody could look it was posted twice; a button in it must not stand there as if it still did something."""
    message = offered(slack, ONE_STEP, "Approve")
    incident = cluster.incident
    state = MessageState(cluster.runs.client, cluster.runs.keys, INCIDENT.name, incident.id)
    state.note_posted(MESSAGE, post_copy(slack, message))
    slack.press("on-call", message, action(message, "Approve"))

    slack.wait_for(lambda: ["Every step is done" in words(m) for m in tops(slack)] == [True, True])


def post_copy(slack: Playground, message: dict[str, Any]) -> str:
    """Post the same once more."""
    posted = WebClient(slack.bot_token, slack.base_url).chat_postMessage(
        channel=message["channel"], text=message["text"], blocks=message["blocks"]
    )
    return str(posted["ts"])
