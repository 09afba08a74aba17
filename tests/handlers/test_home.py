"""The App Home: from stored state alone, for one person, page by page; presses are answered in a conversation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.access.requester import Requester
from bot.digests.definitions import Definitions
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from checks.text import Text
from handlers.views.blocks import actions, button
from handlers.views.home import ACT
from tests.handlers.conftest import Bot, join, only_run
from tests.handlers.incidents import at, plan
from tests.handlers.incidents import opened as opened_one
from tests.handlers.plenty import Plenty
from tests.handlers.reports import DIAGNOSIS, HOSTILE, REPORT, VMXNET3, replaced
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

RULES = """
[[diagnose]]
users = ["U0ONCALL"]
[[diagnose]]
clusters = ["c00"]
[[diagnose]]
users = ["U0VIRTUAL"]
clusters = ["c01"]
channels = ["C0INCIDENTS"]
[digest]
users = ["U0ONCALL"]
[remediate]
groups = ["S0PLATFORM"]
clusters = ["c00"]
"""


def opened(slack: Playground, user: str = "on-call") -> dict[str, Any]:
    """The home that is published when somebody opens it."""
    before = (slack.home(user) or {}).get("hash")
    slack.open_home(user)
    return published(slack, before, user)


def published(slack: Playground, before: str | None, user: str = "on-call") -> dict[str, Any]:
    """The home that is published after that one."""
    return slack.wait_for(lambda: home if (home := slack.home(user) or {}).get("hash") != before else {})


def pressed(slack: Playground, label: str, user: str = "on-call", nth: int = 0) -> dict[str, Any]:
    """The home after a button of it was pressed."""
    home = slack.home(user) or {}
    block, element = [(b, e) for b in home["blocks"] for e in _buttons(b) if e["text"]["text"] == label][nth]
    assert slack.press_in_view(user, element["action_id"], block_id=block["block_id"]).ok
    return published(slack, home["hash"], user)


def labels(home: dict[str, Any]) -> list[str]:
    """What the buttons of a home say."""
    return [element["text"]["text"] for block in home["blocks"] for element in _buttons(block)]


def _buttons(block: dict[str, Any]) -> list[dict[str, Any]]:
    found = [*block.get("elements", []), block.get("accessory", {})]
    return [element for element in found if element.get("type") == "button"]


@pytest.fixture
def plenty(redis_client: Any) -> Plenty:
    """Two clusters of which there is something to see."""
    made = Plenty(redis_client, 2)
    made.clusters()
    made.runs(2)
    return made


@pytest.fixture
def governed(start: Callable[..., Bot], plenty: Plenty, tmp_path: Path) -> Bot:  # noqa: ARG001 - they must be there
    """A bot under `RULES`."""
    (tmp_path / "access.toml").write_text(RULES, encoding="utf-8")
    return start(NETCHECK_ACCESS=str(tmp_path / "access.toml"))


@pytest.mark.usefixtures("bot")
def test_a_newcomer_sees_what_there_is_and_what_to_press(slack: Playground) -> None:
    """The one cluster, which nobody has diagnosed and no worker serves; empty lists say that they are."""
    home = opened(slack)
    said = words(home["blocks"])
    assert ["Diagnose", "Open an incident"] == labels(home)
    for sentence in ("*prod*: not diagnosed yet", "2 nodes", "silent: w1 and w2", "no worker", "None yet."):
        assert sentence in said
    assert [] == slack.refusals


@pytest.mark.usefixtures("governed")
def test_how_clusters_incidents_digests_and_runs_stand(slack: Playground, plenty: Plenty) -> None:
    """The last diagnosis with its sign, who is there, whose turn an incident is, when a digest fires next."""
    plenty.incidents(1)
    plenty.digests(2)
    said = words(opened(slack)["blocks"])
    for sentence in (
        ":x: *c00*: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94",
        "2 nodes · 1 worker · host agents 1 of 2 · pod agents 1 of 2",
        "silent: w2",
        "VMXNET3 tunnel offload breaks traffic · *c00*",
        "The turn is <@U0PLATFORM>'s",
        ":calendar: Next: <!date^",
        ":double_vertical_bar: Paused: ",
        "<#C0DIGESTS>",
        "*c01* · on-call",
    ):
        assert sentence in said
    assert [] == slack.refusals


@pytest.mark.usefixtures("governed")
def test_others_see_neither_what_they_may_not_nor_what_is_not_theirs(slack: Playground, plenty: Plenty) -> None:
    """A cluster that somebody may not see is not even named; whom to ask is said. Digests are one's own."""
    plenty.digests(2)
    home = opened(slack, "developer")
    said = words(home["blocks"])
    assert (True, False, False) == ("c00" in said, "c01" in str(home), "digest-0" in str(home))
    assert "There is more that you may not see here. Ask one of them: <@U0ONCALL> <@U0VIRTUAL>" in said
    assert ["Diagnose", "Open an incident"] == labels(home)
    said = words(opened(slack, "virtualisation")["blocks"])
    assert "There is more that you may not see here. Go to: <#C0INCIDENTS>" in said


