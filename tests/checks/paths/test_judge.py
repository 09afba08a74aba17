"""What the probe matrix means, for the faults that it is there to tell apart."""

from collections.abc import Callable

import msgspec
import pytest

from checks.cluster.snapshot import Endpoint, EndpointConditions, Gap, Snapshot
from checks.finding import Severity
from checks.observation import Network
from checks.paths.model import Aim, Kind, Measurement
from checks.probes.outcome import Result
from tests.checks import objects
from tests.checks.paths.matrix import (
    INNER_TCP,
    NODES,
    Answer,
    agent,
    cluster,
    judged,
    observe,
    replace_counters,
    signs,
    silence,
)

ALL_PASS = {
    "host-tcp": "pass",
    "same-node": "pass",
    "cross-ping": "pass",
    "cross-tcp": "pass",
    "cross-tcp-bulk": "pass",
    "host-pod": "pass",
    "webhook-endpoint": "pass",
    "webhook-service": "pass",
    "path-mtu": "pass",
    "checksum-errors": "pass",
    "tunnel-arrivals": "pass",
}
TUNNEL_ROWS = {
    "tunnel-arrivals": "not-arriving",
    "cross-tcp": "fail",
    "cross-tcp-bulk": "fail",
    "host-pod": "fail",
    "webhook-endpoint": "timeout",
}
W2_PAIRS = {"cp->w2", "w1->w2", "w2->cp", "w2->w1"}


def touches(node: str, aim: Aim, bad: str) -> bool:
    """Whether a probe crosses to or from the bad node."""
    return bad in (node, aim.peer) and node != aim.peer


def incident(node: str, _network: Network, aim: Aim) -> Result:
    """The adapter of w2 damages TCP and UDP in the tunnel; ping lives. The ClusterIP leads to the webhook on w2."""
    if aim.kind is Kind.WEBHOOK_SERVICE:
        return Result.TIMEOUT
    inner = aim.kind in INNER_TCP or (aim.kind is Kind.PATH_MTU and aim.name != "host")
    return Result.TIMEOUT if inner and touches(node, aim, "w2") else Result.OK


def firewall(node: str, _network: Network, aim: Aim) -> Result:
    """A firewall on w2 drops the whole tunnel."""
    if aim.kind is Kind.WEBHOOK_SERVICE:
        return Result.TIMEOUT
    inner = aim.kind in (*INNER_TCP, Kind.PING) or (aim.kind is Kind.PATH_MTU and aim.name != "host")
    return Result.TIMEOUT if inner and touches(node, aim, "w2") else Result.OK


def bulk(node: str, _network: Network, aim: Aim) -> Result:
    """Only what is large is lost on the way to and from w2."""
    return Result.TIMEOUT if aim.kind is Kind.BULK and touches(node, aim, "w2") else Result.OK


def kube_proxy(_node: str, _network: Network, aim: Aim) -> Result:
    """The rules for the ClusterIP are gone, or reject."""
    return Result.REFUSED if aim.kind is Kind.WEBHOOK_SERVICE else Result.OK


def webhook_policy(_node: str, _network: Network, aim: Aim) -> Result:
    """A NetworkPolicy drops what goes to the webhook."""
    return Result.TIMEOUT if aim.kind in (Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_SERVICE) else Result.OK


@pytest.mark.parametrize(
    ("answer", "changed"),
    [
        (lambda *_: Result.OK, {}),
        (incident, TUNNEL_ROWS | {"webhook-service": "timeout"}),
        (firewall, TUNNEL_ROWS | {"webhook-service": "timeout", "cross-ping": "fail"}),
        (bulk, {"cross-tcp-bulk": "fail"}),
        (kube_proxy, {"webhook-service": "refused"}),
        (webhook_policy, {"webhook-endpoint": "timeout", "webhook-service": "timeout"}),
    ],
    ids=["healthy", "incident", "firewall", "bulk", "kube-proxy", "webhook-policy"],
)
def test_each_fault_has_its_own_signature(answer: Answer, changed: dict[str, str]) -> None:
    """The rows that fail, and the rows that pass, are what the causes are told apart by."""
    assert signs(judged(cluster(), observe(cluster(), answer))) == ALL_PASS | changed


def test_the_incident_is_located() -> None:
    """D names the four pairs of w2, in words too, counts them, and shows what was measured."""
    found = judged(cluster(), observe(cluster(), incident))["cross-tcp"]
    assert (found.severity, found.probe) == (Severity.FAILED, "D")
    assert set(found.where) == W2_PAIRS
    assert (
        found.summary == "TCP from pods to pods of other nodes fails for 4 of 6 pairs: every failing pair touches w2."
    )
    assert found.evidence[0] == "2 of 6 pairs pass"
    assert "cp (pod) -> w2 10.244.2.2:9707: timeout" in found.evidence


