"""What the probes of all nodes mean together. Pure and total."""

from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding
from checks.judging.topology import pod_agents
from checks.observation import Network, Observation
from checks.paths.arrivals import judge_arrivals
from checks.paths.greetings import ENDPOINT, SERVICE, judge_webhooks
from checks.paths.integrity import judge_checksums, judge_path_mtu
from checks.paths.model import Kind, Parameters
from checks.paths.pairs import Row, judge_row
from checks.paths.samples import between_pods, samples, unaimed, unheard

FINDINGS = {
    "paths.host-tcp": "A: TCP between the nodes' own addresses, without the pod network.",
    "paths.same-node": "B: TCP to a pod from its own node: the pod network without the tunnel.",
    "paths.cross-ping": "C: ICMP from pods to pods of other nodes.",
    "paths.cross-tcp": "D: TCP of one small segment from pods to pods of other nodes.",
    "paths.cross-tcp-bulk": "E: TCP of many segments, both ways, from pods to pods of other nodes.",
    "paths.host-pod": "TCP from the nodes' own network to pods of other nodes.",
    "paths.webhook-endpoint": "F: TLS greeting from the API server's node to each ready endpoint of each webhook.",
    "paths.webhook-service": "G: TLS greeting from the API server's node to each webhook's ClusterIP.",
    "paths.path-mtu": "The largest UDP packet that arrives, against what the sender's route allows.",
    "paths.checksum-errors": "Packets that arrived damaged while peers were probing.",
    "paths.tunnel-arrivals": "Whether the tunnel's own packets reach the nodes, and who drops them if not.",
}

HOST_TCP = Row(code="paths.host-tcp", probe="A", what="TCP from node to node")
SAME_NODE = Row(code="paths.same-node", probe="B", what="TCP to pods of the same node", same_node=True)
HOST_POD = Row(code="paths.host-pod", what="TCP from nodes to pods of other nodes")
ACROSS = {
    Kind.PING: Row(code="paths.cross-ping", probe="C", what="Ping from pods to pods of other nodes"),
    Kind.TCP: Row(code="paths.cross-tcp", probe="D", what="TCP from pods to pods of other nodes"),
    Kind.BULK: Row(code="paths.cross-tcp-bulk", probe="E", what="Bulk TCP from pods to pods of other nodes"),
}


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:  # noqa: ARG001 - one shape for all checks
    """One finding for each code of `FINDINGS`, in that order."""
    found = samples(observations)
    alone = len(snapshot.nodes) == 1
    host, pod = unheard(observations, (Network.HOST,)), unheard(observations, (Network.POD,))
    across = [*pod, *unaimed(snapshot, pod_agents(snapshot))]
    of = {kind: [s for s in found if s.measurement.kind is kind] for kind in Kind}
    from_hosts = [s for s in of[Kind.TCP] if s.network is Network.HOST]
    return [
        judge_row(HOST_TCP, of[Kind.HOST_TCP], host, alone=alone),
        judge_row(SAME_NODE, of[Kind.SAME_NODE], [*host, *across], alone=alone),
        *(judge_row(row, between_pods(found, kind), across, alone=alone) for kind, row in ACROSS.items()),
        judge_row(HOST_POD, from_hosts, [*host, *unaimed(snapshot, pod_agents(snapshot))], alone=alone),
        judge_webhooks(ENDPOINT, of[Kind.WEBHOOK_ENDPOINT], snapshot, host),
        judge_webhooks(SERVICE, of[Kind.WEBHOOK_SERVICE], snapshot, host),
        judge_path_mtu(found, [*host, *across], alone=alone),
        judge_checksums(observations),
        judge_arrivals(found, observations, host, alone=alone),
    ]
