"""What the probe matrix means, for the faults that it is there to tell apart."""

import msgspec
import pytest

from checks.cluster.snapshot import Endpoint, EndpointConditions, Gap
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network, Observation
from checks.paths import CHECK
from checks.paths.model import Aim, Counters, Kind, Measurement
from checks.place import Node, Pair, ServicePath
from checks.probes.echo import POD_PORT
from checks.probes.outcome import Result
from checks.report import PAIRS_KEPT, PLACES_KEPT, kept
from tests.checks import objects
from tests.checks.paths.matrix import (
    INNER_TCP,
    NODES,
    Answer,
    agent,
    at,
    cluster,
    count_arrivals,
    encoded,
    followed,
    judged,
    lines,
    measured,
    measured_otherwise,
    observe,
    outcomes,
    passes,
    replace_counters,
    silence,
)
from tests.checks.words import words

ALL_PASS = {
    "host-tcp": "pass",
    "same-node": "pass",
    "cross-ping": "pass",
    "cross-tcp": "pass",
    "cross-tcp-bulk": "pass",
    "host-pod": "pass",
    "host-loss": "pass",
    "pod-loss": "pass",
    "rejections": "pass",
    "reached": "pass",
    "webhook-endpoint": "pass",
    "webhook-local": "pass",
    "webhook-service": "pass",
    "api-service": "not-asked",
    "api-server": "not-asked",
    "kubelet": "pass",
    "checksum-errors": "pass",
    "tunnel-arrivals": "pass",
}
TUNNEL_ROWS = {
    "tunnel-arrivals": "not-arriving",
    "cross-tcp": "lost",
    "cross-tcp-bulk": "lost",
    "host-pod": "lost",
    "pod-loss": "silent",
    "webhook-endpoint": "timeout",
}
PAIRS = {Pair(a, b) for a in NODES for b in NODES if a != b}
W2_PAIRS = {pair for pair in PAIRS if "w2" in pair.nodes}
PROBED = {"sent": 1, "lost": 0, "rtt_s": 0.0004}
WEBHOOK = (objects.NAMESPACE, objects.SERVICE)


def touches(node: str, aim: Aim, bad: str) -> bool:
    """Whether a probe crosses to or from the bad node."""
    return bad in (node, aim.peer) and node != aim.peer


def datagrams_of_pods(aim: Aim) -> bool:
    """Whether it counts losses in the tunnel."""
    return aim.kind is Kind.LOSS and aim.port == POD_PORT


def incident(node: str, _network: Network, aim: Aim) -> Result:
    """The adapter of w2 damages TCP and UDP in the tunnel; ping lives. The ClusterIP leads to the webhook on w2."""
    if aim.kind is Kind.WEBHOOK_SERVICE:
        return Result.TIMEOUT
    inner = aim.kind in INNER_TCP or datagrams_of_pods(aim)
    return Result.TIMEOUT if inner and touches(node, aim, "w2") else Result.OK


def firewall(node: str, _network: Network, aim: Aim) -> Result:
    """A firewall on w2 drops the whole tunnel."""
    if aim.kind is Kind.WEBHOOK_SERVICE:
        return Result.TIMEOUT
    inner = aim.kind in (*INNER_TCP, Kind.PING) or datagrams_of_pods(aim)
    return Result.TIMEOUT if inner and touches(node, aim, "w2") else Result.OK


