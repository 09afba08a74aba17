"""What a heat map shows is what was measured."""

from collections import Counter

import msgspec
import pytest

from bot.pictures.matrix import IN_ORDER, MOST, failed, matrix_of, measured
from bot.pictures.model import ALT_CHARACTERS, Cell, State
from checks.finding import Finding, Seen
from checks.paths.rows import CROSS_PING, CROSS_TCP
from checks.place import Node, Pair, ReplicaPath
from checks.report import Report, brief, kept
from checks.text import say
from tests.bot.pictures.shown import recorded, tcp


def test_the_recorded_incident_is_a_matrix_of_tcp() -> None:
    """Every way to and from w1 fails, the other two pass; the cells are the finding's, one by one."""
    matrix = failed(recorded())

    assert matrix is not None
    finding = next(f for f in recorded().findings if f.code == "paths.cross-tcp")
    expected = {
        (seen.place.source, seen.place.target): ("fails" if seen.bad else "well", seen.measures.get("rtt_s"))
        for seen in finding.seen
        if isinstance(seen.place, Pair)
    }
    drawn = {(matrix.rows[c.row], matrix.columns[c.column]): (str(c.state), c.time_s) for c in matrix.cells}
    assert expected == drawn
    assert (("cp", "w1", "w2"), ("cp", "w1", "w2")) == (matrix.rows, matrix.columns)
    assert Counter(fails=4, well=2) == Counter(str(cell.state) for cell in matrix.cells)


def test_the_words_say_what_is_seen() -> None:
    """Title, alt text and notes name the probe, how much fails and where, and how long the rest takes."""
    matrix = failed(recorded())

    assert matrix is not None
    assert "D TCP: 4 of 6 paths fail" == matrix.title
    assert matrix.alt.startswith("D TCP: 4 of 6 paths fail. TCP from pods to pods of other nodes: 4 of 6 pairs")
    assert "Most fails at w1 (4 of 4)" in matrix.alt
    assert "from w2 to cp" in matrix.alt
    assert "A node to node, B same node, and C ping: passed." in matrix.notes


def test_a_sound_cluster_needs_no_picture_and_gets_one_who_asks() -> None:
    """Nobody is shown that all is well; `--plot` shows it."""
    report = Report(severity=tcp(5, reach=2).severity, findings=(tcp(5, reach=2),))

    matrix = measured(report)

    assert failed(report) is None
    assert matrix is not None
    assert "D TCP: all 20 paths pass" == matrix.title


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [Seen(Pair("w1", "w1"), "lost", {"sent": 1, "lost": 1})],
    ],
    ids=["nothing", "one node"],
)
def test_fewer_than_two_nodes_are_no_matrix(seen: list[Seen]) -> None:
    """There is no way between nodes that could be drawn."""
    assert matrix_of(CROSS_TCP.found(say("TCP."), seen, outcome="lost")) is None


def test_what_is_about_single_nodes_is_no_matrix() -> None:
    """A finding without ways has nothing to draw."""
    finding = msgspec.structs.replace(tcp(3, reach=1), seen=(Seen(Node("w1"), "lost"), Seen(Node("w2"), "lost")))

    assert matrix_of(finding) is None


def test_loss_rejection_and_what_was_not_seen_are_different_cells() -> None:
    """Each has its state, and of what was partly lost the part."""
    seen = [
        Seen(Pair("a", "b"), "lost", {"sent": 4, "lost": 1, "rtt_s": 0.002}),
        Seen(Pair("b", "a"), "rejected", {"sent": 1, "lost": 1}),
        Seen(Pair("a", "c"), "unseen"),
        Seen(Pair("c", "a"), "pass", {"sent": 1, "lost": 0, "rtt_s": 0.001}),
    ]

    matrix = matrix_of(CROSS_PING.found(say("Ping."), seen))

    assert matrix is not None
    expected = (
        Cell(0, 1, State.FAILS, 0.25, 0.002),
        Cell(0, 2, State.UNSEEN),
        Cell(1, 0, State.REJECTED, 1.0),
        Cell(2, 0, State.WELL, 0.0, 0.001),
    )
    assert expected == matrix.cells
    assert "1 path was not seen." in matrix.alt