def test_what_passes_says_how_fast() -> None:
    """A healthy row has counts and times."""
    found = judged(cluster(), observe(cluster()))["cross-tcp"]
    assert found.summary == "TCP from pods to pods of other nodes passes for all 6 pairs."
    assert found.evidence == ("6 of 6 pairs pass", "median 0.4 ms, longest 0.4 ms")


def test_same_node_names_nodes_and_not_pairs() -> None:
    """A place on one node is a node."""

    def broken(node: str, _network: Network, aim: Aim) -> Result:
        return Result.TIMEOUT if aim.kind is Kind.SAME_NODE and node == "w1" else Result.OK

    found = judged(cluster(), observe(cluster(), broken))["same-node"]
    assert (found.where, found.sign) == (("w1",), "fail")
    assert found.summary == "TCP to pods of the same node fails for 1 of 3 nodes."


def test_silent_pod_agents_are_stood_in_for_by_their_hosts() -> None:
    """In the incident pod agents may not reach the queue; their hosts' probes take the same tunnel."""
    observations = silence(observe(cluster(), incident), "cp", "w1", network=Network.POD)
    found = judged(cluster(), observations)["cross-tcp"]
    assert set(found.where) == W2_PAIRS
    assert "cp (host) -> w2 10.244.2.2:9707: timeout" in found.evidence
    assert "not measured from cp (pod): no-answer: no agent took the job" in found.evidence


def test_hosts_that_cannot_reach_pods_do_not_speak_for_pods_that_can() -> None:
    """Where pods were heard, D is theirs; that nodes fail is a finding of its own."""

    def no_route(_node: str, network: Network, aim: Aim) -> Result:
        return Result.UNREACHABLE if network is Network.HOST and aim.kind is Kind.TCP else Result.OK

    found = judged(cluster(), observe(cluster(), no_route))
    assert (found["cross-tcp"].sign, found["host-pod"].sign) == ("pass", "fail")


def test_a_silent_node_does_not_change_what_the_others_saw() -> None:
    """Pairs that were measured are judged; what was not is evidence, not a failure."""
    found = judged(cluster(), silence(observe(cluster()), "w2"))
    assert signs(found) == ALL_PASS
    assert "4 of 4 pairs pass" in found["cross-tcp"].evidence
    assert any("not measured from w2 (pod)" in line for line in found["cross-tcp"].evidence)


@pytest.mark.parametrize("observations", [[], silence(observe(cluster()), *NODES)], ids=["none", "silent"])
def test_nothing_seen_is_unknown_throughout(observations: list[object]) -> None:
    """Never ok and never failed."""
    found = judged(cluster(), observations)  # type: ignore[arg-type]
    assert {f.severity for f in found.values()} == {Severity.UNKNOWN}
    assert set(signs(found).values()) == {None}


def test_one_node_has_nothing_to_cross() -> None:
    """A single-node cluster is not unknown for want of a second node."""
    alone = cluster("cp", names=("cp",))
    found = judged(alone, observe(alone))
    assert signs(found) == ALL_PASS
    assert "one node" in found["cross-tcp"].summary
    assert "one node" in found["path-mtu"].summary


def test_ping_that_is_not_permitted_is_not_measured() -> None:
    """Where no process may open a ping socket, C is unknown and says why."""

    def forbidden(_node: str, _network: Network, aim: Aim) -> Result:
        return Result.NOT_PERMITTED if aim.kind is Kind.PING else Result.OK

    found = judged(cluster(), observe(cluster(), forbidden))["cross-ping"]
    assert (found.severity, found.sign) == (Severity.UNKNOWN, None)
    assert any("not-permitted" in line for line in found.evidence)


def test_a_refusal_of_the_echo_neither_passes_nor_fails() -> None:
    """It came back over the path, but from whom is not known: a dead echo, or a firewall that rejects."""

    def refused(_node: str, _network: Network, aim: Aim) -> Result:
        return Result.REFUSED if aim.kind is Kind.HOST_TCP and aim.peer == "w2" else Result.OK

    found = judged(cluster(), observe(cluster(), refused))["host-tcp"]
    assert (found.sign, found.evidence[0]) == ("pass", "4 of 4 pairs pass")
    assert any("refused" in line for line in found.evidence)


def test_a_throttled_prober_is_named_beside_its_failures() -> None:
    """A starved agent accuses the network: whoever reads the evidence must know."""
    observations = [
        msgspec.structs.replace(o, throttled=7) if o.node == "w1" else o for o in observe(cluster(), incident)
    ]
    lines = judged(cluster(), observations)["cross-tcp"].evidence
    assert "w1 (pod) -> w2 10.244.2.2:9707: timeout (this agent was throttled 7 times)" in lines