def reject(node: str, _network: Network, aim: Aim) -> Result:
    """The packet filter of w2 rejects TCP that it forwards; ping passes."""
    if aim.kind is Kind.WEBHOOK_SERVICE:
        return Result.UNREACHABLE
    return Result.UNREACHABLE if aim.kind in INNER_TCP and touches(node, aim, "w2") else Result.OK


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
        (passes, {}),
        (incident, TUNNEL_ROWS | {"webhook-service": "timeout"}),
        (firewall, TUNNEL_ROWS | {"webhook-service": "timeout", "cross-ping": "lost"}),
        (bulk, {"cross-tcp-bulk": "lost"}),
        (kube_proxy, {"webhook-service": "refused"}),
        (webhook_policy, {"webhook-endpoint": "timeout", "webhook-service": "timeout"}),
    ],
    ids=["healthy", "incident", "firewall", "bulk", "kube-proxy", "webhook-policy"],
)
def test_each_fault_has_its_own_signature(answer: Answer, changed: dict[str, str]) -> None:
    """The rows that fail, and the rows that pass, are what the causes are told apart by."""
    assert ALL_PASS | changed == outcomes(judged(cluster(), observe(cluster(), answer)))


def test_what_is_rejected_is_not_lost() -> None:
    """An answer that comes at once in the place of the peer is no silence; the tunnel's own packets arrive."""
    rejected = {"cross-tcp": "rejected", "cross-tcp-bulk": "rejected", "host-pod": "rejected"}
    refused = {"webhook-endpoint": "refused", "webhook-service": "refused", "rejections": "rejects"}
    observations = observe(cluster(), reject)
    for node in NODES:
        observations = count_arrivals(observations, node, udp_received=400)
    assert ALL_PASS | rejected | refused == outcomes(judged(cluster(), observations))


def test_the_incident_is_located() -> None:
    """D names the four pairs of w2, in words too, counts them, and shows what was measured."""
    found = judged(cluster(), observe(cluster(), incident))["cross-tcp"]
    assert (Severity.FAILED, "D") == (found.severity, found.probe)
    assert set(found.where) == W2_PAIRS == at(found, "lost")
    assert "TCP from pods to pods of other nodes: 4 of 6 pairs get no answer; every failing pair touches w2." == words(
        found.text
    )
    assert "2 of 6 pass" == lines(found)[0]
    assert "cp (pod) → w2 10.244.2.2:9707: timeout" in lines(found)


def test_passing_places_are_named_too() -> None:
    """Each place has its outcome and its numbers: what passed speaks for it, and the worst come first."""
    found = judged(cluster(), observe(cluster(), incident))["cross-tcp"]
    assert PAIRS - W2_PAIRS == at(found, "pass")
    assert [{"sent": 1, "lost": 1}] * 4 + [PROBED] * 2 == [seen.measures for seen in found.seen]


def test_what_passes_says_how_fast() -> None:
    """A healthy row has counts and times."""
    found = judged(cluster(), observe(cluster()))["cross-tcp"]
    assert "TCP from pods to pods of other nodes: all 6 pairs pass." == words(found.text)
    assert ["6 of 6 pass", "median 0.4 ms, longest 0.4 ms"] == lines(found)
    assert [PROBED] * 6 == [seen.measures for seen in found.seen]


def test_same_node_names_nodes_and_not_pairs() -> None:
    """A place on one node is a node; its probes, of the host and of the pod, count together."""

    def broken(node: str, network: Network, aim: Aim) -> Result:
        fails = aim.kind is Kind.SAME_NODE and node == "w1" and network is Network.HOST
        return Result.TIMEOUT if fails else Result.OK

    found = judged(cluster(), observe(cluster(), broken))["same-node"]
    assert ((Node("w1"),), "lost") == (found.where, found.outcome)
    assert "TCP to pods of the same node: 1 of 3 nodes gets no answer." == words(found.text)
    assert Seen(Node("w1"), "lost", {"sent": 2, "lost": 1, "rtt_s": 0.0004}, bad=True) == found.seen[0]
    assert {Node("cp"), Node("w2")} == at(found, "pass")


def test_silent_pod_agents_are_stood_in_for_by_their_hosts() -> None:
    """In the incident pod agents may not reach the queue; their hosts' probes take the same tunnel."""
    observations = silence(observe(cluster(), incident), "cp", "w1", network=Network.POD)
    found = judged(cluster(), observations)["cross-tcp"]
    assert W2_PAIRS == set(found.where)
    assert "cp (host) → w2 10.244.2.2:9707: timeout" in lines(found)
    assert "not measured from cp (pod): no-answer: no agent took the job" in lines(found)


