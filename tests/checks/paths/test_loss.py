"""Loss is told from chance, from silence and from agents that are short of CPU."""

import msgspec
import pytest

from checks.finding import Severity
from checks.judging.statistics import CLEAN_RATE
from checks.observation import Network, Observation
from checks.paths import CHECK
from checks.paths.model import HOST_TO_HOST, Aim, Data, Kind, Measurement
from checks.paths.samples import AGAIN
from checks.place import Pair
from checks.probes.outcome import Result
from tests.checks.paths.matrix import NODES, at, cluster, encoded, judged, lines, measured, measured_otherwise, observe
from tests.checks.words import words

PAIRS = {Pair(a, b) for a in NODES for b in NODES if a != b}
W2_PAIRS = {pair for pair in PAIRS if "w2" in pair.nodes}


def losing(sent: int, lost: int, *, hosts: bool = True) -> list[Observation]:
    """Of what goes to and from w2 some is lost, between nodes or between pods."""

    def change(node: str, m: Measurement) -> Measurement:
        if m.kind is not Kind.LOSS or "w2" not in (node, m.peer) or (m.name == HOST_TO_HOST) is not hosts:
            return m
        result = Result.OK if lost < sent else Result.TIMEOUT
        return msgspec.structs.replace(m, sent=sent, answered=sent - lost, result=result)

    return measured_otherwise(observe(cluster()), change)


@pytest.mark.parametrize(
    ("sent", "lost", "outcome"),
    [
        (48, 0, "pass"),
        (144, 1, "pass"),  # one of many is chance
        (48, 4, "lossy"),
        (48, 40, "lossy"),
        (336, 10, "lossy"),  # the test stays open; the interval does not reach what a sound network loses
        (288, 3, "pass"),
        (288, 4, "lossy"),  # far from a tenth, and yet too many
        (336, 3, "pass"),
        (48, 48, "silent"),
    ],
)
def test_a_share_is_told_from_chance(sent: int, lost: int, outcome: str) -> None:
    """By the interval of what was counted, whatever a sequential test that looks for a tenth says."""
    found = judged(cluster(), losing(sent, lost))
    assert W2_PAIRS == at(found["host-loss"], outcome) & W2_PAIRS
    assert PAIRS == at(found["pod-loss"], "pass")
    assert CLEAN_RATE < 10 / 336


def test_the_share_is_said_with_its_interval_and_place() -> None:
    """Pooled over the ways that lose, and of each way."""
    found = judged(cluster(), losing(48, 6, hosts=False))["pod-loss"]
    assert (Severity.DEGRADED, W2_PAIRS) == (found.severity, set(found.where))
    assert (
        "Datagrams between pods of different nodes are lost on 4 of 6 ways: 24 of 192 datagrams lost, 12.5 % (95 % "
        "interval 8.5 % to 17.9 %); every failing pair touches w2." == words(found.text)
    )
    assert "cp → w2: 6 of 48 datagrams lost, 12.5 % (95 % interval 5.9 % to 24.7 %)" in lines(found)
    assert {"sent": 48, "lost": 6, "loss": 0.125} == found.seen[0].measures


@pytest.mark.parametrize(("network", "judged_hosts"), [(Network.HOST, False), (Network.POD, True)])
def test_an_agent_that_was_short_of_cpu_is_not_believed(network: Network, *, judged_hosts: bool) -> None:
    """Whichever end it is on, and in its own network alone: it loses datagrams itself. What came back came back."""
    observations = [
        msgspec.structs.replace(o, throttled=3, elapsed_s=0.6) if (o.node, o.network) == ("w2", network) else o
        for o in losing(48, 6)
    ]
    found = judged(cluster(), observations)["host-loss"]
    assert (W2_PAIRS if judged_hosts else set()) == at(found, "lossy")
    assert PAIRS - W2_PAIRS == at(found, "pass")
    if not judged_hosts:
        assert any("not judged, because the agent on w2 was short of CPU" in line for line in lines(found))


@pytest.mark.parametrize(("age_s", "believed"), [(4.0, False), (0.0, True), (600.0, True)])
def test_an_agent_that_was_started_meanwhile_is_not_believed(age_s: float, *, believed: bool) -> None:
    """Until it listens its kernel turns datagrams away; who tells no age is of an old recording."""
    observations = [
        msgspec.structs.replace(o, age_s=age_s) if (o.node, o.network) == ("w2", Network.HOST) else o
        for o in losing(48, 6)
    ]
    assert (W2_PAIRS if believed else set()) == at(judged(cluster(), observations)["host-loss"], "lossy")


def test_an_agent_that_is_now_and_then_throttled_is_believed() -> None:
    """A limit throttles a little whatever it is set to."""
    observations = [msgspec.structs.replace(o, throttled=2, elapsed_s=0.6) for o in losing(48, 6)]
    assert W2_PAIRS == at(judged(cluster(), observations)["host-loss"], "lossy")


