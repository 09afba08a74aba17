"""A command that begins with the bot's name: taken in the channel where it is written, answered in its thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.access.audit import Audit
from bot.messages.where import Where
from bot.runs.runs import Runs
from tests.handlers.conftest import Bot, only_run
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

BOT = "<@U0NETCHECK>"


def mentions(slack: Playground, **changes: Any) -> str:
    """Send the event of a mention, as Slack would; its id."""
    event = {
        "type": "app_mention",
        "user": "U0ONCALL",
        "text": f"{BOT} diagnose",
        "ts": "1790000000.000100",
        "channel": "C0INCIDENTS",
        **changes,
    }
    return slack.emit(event)


@pytest.mark.usefixtures("bot")
def test_it_is_a_command_answered_in_its_thread(slack: Playground, runs: Runs) -> None:
    """The run's one message hangs below the mention, and the record says through what it was asked for."""
    asked = slack.post("on-call", "incidents", "@netcheck diagnose dial tcp 10.96.0.10:443: i/o timeout")
    (answer,) = slack.wait_for(lambda: slack.thread(asked))
    run = only_run(runs)
    assert ("Diagnosing prod", "U0ONCALL") == (answer["text"], run.request.requested_by.user)
    assert {"texts": {"error": "dial tcp 10.96.0.10:443: i/o timeout"}} == run.request.parameters
    (recorded,) = Audit(runs.client, "prod").read()
    assert ("mention", []) == (recorded.act.surface, slack.refusals)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize("text", [f" {BOT}: diagnose", f"{BOT}, diagnose in prod", "<@U0NETCHECK|netcheck>\ndiagnose"])
def test_the_name_is_cut_off(slack: Playground, runs: Runs, text: str) -> None:
    """With whatever people put between a name and what they ask."""
    mentions(slack, text=text)
    until(runs.recent)
    assert {} == only_run(runs).request.parameters


@pytest.mark.usefixtures("bot")
def test_in_a_thread_it_is_answered_there(slack: Playground, runs: Runs) -> None:
    """Below the message that the thread began with; what only the person sees is there too."""
    first = slack.post("developer", "incidents", "The pool cannot be made.")
    slack.post("on-call", "incidents", "@netcheck diagnose", first["ts"])
    slack.wait_for(lambda: [m for m in slack.thread(first) if m.get("bot_id")])
    slack.post("on-call", "incidents", "@netcheck statsu", first["ts"])
    said = slack.wait_for(lambda: slack.ephemerals("on-call"))[-1]
    assert ("Did you mean this?" in words(said), first["ts"]) == (True, said["thread_ts"])
    assert Where("C0INCIDENTS", first["ts"]) == only_run(runs).where


@pytest.mark.usefixtures("bot")
def test_without_words_it_gives_help(slack: Playground) -> None:
    """To whoever has asked, and not in a thread: Slack shows it there only where there is one already."""
    slack.post("on-call", "incidents", "@netcheck")
    said = slack.wait_for(lambda: slack.ephemerals("on-call"))[-1]
    assert ("/netcheck diagnose" in words(said), None) == (True, said.get("thread_ts"))


@pytest.mark.usefixtures("bot")
def test_what_slack_sends_again_is_done_once(slack: Playground, runs: Runs) -> None:
    """The same event is the same act, and is answered once."""
    slack.post("on-call", "incidents", "@netcheck")
    slack.wait_for(lambda: slack.ephemerals("on-call"))
    slack.redeliver(slack.deliveries[-1])
    slack.post("on-call", "incidents", "@netcheck diagnose")
    slack.wait_for(lambda: [m for m in slack.messages("incidents") if m.get("bot_id")])
    slack.redeliver(slack.deliveries[-1])
    assert (1, 1) == (len(slack.ephemerals("on-call")), len(runs.recent()))


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message"},
        {"user": ""},
        {"text": f"I have asked {BOT} diagnose"},
        {"text": "<@U0DEVELOPER> diagnose"},
    ],
    ids=["a bot", "a bot's message", "nobody", "about it", "somebody else"],
)
def test_what_is_not_for_it_is_left_alone(slack: Playground, runs: Runs, changes: dict[str, Any]) -> None:
    """Bots are not answered, nor is what people write about it."""
    mentions(slack, **changes)
    slack.post("on-call", "incidents", "@netcheck")
    slack.wait_for(lambda: slack.ephemerals("on-call"))
    assert ((), 1) == (runs.recent(), len(slack.ephemerals("on-call")))


def test_who_may_not_is_told(slack: Playground, start: Callable[..., Bot], runs: Runs, tmp_path: Path) -> None:
    """In private, with whom to ask; where Slack does not show that in the channel, in their own conversation."""
    (tmp_path / "access.toml").write_text('[diagnose]\nusers = ["U0VIRTUAL"]\n', encoding="utf-8")
    start(NETCHECK_ACCESS=str(tmp_path / "access.toml"))
    slack.post("on-call", "incidents", "@netcheck diagnose")
    said = "You are not among those who may diagnose in prod."
    assert said in words(slack.wait_for(lambda: slack.ephemerals("on-call")))
    slack.inject("chat.postEphemeral", error="user_not_in_channel")
    slack.post("on-call", "incidents", "@netcheck diagnose")
    assert said in words(slack.wait_for(lambda: slack.messages(slack.direct("on-call"))))
    assert () == runs.recent()


@pytest.mark.usefixtures("bot")
def test_its_name_in_its_own_conversation_is_cut_off_too(slack: Playground, runs: Runs) -> None:
    """People write it there out of habit."""
    slack.post("on-call", slack.direct("on-call"), "@netcheck diagnose")
    until(runs.recent)
    assert {} == only_run(runs).request.parameters
