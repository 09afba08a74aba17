"""What a digest tells of the last days."""

from typing import Any

from bot.digests.trends import MOST, trends
from bot.history.history import History
from bot.history.signals import Sample
from bot.language import ENGLISH
from checks.place import Cluster, Node, Pool, Replica

NOW = 1_780_000_000.0
LOSS, FREE = "paths.cross-tcp:loss", "metallb.pools:free"


def test_a_trend_is_of_the_cluster_and_not_of_its_nodes(redis_client: Any) -> None:
    """With what it is now and what was worst; blank where nothing was measured."""
    history = History(redis_client, "prod")
    for days, loss in ((6, 0.5), (3, 0.0), (0.1, 0.25)):
        samples = [Sample(LOSS, place, loss) for place in (Cluster(), Node("w1"))]
        history.measured(f"r{days}", NOW - days * 86400, samples, 30)
    (found,) = trends(history, NOW)
    assert found.what.values["place"] == Cluster()
    assert (0.25, 0.5) == (found.last.value, found.worst.value)
    assert 14 == len(found.line)
    assert 3 == sum(not block.isspace() for block in found.line)
    assert "cluster" in ENGLISH.words(found.what)


def test_there_are_no_more_than_a_phone_shows(redis_client: Any) -> None:
    """However many replicas and pools there are."""
    history = History(redis_client, "prod")
    samples = [Sample("dns.replica-loss:loss", Replica(f"coredns-{n}"), 0.0) for n in range(20)]
    samples += [Sample(FREE, Pool(f"p{n}"), 3.0) for n in range(20)]
    history.measured("r", NOW - 60, samples, 30)
    assert MOST == len(trends(history, NOW))