def test_hosts_that_cannot_reach_pods_do_not_speak_for_pods_that_can() -> None:
    """Where pods were heard, D is theirs; that nodes fail is a finding of its own."""

    def no_route(_node: str, network: Network, aim: Aim) -> Result:
        return Result.UNREACHABLE if network is Network.HOST and aim.kind is Kind.TCP else Result.OK

    found = judged(cluster(), observe(cluster(), no_route))
    assert ("pass", "rejected") == (found["cross-tcp"].outcome, found["host-pod"].outcome)


def test_a_silent_node_does_not_change_what_the_others_saw() -> None:
    """Pairs that were measured are judged; what was not is evidence, not a failure, and its own node is unseen."""
    found = judged(cluster(), silence(observe(cluster()), "w2"))
    assert ALL_PASS | {"webhook-local": ""} == outcomes(found)  # the webhook's own node is the silent one
    assert "4 of 4 pass" in lines(found["cross-tcp"])
    assert any("not measured from w2 (pod)" in line for line in lines(found["cross-tcp"]))
    for code in ("same-node", "checksum-errors"):
        assert {Node("w2")} == at(found[code], UNSEEN)


@pytest.mark.parametrize("observations", [[], silence(observe(cluster()), *NODES)], ids=["none", "silent"])
def test_nothing_seen_is_unknown_throughout(observations: list[Observation]) -> None:
    """Never ok and never failed."""
    found = judged(cluster(), observations)
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert {""} == set(outcomes(found).values())
    assert {UNSEEN} >= {seen.outcome for f in found.values() for seen in f.seen}


def test_one_node_has_nothing_to_cross() -> None:
    """A single-node cluster is not unknown for want of a second node."""
    alone = cluster("cp", names=("cp",))
    found = judged(alone, observe(alone))
    assert ALL_PASS | {"reached": "not-told", "kubelet": "not-asked"} == outcomes(found)
    for code in ("host-tcp", "cross-ping", "cross-tcp", "cross-tcp-bulk", "host-pod", "pod-loss"):
        assert ("The cluster has one node: there is no path between nodes.", ()) == (
            words(found[code].text),
            found[code].seen,
        )


def test_ping_that_is_not_permitted_is_not_measured() -> None:
    """Where no process may open a ping socket, C is unknown and says why, and for which pairs."""

    def forbidden(_node: str, _network: Network, aim: Aim) -> Result:
        return Result.NOT_PERMITTED if aim.kind is Kind.PING else Result.OK

    found = judged(cluster(), observe(cluster(), forbidden))["cross-ping"]
    assert (Severity.UNKNOWN, "") == (found.severity, found.outcome)
    assert any("not-permitted" in line for line in lines(found))
    assert PAIRS == at(found, UNSEEN)


def refused(_node: str, _network: Network, aim: Aim) -> Result:
    """The host of w2 refuses."""
    return Result.REFUSED if aim.kind is Kind.HOST_TCP and aim.peer == "w2" else Result.OK


def test_a_refusal_where_our_agent_listens_is_a_rejection() -> None:
    """The agent of w2 did a job of this run, so it listens: whoever refused stands before it."""
    found = judged(cluster(), observe(cluster(), refused))["host-tcp"]
    assert ("rejected", Severity.FAILED) == (found.outcome, found.severity)
    assert {Pair("cp", "w2"), Pair("w1", "w2")} == at(found, "rejected")
    assert "TCP from node to node: 2 of 6 pairs are rejected at once; only towards w2." == words(found.text)


def test_a_refusal_where_nobody_is_known_to_listen_neither_passes_nor_fails() -> None:
    """It came back over the path, but from whom is not known: a dead echo, or a firewall that rejects."""
    found = judged(cluster(), silence(observe(cluster(), refused), "w2"))["host-tcp"]
    assert ("pass", "2 of 2 pass") == (found.outcome, lines(found)[0])
    assert {Pair("cp", "w2"), Pair("w1", "w2")} == at(found, UNSEEN)
    assert any("refused" in line for line in lines(found))


