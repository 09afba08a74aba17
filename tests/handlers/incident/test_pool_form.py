"""The form of an address pool."""

from pathlib import Path
from typing import Any

import pytest

from bot.access.audit import Audit
from bot.incidents.model import Sort
from bot.playground.slack.settings import Settings
from bot.runs.runs import Runs
from checks.finding import Finding, Severity
from checks.text import say
from tests.handlers.clusters import Answering
from tests.handlers.conftest import MANIFEST, serving
from tests.handlers.incident.channel import action, count, labels, said_since
from tests.handlers.reports import report
from tests.handlers.test_listeners import last_words
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until


def form(slack: Playground, user: str = "on-call") -> dict[str, Any]:
    """The form that a person sees."""
    return slack.wait_for(lambda: slack.view(user) or {})


def fill(slack: Playground, name: str, addresses: str, user: str = "on-call") -> Any:
    """Submit it."""
    return slack.submit(user, {"name": {"name": name}, "addresses": {"addresses": addresses}})


@pytest.mark.usefixtures("fixer")
def test_a_pool_without_addresses_opens_a_form(slack: Playground, cluster: Answering) -> None:
    """What is submitted does what the typed command does, at the same door."""
    assert slack.command("on-call", "incidents", "/netcheck fix create-pool").ok
    view = form(slack)
    assert "default" == view["blocks"][1]["element"]["initial_value"]
    assert fill(slack, "public", "10.250.0.100 - 10.250.0.120").ok

    slack.wait_for(lambda: [m for m in slack.messages("incidents") if "Approve" in labels(m)])
    until(lambda: cluster.incident.execution)
    assert {"name": "public", "addresses": "10.250.0.100 - 10.250.0.120"} == cluster.incident.execution.choices  # type: ignore[union-attr]
    assert (None, []) == (slack.view("on-call"), slack.ephemerals("on-call"))
    acts = [(each.act.surface, each.outcome) for each in Audit(cluster.runs.client, "prod").read()]
    assert [("command", "not done"), ("form", "done")] == sorted(acts)


@pytest.mark.usefixtures("fixer")
@pytest.mark.parametrize(
    ("name", "addresses", "field", "said"),
    [
        ("Public", "192.0.2.0/28", "name", "Lower-case letters"),
        ("-x", "192.0.2.0/28", "name", "Lower-case letters"),
        ("default", "192.0.2.1/28", "addresses", "192.0.2.1/28 is no range of addresses: "),
        ("default", "192.0.2.9-192.0.2.1", "addresses", "its end is not after its beginning"),
        ("default", "<!channel>", "addresses", "is no range of addresses"),
        ("default", " , ", "addresses", "Which addresses?"),
    ],
)
def test_a_mistake_is_told_at_its_field(  # noqa: PLR0917 - parameters of the test
    slack: Playground, cluster: Answering, name: str, addresses: str, field: str, said: str
) -> None:
    """The form stays open with what was entered, and nothing is begun."""
    slack.command("on-call", "incidents", "/netcheck fix create-pool")
    form(slack)
    assert fill(slack, name, addresses).ok

    errors = form(slack)["errors"]
    assert ([field], True) == (list(errors), said in errors[field])
    assert () == cluster.incidents.recent()


@pytest.mark.usefixtures("fixer")
def test_a_form_that_is_submitted_twice_is_one_act(slack: Playground, cluster: Answering) -> None:
    """Slack sends it again when the acknowledgement was lost."""
    slack.command("on-call", "incidents", "/netcheck fix create-pool")
    form(slack)
    fill(slack, "default", "10.250.0.100-10.250.0.120")
    assert slack.redeliver(slack.deliveries[-1]).ok

    assert (1, 1) == (len(cluster.incidents.recent()), count(cluster, Sort.DECISION))


@pytest.mark.usefixtures("fixer")
def test_who_may_not_fix_gets_no_form(slack: Playground) -> None:
    """They are told so before they fill anything in."""
    slack.command("developer", "incidents", "/netcheck fix create-pool")

    assert "You are not among those who may remediate in prod." in last_words(slack, "developer")
    assert None is slack.view("developer")


@pytest.mark.usefixtures("fixer")
def test_who_may_not_any_more_reads_it_in_the_form(slack: Playground, cluster: Answering, file: Path) -> None:
    """The door is asked again when it is submitted."""
    slack.command("on-call", "incidents", "/netcheck fix create-pool")
    form(slack)
    file.write_text('[remediate]\nusers = ["U0PLATFORM"]\n', encoding="utf-8")
    assert fill(slack, "default", "192.0.2.0/28").ok

    assert "You are not among those who may remediate in prod." in words(form(slack)["blocks"])
    assert () == cluster.incidents.recent()


def test_a_form_that_opens_too_late_says_what_to_type(redis_url: str, cluster: Answering, file: Path) -> None:
    """A trigger lives for three seconds; here it is gone at once."""
    del cluster
    at_once = Settings(trigger_s=0.0)
    with (
        Playground(manifest=MANIFEST, settings=at_once) as slack,
        serving(slack, redis_url, NETCHECK_ACCESS=str(file)),
    ):
        slack.command("on-call", "incidents", "/netcheck fix create-pool name=public")
        said = said_since(slack, "on-call", 0)

    assert "`/netcheck fix create-pool name=public addresses=192.0.2.10-192.0.2.50 in prod`" in said


@pytest.mark.usefixtures("fixer")
def test_a_finding_without_a_pool_opens_the_form(slack: Playground, runs: Runs) -> None:
    """By the button of its message."""
    none = Finding(
        code="metallb.pools", severity=Severity.ADVICE, text=say("There is no address pool."), outcome="none"
    )
    slack.command("on-call", "incidents", "/netcheck run metallb")
    (run,) = until(runs.recent)
    runs.update(run.id, state="done", report=report(none))
    message = slack.wait_for(lambda: next((m for m in slack.messages("incidents") if "Create" in str(labels(m))), {}))
    slack.press("on-call", message, action(message, "Create"))

    assert "create_pool" == form(slack)["callback_id"]


@pytest.mark.usefixtures("fixer")
def test_in_a_conversation_it_is_said_what_is_missing(slack: Playground) -> None:
    """No form opens there, because nothing that is written gives a trigger."""
    direct = slack.direct("on-call")
    slack.post("on-call", direct, "fix create-pool")

    said = slack.wait_for(lambda: [m for m in slack.messages(direct) if m.get("bot_id")])
    assert "create-pool needs addresses. For example: `/netcheck fix create-pool addresses=" in words(said)
