"""Incidents in Slack, end to end: every click is answered, and nothing happens twice."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from slack_sdk import WebClient

from bot.access.audit import Audit
from bot.incidents import reminders
from bot.incidents.incidents import Incidents
from bot.incidents.model import INCIDENT, Incident, Sort
from bot.language import ENGLISH
from bot.messages import messages
from bot.messages.messages import MESSAGE, MessageState
from bot.playground.slack.people.payloads import response_url
from bot.playground.slack.settings import Settings
from bot.runbooks.machine import State
from bot.runs.runs import Runs
from bot.store.connection import connect
from bot.store.due import Due
from bot.store.records import MESSAGES
from checks.finding import Finding, Severity
from checks.text import say
from tests.conftest import RedisServer
from tests.handlers.clusters import OPERATIONS_KEY, Answering
from tests.handlers.conftest import MANIFEST, Bot, config_for, join, until
from tests.handlers.incidents import at, opened, plan
from tests.handlers.reports import ended, report
from tests.handlers.test_announcer import bot_process
from tests.handlers.test_listeners import interaction, last_words
from tests.handlers.test_views import words
from tests.playground import Playground

ACCESS = """
[remediate]
users = ["U0ONCALL", "U0PLATFORM"]
[approve]
users = ["U0ONCALL", "U0PLATFORM"]
"""
ONE_STEP = "/netcheck fix redeploy-metallb"
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
SWAP = "/netcheck fix vmxnet3-to-e1000e soak_s=0 on w1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file that says who may do what."""
    path = tmp_path / "access.toml"
    path.write_text(ACCESS, encoding="utf-8")
    return path


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of the one cluster that there is, prod, with the nodes of the founding incident."""
    return join(redis_client, "prod", ("cp", "w1", "w2"))


@pytest.fixture
def cluster(redis_url: str, runs: Runs) -> Iterator[Answering]:  # noqa: ARG001 - it must be known
    """It answers."""
    answering = Answering(connect(redis_url), "prod")
    yield answering
    answering.stop()


@pytest.fixture
def fixer(start: Callable[..., Bot], cluster: Answering, file: Path) -> Bot:  # noqa: ARG001 - it must answer
    """A bot that two people may have fix something, with an operator."""
    return start(NETCHECK_ACCESS=str(file), NETCHECK_OPERATIONS_KEY=OPERATIONS_KEY)


def shown(slack: Playground, channel: str = "incidents") -> dict[str, Any]:
    """The message of the one incident."""
    (found,) = [m for m in tops(slack, channel) if "Incident " in m["text"]]
    return found


def tops(slack: Playground, channel: str = "incidents") -> list[dict[str, Any]]:
    """The messages in a channel that answer none."""
    return [m for m in slack.messages(channel) if m.get("thread_ts", m["ts"]) == m["ts"]]


def labels(message: dict[str, Any]) -> list[str]:
    """What its buttons say."""
    return [e["text"]["text"] for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def action(message: dict[str, Any], label: str) -> str:
    """The `action_id` of a button."""
    found = [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]
    return str(next(e["action_id"] for e in found if e["text"]["text"].startswith(label)))


def offered(slack: Playground, line: str, label: str) -> dict[str, Any]:
    """Begin a plan, and wait until its message has a button."""
    assert slack.command("on-call", "incidents", line).ok
    return slack.wait_for(lambda: next((m for m in slack.messages("incidents") if label in labels(m)), {}))


def said_since(slack: Playground, user: str, count: int) -> str:
    """What a person alone was told since then."""
    slack.wait_for(lambda: len(slack.ephemerals(user)) > count)
    return words(slack.ephemerals(user)[count:])


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
    slack.command("platform", "incidents", "/netcheck incident approve")
    until(lambda: approvals(cluster.incident))
    clicked = press_old(slack, message, "Approve")

    assert "This was settled meanwhile. Approved: Restart controller in metallb-system, by platform." in clicked
    assert 1 == approvals(cluster.incident)


def press_old(slack: Playground, message: dict[str, Any], label: str, user: str = "U0ONCALL") -> str:
    """Press a button that the message does not have any more; what the person is told."""
    return press_raw(slack, message, next(e for e in elements(message) if e["text"]["text"].startswith(label)), user)


def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a message."""
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


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
    bot = Bot(config_for(slack, redis_server.url, **settings))
    slack.wait_for(lambda: slack.connections)
    message = offered(slack, ONE_STEP, "Approve")
    answering.stop()
    redis_server.kill()

    acknowledged = slack.press("on-call", message, action(message, "Approve"))
    assert acknowledged.ok
    assert "does not answer" in said_since(slack, "on-call", 0)
    redis_server.start()
    bot.stop.set()
    slack.drop_connections()
    bot.end()


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


