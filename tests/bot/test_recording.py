"""Recordings of runs."""

from bot.runs.bundle import Bundle, Replay
from checks.cluster.snapshot import Snapshot
from checks.observation import Network, Observation, State


def seen(node: str, network: Network, state: State = State.OBSERVED) -> Observation:
    """What one job on a node gave."""
    return Observation(check="nic", network=network, node=node, state=state)


def test_nodes_that_did_not_answer_do_not_answer_in_the_replay() -> None:
    """A replay has agents where the recorded cluster had them, so that the same nodes are silent in it."""
    bundle = Bundle(
        label="two nodes",
        cluster="lab",
        recorded_at=0.0,
        snapshot=Snapshot(),
        observations=(
            seen("", Network.CLUSTER),
            seen("w1", Network.HOST),
            seen("w1", Network.POD, State.OVERDUE),
            seen("w2", Network.HOST, State.NO_ANSWER),
        ),
    )

    assert [("w1", Network.HOST), ("w1", Network.POD)] == Replay(bundle).places()