@pytest.mark.parametrize("result", [Result.REFUSED, Result.RESET])
@pytest.mark.parametrize(("age_s", "outcome"), [(3.0, UNSEEN), (300.0, "rejected"), (0.0, "rejected")])
def test_an_agent_that_was_started_meanwhile_refuses_by_itself(result: Result, age_s: float, outcome: str) -> None:
    """Somebody killed it while others probed it: until it listens again, nobody turns anything away."""

    def resets(_node: str, _network: Network, aim: Aim) -> Result:
        return result if aim.kind is Kind.HOST_TCP and aim.peer == "w2" else Result.OK

    observations = [
        msgspec.structs.replace(o, age_s=age_s) if o.node == "w2" else o for o in observe(cluster(), resets)
    ]
    assert {Pair("cp", "w2"), Pair("w1", "w2")} == at(judged(cluster(), observations)["host-tcp"], outcome)


def test_what_coredns_refuses_is_not_measured() -> None:
    """Nobody here knows whether it listens on TCP; the agent's own port is another matter."""

    def refuses(_node: str, network: Network, aim: Aim) -> Result:
        return Result.REFUSED if aim.kind is Kind.SAME_NODE and network is Network.POD else Result.OK

    found = judged(cluster(), observe(cluster(), refuses))["same-node"]
    assert ("pass", {Node("cp"), Node("w1"), Node("w2")}) == (found.outcome, at(found, "pass"))
    assert any("10.244.1.3:5353: refused" in line for line in lines(found))


def test_some_rejected_and_some_lost_are_told_apart() -> None:
    """At each place and in the sentence; what is lost stands for all."""

    def both(_node: str, _network: Network, aim: Aim) -> Result:
        return {"w1": Result.RESET, "w2": Result.TIMEOUT}.get(aim.peer, Result.OK)

    found = judged(cluster(), observe(cluster(), both))["cross-tcp"]
    assert "lost" == found.outcome
    assert {Pair("cp", "w2"), Pair("w1", "w2")} == at(found, "lost")
    assert {Pair("cp", "w1"), Pair("w2", "w1")} == at(found, "rejected")
    assert words(found.text).startswith(
        "TCP from pods to pods of other nodes: of 6 pairs, 2 get no answer and 2 are rejected at once"
    )


def test_a_throttled_prober_is_named_beside_its_failures() -> None:
    """A starved agent accuses the network: whoever reads the evidence must know."""
    observations = [
        msgspec.structs.replace(o, throttled=7) if o.node == "w1" else o for o in observe(cluster(), incident)
    ]
    found = judged(cluster(), observations)["cross-tcp"]
    assert "w1 (pod) → w2 10.244.2.2:9707: timeout (this agent was throttled 7 times)" in lines(found)


@pytest.mark.parametrize(("throttled", "outcome"), [(0, "lost"), (2, "lost"), (12, UNSEEN)])
@pytest.mark.parametrize("end", ["cp", "w1"])
def test_what_comes_too_slowly_of_an_agent_without_cpu_is_not_lost(end: str, throttled: int, outcome: str) -> None:
    """The connection was made: the network carried what it was given. Without one, silence is silence."""

    def slow(node: str, m: Measurement) -> Measurement:
        if m.kind is not Kind.BULK or (node, m.peer) != ("cp", "w1"):
            return m
        return msgspec.structs.replace(m, result=Result.TIMEOUT, detail="connected, but 9 of 65536 bytes came back")

    observations = [
        msgspec.structs.replace(
            o,
            throttled=throttled if o.node == end else 0,
            elapsed_s=2.0,
            data=msgspec.structs.replace(o.data, measurements=tuple(slow(o.node, m) for m in o.data.measurements)),
        )
        for o in observe(cluster())
    ]
    assert {Pair("cp", "w1")} == at(judged(cluster(), observations)["cross-tcp-bulk"], outcome)


