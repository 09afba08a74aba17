"""What the probes of all nodes mean together. Pure and total."""

from checks.finding import Finding
from checks.gathered import Gathered
from checks.judging.crossing import LOST
from checks.judging.topology import unaimed
from checks.observation import Network
from checks.paths.api import API_SERVER, API_SERVICE, KUBELET, KUBELETS, SERVERS, judge_api
from checks.paths.api import SERVICE as OF_API_SERVERS
from checks.paths.arrivals import TUNNEL_ARRIVALS, judge_arrivals
from checks.paths.checksums import CHECKSUM_ERRORS, judge_checksums
from checks.paths.greetings import ENDPOINT, ENDPOINTS, LOCAL, SERVICE, SERVICES, judge_local, judge_webhooks
from checks.paths.loss import HOST_LOSS, POD_LOSS, judge_loss
from checks.paths.model import Data, Kind, Parameters
from checks.paths.reached import REACHED, judge_reached
from checks.paths.rejections import REJECTIONS, judge_rejections
from checks.paths.rows import (
    BULK,
    CROSS_PING,
    CROSS_TCP,
    CROSS_TCP_BULK,
    HOST_POD,
    HOST_TCP,
    NODE_TO_NODE,
    NODE_TO_PODS,
    PING,
    SAME_NODE,
    TCP,
    TO_OWN_PODS,
    judge_nodes,
    judge_pairs,
)
from checks.paths.samples import samples

CODES = (
    HOST_TCP,
    SAME_NODE,
    CROSS_PING,
    CROSS_TCP,
    CROSS_TCP_BULK,
    HOST_POD,
    HOST_LOSS,
    POD_LOSS,
    REJECTIONS,
    REACHED,
    ENDPOINT,
    LOCAL,
    SERVICE,
    API_SERVICE,
    API_SERVER,
    KUBELET,
    CHECKSUM_ERRORS,
    TUNNEL_ARRIVALS,
)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each code, in the order of `CODES`."""
    found = samples(gathered)
    alone = len(gathered.snapshot.nodes) == 1
    missing = unaimed(gathered.snapshot)
    host, pod = gathered.unheard(Network.HOST), gathered.unheard(Network.POD)
    heard = {heard.node for heard in gathered.heard}
    silent = sorted({o.node for o in gathered.silent} - heard)
    from_hosts = [sample for sample in found.of[Kind.TCP] if sample.network is Network.HOST]
    across = [*pod, *missing]
    cut = {sample.pair for sample in found.of[Kind.HOST_TCP] if sample.outcome == LOST}
    return [
        judge_pairs(NODE_TO_NODE, found.of[Kind.HOST_TCP], host, alone=alone),
        judge_nodes(TO_OWN_PODS, found.of[Kind.SAME_NODE], [*host, *across], silent),
        judge_pairs(PING, found.between_pods(Kind.PING), across, alone=alone),
        judge_pairs(TCP, found.between_pods(Kind.TCP), across, alone=alone),
        judge_pairs(BULK, found.between_pods(Kind.BULK), across, alone=alone),
        judge_pairs(NODE_TO_PODS, from_hosts, [*host, *missing], alone=alone),
        *judge_loss(found, gathered, host, across, alone=alone),
        judge_rejections(found, gathered.snapshot, [*host, *across], alone=alone),
        judge_reached(found, [*host, *across], heard=bool(heard)),
        judge_webhooks(ENDPOINTS, found.of[Kind.WEBHOOK_ENDPOINT], gathered, host),
        judge_local(found.of[Kind.WEBHOOK_LOCAL], gathered, host),
        judge_webhooks(SERVICES, found.of[Kind.WEBHOOK_SERVICE], gathered, host),
        *(
            judge_api(
                way,
                found.of[kind],
                gathered.snapshot,
                host,
                heard=bool(heard),
                cut=cut if way is KUBELETS else (),
            )
            for way, kind in (
                (OF_API_SERVERS, Kind.API_SERVICE),
                (SERVERS, Kind.API_SERVER),
                (KUBELETS, Kind.KUBELET),
            )
        ),
        judge_checksums(gathered),
        judge_arrivals(found, gathered, host, alone=alone),
    ]
