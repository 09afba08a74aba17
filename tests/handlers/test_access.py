"""Who may do what, over the real interface: the refusal is private, and says why and whom to ask."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.access import membership
from bot.access.audit import Audit
from bot.access.requester import Requester
from bot.errors import NotPermitted
from bot.runs.runs import Runs
from handlers.views import answers
from tests.handlers.conftest import MANIFEST, Bot, only_run, serving
from tests.handlers.test_listeners import interaction, last_words
from tests.playground import Playground

ONLY_PLATFORM = '[diagnose]\nusers = ["U0VIRTUAL"]\ngroups = ["S0PLATFORM"]\n'


def shown(message: Mapping[str, Any]) -> str:
    """What the one section of a message says, as it is marked up."""
    (block,) = message["blocks"]
    return str(block["text"]["text"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that says who may do what."""
    return tmp_path / "access.toml"


@pytest.fixture
def governed(start: Callable[..., Bot], runs: Runs, file: Path) -> Bot:  # noqa: ARG001 - the cluster must be there
    """A bot that lets the platform team and one person look."""
    file.write_text(ONLY_PLATFORM, encoding="utf-8")
    return start(NETCHECK_ACCESS=str(file))


@pytest.mark.usefixtures("governed")
def test_who_may_not_is_told_why_and_whom_to_ask(slack: Playground, runs: Runs, redis_client: Any) -> None:
    """In private, with the names of those who may; nothing is started, and the refusal is in the record."""
    assert slack.command("developer", "incidents", "/netcheck diagnose").ok

    said = "You are not among those who may diagnose in prod. Ask one of them: <@U0VIRTUAL> <!subteam^S0PLATFORM>"
    assert f":warning: {said}" == shown(slack.ephemerals("developer")[-1])
    assert ((), []) == (runs.recent(), slack.messages("incidents"))
    (recorded,) = Audit(redis_client, "prod").read()
    assert ("developer", "refused") == (recorded.act.by.name, recorded.outcome)
    assert recorded.detail.endswith("Ask one of them: U0VIRTUAL, S0PLATFORM")


@pytest.mark.usefixtures("governed")
@pytest.mark.parametrize("person", ["virtualisation", "platform", "on-call"])
def test_who_may_is_not_held_up(slack: Playground, runs: Runs, person: str) -> None:
    """By name or as one of a group, whom Slack is asked for before the first acknowledgement."""
    assert slack.command(person, "incidents", "/netcheck diagnose").ok

    assert person == only_run(runs).request.requested_by.name
    assert [] == slack.refusals


@pytest.mark.usefixtures("governed")
def test_a_button_of_somebody_who_may_not_says_so(slack: Playground, runs: Runs) -> None:
    """A click is never silent: the run goes on, and the person reads why."""
    slack.command("platform", "incidents", "/netcheck diagnose")
    (message,) = slack.wait_for(lambda: slack.messages("incidents"))

    assert slack.press("developer", message, "cancel_run").ok

    slack.wait_for(lambda: "You are not among those who may diagnose in prod." in last_words(slack, "developer"))
    assert "queued" == only_run(runs).state


@pytest.mark.usefixtures("governed")
def test_help_is_for_everybody(slack: Playground) -> None:
    """It is about no cluster."""
    assert slack.command("developer", "incidents", "/netcheck help").ok

    assert "Find the cause of what is broken." in last_words(slack, "developer")