def test_a_node_without_a_ready_agent_is_not_a_dead_peer() -> None:
    """It is not probed, and the evidence says so."""
    without = msgspec.structs.replace(cluster(), pods=(agent("cp", "10.244.0.2"), agent("w1", "10.244.1.2")))
    found = judged(without, observe(without))["cross-tcp"]
    assert "no ready pod agent on w2: not probed" in found.evidence


def test_a_webhook_on_the_api_servers_node_passes_but_proves_nothing() -> None:
    """The trap: a local endpoint answers although the tunnel is broken."""
    local = cluster("cp")
    found = judged(local, observe(local, incident_with_local_webhook))
    assert found["webhook-endpoint"].sign == "pass"
    assert "the tunnel was not used" in found["webhook-endpoint"].summary
    assert found["cross-tcp"].sign == "fail"


def incident_with_local_webhook(node: str, network: Network, aim: Aim) -> Result:
    """As the incident, but the ClusterIP leads to the API server's own node."""
    return Result.OK if aim.kind is Kind.WEBHOOK_SERVICE else incident(node, network, aim)


@pytest.mark.parametrize(
    ("result", "sign"),
    [
        (Result.OK, "pass"),
        (Result.CLOSED, "pass"),
        (Result.TIMEOUT, "timeout"),
        (Result.UNREACHABLE, "timeout"),
        (Result.REFUSED, "refused"),
        (Result.RESET, "refused"),
        (Result.ERROR, None),
    ],
)
def test_a_webhook_greeting_in_one_word(result: Result, sign: str | None) -> None:
    """What reached the webhook, what was sent back, and what vanished."""

    def answer(_node: str, _network: Network, aim: Aim) -> Result:
        return result if aim.kind is Kind.WEBHOOK_ENDPOINT else Result.OK

    found = judged(cluster(), observe(cluster(), answer))["webhook-endpoint"]
    assert found.sign == sign
    assert found.where == (("cp->w2",) if sign in ("timeout", "refused") else ())


def test_no_webhook_is_well_and_an_unreadable_one_is_unknown() -> None:
    """Nothing to reach is not the same as not being allowed to look."""
    none = msgspec.structs.replace(cluster(), webhook_configurations=())
    assert judged(none, observe(none))["webhook-service"].sign == "pass"
    verb = "list validatingwebhookconfigurations.admissionregistration.k8s.io"
    hidden = msgspec.structs.replace(none, gaps=(Gap(verb=verb, reason="forbidden"),))
    found = judged(hidden, observe(hidden))["webhook-service"]
    assert (found.sign, found.evidence[0]) == (None, f"cannot {verb}: forbidden")


def test_without_ready_endpoints_f_is_unknown() -> None:
    """There is nothing to greet; G still shows what the ClusterIP does."""
    gone = Endpoint(addresses=("10.244.99.5",), node_name="w2", conditions=EndpointConditions(ready=False))
    empty = msgspec.structs.replace(cluster(), endpoint_slices=(objects.endpoint_slice(objects.SERVICE, gone),))
    found = judged(empty, observe(empty, kube_proxy))
    assert (found["webhook-endpoint"].sign, found["webhook-service"].sign) == (None, "refused")


Sizes = Callable[[str, Measurement], Measurement]


def with_sizes(snapshot: Snapshot, change: Sizes) -> dict[str, object]:
    """The finding about path MTUs after a change to each measurement of one."""
    observations = [
        msgspec.structs.replace(
            o,
            data=msgspec.structs.replace(
                o.data,
                measurements=tuple(change(o.node, m) if m.kind is Kind.PATH_MTU else m for m in o.data.measurements),
            ),
        )
        for o in observe(snapshot)
    ]
    found = judged(snapshot, observations)["path-mtu"]
    return {"sign": found.sign, "severity": found.severity, "where": set(found.where), "all": found}


def shrunk(signalled: int) -> Sizes:
    """Whatever goes to w2's pod carries only 1400 bytes."""

    def change(_node: str, m: Measurement) -> Measurement:
        if m.peer != "w2" or m.name == "host":
            return m
        return msgspec.structs.replace(m, mtu=1400, signalled=signalled)

    return change


def test_a_size_that_vanishes_without_a_word_is_a_black_hole() -> None:
    """Named with the pairs, the sizes and the direction."""
    found = with_sizes(cluster(), shrunk(0))
    assert (found["sign"], found["severity"], found["where"]) == ("black-hole", Severity.FAILED, {"cp->w2", "w1->w2"})
    assert "over 1400 bytes" in found["all"].summary  # type: ignore[attr-defined]
    assert "only towards w2" in found["all"].summary  # type: ignore[attr-defined]


