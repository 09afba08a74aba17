"""What only the person who asked sees: answers within Slack's limits, whatever a cluster puts into them."""

import functools
import re
from collections.abc import Callable
from functools import partial

import pytest

from bot.access.chain import Breach, Break, Link, Verified
from bot.access.requester import Requester
from bot.commands import audit, status
from bot.commands.answer import Answer, Started
from bot.commands.caller import Caller
from bot.commands.command import Means
from bot.commands.grammar import AmbiguousCluster, Asked
from bot.commands.perform import Door
from bot.commands.registry import COMMANDS
from bot.errors import NotPermitted, UsageError
from bot.fleet import Member
from bot.playground.blockkit.messages import check_message
from bot.queue.dead_letters import DeadLetter
from bot.runs.status import Backlog, Status
from checks.registry import CHECKS
from handlers.views import answers, blocks
from handlers.views.markdown import paragraphs
from tests.handlers.reports import HOSTILE, ended, replaced, run
from tests.handlers.test_views import HOSTILE_RUNS, words

STATUS = Status(
    cluster="prod",
    members=(Member("worker", "worker-1", 0.4), Member("agent-host", "w1", 0.2), Member("agent-host", "w2", 30.0)),
    nodes=("w1", "w2"),
    backlog=(Backlog("netcheck:{prod}:runs", 3, 12.0), Backlog("netcheck:{prod}:jobs:w1:host", 1, 0.5)),
    dead=(DeadLetter("netcheck:{prod}:jobs:w1:host", "It ended without a result 3 times.", 60.0),),
    recent=(ended(), run(), run(state="cancelled", error="Cancelled by on-call.")),
)
HOSTILE_STATUS = Status(
    cluster="prod",
    members=(Member("worker", HOSTILE * 20, 0.0),) * 60,
    nodes=(HOSTILE,) * 600,
    backlog=(Backlog(HOSTILE * 20, 1, 1.0),) * 60,
    dead=(DeadLetter(HOSTILE * 20, HOSTILE * 200, 1.0),) * 60,
    recent=tuple(HOSTILE_RUNS.values()) * 10,
)
HOSTILE_AUDIT = Verified(
    cluster="prod",
    whole=False,
    entries=9,
    first=Link(entry="1-0", number=4, chain=HOSTILE * 20, at=0.0),
    last=Link(entry="9-0", number=9, chain=HOSTILE * 20, at=0.0),
    older=3,
    breaks=tuple(Break(what=what, entry="2-0", at=0.0, after="1-0", missing=2) for what in Breach) * 20,
)
QUESTION = AmbiguousCluster(Asked(command="diagnose"), ("prod", "staging"))
MANY = tuple(f"{HOSTILE * 20} {n}" for n in range(300))
TROUBLE = "Slack does not accept SLACK_BOT_TOKEN (invalid_auth), so netcheck cannot write in channels."


def _nothing() -> Means:
    raise AssertionError("what is about netcheck itself needs no Redis")


def answered(line: str) -> Answer:
    """The answer to a line that is about netcheck itself."""
    outcome = Door(_nothing).typed(line, Caller(by=Requester("on-call"), surface="command"))
    assert isinstance(outcome, Answer)
    return outcome


def shown(line: str) -> str:
    """The same as people read it in Slack."""
    return words(answers.answer_view(answered(line)))


def _help(name: str) -> blocks.Message:
    return answers.answer_view(answered(f"help {name}"))


VIEWS: dict[str, Callable[[], blocks.Message]] = {
    "checks": lambda: answers.answer_view(answered("checks")),
    "status": lambda: answers.answer_view(status.answer(STATUS)),
    "status, hostile": lambda: answers.answer_view(status.answer(HOSTILE_STATUS)),
    "status in trouble": lambda: answers.answer_view(status.answer(STATUS), TROUBLE),
    "a sentence": lambda: answers.answer_view(Answer(HOSTILE * 200)),
    "unseen": lambda: answers.unseen(Started("0123456789", "prod"), HOSTILE * 200),
    "audit, hostile": lambda: answers.answer_view(audit.verdict(HOSTILE_AUDIT)),
    "not permitted": lambda: answers.mistake(NotPermitted(HOSTILE * 200, hint=HOSTILE, ask=(HOSTILE * 20,) * 10)),
    "mistake": lambda: answers.mistake(UsageError(HOSTILE * 200, hint=HOSTILE, command=HOSTILE * 200)),
    "question": lambda: answers.which_cluster(QUESTION, "a1"),
    "question of many": lambda: answers.which_cluster(AmbiguousCluster(Asked(command="run"), MANY), "a1"),
    "outdated": lambda: answers.outdated("button"),
    **{f"help {name}": partial(_help, name) for name in ("", *CHECKS, *COMMANDS)},
}


@functools.cache
def view_of(name: str) -> blocks.Message:
    """One of the views, made once and not before it is looked at."""
    return VIEWS[name]()


