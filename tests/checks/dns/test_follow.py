"""What is asked again when everything else is over, and what counts then."""

from collections.abc import Callable

import msgspec
import pytest

from checks.dns import CHECK
from checks.dns.askings import AGAIN
from checks.dns.model import SERVICE, Asked, Parameters, Target
from checks.observation import Network, Observation, Task
from checks.place import ReplicaPath
from tests.checks.dns.askers import FORWARDING, answered, cluster, lose, observe, well
from tests.checks.judged import judged
from tests.checks.paths.matrix import at

HERE = ReplicaPath("w1", "coredns-w2", "w2")
SNAPSHOT = cluster(corefile=FORWARDING)


def losing(share: float, slow_s: float = 0.0) -> list[Observation]:
    """The agents of w1 lose a share of what they ask the replica on w2."""

    def change(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        if (node, target.name) != ("w1", "coredns-w2"):
            return asked
        return msgspec.structs.replace(lose(asked, share), p50_s=slow_s or asked.p50_s)

    return observe(SNAPSHOT, change)


def followed(observations: list[Observation]) -> list[Task]:
    """The tasks that follow."""
    return CHECK.follow(CHECK.gather(SNAPSHOT, {}, observations))


def asked_again(tasks: list[Task], answer: Callable[[Target], Asked]) -> list[Observation]:
    """What comes of them."""
    return [
        Observation(
            check="dns",
            network=task.network,
            node=task.node,
            name=task.name,
            data=msgspec.to_builtins(
                msgspec.structs.replace(answered(task), asked=tuple(answer(t) for t in task.request.targets))
            ),
        )
        for task in tasks
    ]


def test_only_what_lost_some_is_asked_again() -> None:
    """By the same agents, and nothing outside the cluster, which others have to answer."""
    tasks = followed(losing(0.2))
    assert [("w1", Network.HOST, AGAIN), ("w1", Network.POD, AGAIN)] == [(t.node, t.network, t.name) for t in tasks]
    assert [(["coredns-w2"], "", "")] * 2 == [
        ([target.name for target in t.request.targets], t.request.external, t.request.large) for t in tasks
    ]


@pytest.mark.parametrize(("share", "slow_s"), [(0.0, 0.0), (1.0, 0.0), (0.2, 0.5)])
def test_what_lost_nothing_or_everything_is_not(share: float, slow_s: float) -> None:
    """Silence is no loss, and answers that come late are not told from it."""
    assert [] == followed(losing(share, slow_s))


def test_nothing_is_asked_again_where_a_server_is_silent() -> None:
    """Other checks look for the reason at that time, and count what arrives."""

    def change(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return lose(asked, {("w1", "coredns-w2"): 0.2, ("cp", "coredns-w2"): 1.0}.get((node, target.name), 0.0))

    assert [] == followed(observe(SNAPSHOT, change))


@pytest.mark.parametrize(("share", "outcome"), [(0.0, "pass"), (0.2, "loses")])
def test_what_is_lost_twice_is_lost(share: float, outcome: str) -> None:
    """And what is lost once, while every agent worked, is not."""
    first = losing(0.2)
    again = asked_again(followed(first), lambda target: lose(well(target), share))
    found = judged(CHECK, SNAPSHOT, [*first, *again], Parameters())
    assert HERE in at(found["path-loss"], outcome)
    assert ("loses" == outcome) is (found["path-loss"].outcome == "loses")


def test_the_cluster_ip_is_asked_again_too() -> None:
    """It is asked little, so that two lost answers count, and count once more."""

    def change(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        lost = target.name == SERVICE and (node, network) == ("w1", Network.POD)
        return msgspec.structs.replace(asked, answered=asked.sent - 2) if lost else asked

    first = observe(SNAPSHOT, change)
    assert "loses" == judged(CHECK, SNAPSHOT, first)["service"].outcome
    tasks = followed(first)
    assert [[SERVICE]] == [[target.name for target in task.request.targets] for task in tasks]
    assert "pass" == judged(CHECK, SNAPSHOT, [*first, *asked_again(tasks, well)])["service"].outcome


def test_an_agent_that_does_not_answer_again_is_believed() -> None:
    """What it said at first is all that there is."""
    assert HERE in at(judged(CHECK, SNAPSHOT, losing(0.2))["path-loss"], "loses")
