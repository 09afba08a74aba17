"""`history`: numbers over time and what was not well, in words, as a table, as JSON and as a file."""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.access.requester import Requester
from bot.cli.arguments import parse
from bot.cli.terminal import answer_view
from bot.commands.answer import Answer, Entry, Name, Paragraph, Table, Time
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.grammar import Asked, Line
from bot.commands.perform import Door
from bot.commands.registry import understand
from bot.config import JOBS, SigningKey
from bot.errors import UsageError
from bot.fleet import Fleet, cluster_seen
from bot.history.episodes import Sight, Subject
from bot.history.history import History
from bot.history.signals import SIGNALS, Sample
from bot.language import local_time
from bot.messages.where import Where
from bot.pictures.model import Lines
from bot.playground.blockkit.messages import check_message
from bot.store.connection import server_time
from checks.place import Cluster, Node, Pair, Place, Replica
from handlers.views import answers
from tests.handlers.reports import HOSTILE

CALLER = Caller(by=Requester("on-call", "U1", "T1"), surface="command", where=Where("C1", "1.2"), trigger="1")
LOSS = "paths.cross-tcp:loss"
HOUR = 3600.0


@pytest.fixture
def now(redis_client: Any) -> float:
    """The time by Redis's clock."""
    return server_time(redis_client)


@pytest.fixture
def history(redis_client: Any) -> History:
    """The history of lab, a cluster with the nodes w1 and w2."""
    cluster_seen(redis_client, "lab")
    Fleet(redis_client, "lab").note_nodes(["w1", "w2"])
    return History(redis_client, "lab")


@pytest.fixture
def door(redis_client: Any, history: History) -> Door:  # noqa: ARG001 - the cluster is there
    """The door."""
    means = Means(Clusters(redis_client, ttl_s=60, limit=1), lambda: SigningKey(JOBS, b"0123456789abcdef"))
    return Door(lambda: means)


def answer(door: Door, line: str) -> Answer:
    """What comes of a line."""
    outcome = door.typed(line, CALLER)
    assert isinstance(outcome, Answer)
    return outcome


def rows(outcome: Answer) -> list[tuple[str, ...]]:
    """The rows of its table."""
    return [row for item in outcome.items if isinstance(item, Table) for row in item.rows]


def entries(outcome: Answer) -> list[str]:
    """Its entries, with times as whole numbers."""
    return ["".join(map(_piece, item.text)) for item in outcome.items if isinstance(item, Entry)]


def _piece(piece: object) -> str:
    match piece:
        case Name(text=text):
            return text
        case Time(at=at):
            return f"{at:.0f}"
    return str(piece)


def keep(history: History, at: float, *values: tuple[str, Place, float]) -> None:
    """What one run measured."""
    history.measured(f"{at}", at, [Sample(*value) for value in values], 30)


def test_the_cluster_and_its_worst_nodes_are_shown(door: Door, history: History, now: float) -> None:
    """A gap is a gap, and the node with most loss stands beside the whole cluster."""
    for ago, loss in ((47, 0.0), (46, 0.0), (2, 0.5), (1, 0.25)):
        at = now - ago * HOUR
        keep(history, at, (LOSS, Cluster(), loss / 2), (LOSS, Node("w1"), loss), (LOSS, Node("w2"), 0.0))

    whole, worst = rows(answer(door, "history paths since=2d"))

    assert ("cross-tcp loss", "cluster", "12.5 %", "9.4 %", "25 %") == (*whole[:2], *whole[3:])
    assert ("cross-tcp loss", "w1", "▁", "█") == (*worst[:2], worst[2][0], max(worst[2]))
    assert "▁" + " " * 20 in whole[2]


def test_one_node_is_asked_for(door: Door, history: History, now: float) -> None:
    """As a parameter or after on, which is the same."""
    keep(history, now - 60, (LOSS, Cluster(), 0.1), (LOSS, Node("w1"), 0.1), (LOSS, Node("w2"), 0.0))

    assert [["w2"], ["w2"]] == [
        [row[1] for row in rows(answer(door, f"history paths.cross-tcp {words}"))] for words in ("node=w2", "on w2")
    ]


def test_a_node_that_has_left_is_known_as_long_as_its_history(door: Door, history: History, now: float) -> None:
    """Whoever asks what was before it was removed is answered; a wrong name is told the nearest."""
    keep(history, now - 60, (LOSS, Node("old-1"), 0.1))

    assert ["old-1"] == [row[1] for row in rows(answer(door, "history paths node=old-1"))]
    with pytest.raises(UsageError, match="There is no node 'w11'") as wrong:
        answer(door, "history paths node=w11")
    assert "history paths on w1" == wrong.value.command