@pytest.mark.parametrize("name", VIEWS)
def test_slack_takes_every_answer(name: str) -> None:
    """Every answer keeps Slack's limits, with room to spare for what Slack does not document."""
    view = view_of(name)
    check_message(view["blocks"])
    assert 0 < len(view["text"]) <= blocks.TEXT_CHARACTERS
    assert blocks.characters(view["blocks"]) <= blocks.MESSAGE_CHARACTERS


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_from_a_cluster_addresses_anybody(name: str) -> None:
    """No mention, link or entity of a cluster's text survives."""
    assert [] == re.findall(r"<(?!https://|@U0ONCALL>)[^>]*>?", words(view_of(name)))
    assert "<https://evil" not in words(view_of(name))


def test_help_names_every_command() -> None:
    """`help` shows usage, meaning and example of all commands, and every check."""
    text = shown("help")
    for command in COMMANDS.values():
        assert blocks.escape(command.meaning) in text
        assert f"/netcheck {command.example}" in text
    assert all(f"`{name}`" in text for name in CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_help_of_a_check_is_its_page(name: str) -> None:
    """`help CHECK` shows the README of the check, findings and all; its examples can be typed as they stand."""
    text = shown(f"help {name}")

    assert CHECKS[name].codes
    assert [] == [code.name for code in CHECKS[name].codes if code.name not in text]
    assert f"\n/netcheck run {name}" in text
    assert "\nnetcheck run" not in text


def test_a_mistake_shows_the_command_that_helps() -> None:
    """The words of an error carry no command; here one begins with a slash."""
    view = answers.mistake(UsageError("There is no check 'dsn'.", hint="Did you mean this?", command="run dns"))

    assert ":warning: There is no check 'dsn'. Did you mean this? `/netcheck run dns`" in words(view["blocks"])


def test_a_few_clusters_are_buttons_and_many_a_menu() -> None:
    """Five fit on a line; more are easier to find in a list. The values say nothing but which question and answer."""
    few, many = (
        answers.which_cluster(AmbiguousCluster(Asked(command="status"), tuple(f"c{n}" for n in range(count))), "a1")
        for count in (5, 6)
    )
    assert ["a1:0", "a1:1", "a1:2", "a1:3", "a1:4"] == [e["value"] for e in few["blocks"][-1]["elements"]]
    (menu,) = many["blocks"][-1]["elements"]
    assert ("static_select", 6) == (menu["type"], len(menu["options"]))


def test_status_names_who_is_silent() -> None:
    """An agent that was not heard of for a while is named, and so is what waits and what was given up, in words."""
    text = words(view_of("status")["blocks"])

    for line in (
        ":warning: host agents: 1 of 2 nodes; silent: w2",
        ":warning: pod agents: 0 of 2 nodes; silent: w1, w2",
        "• runs: 3, the oldest for 12 s",
        "• jobs for w1 (host): 1, the oldest for 0.5 s",
        "• It ended without a result 3 times. (jobs for w1 (host), 60 s ago)",
        "`0123456789` diagnose by on-call: :no_entry_sign: Cancelled",
    ):
        assert line in text
    assert "netcheck:{" not in text


def test_status_without_a_worker_says_so() -> None:
    """A cluster whose worker is gone takes runs that nobody does; a program sees it by the exit code."""
    answer = status.answer(replaced(STATUS, members=()))

    assert "No worker serves prod" in words(answers.answer_view(answer))
    assert (3, 0) == (answer.exit_code, status.answer(STATUS).exit_code)


def test_trouble_with_slack_is_said_first() -> None:
    """Whoever asks how netcheck is reads that it cannot write before anything else."""
    text = words(view_of("status in trouble")["blocks"])

    assert text.index("SLACK_BOT_TOKEN") < text.index("worker-1")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# webhook\n\nAsks <why>.", ["*webhook*", "Asks &lt;why&gt;."]),
        ("One sentence that\ngoes on.\n\nAnother.", ["One sentence that goes on.", "Another."]),
        ("- one\n- **two** `a<b`", ["• one\n• *two* `a&lt;b`"]),
        ("- one that\n  goes on\n- two", ["• one that goes on\n• two"]),
        ("1. one\n2. two", ["1. one\n2. two"]),
        ("[site](https://docs.slack.dev) and [file](model.py)", ["<https://docs.slack.dev|site> and file"]),
        ("```\n# <x>\n\ny\n```", ["```\n# &lt;x&gt;\n\ny\n```"]),
        ("| a | b |\n|---|---|\n| `c` | dd |", ["• `c`: dd"]),
        ("| name | default | meaning |\n|---|---|---|\n| `c` | 1 | dd |", ["• `c` (default 1): dd"]),
    ],
)
def test_markdown(markdown: str, expected: list[str]) -> None:
    """The Markdown of a README in Slack's own marks, for a narrow screen: no line breaks of its own, no tables."""
    assert expected == list(paragraphs(markdown))