def test_a_node_without_a_ready_agent_is_not_a_dead_peer() -> None:
    """It is not probed, and the evidence says so."""
    without = msgspec.structs.replace(cluster(), pods=(agent("cp", "10.244.0.2"), agent("w1", "10.244.1.2")))
    found = judged(without, observe(without))["cross-tcp"]
    assert "no ready pod agent on w2: not probed" in lines(found)


def test_a_webhook_on_the_api_servers_node_passes_but_proves_nothing() -> None:
    """The trap: a local endpoint answers although the tunnel is broken."""
    local = cluster("cp")
    found = judged(local, observe(local, incident_with_local_webhook))
    assert "pass" == found["webhook-endpoint"].outcome
    assert "the tunnel was not used" in words(found["webhook-endpoint"].text)
    assert "cp → metallb-system/metallb-webhook-service: every endpoint is on the node that asks" in lines(
        found["webhook-endpoint"]
    )
    assert "lost" == found["cross-tcp"].outcome


def incident_with_local_webhook(node: str, network: Network, aim: Aim) -> Result:
    """As the incident, but the ClusterIP leads to the API server's own node."""
    return Result.OK if aim.kind is Kind.WEBHOOK_SERVICE else incident(node, network, aim)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Result.OK, "pass"),
        (Result.CLOSED, "pass"),
        (Result.TIMEOUT, "timeout"),
        (Result.UNREACHABLE, "refused"),
        (Result.REFUSED, "refused"),
        (Result.RESET, "refused"),
        (Result.ERROR, ""),
    ],
)
@pytest.mark.parametrize("kind", [Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_SERVICE])
def test_a_webhook_greeting_in_one_word(kind: Kind, result: Result, outcome: str) -> None:
    """What reached the webhook, what was sent back, and what vanished; its place is the way to the Service."""

    def answer(_node: str, _network: Network, aim: Aim) -> Result:
        return result if aim.kind is kind else Result.OK

    found = judged(cluster(), observe(cluster(), answer))[kind]
    assert outcome == found.outcome
    path = ServicePath("cp", *WEBHOOK, ends=("w2",), pods=("controller",))
    assert [(path, outcome or UNSEEN)] == [(seen.place, seen.outcome) for seen in found.seen]


def test_a_failing_greeting_names_the_service() -> None:
    """And whose greeting it was: the API server's node, or others where that is not in sight."""
    found = judged(cluster(), observe(cluster(), webhook_policy))["webhook-endpoint"]
    who = "does not answer {} (metallb-system/metallb-webhook-service)."
    assert "Webhook endpoints: 1 of 1 " + who.format("the API server's node") == words(found.text)
    managed = cluster("b", names=("a", "b"))
    found = judged(managed, observe(managed, kube_proxy))["webhook-service"]
    refused = "ClusterIPs of webhooks: 2 of 2 are refused to the nodes that greeted them"
    assert f"{refused} (metallb-system/metallb-webhook-service)." == words(found.text)
    assert "no control-plane node is in sight: measured from other nodes" in lines(found)


def test_the_endpoints_of_a_service_are_places_of_their_own() -> None:
    """One of two replicas that does not answer is named with its pod and node; its ClusterIP has both."""
    two = (objects.endpoint("10.244.99.5", "w2", "one"), objects.endpoint("10.244.98.5", "w1", "other"))
    snapshot = msgspec.structs.replace(cluster(), endpoint_slices=(objects.endpoint_slice(objects.SERVICE, *two),))

    def half(_node: str, _network: Network, aim: Aim) -> Result:
        return Result.TIMEOUT if aim.address == "10.244.99.5" else Result.OK

    found = judged(snapshot, observe(snapshot, half))
    assert {ServicePath("cp", *WEBHOOK, ends=("w2",), pods=("one",))} == at(found["webhook-endpoint"], "timeout")
    assert {ServicePath("cp", *WEBHOOK, ends=("w1",), pods=("other",))} == at(found["webhook-endpoint"], "pass")
    both = ServicePath("cp", *WEBHOOK, ends=("w1", "w2"), pods=("one", "other"))
    assert {both} == at(found["webhook-service"], "pass")


