"""What the probes of all nodes mean together. Pure and total."""

from checks.finding import Finding
from checks.gathered import Gathered
from checks.observation import Network
from checks.paths.api_service import API_SERVICE, judge_api_service
from checks.paths.arrivals import TUNNEL_ARRIVALS, judge_arrivals
from checks.paths.checksums import CHECKSUM_ERRORS, judge_checksums
from checks.paths.greetings import ENDPOINT, ENDPOINTS, SERVICE, SERVICES, judge_webhooks
from checks.paths.model import Data, Kind, Parameters
from checks.paths.path_mtu import PATH_MTU, judge_path_mtu
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
from checks.paths.samples import samples, unaimed

CODES = (
    HOST_TCP,
    SAME_NODE,
    CROSS_PING,
    CROSS_TCP,
    CROSS_TCP_BULK,
    HOST_POD,
    ENDPOINT,
    SERVICE,
    API_SERVICE,
    PATH_MTU,
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
    return [
        judge_pairs(NODE_TO_NODE, found.of[Kind.HOST_TCP], host, alone=alone),
        judge_nodes(TO_OWN_PODS, found.of[Kind.SAME_NODE], [*host, *across], silent),
        judge_pairs(PING, found.between_pods(Kind.PING), across, alone=alone),
        judge_pairs(TCP, found.between_pods(Kind.TCP), across, alone=alone),
        judge_pairs(BULK, found.between_pods(Kind.BULK), across, alone=alone),
        judge_pairs(NODE_TO_PODS, from_hosts, [*host, *missing], alone=alone),
        judge_webhooks(ENDPOINTS, found.of[Kind.WEBHOOK_ENDPOINT], gathered, host),
        judge_webhooks(SERVICES, found.of[Kind.WEBHOOK_SERVICE], gathered, host),
        judge_api_service(found.of[Kind.API_SERVICE], gathered.snapshot, host, heard=bool(heard)),
        judge_path_mtu(found, [*host, *across], alone=alone),
        judge_checksums(gathered),
        judge_arrivals(found, gathered, host, alone=alone),
    ]