def test_the_worst_nodes_of_many_come_first() -> None:
    """Who looks at a hundred names reads the first ones."""
    matrix = matrix_of(tcp(100, bad={40, 70}))

    assert matrix is not None
    assert {"prod-worker-040.example.internal", "prod-worker-070.example.internal"} == set(matrix.rows[:2])
    assert (100, 100) == (len(matrix.rows), len(set(matrix.columns)))


def test_a_few_nodes_stand_in_the_order_of_their_names() -> None:
    """People know where to look for them; numbers count as numbers."""
    names = [f"w{number}" for number in range(1, IN_ORDER + 1)]
    pairs = [Seen(Pair(name, "w2" if name == "w1" else "w1"), "lost") for name in names]

    matrix = matrix_of(CROSS_TCP.found(say("TCP."), pairs))

    assert matrix is not None
    assert tuple(names) == matrix.rows


def test_of_more_nodes_than_can_be_drawn_the_worst_are() -> None:
    """The picture says so."""
    matrix = matrix_of(tcp(300, bad={250}))

    assert matrix is not None
    assert (MOST, "prod-worker-250.example.internal") == (len(matrix.rows), matrix.rows[0])
    assert "Of 300 nodes the worst 100 are drawn." in matrix.notes
    assert all(cell.row < MOST and cell.column < MOST for cell in matrix.cells)


def test_a_report_that_was_cut_short_says_so() -> None:
    """What the record did not keep is not drawn as if it had not been tried."""
    matrix = matrix_of(brief(tcp(40, bad={3})))

    assert matrix is not None
    assert "D TCP: 20 paths fail" == matrix.title
    assert "Of 400 paths the worst 100 are kept." in matrix.notes


def test_of_a_hundred_nodes_a_record_keeps_the_whole_matrix() -> None:
    """Of the finding that is drawn every pair is kept, and its picture is that of the finding itself."""
    whole = tcp(100, bad={40, 70}, silent={3})
    others = (msgspec.structs.replace(whole, code="paths.host-tcp", probe="A", seen=tcp(100).seen), whole)

    stored = kept(others)

    assert [False, True] == [finding.pairs is not None for finding in stored]
    read = msgspec.json.decode(msgspec.json.encode(stored), type=tuple[Finding, ...])
    report = Report(severity=whole.severity, findings=read)
    first, again = matrix_of(whole), failed(report)
    assert first is not None
    assert again is not None
    assert 1000 == len(first.cells)
    assert (first.title, first.rows, first.cells) == (again.title, again.rows, again.cells)
    assert not any("are kept" in note for note in again.notes)


def test_a_damaged_record_is_drawn_as_far_as_it_is_sound() -> None:
    """A row that names no node leaves the worst places, which every record has."""
    (stored,) = kept((tcp(40, bad={3}),))
    assert stored.pairs is not None
    damaged = msgspec.structs.replace(stored, pairs=msgspec.structs.replace(stored.pairs, nodes=()))

    matrix = matrix_of(damaged)

    assert matrix is not None
    assert "Of 400 paths the worst 100 are kept." in matrix.notes


def test_replicas_are_columns() -> None:
    """The ways to CoreDNS go from nodes to pods."""
    seen = [
        Seen(ReplicaPath("w1", "coredns-a", "w2"), "unanswered"),
        Seen(ReplicaPath("w2", "coredns-a", "w2"), "pass", {"tcp_s": 0.003}),
    ]
    finding = msgspec.structs.replace(tcp(3, reach=1), code="dns.replica-remote", probe="H", seen=tuple(seen))

    matrix = matrix_of(msgspec.structs.replace(finding, seen=(msgspec.structs.replace(seen[0], bad=True), seen[1])))

    assert matrix is not None
    assert (("w1", "w2"), ("coredns-a",)) == (matrix.rows, matrix.columns)
    assert (Cell(0, 0, State.FAILS), Cell(1, 0, State.WELL, None, 0.003)) == matrix.cells


def test_an_alt_text_is_as_long_as_slack_takes() -> None:
    """Long names do not make a picture that Slack refuses."""
    long = [Seen(Pair(f"{'n' * 200}{a}", f"{'n' * 200}{b}"), "lost") for a in range(4) for b in range(4) if a != b]

    matrix = matrix_of(CROSS_TCP.found(say("{words}", words="w" * 5000), long))

    assert matrix is not None
    assert ALT_CHARACTERS == len(matrix.alt)