def test_no_webhook_is_not_used_and_an_unreadable_one_is_unknown() -> None:
    """Nothing to reach is not the same as not being allowed to look."""
    none = msgspec.structs.replace(cluster(), webhook_configurations=())
    assert "not-used" == judged(none, observe(none))["webhook-service"].outcome
    verb = "list validatingwebhookconfigurations.admissionregistration.k8s.io"
    hidden = msgspec.structs.replace(none, gaps=(Gap(verb=verb, reason="forbidden"),))
    found = judged(hidden, observe(hidden))["webhook-service"]
    assert ("", f"cannot {verb}: forbidden") == (found.outcome, lines(found)[0])


def test_without_ready_endpoints_f_is_unknown() -> None:
    """There is nothing to greet; G still shows what the ClusterIP does."""
    gone = Endpoint(addresses=("10.244.99.5",), node_name="w2", conditions=EndpointConditions(ready=False))
    empty = msgspec.structs.replace(cluster(), endpoint_slices=(objects.endpoint_slice(objects.SERVICE, gone),))
    found = judged(empty, observe(empty, kube_proxy))
    assert ("", "refused") == (found["webhook-endpoint"].outcome, found["webhook-service"].outcome)
    assert (ServicePath("cp", *WEBHOOK),) == found["webhook-service"].where


def at_home(result: Result, detail: str = "") -> dict[str, Finding]:
    """The findings where webhooks answer their own nodes so, and nobody else."""

    def answer(_node: str, _network: Network, aim: Aim) -> Result:
        if aim.kind is Kind.WEBHOOK_LOCAL:
            return result
        return Result.TIMEOUT if aim.kind in (Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_SERVICE) else Result.OK

    def told(_node: str, m: Measurement) -> Measurement:
        return msgspec.structs.replace(m, detail=detail) if m.kind is Kind.WEBHOOK_LOCAL else m

    return judged(cluster(), measured_otherwise(observe(cluster(), answer), told))


@pytest.mark.parametrize(
    ("result", "detail", "outcome"),
    [
        (Result.OK, "", "pass"),
        (Result.CLOSED, "connected, but closed without a TLS answer", "pass"),
        (Result.TIMEOUT, "connected, but the TLS greeting was not answered", "hangs"),
        (Result.TIMEOUT, "", "timeout"),
        (Result.REFUSED, "", "refused"),
    ],
)
def test_a_webhook_that_hangs_is_told_on_its_own_node(result: Result, detail: str, outcome: str) -> None:
    """No network between nodes has a part in that, whatever the API server's node sees."""
    found = at_home(result, detail)
    assert (outcome, "timeout") == (found["webhook-local"].outcome, found["webhook-endpoint"].outcome)
    assert {ServicePath("w2", *WEBHOOK, ends=("w2",), pods=("controller",))} >= at(found["webhook-local"], outcome)


def test_an_old_recording_has_no_greeting_at_home() -> None:
    """Nobody asked then, and nothing is missing."""
    observations = measured_otherwise(observe(cluster()), lambda _, m: None if m.kind is Kind.WEBHOOK_LOCAL else m)
    assert "not-asked" == judged(cluster(), observations)["webhook-local"].outcome


