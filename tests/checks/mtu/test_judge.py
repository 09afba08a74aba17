"""What sizes mean, over the whole matrix of three nodes."""

from collections.abc import Callable

import msgspec
import pytest

from checks.cluster.snapshot import Snapshot
from checks.finding import UNSEEN, Finding, Severity
from checks.mtu import CHECK
from checks.mtu.model import Measurement, Parameters
from checks.observation import Network, Observation, State
from checks.place import Node, Pair
from checks.probes.outcome import Result
from tests.checks.diagnosis import worlds
from tests.checks.judged import judged, outcomes
from tests.checks.mtu.sound import sound
from tests.checks.paths.matrix import NODES, at, cluster, lines
from tests.checks.words import words

Sizes = Callable[[str, Network, Measurement], Measurement]
PAIRS = {Pair(a, b) for a in NODES for b in NODES if a != b}
W2_PAIRS = {pair for pair in PAIRS if "w2" in pair.nodes}


def as_it_is(_node: str, _network: Network, m: Measurement) -> Measurement:
    """Sound."""
    return m


def measure(snapshot: Snapshot, change: Sizes) -> list[Observation]:
    """What all agents measure, after a change to each measurement."""
    seen = []
    for task in CHECK.plan(snapshot, Parameters()):
        data = sound(task)
        changed = tuple(change(task.node, task.network, m) for m in data.measurements)
        data = msgspec.structs.replace(data, measurements=changed)
        seen.append(Observation(check="mtu", network=task.network, node=task.node, data=msgspec.to_builtins(data)))
    return seen


def found(change: Sizes = as_it_is, snapshot: Snapshot | None = None) -> dict[str, Finding]:
    """The findings."""
    snapshot = snapshot or cluster()
    return judged(CHECK, snapshot, measure(snapshot, change))


def to_pods_of_w2(**fields: int) -> Sizes:
    """Whatever goes to w2's pod is carried so."""

    def change(_node: str, _network: Network, m: Measurement) -> Measurement:
        to_pod = m.peer == "w2" and m.network is Network.POD
        return msgspec.structs.replace(m, **fields) if to_pod else m

    return change


def unanswered(node: str, _network: Network, m: Measurement) -> Measurement:
    """Nothing gets to or from the pods of w2."""
    if m.network is Network.HOST or "w2" not in (node, m.peer):
        return m
    return Measurement(peer=m.peer, network=m.network, address=m.address, result=Result.TIMEOUT, detail="no answer")


def test_a_sound_network() -> None:
    """Everything that the interfaces take arrives, everywhere."""
    assert {"path": "pass", "pods": "pass"} == outcomes(found())
    assert PAIRS == at(found()["path"], "pass")
    assert set(map(Node, NODES)) == at(found()["pods"], "pass")


def test_a_size_that_vanishes_without_a_word_is_a_black_hole() -> None:
    """Named with the pairs, the sizes and the direction."""
    path = found(to_pods_of_w2(mtu=1400))["path"]
    assert ("black-hole", Severity.FAILED) == (path.outcome, path.severity)
    assert {Pair("cp", "w2"), Pair("w1", "w2")} == at(path, "black-hole")
    assert {"mtu": 1400, "limit": 1450, "device": 1450} == path.seen[0].measures
    assert PAIRS - at(path, "black-hole") == at(path, "pass")
    assert (
        "Packets over 1400 bytes vanish, and nobody tells the sender, on 2 of 12 paths; only towards w2."
        == words(path.text)
    )  # fmt: skip


@pytest.mark.parametrize(("family", "smallest"), [(":", 1280), (".", 576)])
def test_a_path_that_carries_nothing_of_the_smallest_size(family: str, smallest: int) -> None:
    """The search begins at what every path must carry, so what is larger than one byte less vanishes."""

    def change(_node: str, _network: Network, m: Measurement) -> Measurement:
        return msgspec.structs.replace(m, mtu=0) if family in m.address else m

    path = found(change, worlds.snapshot())["path"]
    assert words(path.text).startswith(f"Packets over {smallest - 1} bytes vanish")
    assert any(f"nothing of {smallest} bytes or more arrives" in line for line in lines(path))


def test_one_family_alone_may_be_short() -> None:
    """The pair shows it, and the line says over which family; what the other carries does not hide it."""

    def change(node: str, network: Network, m: Measurement) -> Measurement:
        short = (node, network, m.peer) == ("w1", Network.POD, "w2") and ":" in m.address
        return msgspec.structs.replace(m, mtu=1380) if short else m

    path = found(change, worlds.snapshot())["path"]
    assert {Pair("w1", "w2")} == at(path, "black-hole")
    assert (
        "w1 → w2 from the pod to the pod over IPv6: 1380 bytes is the largest that arrives, the route allows 1450 "
        "bytes, the interface 1450 bytes, no router says anything"
    ) == lines(path)[0]


