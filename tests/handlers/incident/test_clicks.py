"""Incidents in Slack, end to end: every click is answered, and nothing happens twice."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.access.audit import Audit
from bot.incidents.model import INCIDENT, Incident, Sort
from bot.playground.slack.people.payloads import response_url
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from bot.store.connection import connect
from tests.conftest import RedisServer
from tests.handlers.clusters import OPERATIONS_KEY, Answering
from tests.handlers.conftest import join, serving
from tests.handlers.incident.channel import (
    ONE_STEP,
    action,
    approving,
    elements,
    labels,
    offered,
    said_since,
    shown,
    tops,
)
from tests.handlers.reports import ended
from tests.handlers.test_listeners import interaction, last_words
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

SWAP = "/netcheck fix vmxnet3-to-e1000e soak_s=0 on w1"


def approvals(incident: Incident) -> int:
    """How many are in its timeline."""
    return sum(entry.sort is Sort.APPROVAL for entry in incident.timeline)


@pytest.mark.usefixtures("fixer")
def test_a_click_shows_at_once_that_it_is_worked_on(slack: Playground, cluster: Answering) -> None:
    """First the buttons are gone, then the outcome is there; the person who clicked is told nothing besides."""
    message = offered(slack, ONE_STEP, "Approve")
    cluster.answers = False
    assert slack.press("on-call", message, action(message, "Approve")).ok

    slack.wait_for(lambda: "The operator is at it" in words(shown(slack)) and not labels(shown(slack)))
    cluster.answers = True
    slack.wait_for(lambda: "Every step is done and verified" in words(shown(slack)))
    assert (["Close the incident", "Diagnose again"], 1) == (labels(shown(slack)), len(cluster.orders))
    assert [] == slack.ephemerals("on-call")
    assert [] == slack.refusals


@pytest.mark.usefixtures("fixer")
def test_an_incident_is_closed_by_its_last_button(slack: Playground, cluster: Answering) -> None:
    """Then it has none, and the report is in its thread."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Approve"))
    slack.wait_for(lambda: "Close the incident" in labels(shown(slack)))
    slack.press("developer", shown(slack), action(shown(slack), "Close"))

    slack.wait_for(lambda: "Closed: Incident" in words(shown(slack)))
    slack.wait_for(lambda: [m for m in slack.thread(message) if "Report of the incident" in m["text"]])
    assert ([], False) == (labels(shown(slack)), cluster.incident.open)


@pytest.mark.usefixtures("fixer")
def test_an_old_button_says_what_was_decided_meanwhile(slack: Playground, cluster: Answering) -> None:
    """Who looks at a message that Slack has not drawn anew reads whose word came first."""
    message = offered(slack, ONE_STEP, "Approve")
    cluster.answers = False
    slack.command("platform", "incidents", approving(cluster))
    until(lambda: approvals(cluster.incident))
    clicked = press_old(slack, message, "Approve")

    assert "This was settled meanwhile. Approved: Restart controller in metallb-system, by platform." in clicked
    assert 1 == approvals(cluster.incident)


def press_old(slack: Playground, message: dict[str, Any], label: str, user: str = "U0ONCALL") -> str:
    """Press a button that the message does not have any more; what the person is told."""
    return press_raw(slack, message, next(e for e in elements(message) if e["text"]["text"].startswith(label)), user)


def press_raw(
    slack: Playground, message: dict[str, Any], element: dict[str, Any], user: str = "U0ONCALL", trigger: str = ""
) -> str:
    """Deliver a click as it is given; what the person is told, who must be told something."""
    name = {"U0ONCALL": "on-call", "U0PLATFORM": "platform", "U0DEVELOPER": "developer"}[user]
    before = len(slack.ephemerals(name))
    assert deliver(slack, message, element, user, trigger)
    return said_since(slack, name, before)