def test_damaged_packets_are_charged_to_the_receiver() -> None:
    """The node whose kernel dropped them is named, with the namespace and the counter."""
    rising = replace_counters(observe(cluster()), "w1", Network.POD, tcp_checksum_errors=9)
    found = judged(cluster(), replace_counters(rising, "cp", Network.HOST, udp_checksum_errors=2))["checksum-errors"]
    assert ("rising", Severity.DEGRADED) == (found.outcome, found.severity)
    assert (
        Seen(Node("w1"), "rising", {"tcp": 9, "udp": 0}, bad=True),
        Seen(Node("cp"), "rising", {"tcp": 0, "udp": 2}, bad=True),
        Seen(Node("w2"), "pass", {"tcp": 0, "udp": 0}),
    ) == found.seen
    assert "11 packets arrived with a wrong checksum, on w1, cp." == words(found.text)
    assert "w1 (pod): Tcp InCsumErrors +9, Udp InCsumErrors +0 in 500.0 ms" in lines(found)


ARRIVED = {"udp_received": 400}


@pytest.mark.parametrize(
    ("quiet", "rise", "outcome", "vanished"),
    [
        (0, ARRIVED, "pass", 0),
        (0, {"udp_received": 60, "ip_vanished": 450}, "dropped-by-host", 450),
        (0, {"udp_received": 60, "udp_without_port": 400}, "dropped-by-host", 400),
        (0, {"udp_received": 60, "ip_vanished": 30}, "not-arriving", 30),
        (0, {"udp_received": 380, "ip_vanished": 500}, "pass", 500),
        (0, {"udp_received": 280}, "partly", 0),
        # What comes in anyway is no burst that arrived.
        (150, {"udp_received": 340}, "not-arriving", 0),
        (150, {"udp_received": 690}, "pass", 0),
    ],
)
def test_who_drops_the_tunnels_packets(quiet: int, rise: dict[str, int], outcome: str, vanished: int) -> None:
    """Delivered, dropped by the node's own packet filter, or never there; w2 is the receiver of two bursts."""
    observations = observe(cluster(), firewall)
    for node in NODES:
        observations = count_arrivals(observations, node, **ARRIVED)
    found = judged(cluster(), count_arrivals(observations, "w2", quiet, **rise))["tunnel-arrivals"]
    ways = {Pair("cp", "w2"), Pair("w1", "w2")}
    assert ways == at(found, outcome) - {Pair("w2", "cp"), Pair("w2", "w1"), Pair("cp", "w1"), Pair("w1", "cp")}
    (seen, _) = (seen for seen in found.seen if seen.place in ways)
    assert {"sent": 400, "delivered": rise["udp_received"] - 2 * quiet, "vanished": vanished} == seen.measures
    assert any(line.startswith("cp, w1 sent 400 datagrams to the tunnel of w2") for line in lines(found))


def one_way(node: str, _network: Network, aim: Aim) -> Result:
    """What cp sends into the tunnel is answered nowhere."""
    inner = aim.kind is Kind.TCP or datagrams_of_pods(aim)
    return Result.TIMEOUT if inner and "cp" in (node, aim.peer) else Result.OK


def test_arrivals_are_told_way_by_way() -> None:
    """Each way has its own outcome, and the sentence names those that are bad; where nothing is lost, they arrive."""
    observations = count_arrivals(observe(cluster(), one_way), "w1", ip_vanished=200)
    observations = count_arrivals(count_arrivals(observations, "w2"), "cp", **ARRIVED)
    found = judged(cluster(), observations)["tunnel-arrivals"]
    assert {Pair("cp", "w1")} == at(found, "dropped-by-host")
    assert {Pair("cp", "w2")} == at(found, "not-arriving")
    assert {Pair("w1", "cp"), Pair("w2", "cp"), Pair("w1", "w2"), Pair("w2", "w1")} == at(found, "pass")
    assert (
        "The tunnel's packets are dropped by the node that receives them (cp → w1), and never arrive (cp → w2)."
        == words(found.text)
    )