@pytest.mark.usefixtures("governed")
def test_what_one_may_do_is_said_in_words(slack: Playground) -> None:
    """By verb and cluster, with whom to ask for the rest."""
    slack.set_members("S0PLATFORM", ["on-call"])
    said = words(opened(slack)["blocks"])
    assert "• *Diagnose and run checks*: in every cluster that you see" in said
    assert "• *Begin a fix and walk through it*: in c00; not in c01. Ask whoever looks after netcheck." in said
    said = words(opened(slack, "developer")["blocks"])
    assert "• *Begin a fix and walk through it*: not here. Ask one of them: <!subteam^S0PLATFORM>" in said


@pytest.mark.usefixtures("bot")
def test_diagnose_answers_in_the_persons_own_conversation(slack: Playground, runs: Runs) -> None:
    """The run's message is there; the home says so, and has the run among the last ones."""
    opened(slack)
    home = pressed(slack, "Diagnose")
    run = only_run(runs)
    assert ("It is on its way" in words(home["blocks"]), True) == (True, run.id in words(home["blocks"]))
    (message,) = slack.wait_for(lambda: slack.messages(slack.direct("on-call")))
    assert ("Diagnosing prod", "U0ONCALL") == (message["text"], run.request.requested_by.user)
    assert [] == slack.refusals


@pytest.mark.usefixtures("governed")
def test_the_form_of_a_digest_opens(slack: Playground) -> None:
    """As the command's would; it chooses no channel, because nothing is posted on schedule to a conversation of two."""
    opened(slack)
    home = slack.home("on-call") or {}
    block = next(b for b in home["blocks"] for e in _buttons(b) if e["text"]["text"] == "Make a digest")
    assert slack.press_in_view("on-call", "home_act_digest_", block_id=block["block_id"]).ok
    form = slack.wait_for(lambda: slack.view("on-call") or {})
    assert ("Make a digest", False) == (form["title"]["text"], "initial_conversation" in str(form))


@pytest.mark.usefixtures("governed")
def test_a_digest_that_is_made_from_home_is_seen_there(slack: Playground) -> None:
    """Once its form is sent, without opening the home again; also where Slack asks to wait first."""
    opened(slack)
    home = slack.home("on-call") or {}
    block = next(b for b in home["blocks"] for e in _buttons(b) if e["text"]["text"] == "Make a digest")
    assert slack.press_in_view("on-call", "home_act_digest_", block_id=block["block_id"]).ok
    slack.wait_for(lambda: slack.view("on-call") or {})
    before = published(slack, home["hash"])["hash"]
    slack.inject("views.publish", status=429, error="ratelimited", retry_after=1)

    assert slack.submit("on-call", {"channel": {"digest_channel": "C0DIGESTS"}}).ok

    assert "Pause" in labels(published(slack, before))


@pytest.mark.usefixtures("governed")
def test_a_digest_is_paused_and_goes_on(slack: Playground, plenty: Plenty, redis_client: Any) -> None:
    """Its button changes with it, and what came of it is said in the home and in the conversation."""
    plenty.digests(1)
    opened(slack)
    home = pressed(slack, "Pause")
    assert ("Resume" in labels(home), True) == (True, "The digest digest-0 is paused." in words(home["blocks"]))
    said = slack.wait_for(lambda: slack.messages(slack.direct("on-call")))
    assert "paused: by hand" in words(said)
    pressed(slack, "Resume")
    definition = Definitions(redis_client, "c00").get("digest-0")
    assert definition is not None
    assert "" == definition.paused


@pytest.mark.usefixtures("bot")
def test_an_incident_is_opened_and_shown(slack: Playground) -> None:
    """Its message is in the conversation, and the home lists it."""
    opened(slack)
    home = pressed(slack, "Open an incident")
    direct = slack.direct("on-call")
    slack.wait_for(lambda: [m for m in slack.messages(direct) if "Incident " in m["text"]])
    assert "Show" in labels(home)
    pressed(slack, "Show")
    slack.wait_for(lambda: [m for m in slack.messages(direct) if "as a file in its thread" in words(m)])