def test_a_size_that_a_router_refuses_aloud_is_advice() -> None:
    """TCP adapts to it; where every path is like that, it was meant so."""
    found = with_sizes(cluster(), shrunk(1400))
    assert (found["sign"], found["severity"]) == ("small", Severity.ADVICE)

    def everywhere(_node: str, m: Measurement) -> Measurement:
        return m if m.name == "host" else msgspec.structs.replace(m, mtu=1400, limit=1400)

    found = with_sizes(cluster(), everywhere)
    assert (found["sign"], found["severity"]) == ("small", Severity.OK)


def test_interfaces_of_different_sizes_are_mentioned() -> None:
    """One node with another MTU has not failed yet; the evidence shows it."""

    def jumbo(node: str, m: Measurement) -> Measurement:
        return msgspec.structs.replace(m, mtu=9000, limit=9000, device=9000) if node == "w1" and m.name == "host" else m

    found = with_sizes(cluster(), jumbo)
    assert found["sign"] == "pass"
    assert "the host interfaces allow different sizes: 1500 on cp, w2; 9000 on w1" in found["all"].evidence  # type: ignore[attr-defined]


def test_damaged_packets_are_charged_to_the_receiver() -> None:
    """The node whose kernel dropped them is named, with the namespace and the counter."""
    rising = replace_counters(observe(cluster()), "w1", Network.POD, tcp_checksum_errors=9)
    found = judged(cluster(), replace_counters(rising, "cp", Network.HOST, udp_checksum_errors=2))["checksum-errors"]
    assert (found.sign, found.severity, found.where) == ("rising", Severity.DEGRADED, ("w1", "cp"))
    assert "w1 (pod): Tcp InCsumErrors +9, Udp InCsumErrors +0 in 0.5 s" in found.evidence


ARRIVED = {"udp_received": 400}


@pytest.mark.parametrize(
    ("rise", "outcome"),
    [
        (ARRIVED, "pass"),
        ({"udp_received": 60, "ip_vanished": 450}, "dropped-by-host"),
        ({"udp_received": 60, "udp_without_port": 400}, "dropped-by-host"),
        ({"udp_received": 60, "ip_vanished": 30}, "not-arriving"),
        ({"udp_received": 380, "ip_vanished": 500}, "pass"),
    ],
)
def test_who_drops_the_tunnels_packets(rise: dict[str, int], outcome: str) -> None:
    """Delivered, dropped by the node's own packet filter, or never there; w2 is the receiver of two bursts."""
    observations = observe(cluster(), firewall)
    for node in NODES:
        observations = replace_counters(observations, node, Network.HOST, **(rise if node == "w2" else ARRIVED))
    found = judged(cluster(), observations)["tunnel-arrivals"]
    assert (found.sign, found.where) == (outcome, () if outcome == "pass" else ("w2",))
    assert found.evidence[0].startswith("w2: 400 datagrams" if outcome != "pass" else "")


def test_busy_counters_accuse_nobody_while_nothing_is_lost() -> None:
    """A packet filter drops this and that on every node; only where probes are lost does it matter."""
    noisy = replace_counters(observe(cluster()), "w2", Network.HOST, ip_vanished=5000)
    assert judged(cluster(), noisy)["tunnel-arrivals"].sign == "pass"


def test_without_vxlan_nothing_is_known_about_arrivals() -> None:
    """Other tunnels are not sent bursts."""
    other = msgspec.structs.replace(cluster(), config_maps=())
    assert judged(other, observe(other, firewall))["tunnel-arrivals"].sign is None


def test_counters_that_cannot_be_read_are_unknown() -> None:
    """With the reason."""
    observations = [
        msgspec.structs.replace(o, data=msgspec.structs.replace(o.data, counters=None, counters_error="no such file"))
        for o in observe(cluster())
    ]
    found = judged(cluster(), observations)["checksum-errors"]
    assert (found.sign, "cp (host): no such file" in found.evidence) == (None, True)


def test_a_large_cluster_gives_a_report_of_bounded_size() -> None:
    """500 nodes with everything broken: what is named is cut, what is counted is not."""
    names = ("cp", *(f"n{i:03}" for i in range(499)))
    large = cluster("n001", names=names)
    found = judged(large, observe(large, lambda *_: Result.TIMEOUT))
    assert len(msgspec.json.encode(list(found.values()))) < 60_000
    assert "of 5500 pairs" in found["cross-tcp"].summary