def test_both_ends_of_a_way_that_loses_are_asked_further() -> None:
    """Who lost something sends bursts, who is at the other end counts; nobody else is asked anything."""

    def cp_to_w2(node: str, _network: Network, aim: Aim) -> Result:
        inner = aim.kind is Kind.TCP or datagrams_of_pods(aim)
        return Result.TIMEOUT if inner and (node, aim.peer) == ("cp", "w2") else Result.OK

    first = [o for o in observe(cluster(), cp_to_w2) if not o.name]
    further = CHECK.follow(CHECK.gather(cluster(), {}, [encoded(o) for o in first]))
    assert [("cp", ["w2"]), ("w2", [])] == [(t.node, [aim.peer for aim in t.request.aims]) for t in further]
    found = judged(cluster(), [*first, *followed(cluster(), first, cp_to_w2)])["tunnel-arrivals"]
    assert {Pair("cp", "w2")} == at(found, "not-arriving")


@pytest.mark.parametrize("answer", [passes, reject])
def test_nothing_is_followed_where_nothing_is_lost(answer: Answer) -> None:
    """What is rejected is answered, and what passes is well."""
    assert [] == followed(cluster(), observe(cluster(), answer))


def test_busy_counters_accuse_nobody_while_nothing_is_lost() -> None:
    """A packet filter drops this and that on every node; only where probes are lost does it matter."""
    noisy = replace_counters(observe(cluster()), "w2", Network.HOST, ip_vanished=5000)
    found = judged(cluster(), noisy)["tunnel-arrivals"]
    assert ("pass", PAIRS) == (found.outcome, at(found, "pass"))


def test_without_vxlan_nothing_is_known_about_arrivals() -> None:
    """Other tunnels are not sent bursts."""
    other = msgspec.structs.replace(cluster(), config_maps=())
    found = judged(other, observe(other, firewall))["tunnel-arrivals"]
    assert ("", W2_PAIRS) == (found.outcome, at(found, UNSEEN))


def test_counters_that_cannot_be_read_are_unknown() -> None:
    """With the reason, at each node."""
    observations = [
        msgspec.structs.replace(o, data=msgspec.structs.replace(o.data, counters=None, counters_error="no such file"))
        for o in observe(cluster())
    ]
    found = judged(cluster(), observations)["checksum-errors"]
    assert ("", {Node(name) for name in NODES}) == (found.outcome, at(found, UNSEEN))
    assert "cp (host): no such file" in lines(found)


def test_foreign_results_are_silence() -> None:
    """A job of another version is not measured, and says so; nothing is raised."""
    observations = [msgspec.structs.replace(o, data={"measurements": "?"}) for o in observe(cluster())]
    found = judged(cluster(), observations)
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert any("another version" in line for line in lines(found["host-tcp"]))


def test_a_measurement_of_a_service_that_is_gone_has_no_place() -> None:
    """The webhook was deleted between plan and snapshot, or a replay has another snapshot."""
    aim = Aim(kind=Kind.WEBHOOK_SERVICE, peer="", address="10.96.0.7", port=443, name="gone.elsewhere.svc")
    (first, *others) = observe(cluster())
    stray = msgspec.structs.replace(
        first,
        data=msgspec.structs.replace(
            first.data, measurements=(*first.data.measurements, measured(aim, Result.TIMEOUT)), counters=Counters()
        ),
    )
    assert ALL_PASS == outcomes(judged(cluster(), [stray, *others]))


def test_a_large_cluster_gives_a_report_of_bounded_size() -> None:
    """500 nodes with everything broken: what is named is cut, what is counted is not."""
    names = ("cp", *(f"n{i:03}" for i in range(499)))
    large = cluster("n001", names=names)
    found = judged(large, observe(large, lambda *_: Result.TIMEOUT))
    stored = kept(tuple(found.values()))
    assert max(len(finding.seen) for finding in stored) == PLACES_KEPT
    assert [PAIRS_KEPT] == [len(finding.pairs.rows) for finding in stored if finding.pairs]
    assert len(msgspec.json.encode(stored)) < 200_000
    assert "5500 of 5500 pairs" in words(found["cross-tcp"].text)
    assert 5500 == len(found["cross-tcp"].seen)