def deliver(
    slack: Playground, message: dict[str, Any], element: dict[str, Any], user: str = "U0ONCALL", trigger: str = ""
) -> bool:
    """Deliver a click as it is given."""
    response = slack._loop.call(lambda: response_url(slack._service, message["channel"], user, message["ts"]))
    answered = interaction(
        slack,
        type="block_actions",
        user={"id": user, "username": {"U0ONCALL": "on-call", "U0PLATFORM": "platform"}.get(user, "developer")},
        channel={"id": message["channel"]},
        message={"ts": message["ts"]},
        container={"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
        response_url=response,
        actions=[{"block_id": "b", "action_ts": "1.2", **element}],
        trigger_id=trigger or f"1.{len(slack.deliveries)}.z",
    )
    return answered.ok


@pytest.mark.usefixtures("fixer")
def test_a_button_of_a_former_plan_does_nothing_to_a_later_one(slack: Playground, cluster: Answering) -> None:
    """Although it stands at the same revision: a button names its plan too."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Stop"))
    slack.wait_for(lambda: "Stopped" in words(shown(slack)))
    again = offered(slack, ONE_STEP, "Approve")

    assert "settled meanwhile" in press_old(slack, message, "Approve")
    assert (2, State.OFFERED, 0) == (plan_of(cluster), state_of(cluster), approvals(cluster.incident))
    assert elements(again)[0]["value"] != elements(message)[0]["value"]


def plan_of(cluster: Answering) -> int:
    """The number of the plan that is on its way."""
    assert cluster.incident.execution is not None
    return cluster.incident.execution.number


def state_of(cluster: Answering) -> State:
    """Where it is."""
    assert cluster.incident.execution is not None
    return cluster.incident.execution.state


@pytest.mark.usefixtures("fixer")
def test_a_double_click_counts_once(slack: Playground, cluster: Answering) -> None:
    """The second one is answered in words."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Approve"))

    assert "settled meanwhile" in press_old(slack, message, "Approve")
    slack.wait_for(lambda: "Every step is done" in words(shown(slack)))
    assert (1, ["restart"]) == (approvals(cluster.incident), verbs(cluster))


def verbs(cluster: Answering) -> list[str]:
    """What the operator was told to do."""
    return [msgspec.to_builtins(order.operation)["verb"] for order in cluster.orders]


