"""What a run measured, as numbers at places."""

from bot.history.episodes import Subject
from bot.history.signals import SIGNALS, samples
from checks.coverage.judge import AGENTS
from checks.dns.loss import REPLICA
from checks.finding import UNSEEN, Seen
from checks.metallb.announced import POOLS
from checks.paths.rows import CROSS_TCP
from checks.place import Cluster, Node, Pair, Place, Pool, Replica, ServicePath
from checks.place import Service as ServicePlace
from checks.registry import CHECKS
from checks.text import say
from checks.webhook.dry_run import DRY_RUN

TCP = CROSS_TCP.found(
    say("Some get through."),
    [
        Seen(Pair("w1", "w2"), "lost", {"sent": 3, "lost": 3}),
        Seen(Pair("w2", "w1"), "pass", {"sent": 3, "lost": 0, "rtt_s": 0.002}),
        Seen(Pair("w2", "w3"), "pass", {"sent": 3, "lost": 0, "rtt_s": 0.004}),
        Seen(Pair("w3", "w4"), UNSEEN),
    ],
)


def measured(*findings: object, nodes: tuple[str, ...] = ()) -> dict[tuple[str, Place], float]:
    """The numbers of these findings."""
    return {(s.signal, s.place): s.value for s in samples(findings, nodes)}  # type: ignore[arg-type]


def test_the_loss_of_pairs_counts_for_both_of_their_nodes_and_for_the_cluster() -> None:
    """A hundred nodes have a hundred series and not ten thousand; where nothing was measured is no number."""
    loss, rtt = "paths.cross-tcp:loss", "paths.cross-tcp:rtt"

    assert {
        (loss, Node("w1")): 3 / 6,
        (loss, Node("w2")): 3 / 9,
        (loss, Node("w3")): 0.0,
        (loss, Cluster()): 3 / 9,
        (rtt, Node("w1")): 0.002,
        (rtt, Node("w2")): 0.003,
        (rtt, Node("w3")): 0.004,
        (rtt, Cluster()): 0.003,
    } == measured(TCP)


def test_a_run_about_one_node_says_nothing_of_the_others_and_of_all() -> None:
    """Pairs with it are measured from its side alone."""
    assert {("paths.cross-tcp:loss", Node("w1")): 0.5, ("paths.cross-tcp:rtt", Node("w1")): 0.002} == measured(
        TCP, nodes=("w1",)
    )


def test_each_sort_of_number_has_its_own_places() -> None:
    """Replicas, pools and Services by their names, wherever their pods are; agents are counted."""
    figures = {"sent": 10, "lost": 1, "loss": 0.1, "p50_s": 0.001, "p99_s": 0.01}

    assert {
        ("dns.replica-loss:loss", Replica("coredns-a")): 0.1,
        ("dns.replica-loss:p50", Replica("coredns-a")): 0.001,
        ("dns.replica-loss:p99", Replica("coredns-a")): 0.01,
        ("webhook.dry-run:time", ServicePlace("metallb-system", "webhook")): 0.02,
        ("metallb.pools:free", Pool("blue")): 12.0,
        ("metallb.pools:assigned", Pool("blue")): 4.0,
        ("coverage.agents:silent", Cluster()): 1.0,
    } == measured(
        REPLICA.found(say("Well."), [Seen(Replica("coredns-a", "w2"), "pass", figures)]),
        DRY_RUN.found(
            say("Well."), [Seen(ServicePath("cp", "metallb-system", "webhook", ("w1",)), "pass", {"elapsed_s": 0.02})]
        ),
        POOLS.found(say("Well."), [Seen(Pool("blue"), "pass", {"free": 12.0, "assigned": 4.0})]),
        AGENTS.unseen(say("One is silent."), places=[Node("w3")], seen=[Seen(Node("w1"), "pass")]),
    )


def test_every_signal_is_of_a_check_and_has_a_name_of_its_own() -> None:
    """A subject of `history` finds it by its check or its code."""
    checks = {signal.code.name.partition(".")[0] for signal in SIGNALS.values()}

    assert set() == checks - {*CHECKS, "coverage"}
    assert all(Subject(name) for name in SIGNALS)
    assert [name for name in SIGNALS if ":" in name] == list(SIGNALS)
