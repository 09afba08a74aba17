"""What the answers of CoreDNS mean, for the faults that they are there to tell apart."""

import msgspec
import pytest

from checks.cluster.snapshot import Gap
from checks.dns.model import SERVICE, Asked, Parameters, Target
from checks.finding import Severity
from checks.observation import Network, Observation, State
from checks.probes.outcome import Result
from tests.checks.dns.askers import Change, cluster, judged, lose, observe
from tests.checks.paths.matrix import signs

WELL = {
    "replica-local": "pass",
    "replica-remote": "pass",
    "replica-loss": "pass",
    "service": "pass",
    "transport": "pass",
    "answers": "pass",
    "external": "pass",
    "spread": "pass",
}


def dead(asked: Asked) -> Asked:
    """No answer by either transport."""
    return msgspec.structs.replace(lose(asked, 1.0), tcp=Result.TIMEOUT)


def crosses(node: str, target: Target, bad: str) -> bool:
    """Whether a question goes to or from the bad node."""
    return target.name != SERVICE and node != target.node and bad in (node, target.node)


def tunnel_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Nothing gets to or from w2; the ClusterIP loses what goes there."""
    if target.name == SERVICE:
        return msgspec.structs.replace(lose(asked, 0.5), tcp=Result.TIMEOUT)
    return dead(asked) if crosses(node, target, "w2") else asked


def tcp_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Only TCP to and from w2 is lost."""
    return msgspec.structs.replace(asked, tcp=Result.TIMEOUT) if crosses(node, target, "w2") else asked