@pytest.mark.usefixtures("fixer")
def test_the_same_click_that_slack_sends_again_is_the_same_word(slack: Playground, cluster: Answering) -> None:
    """It is acknowledged, and nobody is told that they were too late for themselves."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Approve"))
    slack.wait_for(lambda: "Every step is done" in words(shown(slack)))

    assert slack.redeliver(slack.deliveries[-1]).ok
    slack.command("on-call", "incidents", "/netcheck help")
    assert ("How to use netcheck" in last_words(slack), 1) == (True, len(slack.ephemerals("on-call")))
    assert (1, ["restart"]) == (approvals(cluster.incident), verbs(cluster))


@pytest.mark.usefixtures("fixer")
def test_of_two_people_one_counts(slack: Playground, cluster: Answering) -> None:
    """Whoever comes later reads who was faster."""
    message = offered(slack, SWAP, "Approve (a second person)")
    cluster.answers = False
    slack.press("platform", message, action(message, "Approve"))
    until(lambda: approvals(cluster.incident))

    assert "This was settled meanwhile. Approved: " in press_old(slack, message, "Approve", "U0PLATFORM")
    assert 1 == approvals(cluster.incident)


@pytest.mark.usefixtures("fixer")
def test_the_own_approval_is_refused_where_a_second_person_is_needed(slack: Playground, cluster: Answering) -> None:
    """In private, with whom to ask; the message stands as it was."""
    message = offered(slack, SWAP, "Approve (a second person)")
    slack.press("on-call", message, action(message, "Approve"))

    said = said_since(slack, "on-call", 0)
    assert "You asked for this yourself, and it needs a second person. Ask one of those who may:" in said
    assert "<@U0PLATFORM>" in said
    assert (0, "Approve (a second person)") == (approvals(cluster.incident), labels(shown(slack))[0])


@pytest.mark.usefixtures("fixer")
@pytest.mark.parametrize("label", ["Approve", "Stop here", "Pause"])
def test_who_may_not_is_told_why_and_whom_to_ask(slack: Playground, cluster: Answering, label: str) -> None:
    """In private and in the record; nothing is changed."""
    message = offered(slack, ONE_STEP, "Approve")
    before = cluster.incident
    slack.press("developer", message, action(message, label))

    said = said_since(slack, "developer", 0)
    assert "You are not among those who may remediate in prod. Ask one of them: <@U0ONCALL> <@U0PLATFORM>" in said
    assert before == cluster.incident
    assert "refused" == Audit(cluster.runs.client, "prod").read()[-1].outcome


@pytest.mark.usefixtures("fixer")
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "from another version"),
        ("{}", "from another version"),
        ('{"command":"audit","subject":"export"}', "from another version"),
        ('{"command":"fix","subject":"format-disks"}', "There is no runbook 'format-disks'."),
        ('{"command":"fix","subject":"offload-off","parameters":{"evil":"1"}}', "has no choice 'evil'"),
        ('{"command":"incident","subject":"explode 0123"}', "An incident cannot 'explode'."),
        ('{"command":"incident","subject":"approve ffff"}', "No incident begins with 'ffff'"),
        ('{"command":"incident","subject":"approve","parameters":{"revision":"x"}}', "'revision' is not understood"),
        ('{"command":"incident","subject":"approve","parameters":{"revision":"99"}}', "settled meanwhile"),
        ('{"command":"fix","subject":"offload-off","cluster":"nowhere"}', "There is no cluster 'nowhere'."),
    ],
)
def test_a_value_that_no_button_has_does_nothing(slack: Playground, cluster: Answering, value: str, said: str) -> None:
    """Whatever it says is read like what people type, and answered."""
    message = offered(slack, ONE_STEP, "Approve")
    slack.press("on-call", message, action(message, "Pause"))
    slack.wait_for(lambda: "Resume" in labels(shown(slack)))
    before = cluster.incident

    assert said in press_raw(slack, message, {**elements(message)[0], "value": value})
    assert before == cluster.incident


@pytest.mark.usefixtures("fixer")
def test_an_incident_that_is_gone_says_so(slack: Playground, cluster: Answering) -> None:
    """Its message may outlive its record by years."""
    message = offered(slack, ONE_STEP, "Approve")
    incident = cluster.incident.id
    keys = cluster.runs.keys
    connect_client = cluster.runs.client
    connect_client.delete(keys.record(INCIDENT.name, incident))
    connect_client.zrem(keys.index(INCIDENT.name), incident)

    assert f"No incident begins with '{incident}' in prod." in press_old(slack, message, "Approve")


def test_without_redis_a_click_is_answered(slack: Playground, redis_server: RedisServer, file: Path) -> None:
    """In time, with what to do."""
    client = connect(redis_server.url)
    join(client, "prod", ("cp", "w1", "w2"))
    answering = Answering(connect(redis_server.url), "prod")
    settings = {"NETCHECK_ACCESS": str(file), "NETCHECK_OPERATIONS_KEY": OPERATIONS_KEY}
    with serving(slack, redis_server.url, **settings):
        message = offered(slack, ONE_STEP, "Approve")
        answering.stop()
        redis_server.kill()

        acknowledged = slack.press("on-call", message, action(message, "Approve"))
        assert acknowledged.ok
        assert "does not answer" in said_since(slack, "on-call", 0)
        redis_server.start()


@pytest.mark.usefixtures("fixer")
def test_a_verdict_leads_to_a_plan_by_one_click(slack: Playground, runs: Runs) -> None:
    """The button opens the incident and makes the plan in it; the message of the run stays."""
    slack.command("on-call", "incidents", "/netcheck diagnose")
    (run,) = until(runs.recent)
    runs.update(run.id, state="done", report=ended().report)
    message = slack.wait_for(lambda: next((m for m in slack.messages("incidents") if labels(m)[1:]), {}))
    slack.press("on-call", message, action(message, "Switch the tunnel offload"))

    slack.wait_for(lambda: "Switch the tunnel offload of VMXNET3 off" in words(tops(slack)[1:]))
    slack.wait_for(lambda: "Stop here" in labels(shown(slack)))
    assert [] == slack.ephemerals("on-call")
    assert ["Switch the tunnel offload of VMXNET3 off", "Replace VMXNET3 by e1000e", "Open an incident"] == labels(
        message
    )


@pytest.mark.usefixtures("fixer")
def test_a_typed_approval_says_for_what_it_is(slack: Playground, cluster: Answering) -> None:
    """Without that it is no approval, and the line to give is told; the line of a former state does nothing."""
    offered(slack, ONE_STEP, "Approve")
    cluster.answers = False
    slack.command("platform", "incidents", "/netcheck incident approve")
    said = said_since(slack, "platform", 0)
    line = approving(cluster)
    told = f"incident approve {cluster.incident.id} {line.partition('approve ')[2]}"
    assert (True, 0) == (told in said and "Restart controller in metallb-system" in said, approvals(cluster.incident))

    slack.command("platform", "incidents", f"/netcheck {told}")
    until(lambda: approvals(cluster.incident))
    slack.command("on-call", "incidents", line)
    assert "This was settled meanwhile." in said_since(slack, "on-call", 0)
    assert 1 == approvals(cluster.incident)
