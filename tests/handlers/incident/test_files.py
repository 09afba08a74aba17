"""What is better kept than read is a file where it belongs, once; where it cannot be put there it is text."""

import pytest

from bot.history.history import History
from bot.history.signals import Sample
from bot.pictures.render import NotDrawnError
from bot.runs.runs import Runs
from bot.store.connection import server_time
from checks.place import Cluster, Replica
from handlers.listeners import replies
from tests.handlers.clusters import Answering
from tests.handlers.incident.channel import ONE_STEP, offered, said_since, tops
from tests.handlers.test_listeners import last_words
from tests.playground import Playground


def measured_twice(runs: Runs) -> None:
    """A replica of CoreDNS answered within 4 ms, an hour ago and two."""
    now = server_time(runs.client)
    for ago in (3600, 7200):
        time = Sample("dns.replica-loss:p99", Replica("coredns-a"), 0.004)
        History(runs.client, runs.cluster).measured(f"r{ago}", now - ago, [time], 30)


@pytest.mark.usefixtures("fixer")
def test_the_report_is_a_file_in_the_thread(slack: Playground, cluster: Answering) -> None:
    """In Markdown; whoever asked is told where it is, and it is put there once."""
    message = offered(slack, ONE_STEP, "Approve")
    name = f"incident-{cluster.incident.id}.md"
    slack.command("developer", "incidents", "/netcheck incident export")
    command = slack.deliveries[-1]

    (posted,) = slack.wait_for(lambda: [m for m in slack.thread(message) if m.get("files")])
    assert slack.file(name).decode().startswith(f"# Incident {cluster.incident.id}: ")
    assert f"`{name}` is in the thread in <#C0INCIDENTS>." in last_words(slack, "developer")
    assert message["ts"] == posted["thread_ts"]
    slack.redeliver(command)
    assert 1 == len(slack.calls_of("files.completeUploadExternal"))


@pytest.mark.usefixtures("fixer")
def test_numbers_over_time_are_a_file_in_the_channel(slack: Playground, cluster: Answering) -> None:
    """Where they were asked for; whoever asked is told so, and of a file there is one."""
    runs = cluster.runs
    loss = Sample("paths.cross-tcp:loss", Cluster(), 0.5)
    History(runs.client, runs.cluster).measured("r1", server_time(runs.client), [loss], 30)

    slack.command("developer", "incidents", "/netcheck history paths format=csv")

    assert "`history-paths.csv` is in <#C0INCIDENTS>." in slack.wait_for(lambda: last_words(slack, "developer"))
    slack.wait_for(lambda: [m for m in tops(slack) if m.get("files")])
    head, row = slack.file("history-paths.csv").decode().splitlines()
    assert ("signal,where,unit", "paths.cross-tcp:loss,cluster,share") == (head[:17], row[:34])


@pytest.mark.usefixtures("fixer")
def test_numbers_over_time_are_a_picture_in_the_channel(slack: Playground, cluster: Answering) -> None:
    """Whoever does not see it hears what it says."""
    measured_twice(cluster.runs)

    slack.command("developer", "incidents", "/netcheck history dns format=png since=1d")

    (posted,) = slack.wait_for(lambda: [m for m in tops(slack) if m.get("files")])
    assert b"\x89PNG" == slack.file("history-dns.png")[:4]
    (call,) = slack.calls_of("files.getUploadURLExternal")
    assert "coredns-a: median 4 ms, at most 4 ms, nothing lost." in call.arguments["alt_txt"]
    assert "DNS latency by replica" == posted["files"][0]["title"]


@pytest.mark.usefixtures("fixer")
def test_what_cannot_be_drawn_is_shown_to_who_asked(
    slack: Playground, cluster: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, and no file."""

    def broken(_: object) -> bytes:
        raise NotDrawnError("no memory")

    monkeypatch.setattr(replies, "rendered", broken)
    measured_twice(cluster.runs)

    slack.command("developer", "incidents", "/netcheck history dns format=png since=1d")

    said = said_since(slack, "developer", 0)
    assert "The file could not be put there: it could not be drawn." in said
    assert "coredns-a" in said


@pytest.mark.usefixtures("fixer")
@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
def test_where_the_upload_fails_the_report_is_text(slack: Playground, method: str) -> None:
    """With the reason."""
    offered(slack, ONE_STEP, "Approve")
    slack.inject(method, error="missing_scope", times=5)
    slack.command("developer", "incidents", "/netcheck incident export")

    said = said_since(slack, "developer", 0)
    assert "The file could not be put there: the app lacks the scope files:write." in said
    assert ("*Timeline*" in said, "Begun: fix redeploy-metallb" in said) == (True, True)
