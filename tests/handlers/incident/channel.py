"""The message of an incident, as people in the channel see it and press its buttons."""

from typing import Any

from bot.incidents.model import Sort
from tests.handlers.clusters import Answering
from tests.handlers.test_views import words
from tests.playground import Playground

ONE_STEP = "/netcheck fix redeploy-metallb"


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


def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons of a message."""
    return [e for b in message["blocks"] if b["type"] == "actions" for e in b["elements"]]


def offered(slack: Playground, line: str, label: str) -> dict[str, Any]:
    """Begin a plan, and wait until its message has a button."""
    assert slack.command("on-call", "incidents", line).ok
    return slack.wait_for(lambda: next((m for m in slack.messages("incidents") if label in labels(m)), {}))


def said_since(slack: Playground, user: str, count: int) -> str:
    """What a person alone was told since then."""
    slack.wait_for(lambda: len(slack.ephemerals(user)) > count)
    return words(slack.ephemerals(user)[count:])


def approving(cluster: Answering) -> str:
    """The line that approves just what the one incident shows now."""
    execution = cluster.incident.execution
    assert execution is not None
    return f"/netcheck incident approve plan={execution.number} revision={execution.revision}"


def count(cluster: Answering, sort: Sort) -> int:
    """Entries of a sort in the one incident, if it is there yet."""
    found = cluster.incidents.recent()
    return sum(entry.sort is sort for incident in found for entry in incident.timeline)