@pytest.mark.usefixtures("fixer")
def test_what_stands_elsewhere_is_pointed_to(slack: Playground, cluster: Answering) -> None:
    """Who decides by typing, in another channel or far below, reads where the message is."""
    offered(slack, ONE_STEP, "Approve")
    cluster.answers = False
    slack.command("platform", "platform", "/netcheck incident approve")

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


def test_a_bot_killed_while_posting_an_entry(slack: Playground, runs: Runs, redis_url: str, start: Any) -> None:
    """SIGKILL between posting it and noting where: the next bot goes on after it, in the timeline's order."""
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


def test_who_waits_is_reminded_and_not_for_ever(
    slack: Playground, start: Callable[..., Bot], cluster: Answering, file: Path
) -> None:
    """Once after the time that is set, again after twice as long, four times at most, whatever number of bots."""
    settings = {"NETCHECK_ACCESS": str(file), "NETCHECK_REMIND_AFTER": "1"}
    start(**settings)
    start(**settings)
    slack.command("on-call", "incidents", ONE_STEP)
    until(lambda: count(cluster, Sort.REMINDER) == 2)
    times = [entry.at for entry in cluster.incident.timeline if entry.sort is Sort.REMINDER]

    assert 1.8 < times[1] - times[0] < 3.5
    slack.wait_for(lambda: len(reminded(slack)) >= 2, 20)
    assert reminded(slack)[0].startswith("<@U0ONCALL> Nothing has moved for 1 s. Waiting for somebody to do it")
    assert count(cluster, Sort.REMINDER) <= reminders.MOST


def reminded(slack: Playground) -> list[str]:
    """The reminders that were posted."""
    return [m["text"] for m in slack.messages("incidents") if "Nothing has moved" in m["text"]]


def count(cluster: Answering, sort: Sort) -> int:
    """Entries of a sort in the one incident, if it is there yet."""
    found = cluster.incidents.recent()
    return sum(entry.sort is sort for incident in found for entry in incident.timeline)


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
def test_the_report_is_a_file_in_the_thread(slack: Playground, cluster: Answering) -> None:
    """In Markdown; whoever asked is told where it is, and it is put there once."""
    message = offered(slack, ONE_STEP, "Approve")
    name = f"incident-{cluster.incident.id}.md"
    slack.command("developer", "incidents", "/netcheck incident export")
    command = slack.deliveries[-1]

    (posted,) = slack.wait_for(lambda: [m for m in slack.thread(message) if m.get("files")])
    assert slack.file(name).decode().startswith(f"# Incident {cluster.incident.id}: ")
    assert f"`{name}` is in the incident's thread in <#C0INCIDENTS>." in last_words(slack, "developer")
    assert message["ts"] == posted["thread_ts"]
    slack.redeliver(command)
    assert 1 == len(slack.calls_of("files.completeUploadExternal"))


@pytest.mark.usefixtures("fixer")
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_where_the_upload_fails_the_report_is_text(slack: Playground, method: str) -> None:
    """With the reason."""
    offered(slack, ONE_STEP, "Approve")
    slack.inject(method, error="missing_scope", times=5)
    slack.command("developer", "incidents", "/netcheck incident export")

    said = said_since(slack, "developer", 0)
    assert "The file is not in the thread: the app lacks the scope files:write." in said
    assert ("*Timeline*" in said, "Begun: fix redeploy-metallb" in said) == (True, True)


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


# The form of an address pool.


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
    with Playground(manifest=MANIFEST, settings=Settings(trigger_s=0.0)) as slack:
        bot = Bot(config_for(slack, redis_url, NETCHECK_ACCESS=str(file)))
        slack.wait_for(lambda: slack.connections)
        slack.command("on-call", "incidents", "/netcheck fix create-pool name=public")
        said = said_since(slack, "on-call", 0)
        bot.stop.set()
        slack.drop_connections()
        bot.end()

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


def test_the_next_reminder_is_due_after_twice_as_long() -> None:
    """Counted from when something last moved; never for what waits for nobody."""
    waiting = msgspec.structs.replace(at(State.OFFERED, plan("redeploy-metallb")), moved_at=1000.0)
    busy = at(State.VERIFYING, plan("redeploy-metallb"))
    closed = msgspec.structs.replace(waiting, state="closed")

    after = [reminders.next_at(msgspec.structs.replace(waiting, reminded=n), 900.0) for n in range(5)]
    assert [1900.0, 3700.0, 7300.0, 14500.0, None] == after
    assert [None] * 3 == [reminders.next_at(each, 900.0) for each in (busy, closed, opened())]
    assert 1 == reminders.reminded(waiting, 2000.0).reminded
    assert 1000.0 == reminders.reminded(waiting, 2000.0).moved_at