@pytest.mark.usefixtures("governed")
def test_a_press_that_slack_sends_twice_is_done_once(slack: Playground, plenty: Plenty) -> None:
    """Nothing is said twice."""
    plenty.digests(1)
    opened(slack)
    pressed(slack, "Pause")
    slack.redeliver([each for each in slack.deliveries if each.envelope.kind == "interactive"][-1])
    pressed(slack, "Resume")
    direct = slack.direct("on-call")
    slack.wait_for(lambda: "goes on" in words(slack.messages(direct)))
    assert 1 == len([each for each in slack.messages(direct) if "is paused." in each["text"]])


@pytest.mark.usefixtures("governed")
def test_a_press_that_is_not_permitted_any_more_says_why(slack: Playground, tmp_path: Path) -> None:
    """In the home that is published anew, and in the conversation."""
    opened(slack, "developer")
    (tmp_path / "access.toml").write_text(RULES.replace('clusters = ["c00"]', 'clusters = ["c09"]'), encoding="utf-8")
    home = pressed(slack, "Diagnose", "developer")
    assert "You are not among those who may diagnose in c00." in words(home["blocks"])
    assert [] == labels(home)
    slack.wait_for(lambda: slack.messages(slack.direct("developer")))


def test_pages_are_turned(slack: Playground, start: Callable[..., Bot], redis_client: Any) -> None:
    """Each list by itself; the others stay where they are."""
    plenty = Plenty(redis_client, 20)
    plenty.clusters()
    plenty.runs(30)
    start()
    home = opened(slack)
    assert ("1 to 8 of 20" in words(home["blocks"]), "1 to 8 of 30" in words(home["blocks"])) == (True, True)
    home = pressed(slack, "Next")
    assert ("*c08*" in words(home["blocks"]), "9 to 16 of 20" in words(home["blocks"])) == (True, True)
    said = words(pressed(slack, "Next", nth=1)["blocks"])
    assert ("9 to 16 of 20" in said, "9 to 16 of 30" in said) == (True, True)
    said = words(pressed(slack, "Next", nth=0)["blocks"])
    assert ("17 to 20 of 20" in said, "9 to 16 of 30" in said) == (True, True)
    assert "9 to 16 of 20" in words(pressed(slack, "Previous")["blocks"])
    assert [] == slack.refusals


def test_however_much_there_is_it_fits(
    slack: Playground, start: Callable[..., Bot], redis_client: Any, tmp_path: Path
) -> None:
    """Slack takes a home full of hostile text on every page, with no more than a hundred blocks."""
    (tmp_path / "access.toml").write_text(RULES, encoding="utf-8")
    plenty = Plenty(redis_client, 20)
    plenty.clusters()
    bad, who = Text("{words} {words.__class__} {0} {", {"words": HOSTILE * 30}), Requester(HOSTILE * 20, "<!channel>")
    causes = (replaced(VMXNET3, title=bad),)
    plenty.runs(40, replaced(REPORT, diagnosis=replaced(DIAGNOSIS, causes=causes)))
    states = [at(state, plan("redeploy-metallb")) for state in State]
    plenty.incidents(40, [replaced(each, title=bad, owner=who, severity=HOSTILE) for each in [opened_one(), *states]])
    plenty.digests(40)
    start(NETCHECK_ACCESS=str(tmp_path / "access.toml"))
    home = opened(slack)
    assert (True, False, 4) == (len(home["blocks"]) <= 100, "<!channel>" in str(home), labels(home).count("Next"))
    for label, nth in (("Next", 0), ("Next", 1), ("Next", 2), ("Next", 3), ("Previous", 1)):
        home = pressed(slack, label, nth=nth)
        assert (True, []) == (len(home["blocks"]) <= 100, slack.refusals)


@pytest.mark.usefixtures("bot")
def test_the_messages_tab_publishes_nothing(slack: Playground) -> None:
    """Opening the app's conversation is no look at its home."""
    slack.emit({"type": "app_home_opened", "user": "U0ONCALL", "channel": "D1", "tab": "messages"})
    slack.wait_for(lambda: slack.deliveries)
    opened(slack)
    assert 1 == len(slack.calls_of("views.publish"))


def test_without_redis_it_says_so(slack: Playground, start: Callable[..., Bot], tmp_path: Path) -> None:
    """What is wrong and what to do, in place of what cannot be told."""
    start(NETCHECK_REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    said = words(opened(slack)["blocks"])
    assert "does not answer. Open this again in a minute." in said


@pytest.mark.usefixtures("bot")
def test_a_button_of_another_version_says_so(slack: Playground, redis_client: Any) -> None:
    """Nothing is silent, and nothing that is not known is done."""
    join(redis_client, "prod")
    opened(slack)
    row = actions(button("X", f"{ACT}_x", "{}"))
    slack.publish("on-call", {"type": "home", "blocks": [row]})
    home = pressed(slack, "X")
    assert "This button is from another version of netcheck" in words(home["blocks"])
    until(lambda: slack.messages(slack.direct("on-call")))
