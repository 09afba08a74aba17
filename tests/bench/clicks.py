"""How soon a message shows what came of a click, with twenty incidents at once."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from bot.fleet import cluster_seen
from bot.incidents.incidents import Incidents
from bot.messages.where import Where
from bot.playground.start import manifest
from bot.roles.local import local_netcheck
from bot.runbooks.machine import State
from bot.runs.requests import new_id
from bot.store.connection import connect
from tests.bench.bot import running_bot
from tests.bench.figures import Figure, percentile
from tests.handlers.incidents import at, plan
from tests.playground import Playground

INCIDENTS = 20
ROUNDS = 6
LOOK_S = 0.02
APART_S = 2.0
"""Between two rounds: nobody reads a message and presses its button within a second of its last edit."""


def changed_messages() -> list[Figure]:
    """From the click until the message in the channel says something else, over Socket Mode."""
    with local_netcheck("bench") as local, Playground(manifest=manifest()) as slack, _rules() as rules:
        client = connect(local.environment["NETCHECK_REDIS_URL"])
        cluster_seen(client, "bench")
        with running_bot(local, slack, NETCHECK_ACCESS=rules.name):
            for number in range(INCIDENTS):
                _open(Incidents(client, "bench"), number)
            slack.wait_for(lambda: len(slack.messages("incidents")) == INCIDENTS, timeout_s=60)
            times = [seconds for number in range(ROUNDS) for seconds in _round(slack, number)]
    p50, p99 = 1000 * percentile(times, 0.5), 1000 * percentile(times, 0.99)
    return [
        Figure(f"click to changed message, {INCIDENTS} incidents at once, p50", f"{p50:.0f} ms"),
        Figure(
            f"click to changed message, {INCIDENTS} incidents at once, p99",
            f"{p99:.0f} ms",
            "< 1000 ms",
            p99 < 1000,
            f"{len(times)} clicks, {INCIDENTS} at a time; Slack takes 50 edits a minute, so each is answered by its own"
            " address",
        ),
    ]


def _rules() -> Any:
    file = tempfile.NamedTemporaryFile(suffix=".toml")  # noqa: SIM115 - whoever calls closes it
    Path(file.name).write_text('[remediate]\nusers = ["U0ONCALL"]\n', encoding="utf-8")
    return file


def _open(incidents: Incidents, number: int) -> None:
    found = at(State.OFFERED, plan("redeploy-metallb"), since=time.time())
    about = {"id": new_id(), "cluster": "bench", "about": f"cause-{number}", "where": Where("C0INCIDENTS")}
    incidents.open(msgspec.structs.replace(found, **about))


def _round(slack: Playground, number: int) -> list[float]:
    """Everybody pauses their incident, or resumes it, at the same moment."""
    label, then = (("Pause", "Resume"), ("Resume", "Pause"))[number % 2]
    messages = slack.wait_for(lambda: _all_with(slack, label), timeout_s=60)
    time.sleep(APART_S)

    pressed: dict[str, float] = {}

    def press(message: dict[str, Any]) -> None:
        pressed[message["ts"]] = time.monotonic()
        slack.press("on-call", message, _action(message, label))

    changed: dict[str, float] = {}
    with ThreadPoolExecutor(INCIDENTS) as people:
        clicks = [people.submit(press, message) for message in messages]
        while len(changed) < INCIDENTS:
            shown = slack.messages("incidents")
            changed |= {m["ts"]: time.monotonic() for m in shown if m["ts"] not in changed and _action(m, then)}
            time.sleep(LOOK_S)
        for click in clicks:
            click.result()
    return [changed[ts] - at for ts, at in pressed.items()]


def _all_with(slack: Playground, label: str) -> list[dict[str, Any]]:
    found = [message for message in slack.messages("incidents") if _action(message, label)]
    return found if len(found) == INCIDENTS else []


def _action(message: dict[str, Any], label: str) -> str:
    """The `action_id` of a button; empty where there is none."""
    rows = (block["elements"] for block in message["blocks"] if block["type"] == "actions")
    return next((str(e["action_id"]) for row in rows for e in row if e["text"]["text"] == label), "")