def test_what_was_not_well_is_told_in_words(door: Door, history: History) -> None:
    """Since when, how often, and what fixed it; what is over before the time that was asked for is left out."""
    pair = Subject("paths.cross-tcp", Pair("w1", "w2"))
    now = history._client.time()[0]  # the sights are of whole seconds
    for ago, bad, fixed in ((9000, True, ""), (8000, False, "offload-off"), (600, True, "")):
        history.noted(now - ago, [Sight(pair, bad=bad, fixed_by=fixed)], 30)
    for ago, bad in ((90000, True), (88000, False)):
        history.noted(now - ago, [Sight(Subject("paths.cross-ping"), bad=bad)], 30)

    (entry,) = entries(answer(door, "history paths since=1d"))
    before = f"before that from {now - 9000} to {now - 8000}, then fixed by offload-off"
    assert f"paths.cross-tcp at w1 → w2 is not well since {now - 600}; 2 times in all; {before}" == entry
    assert 2 == len(entries(answer(door, "history paths since=2d")))
    assert [f"paths.cross-ping was not well from {now - 90000} to {now - 88000}"] == entries(
        answer(door, "history paths.cross-ping")
    )
    assert [] == entries(answer(door, "history paths.cross-ping node=w1 since=2d"))


def test_of_a_cause_its_episodes_are_told(door: Door, history: History, now: float) -> None:
    """Causes have no numbers."""
    history.noted(now - 60, [Sight(Subject("vmxnet3-tunnel-offload", Node("w1")), bad=True)], 30)

    (entry,) = entries(answer(door, "history vmxnet3-tunnel-offload"))
    assert entry.startswith("vmxnet3-tunnel-offload at w1 is not well since ")


def test_nothing_kept_is_said(door: Door) -> None:
    """And what keeps it."""
    outcome = answer(door, "history dns")

    assert [Paragraph(("Nothing is kept of it from this time: a diagnosis or a run of the check keeps it.",))] == list(
        outcome.items[1:]
    )


@pytest.mark.parametrize(
    ("line", "words", "command"),
    [
        ("history", "Of which check?", "history dns since=2d"),
        ("history dsn", "There is no check, finding or cause 'dsn'.", "history dns"),
        ("history paths.cross-tpc", "There is no check, finding", "history paths.cross-tcp"),
        ("history dns since=yesterday", "'yesterday' is no moment. Write how long ago it is", "history dns since=2d"),
        ("history dns since=2100-01-01", "That moment is still to come.", "history dns since=2d"),
        ("history dns format=xls", "There is no format 'xls'.", "history dns format=csv"),
        ("history dns colour=red", "'colour' is not understood here.", "help history"),
        ("history dns paths", "'paths' is not understood here.", "help history"),
    ],
)
def test_what_is_written_wrong_is_told_how_it_is_right(door: Door, line: str, words: str, command: str) -> None:
    """Each mistake comes with a line that works."""
    with pytest.raises(UsageError) as wrong:
        answer(door, line)

    assert words in wrong.value.reason
    assert command == wrong.value.command


def test_programs_read_points_and_episodes(door: Door, history: History, now: float) -> None:
    """As a document of builtins, and as comma-separated values for a spreadsheet, the same numbers."""
    keep(history, now - 60, (LOSS, Cluster(), 0.25))
    history.noted(now - 60, [Sight(Subject("paths.cross-tcp"), bad=True)], 30)

    outcome = answer(door, "history paths format=csv since=1d")
    document = json.loads(json.dumps(outcome.data))

    (series,), (episode,) = document["series"], document["episodes"]
    (point,) = series["points"]
    assert (LOSS, "share", {"kind": "cluster"}) == (series["signal"], series["unit"], series["place"])
    assert (0.25, 0.25, 1, 900.0) == (point["mean"], point["worst"], point["runs"], point["width_s"])
    assert ("paths.cross-tcp", "", "") == (episode["name"], episode["ended"], episode["fixed_by"])
    assert outcome.file is not None
    assert ("history-paths.csv", CALLER.where, outcome.plain) == (
        outcome.file.name,
        outcome.file.where,
        outcome.file.text,
    )
    assert [{"signal": LOSS, "where": "cluster", "unit": "share", "at": point["at"]}] == [
        {key: row[key] for key in ("signal", "where", "unit", "at")}
        for row in csv.DictReader(outcome.plain.splitlines())
    ]