def udp_dead(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """Only UDP to and from w2 is lost."""
    return lose(asked, 1.0) if crosses(node, target, "w2") else asked


def replica_loses(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w2 loses 30 % for everybody; the ClusterIP half of that."""
    return lose(asked, {"coredns-w2": 0.3, SERVICE: 0.15}.get(target.name, 0.0))


def replica_and_tunnel(node: str, network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w1 loses for everybody, and UDP to and from w2 is lost besides."""
    lossy = lose(asked, 0.3) if target.name in ("coredns-w1", SERVICE) else asked
    return udp_dead(node, network, target, lossy)


def replica_dead(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
    """The replica on w2 answers nobody."""
    return dead(asked) if target.name == "coredns-w2" else asked


def all_lose(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Everybody loses 30 %."""
    return lose(asked, 0.3)


def asker_loses(node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Only who asks from w1 loses, whomever it asks."""
    return lose(asked, 0.3) if node == "w1" else asked


def servfail(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
    """Every server answers with an error."""
    return msgspec.structs.replace(asked, rcodes={"SERVFAIL": 42}, nx_rcodes={"SERVFAIL": 6}, addresses=())


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (lambda *a: a[3], {}),
        (
            tunnel_dead,
            {"replica-remote": "fail", "replica-loss": "by-path", "service": "fail"},
        ),
        (tcp_dead, {"replica-remote": "fail", "transport": "udp-only"}),
        (udp_dead, {"replica-remote": "fail", "replica-loss": "by-path", "transport": "tcp-only"}),
        (replica_loses, {"replica-loss": "one-replica", "service": "fail"}),
        (
            replica_and_tunnel,
            {"replica-remote": "fail", "replica-loss": "both", "service": "fail", "transport": "tcp-only"},
        ),
        (replica_dead, {"replica-local": "fail", "replica-remote": "fail", "replica-loss": "one-replica"}),
        (all_lose, {"replica-loss": "all-replicas", "service": "fail"}),
        (asker_loses, {"replica-loss": "by-path", "service": "fail"}),
        (servfail, {"replica-local": "fail", "replica-remote": "fail", "service": "fail", "answers": "wrong"}),
    ],
    ids=["healthy", "tunnel", "tcp", "udp", "replica-loses", "both", "replica-dead", "all-lose", "asker", "servfail"],
)
def test_each_fault_has_its_own_signature(change: Change, changed: dict[str, str]) -> None:
    """Replica, path, transport and content are told apart."""
    assert signs(judged(cluster(), observe(cluster(), change))) == WELL | changed


def test_a_lossy_replica_is_named_with_its_interval() -> None:
    """Who, how much, how sure."""
    found = judged(cluster(), observe(cluster(), replica_loses))["replica-loss"]
    assert (found.where, found.severity) == (("coredns-w2",), Severity.DEGRADED)
    assert "84 of 288 datagrams lost, 29.2 % (95 % interval 24.2 to 34.7 %)" in found.summary
    assert any(line.startswith("coredns-w1 on w1: 0 of 288 datagrams lost") for line in found.evidence)


def test_lossy_paths_are_named_as_paths() -> None:
    """From which node to which replica."""
    found = judged(cluster(), observe(cluster(), udp_dead))["replica-loss"]
    assert set(found.where) == {"cp->coredns-w2", "w1->coredns-w2", "w2->coredns-w1"}


def test_a_replica_that_its_own_node_did_not_ask_is_not_accused() -> None:
    """Whatever is in front of that node would look the same."""
    observations = [
        msgspec.structs.replace(o, state=State.NO_ANSWER, data=None) if o.node == "w2" else o
        for o in observe(cluster(), replica_loses)
    ]
    found = judged(cluster(), observations)
    assert found["replica-loss"].sign == "by-path"
    assert "not asked from w2 (pod): no-answer" in found["replica-loss"].evidence


def test_one_asker_for_whom_a_replica_is_clean_acquits_it() -> None:
    """One loss in 144 is clean: what is lost elsewhere is lost on the way."""

    def clean_for_cp(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        if node == "cp" and target.name == "coredns-w2":
            return msgspec.structs.replace(asked, sent=144, answered=143)
        return replica_loses(node, network, target, asked)

    assert judged(cluster(), observe(cluster(), clean_for_cp))["replica-loss"].sign == "by-path"


def test_hosts_stand_in_for_silent_pods_at_the_cluster_ip() -> None:
    """The ClusterIP counts from pods, where they were heard."""
    observations = [
        msgspec.structs.replace(o, state=State.NO_ANSWER, data=None) if o.network is Network.POD else o
        for o in observe(cluster())
    ]
    found = judged(cluster(), observations)["service"]
    assert (found.sign, any("(host)" in line for line in found.evidence)) == ("pass", True)


@pytest.mark.parametrize("observations", [[], [Observation(check="dns", network=Network.POD, state=State.BROKEN)]])
def test_nothing_asked_is_unknown(observations: list[Observation]) -> None:
    """Never ok and never failed, but for what the snapshot itself shows."""
    found = signs(judged(cluster(), observations))
    assert found == dict.fromkeys(WELL, None) | {"external": "pass", "spread": "pass"}


def test_no_ready_replica_has_failed() -> None:
    """There is a Service and nobody behind it."""
    empty = msgspec.structs.replace(cluster(), endpoint_slices=())
    found = judged(empty, observe(empty, lambda *a: dead(a[3])))
    assert (found["replica-local"].sign, found["replica-local"].severity) == ("fail", Severity.FAILED)
    assert found["service"].sign == "fail"


def test_an_unreadable_endpoint_slice_is_unknown() -> None:
    """With the verb that is missing."""
    gap = Gap(verb="list endpointslices.discovery.k8s.io", reason="forbidden")
    hidden = msgspec.structs.replace(cluster(), endpoint_slices=(), gaps=(gap,))
    found = judged(hidden, observe(hidden))["replica-local"]
    assert (found.sign, found.evidence[0]) == (None, "cannot list endpointslices.discovery.k8s.io: forbidden")


def test_one_node_has_no_remote_replica() -> None:
    """And its replicas need no spreading."""
    alone = cluster("cp", nodes=("cp",))
    assert signs(judged(alone, observe(alone))) == WELL


def test_replicas_on_one_node_are_degraded() -> None:
    """In a cluster that has more."""
    together = cluster("w1")
    found = judged(together, observe(together))["spread"]
    assert (found.sign, found.severity, found.where) == ("fail", Severity.DEGRADED, ("w1",))


def test_replicas_that_disagree_are_shown_side_by_side() -> None:
    """One name, two answers."""

    def stale(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        other = target.name == "coredns-w2"
        return msgspec.structs.replace(asked, addresses=("10.96.0.99",)) if other else asked

    found = judged(cluster(), observe(cluster(), stale))["answers"]
    assert found.sign == "differ"
    assert {line.split(": ")[1] for line in found.evidence} == {"10.96.0.1", "10.96.0.99"}


def test_an_external_name_degrades_and_never_fails() -> None:
    """A cluster without a way out is no broken cluster."""
    parameters = Parameters(external="example.org")

    def no_upstream(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, external="SERVFAIL")

    found = judged(cluster(), observe(cluster(), no_upstream, parameters), parameters)["external"]
    assert (found.sign, found.severity) == ("fail", Severity.DEGRADED)