@pytest.mark.usefixtures("governed")
def test_a_right_that_is_taken_away_between_two_clicks_is_gone(
    slack: Playground, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the group's members are no longer fresh, the next click asks Slack who is in it."""
    monkeypatch.setattr(membership, "FRESH_S", 0.0)
    monkeypatch.setattr(membership, "EARLY_S", 0.0)
    slack.command("on-call", "incidents", "/netcheck diagnose")
    slack.set_members("S0PLATFORM", ["platform"])

    slack.command("on-call", "incidents", "/netcheck diagnose again")

    assert "You are not among those who may diagnose" in last_words(slack)
    assert 1 == len(runs.recent())


@pytest.mark.usefixtures("governed")
def test_the_file_is_read_again_without_a_restart(slack: Playground, runs: Runs, file: Path) -> None:
    """Whoever was let in a moment ago is refused, in the same bot."""
    slack.command("virtualisation", "incidents", "/netcheck diagnose")
    file.write_text('[diagnose]\nchannels = ["C0PLATFORM"]\n', encoding="utf-8")

    slack.command("virtualisation", "incidents", "/netcheck diagnose again")

    expected = ":warning: You may diagnose in prod, but not here. Go to: <#C0PLATFORM>"
    assert (expected, 1) == (shown(slack.ephemerals("virtualisation")[-1]), len(runs.recent()))


@pytest.mark.parametrize(
    ("scopes", "fault", "why"),
    [
        (["commands", "chat:write"], "", "the app lacks the scope usergroups:read"),
        ([], "no_such_subteam", "there is no such group, or it is disabled"),
        ([], "internal_error", "internal_error"),
    ],
)
def test_a_group_that_slack_does_not_tell_lets_nobody_in(
    redis_url: str, runs: Runs, file: Path, *, scopes: list[str], fault: str, why: str
) -> None:
    """The person reads that it cannot be known, and why; whoever is named is let in all the same."""
    file.write_text(ONLY_PLATFORM, encoding="utf-8")
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] = scopes or manifest["oauth_config"]["scopes"]["bot"]
    with Playground(manifest=manifest) as slack:
        if fault:
            slack.inject("usergroups.users.list", error=fault, times=100)
        with serving(slack, redis_url, NETCHECK_ACCESS=str(file)):
            slack.command("platform", "incidents", "/netcheck diagnose")
            slack.command("virtualisation", "incidents", "/netcheck diagnose")
            said = shown(slack.ephemerals("platform")[-1])

    expected = (
        "Whether you may diagnose in prod cannot be told. Slack does not say who is in the user group S0PLATFORM: "
    )
    assert f":warning: {expected}{why}. Try again in a minute." == said
    assert "virtualisation" == only_run(runs).request.requested_by.name


@pytest.mark.usefixtures("bot")
def test_a_person_of_an_enterprise_is_known_by_it(slack: Playground, runs: Runs) -> None:
    """Another workspace of the enterprise gives another team for the same person."""
    slack.post("developer", "incidents", "x")
    slack.shortcut("on-call", "diagnose_message", slack.messages("incidents")[0])
    known = slack.deliveries[-1].envelope.payload
    team, enterprise = {"id": "T0SECOND"}, {"id": "E0ORG", "name": "org"}
    assert interaction(slack, **{**known, "trigger_id": "9.9.z", "team": team, "enterprise": enterprise}).ok

    requesters = {run.request.requested_by for run in runs.recent()}
    expected = {Requester("on-call", "U0ONCALL", "T0PLAYGROUND"), Requester("on-call", "U0ONCALL", "T0SECOND", "E0ORG")}
    assert expected == requesters


def test_only_ids_become_mentions() -> None:
    """A refusal addresses those whom it names and nobody else; what is none of Slack's ids is shown as it is."""
    ask = ("U0ONCALL", "W1", "S0PLATFORM", "C0INCIDENTS", "D0DIRECT", "command-line", "!channel", "<!here>")

    view = answers.mistake(NotPermitted("No.", hint="Ask:", ask=ask))

    mentions = "<@U0ONCALL> <@W1> <!subteam^S0PLATFORM> <#C0INCIDENTS> `D0DIRECT` `command-line` `!channel`"
    assert f":warning: No. Ask: {mentions} `&lt;!here&gt;`" == shown(view)


@pytest.mark.usefixtures("bot")
def test_the_record_is_verified_in_slack(slack: Playground) -> None:
    """Everybody who may look may know that it is whole; what others did is another right."""
    slack.command("developer", "incidents", "/netcheck diagnose")
    assert slack.command("developer", "incidents", "/netcheck audit verify").ok
    verified = last_words(slack, "developer")
    assert slack.command("developer", "incidents", "/netcheck audit export").ok

    assert "The audit record of prod is whole" in verified
    assert "Nobody may administer netcheck in prod" in last_words(slack, "developer")


def test_the_record_is_given_in_slack(slack: Playground, start: Callable[..., Bot], runs: Runs, file: Path) -> None:
    """The last acts in words, with the way to have all of them."""
    del runs
    file.write_text('[administer]\nusers = ["U0PLATFORM"]\n', encoding="utf-8")
    start(NETCHECK_ACCESS=str(file))
    slack.command("developer", "incidents", "/netcheck diagnose it <!channel> broke")
    assert slack.command("platform", "incidents", "/netcheck audit export").ok

    said = last_words(slack, "platform")
    assert "UTC developer `diagnose it &lt;!channel&gt; broke` in `C0INCIDENTS` — done: run " in said
    assert "On the command line `netcheck audit export in prod` gives all of them." in said