def test_a_picture_shows_times_and_losses(door: Door, history: History, now: float) -> None:
    """Of each replica, in milliseconds at the middle of a stretch, with the worst loss in it."""
    replica, hour = Replica("coredns-a"), now // HOUR * HOUR
    for ago, loss in ((3, 0.0), (2, 0.5), (2, 0.25), (1, 0.0)):
        values = (("dns.replica-loss:p99", replica, 0.004 * ago), ("dns.replica-loss:loss", replica, loss))
        keep(history, hour - ago * HOUR + loss, *values)

    outcome = answer(door, "history dns format=png since=3d")

    assert outcome.file is not None
    assert isinstance(outcome.file.picture, Lines)
    (series,) = outcome.file.picture.series
    assert ("DNS latency by replica", "ms", "coredns-a") == (outcome.file.title, outcome.file.picture.unit, series.name)
    expected = [(hour - (ago - 0.5) * HOUR, 4.0 * ago, loss) for ago, loss in ((3, 0.0), (2, 0.5), (1, 0.0))]
    assert expected == [(point.at, round(point.value or 0.0, 3), point.loss) for point in series.points]
    assert ("history-dns.png", CALLER.where) == (outcome.file.name, outcome.file.where)
    assert "coredns-a" in outcome.file.text


@pytest.mark.parametrize(
    ("signal", "value", "expected"),
    [
        ("dns.service:p99", 0.25, (250.0, "ms")),
        ("ipv6.reach:loss", 0.25, (25.0, "%")),
        ("throughput.rate:rate", 2.5e9, (2500.0, "Mbit/s")),
        ("metallb.pools:free", 12.0, (12.0, "")),
    ],
)
def test_every_signal_has_a_picture(
    door: Door, history: History, *, signal: str, value: float, expected: tuple[float, str]
) -> None:
    """Also where there are no times: in the unit that people read."""
    for ago in (1, 2):
        keep(history, time.time() - ago * HOUR, (signal, Cluster(), value))

    picture = answer(door, f"history {signal.partition(':')[0]} since=2d").picture

    assert isinstance(picture, Lines)
    assert [expected] * 2 == [(point.value, picture.unit) for point in picture.series[0].points]


def test_one_measurement_is_no_picture(door: Door, history: History, now: float) -> None:
    """It is said, and what is kept is shown."""
    keep(history, now - 60, ("dns.replica-loss:p99", Replica("coredns-a"), 0.004))

    outcome = answer(door, "history dns format=png")

    assert (None, None) == (outcome.file, outcome.picture)
    assert "There is no picture: it takes two measurements" in str(outcome.items[0])
    assert 1 == len(rows(outcome))


def test_slack_shows_it_within_its_limits(door: Door, history: History, now: float) -> None:
    """Many replicas and episodes, with names as a cluster may have them; times as Slack shows them."""
    replicas = [Replica(f"{HOSTILE}{number}") for number in range(60)]
    for ago in range(1, 30):
        keep(history, now - ago * HOUR, *(("dns.replica-loss:loss", replica, 0.5) for replica in replicas))
    history.noted(now, [Sight(Subject("dns.replica-loss", replica), bad=True) for replica in replicas], 30)

    outcome = answer(door, "history dns")
    shown = answers.answer_view(outcome)

    check_message(shown["blocks"])
    text = json.dumps(shown)
    assert f"<!date^{int(now)}^{{date_short_pretty}} {{time}}|" in text
    assert "<!channel>" not in text
    assert [0] == [each["text"]["text"].count("```") % 2 for each in shown["blocks"] if "text" in each][:1]
    assert "```\\nwhat " in text


def test_the_command_line_shows_a_table_in_local_time(door: Door, history: History, now: float) -> None:
    """No time without its date and zone."""
    keep(history, now - 60, (LOSS, Cluster(), 0.25))
    console = Console(file=io.StringIO(), width=120)

    console.print(answer_view(answer(door, "history paths")))

    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert f" to {local_time(now)[:15]}" in text

    assert "cross-tcp loss  cluster" in text
    assert "█" in text


def test_the_command_line_asks_for_a_file_by_an_option() -> None:
    """`--csv` is `format=csv`."""
    options = parse(["history", "dns", "--csv"])

    assert Asked(command="history", subject="dns", parameters={"format": "csv"}) == understand(
        Line.split(options.words, lambda: ("lab",))
    )
    with pytest.raises(UsageError, match="--csv is for numbers over time"):
        parse(["status", "--csv"])


def test_the_document_of_history_is_true() -> None:
    """docs/history.md lists every signal."""
    document = (Path(__file__).parents[3] / "docs" / "history.md").read_text(encoding="utf-8")

    assert [] == [s.name for s in SIGNALS.values() if f"| `{s.code.name}` | {s.what} |" not in document]
