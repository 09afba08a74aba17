"""Digests in Slack: made by a line, posted on time, muted by a button, and never silent about a channel."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.digests.digests import Digests
from bot.digests.model import Definition
from bot.roles import digesting
from bot.runs.runs import Runs
from bot.store.connection import connect
from checks.report import Report
from tests.handlers.conftest import Bot
from tests.handlers.incident.channel import action, labels
from tests.handlers.reports import DIAGNOSIS, TCP_FAILS, TCP_PASSES, report, verdict
from tests.handlers.test_views import words
from tests.playground import Playground
from tests.waiting import until

HEALTHY, BROKEN = report(TCP_PASSES, diagnosis=verdict("healthy")), report(TCP_FAILS, diagnosis=DIAGNOSIS)
ADD = '/netcheck digest add "0 9 * * mon-fri" zone=Europe/Berlin channel=C0DIGESTS'
_LOOK_S = 0.02


class Cluster:
    """Until `stop`: every run ends with the same report."""

    def __init__(self, runs: Runs) -> None:
        self.runs = runs
        self.report: Report = HEALTHY
        self.digests = Digests(runs)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    @property
    def definition(self) -> Definition:
        """The one that there is."""
        (found,) = self.digests.definitions.all().values()
        return found

    def _loop(self) -> None:
        while not self._stop.wait(_LOOK_S):
            for run in self.runs.recent(5):
                if run.open:
                    self.runs.update(run.id, state="done", report=self.report)


@pytest.fixture
def cluster(redis_url: str, runs: Runs) -> Iterator[Cluster]:
    """It answers."""
    made = Cluster(Runs(connect(redis_url), runs.cluster))
    yield made
    made.stop()


@pytest.fixture
def bot(start: Callable[..., Bot], cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:  # noqa: ARG001 - it must answer
    """A bot with which one person may set digests up."""
    monkeypatch.setattr(digesting, "POLL_S", 0.05)
    (tmp_path / "access.toml").write_text('[digest]\nusers = ["U0ONCALL"]\n', encoding="utf-8")
    return start(NETCHECK_ACCESS=str(tmp_path / "access.toml"))


def _posted(slack: Playground, channel: str = "cluster-health") -> list[str]:
    roots = [m for m in slack.messages(channel) if m.get("thread_ts", m["ts"]) == m["ts"]]
    return [words(message) for message in roots]


def _wait_for(slack: Playground, count: int) -> None:
    slack.wait_for(lambda: len(_posted(slack)) == count)


def _made(slack: Playground, cluster: Cluster, line: str = ADD) -> None:
    assert slack.command("on-call", "incidents", line).ok
    until(cluster.digests.definitions.all)


@pytest.mark.usefixtures("bot")
def test_it_is_made_by_a_line_and_posted(slack: Playground, cluster: Cluster) -> None:
    """The answer tells the next firings; each digest is one message, and says what has changed."""
    _made(slack, cluster)
    said = words(slack.wait_for(lambda: slack.ephemerals("on-call")))
    assert (True, 6) == ("/invite @netcheck" in said, said.count("09:00 CET"))

    for count, seen in enumerate((HEALTHY, BROKEN, BROKEN, HEALTHY), 1):
        cluster.report = seen
        slack.command("on-call", "incidents", "/netcheck digest now")
        _wait_for(slack, count)
    first, second, third, fourth = _posted(slack)
    assert ("Healthy" in first, "hanged" in first) == (True, False)
    assert (True, True) == ("New: TCP fails on 1 of 2 pairs." in second, "Do this first" in second)
    assert "Nothing has changed since" in third
    assert "Gone: TCP fails on 1 of 2 pairs." in fourth
    broken = next(m for m in slack.messages("cluster-health") if "New: " in words(m))
    slack.wait_for(lambda: [m for m in slack.thread(broken) if m.get("files")], timeout_s=60)
    assert [] == slack.refusals


@pytest.mark.usefixtures("bot")
def test_its_buttons_do_what_they_say(slack: Playground, cluster: Cluster) -> None:
    """Muted for a day it says nothing; who may not is told so."""
    _made(slack, cluster)
    cluster.report = BROKEN
    slack.command("on-call", "incidents", "/netcheck digest now")
    (message,) = slack.wait_for(lambda: slack.messages("cluster-health"))
    assert ["Diagnose now", "Open an incident", "Mute for a day"] == labels(message)

    slack.press("developer", message, action(message, "Mute"))
    slack.wait_for(lambda: slack.ephemerals("developer"))
    assert 0.0 == cluster.definition.muted_until
    slack.press("on-call", message, action(message, "Mute"))
    until(lambda: cluster.definition.muted_until)
    slack.press("on-call", message, action(message, "Diagnose now"))
    slack.wait_for(lambda: [m for m in slack.messages("cluster-health") if "diagnose" in words(m)])


@pytest.mark.usefixtures("bot")
def test_a_channel_that_takes_none(slack: Playground, cluster: Cluster) -> None:
    """Its owner is told once, with the digest itself, and it is paused."""
    _made(slack, cluster, ADD.replace("C0DIGESTS", "C0GENERAL"))
    slack.command("on-call", "incidents", "/netcheck digest now")
    until(lambda: cluster.definition.paused)
    assert cluster.definition.paused == "Slack says not_in_channel for its channel"
    slack.wait_for(lambda: len(slack.messages(slack.direct("on-call"))) == 2)
    told, digest = (words(message) for message in slack.messages(slack.direct("on-call")))
    assert (True, True) == ("/invite @netcheck" in told, "Healthy" in digest)


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("digest add", "When?"),
        ("digest add sometimes", "is no schedule"),
        ("digest add daily zone=Europe/Berlim", "Did you mean Europe/Berlin?"),
        ("digest add daily channel=#x", "is no channel of Slack"),
        ("digest add daily when=never", "It is one of always, change, unwell."),
        ("digest add daily checks=dsn", "Did you mean dns?"),
        ("digest add daily mention=you", "is nobody"),
        ("digest add daily chanel=C0DIGESTS", "Did you mean channel?"),
        ("digest pause", "has no digest"),
        ("digest mute ffff soon", "For how long?"),
        ("digest explode", "A digest cannot"),
    ],
)
def test_what_does_not_fit_is_told(slack: Playground, cluster: Cluster, line: str, said: str) -> None:
    """Privately, with what is right; nothing is made."""
    slack.command("on-call", "incidents", f"/netcheck {line}")
    assert said in words(slack.wait_for(lambda: slack.ephemerals("on-call")))
    assert {} == cluster.digests.definitions.all()


@pytest.mark.usefixtures("bot")
def test_a_line_that_slack_sends_twice_makes_one(slack: Playground, cluster: Cluster) -> None:
    """The same trigger is the same digest."""
    _made(slack, cluster)
    slack.redeliver(slack.deliveries[-1])
    assert 1 == len(cluster.digests.definitions.all())


def _form(slack: Playground) -> dict[str, Any]:
    slack.command("on-call", "incidents", "/netcheck digest")
    return slack.wait_for(lambda: slack.view("on-call") or {})


@pytest.mark.usefixtures("bot")
def test_a_form_shows_the_next_firings(slack: Playground, cluster: Cluster) -> None:
    """They follow what is chosen; what is wrong is told at its field; what is submitted is what a line would make."""
    assert words(_form(slack)).count("09:00 UTC") == 5
    slack.press_in_view("on-call", "digest_zone", "Europe/Berlin")
    slack.wait_for(lambda: words(slack.view("on-call")).count("09:00 CET") == 5)
    values = {
        "preset": "own",
        "cron": "30 8 * * fry",
        "zone": "Europe/Berlin",
        "channel": "C0DIGESTS",
        "when": "change",
    }
    form = {name: {f"digest_{name}": value} for name, value in values.items()}
    refused = slack.submit("on-call", form)
    assert "fry" in str(slack.view("on-call")) or not refused.ok
    form["cron"] = {"digest_cron": "30 8 * * fri"}
    assert slack.submit("on-call", form).ok
    until(cluster.digests.definitions.all)
    made = cluster.definition
    assert ("30 8 * * fri", "Europe/Berlin", "C0DIGESTS", "change") == (
        made.schedule.cron,
        made.schedule.zone,
        made.where.channel,
        made.when,
    )


@pytest.mark.usefixtures("bot")
def test_what_fails_in_between_is_called_out_in_the_thread(slack: Playground, cluster: Cluster) -> None:
    """With whom the digest names, once."""
    _made(slack, cluster, f"{ADD} mention=<@U0PLATFORM>,<!subteam^S0NETOPS|@netops>")
    slack.command("on-call", "incidents", "/netcheck digest now")
    _wait_for(slack, 1)
    until(lambda: cluster.definition.last)
    cluster.report = BROKEN
    assert cluster.digests.watch(cluster.definition, 600.0)
    (root,) = [m for m in slack.messages("cluster-health") if not m.get("thread_ts")]
    (told,) = slack.wait_for(lambda: slack.thread(root))
    assert "<@U0PLATFORM> <!subteam^S0NETOPS>" in words(told)
    assert (True, True) == ("rotating_light" in words(told), "New: TCP fails on 1 of 2 pairs." in words(told))