def test_answers_that_come_late_are_not_lost() -> None:
    """Where the median takes a third of a second, some take longer than they are waited for."""
    observations = [
        msgspec.structs.replace(
            o,
            data=msgspec.structs.replace(
                o.data,
                measurements=tuple(
                    msgspec.structs.replace(m, rtt_s=0.35) if m.kind is Kind.LOSS and m.answered else m
                    for m in o.data.measurements
                ),
            ),
        )
        for o in losing(48, 6)
    ]
    found = judged(cluster(), observations)["host-loss"]
    assert (set(), PAIRS - W2_PAIRS) == (at(found, "lossy"), at(found, "pass"))


def again(first: list[Observation], share: float, at: str = "") -> list[Observation]:
    """What comes of counting once more, when a share is answered of what goes to and from a node, or everywhere."""
    return [
        Observation(
            check="paths",
            network=task.network,
            node=task.node,
            name=task.name,
            data=Data(
                measurements=tuple(
                    msgspec.structs.replace(
                        measured(aim, Result.OK),
                        sent=(sent := task.request.datagrams),
                        answered=round(sent * share) if not at or at in (task.node, aim.peer) else sent,
                    )
                    for aim in task.request.aims
                )
            ),
        )
        for task in CHECK.follow(CHECK.gather(cluster(), {}, [encoded(o) for o in first]))
        if task.name == AGAIN
    ]


@pytest.mark.parametrize(("share", "outcome"), [(1.0, "pass"), (0.9, "lossy")])
def test_what_is_lost_twice_is_lost(share: float, outcome: str) -> None:
    """What is lost once, while every agent worked, is not; nothing but losses is counted again."""
    first = losing(48, 6)
    once_more = again(first, share, at="w2")
    assert {Kind.LOSS} == {m.kind for o in once_more for m in o.data.measurements}
    assert W2_PAIRS <= at(judged(cluster(), [*first, *once_more])["host-loss"], outcome)


def test_a_short_count_without_loss_does_not_clear_the_node_that_loses() -> None:
    """By chance one way of w2 lost none of the first 48: it is counted for longer, with the others of its node."""
    lucky = Pair("cp", "w2")

    def change(node: str, m: Measurement) -> Measurement:
        if m.kind is not Kind.LOSS or m.name != HOST_TO_HOST or Pair(node, m.peer) != lucky:
            return m
        return msgspec.structs.replace(m, sent=48, answered=48)

    first = measured_otherwise(losing(48, 6), change)
    assert lucky in at(judged(cluster(), first)["host-loss"], "pass")
    found = judged(cluster(), [*first, *again(first, 0.95, at="w2")])
    assert (W2_PAIRS, PAIRS - W2_PAIRS) == (at(found["host-loss"], "lossy"), at(found["host-loss"], "pass"))


def test_ways_far_from_those_that_lose_are_not_counted_again() -> None:
    """Of a node that is no end of such a way nothing is in doubt."""
    nodes = ("cp", "w1", "w2", "w3")

    def change(node: str, m: Measurement) -> Measurement:
        lost = 6 if m.kind is Kind.LOSS and {node, m.peer} == {"w1", "w2"} else 0
        return msgspec.structs.replace(m, answered=m.answered - lost)

    first = measured_otherwise(observe(cluster(names=nodes)), change)
    tasks = CHECK.follow(CHECK.gather(cluster(names=nodes), {}, [encoded(o) for o in first]))
    asked = {frozenset((task.node, aim.peer)) for task in tasks for aim in task.request.aims}
    assert {frozenset((a, b)) for a in nodes for b in nodes if a != b} - asked == {frozenset(("cp", "w3"))}


def test_a_ping_that_is_lost_by_chance_sends_no_bursts() -> None:
    """Where a share comes back, the tunnel carries: it is that share which is counted again."""
    first = losing(48, 6, hosts=False)
    pings = measured_otherwise(
        first, lambda _, m: msgspec.structs.replace(m, result=Result.TIMEOUT) if m.kind is Kind.PING else m
    )
    tasks = CHECK.follow(CHECK.gather(cluster(), {}, [encoded(o) for o in pings]))
    assert {AGAIN} == {task.name for task in tasks}
    assert PAIRS == at(judged(cluster(), pings)["tunnel-arrivals"], "pass")


def test_nothing_is_counted_again_while_bursts_are() -> None:
    """They are counted in the same second everywhere."""

    def silent(node: str, network: Network, aim: Aim) -> Result:
        through = aim.kind is Kind.TCP or (aim.kind is Kind.LOSS and network is Network.POD)
        return Result.TIMEOUT if through and "w1" in (node, aim.peer) else Result.OK

    lossy = {o.node: o for o in losing(48, 6) if o.network is Network.HOST}
    first = [lossy[o.node] if o.network is Network.HOST else o for o in observe(cluster(), silent)]
    assert {"arrivals"} == {
        task.name for task in CHECK.follow(CHECK.gather(cluster(), {}, [encoded(o) for o in first]))
    }


def test_nothing_is_counted_again_where_nothing_is_lost() -> None:
    """Nor where nothing comes back at all."""
    assert [] == again(losing(48, 0), 1.0) == again(losing(48, 48), 1.0)
