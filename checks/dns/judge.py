"""What the answers of all replicas to all askers mean together. Pure and total."""

from checks.dns.answers import ANSWERS, EXTERNAL, judge_answers, judge_external
from checks.dns.askings import askings, only_first
from checks.dns.caching import NODE_CACHE, judge_node_cache
from checks.dns.corefile import COREFILE, UPSTREAMS, judge_corefile, judge_upstreams
from checks.dns.counters import COUNTERS, judge_counters
from checks.dns.edns import EDNS, LARGE, judge_edns, judge_large
from checks.dns.loss import PATH, REPLICA, judge_loss
from checks.dns.model import Data, Parameters
from checks.dns.plan import nobodys_name
from checks.dns.reach import LOCAL, REMOTE, TRANSPORT, judge_local, judge_remote, judge_transport
from checks.dns.replicas import REPLICAS, judge_replicas
from checks.dns.replying import REPLY_SOURCE, judge_reply_source
from checks.dns.resolving import ONE_SOCKET, SEARCH, ZONE, judge_one_socket, judge_search, judge_zone
from checks.dns.service import CLUSTER_IP, judge_service
from checks.dns.spread import SPREAD, judge_spread
from checks.finding import Finding
from checks.gathered import Gathered

CODES = (
    LOCAL,
    REMOTE,
    REPLICA,
    PATH,
    CLUSTER_IP,
    TRANSPORT,
    REPLY_SOURCE,
    ANSWERS,
    EXTERNAL,
    EDNS,
    LARGE,
    ZONE,
    SEARCH,
    ONE_SOCKET,
    NODE_CACHE,
    UPSTREAMS,
    COREFILE,
    REPLICAS,
    COUNTERS,
    SPREAD,
)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each code of `CODES`, in that order."""
    asked, nodes = askings(gathered), len(gathered.snapshot.nodes)
    gathered = only_first(gathered)
    upstreams = judge_upstreams(gathered)
    return [
        judge_local(asked),
        judge_remote(asked, nodes),
        *judge_loss(asked),
        judge_service(asked),
        judge_transport(asked),
        judge_reply_source(asked),
        judge_answers(asked),
        judge_external(asked, gathered.parameters.external, nobodys_name(gathered.snapshot), upstreams),
        judge_edns(asked),
        judge_large(asked),
        judge_zone(gathered),
        judge_search(gathered),
        judge_one_socket(gathered),
        judge_node_cache(asked, gathered.gaps(("pods",))),
        upstreams,
        judge_corefile(gathered),
        judge_replicas(gathered),
        judge_counters(gathered),
        judge_spread(asked, nodes),
    ]