def test_a_size_that_a_router_refuses_aloud_is_advice() -> None:
    """TCP adapts to it; where every path is like that, it was meant so."""
    path = found(to_pods_of_w2(mtu=1400, signalled=1400))["path"]
    assert ("small", Severity.ADVICE) == (path.outcome, path.severity)

    def everywhere(_node: str, _network: Network, m: Measurement) -> Measurement:
        return m if m.network is Network.HOST else msgspec.structs.replace(m, mtu=1400, limit=1400)

    path = found(everywhere)["path"]
    assert ("small", Severity.OK, ()) == (path.outcome, path.severity, path.where)


def test_paths_that_carry_nothing_are_not_counted_among_those_that_carry_all() -> None:
    """In the incident no datagram between pods of w2 is answered: nobody knows a size there, and nobody says "all"."""
    path = found(unanswered)["path"]
    assert (
        "Packets as large as the interfaces allow (1450 bytes, 1500 bytes) arrive on all 8 paths that were measured. "
        "4 paths carry not even small packets, so their size is not known." == words(path.text)
    )
    assert "no size of cp → w2 from the pod to the pod: timeout, no answer" in lines(path)


def test_a_pair_without_any_measured_path_is_unseen() -> None:
    """Whatever the others carry; and where none was measured, nobody knows."""

    def lost(node: str, network: Network, m: Measurement) -> Measurement:
        gone = msgspec.structs.replace(m, network=Network.POD)
        return unanswered(node, network, gone) if "w2" in (node, m.peer) else m

    path = found(lost)["path"]
    assert ("pass", PAIRS - W2_PAIRS, W2_PAIRS) == (path.outcome, at(path, "pass"), at(path, UNSEEN))

    def nothing(_node: str, _network: Network, m: Measurement) -> Measurement:
        return Measurement(peer=m.peer, network=m.network, address=m.address, result=Result.TIMEOUT)

    assert {"path": "", "pods": ""} == outcomes(found(nothing))


def test_a_node_stands_in_for_a_pod_that_is_not_heard() -> None:
    """Its packets to a remote pod take the same tunnel."""
    observations = [
        msgspec.structs.replace(o, state=State.NO_ANSWER, data=None)
        if (o.node, o.network) == ("w1", Network.POD)
        else o
        for o in measure(cluster(), to_pods_of_w2(mtu=1400))
    ]
    path = judged(CHECK, cluster(), observations)["path"]
    assert "w1 → w2 from the host to the pod: 1400 bytes is the largest that arrives" in "\n".join(lines(path))


@pytest.mark.parametrize(
    ("mtus", "expected"),
    [
        ({"cp": 1450, "w1": 1450, "w2": 1400}, {"cp": "pass", "w1": "pass", "w2": "differs"}),
        ({"cp": 1450, "w1": 9000, "w2": 1450}, {"cp": "pass", "w1": "no-room", "w2": "pass"}),
        ({"cp": 1500, "w1": 1500, "w2": 1500}, {"cp": "pass", "w1": "pass", "w2": "pass"}),
    ],
)
def test_what_pods_send_through(mtus: dict[str, int], expected: dict[str, str]) -> None:
    """Pods keep the size that they were made with: those of one node may be of another time."""

    def change(node: str, network: Network, m: Measurement) -> Measurement:
        own = network is Network.POD
        return msgspec.structs.replace(m, mtu=mtus[node], limit=mtus[node], device=mtus[node]) if own else m

    pods = found(change)["pods"]
    assert expected == {seen.place.name: seen.outcome for seen in pods.seen if isinstance(seen.place, Node)}
    assert {"pods": float(mtus["w1"]), "node": 1500.0} == next(s for s in pods.seen if s.place == Node("w1")).measures


def test_one_node_has_nothing_to_cross() -> None:
    """A single-node cluster is not unknown for want of a second node."""
    alone = cluster("cp", names=("cp",))
    assert {"path": "pass", "pods": "pass"} == outcomes(found(snapshot=alone))


@pytest.mark.parametrize(("network", "believed"), [(Network.POD, False), (Network.HOST, True)])
def test_an_agent_that_was_short_of_cpu_loses_no_size(network: Network, *, believed: bool) -> None:
    """It answers late, whichever end it is at; the host's agent has no part in what goes to pods."""
    observations = [
        msgspec.structs.replace(o, throttled=3, elapsed_s=0.6) if (o.node, o.network) == ("w2", network) else o
        for o in measure(cluster(), to_pods_of_w2(mtu=0))
    ]
    path = judged(CHECK, cluster(), observations)["path"]
    assert ({Pair("cp", "w2"), Pair("w1", "w2")} if believed else set()) == at(path, "black-hole")
    assert believed is not any("short of CPU" in line for line in lines(path))
