"""Judge what CoreDNS is told: whom it asks for other names, and what answers in the place of Kubernetes. Pure."""

import ipaddress
import re
from collections.abc import Iterator, Sequence

from checks.cluster.catching import Caught, caught
from checks.cluster.corefile import upstreams
from checks.cluster.dns import domain_of, find_service, server_blocks, server_pods, workload
from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, OFTEN, Code, Outcome, Role
from checks.dns.model import Data, Parameters
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.kernel.resolver import RESOLV_CONF
from checks.observation import Network
from checks.place import Cluster
from checks.text import Text, names, say, shortened

UPSTREAMS = Code(
    name="dns.upstreams",
    meaning="Whom CoreDNS asks for names outside the cluster is somebody else",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "other servers"),
        Outcome("not-used", Severity.OK, "it asks nobody"),
        Outcome("itself", Severity.FAILED, "a loopback address of its own pod, or the cluster's own DNS"),
    ),
    leak=HARDLY_EVER,
)
COREFILE = Code(
    name="dns.corefile",
    meaning="Nothing in the Corefile answers for names of the cluster before Kubernetes does",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "nothing does"),
        Outcome("hides-ipv6", Severity.ADVICE, "AAAA is answered with NXDOMAIN, which says that there is no such name"),
        Outcome("caught", Severity.DEGRADED, "a template, hosts, rewrite or another server block does"),
    ),
    # Read off a text, and not seen to hurt: that takes a wrong answer.
    role=Role.RISK,
    leak=OFTEN,
)
_SERVER = re.compile(
    r"^(?:(?P<transport>\w+)://)?(?:\[(?P<bracketed>[^]]+)\]|(?P<host>[^:]+)|[0-9a-f:.]+)(?::(?P<port>\d+))?$"
)
"""A server as plugin/forward takes it: `10.0.0.1`, `[fd00::1]:53`, `tls://10.0.0.1`."""
_OF_THE_NODE = ("", "Default")
"""The dnsPolicy of pods that are given the node's own resolv.conf; empty where nobody read it: manifests have it."""
_OF_PODS = "ClusterFirst"


def judge_upstreams(gathered: Gathered[Parameters, Data]) -> Finding:
    """Whether anybody whom CoreDNS asks is CoreDNS.

    Addresses in the Corefile count as they are. For `/etc/resolv.conf` it depends on the dnsPolicy of its pods: the
    kubelet gives them the same file as the agents on the host, or else the ClusterIP.
    """
    snapshot = gathered.snapshot
    told = upstreams(server_blocks(snapshot))
    gaps = gathered.gaps(("configmaps",))
    if not server_blocks(snapshot):
        return UPSTREAMS.unseen(say("No Corefile of the cluster's DNS could be read."), gaps, [Cluster()])
    if not told:
        return UPSTREAMS.found(say("CoreDNS asks nobody else."), [Seen(Cluster(), "not-used")])
    addresses = list(_asked(gathered, told))
    if not addresses:
        text = say("Whom CoreDNS asks is in a resolv.conf that nobody could read.")
        return UPSTREAMS.unseen(text, [*gaps, *gathered.unheard(Network.HOST)], [Cluster()])
    own = [(where, address) for where, address in addresses if _is_itself(address, snapshot)]
    evidence = shortened(say("{where}: {address}", where=where, address=address) for where, address in addresses)
    if own:
        text = say(
            "CoreDNS asks itself for names outside the cluster: {addresses}.",
            addresses=names(sorted({address for _, address in own})),
        )
        return UPSTREAMS.found(text, [Seen(Cluster(), "itself")], evidence=evidence)
    text = say("CoreDNS asks {addresses}.", addresses=names(sorted({address for _, address in addresses})))
    return UPSTREAMS.found(text, [Seen(Cluster(), "pass")], evidence=evidence)


def _asked(gathered: Gathered[Parameters, Data], told: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Where each server that CoreDNS asks is named, and its address."""
    for to in told:
        if to == str(RESOLV_CONF):
            yield from _inherited(gathered)
        elif not to.startswith("/"):
            yield "Corefile", to


def _inherited(gathered: Gathered[Parameters, Data]) -> Iterator[tuple[str, str]]:
    """The servers in the resolv.conf of CoreDNS's pods, on the nodes where they are, or might be."""
    made_by, service = workload(gathered.snapshot), find_service(gathered.snapshot)
    policy = made_by.makes.spec.dns_policy if made_by else ""
    if policy == _OF_PODS and made_by and not made_by.makes.spec.host_network and service:
        yield f"dnsPolicy {policy}", service.spec.cluster_ip
    elif policy in _OF_THE_NODE or policy == _OF_PODS:
        nodes = {pod.spec.node_name for pod in server_pods(gathered.snapshot)} - {""}
        for heard in gathered.on(Network.HOST):
            if heard.data.resolver and (not nodes or heard.node in nodes):
                yield from ((f"{heard.node} {RESOLV_CONF}", address) for address in heard.data.resolver.nameservers)


def _is_itself(to: str, snapshot: Snapshot) -> bool:
    """Whether a server is CoreDNS: its loopback, which on the host network may be somebody else's, or its Service."""
    written = _SERVER.match(to)
    if not written or written["transport"] not in (None, "dns") or written["port"] not in (None, "53"):
        return False
    try:
        address = ipaddress.ip_address(written["bracketed"] or written["host"] or to)
    except ValueError:
        return False
    service, made_by = find_service(snapshot), workload(snapshot)
    if service and str(address) == service.spec.cluster_ip:
        return True
    on_the_host = made_by is not None and made_by.makes.spec.host_network
    return (address.is_loopback or address.is_unspecified) and not on_the_host


def judge_corefile(gathered: Gathered[Parameters, Data]) -> Finding:
    """What catches a name that every cluster has; whether answers are wrong is for `dns.answers` to say."""
    blocks = server_blocks(gathered.snapshot)
    if not blocks:
        text = say("No Corefile of the cluster's DNS could be read.")
        return COREFILE.unseen(text, gathered.gaps(("configmaps",)), [Cluster()])
    found = caught(blocks, domain_of(gathered.snapshot))
    evidence = shortened(map(_line, found))
    if any(not each.aaaa_alone for each in found):
        first = next(each for each in found if not each.aaaa_alone)
        text = say("In the Corefile `{words}` answers for names of the cluster.", words=first.words)
        return COREFILE.found(text, [Seen(Cluster(), "caught")], evidence=evidence)
    if found:
        text = say(
            "The Corefile has AAAA answered with NXDOMAIN (`{words}`): some resolvers then take the name for none. "
            "Answer NOERROR instead.",
            words=found[0].words,
        )
        return COREFILE.found(text, [Seen(Cluster(), "hides-ipv6")], evidence=evidence)
    text = say("Names of the cluster are answered by Kubernetes alone.")
    return COREFILE.found(text, [Seen(Cluster(), "pass")])


def _line(each: Caught) -> Text:
    return say("{plugin}: {words}", plugin=each.plugin, words=each.words)
