"""Whether API servers go their own way into the cluster: past an HTTP proxy, through a tunnel. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.apiserver.model import Data, Parameters
from checks.apiserver.proxies import Proxies
from checks.cluster.parts import Part, part_of, repository
from checks.cluster.pods import Workload
from checks.cluster.snapshot import Pod, Snapshot
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.topology import webhook_services
from checks.place import Cluster, Node
from checks.text import Text, listed, names, say, shortened

PROXY = Code(
    name="apiserver.proxy",
    meaning="No API server sends to an HTTP proxy what is in the cluster",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it has no proxy, or excepts what is in the cluster"),
        Outcome("not-told", Severity.OK, "no API server is a pod, so that nobody sees its environment"),
        Outcome("unused", Severity.ADVICE, "NO_PROXY lacks something that nobody uses yet"),
        Outcome("kubelets", Severity.DEGRADED, "NO_PROXY lacks nodes: logs, exec and port-forward go to the proxy"),
        Outcome("addresses", Severity.DEGRADED, "NO_PROXY lacks the Services' network: other APIs go to the proxy"),
        Outcome("webhooks", Severity.FAILED, "NO_PROXY lacks `.svc`: calls of webhooks go to the proxy"),
    ),
    leak=HARDLY_EVER,
)
TUNNEL = Code(
    name="apiserver.tunnel",
    meaning="Where API servers reach the cluster through a tunnel, its agents are there",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "all are ready"),
        Outcome("not-used", Severity.OK, "nothing of a tunnel is seen"),
        Outcome("some", Severity.ADVICE, "some agents are not ready"),
        Outcome("none", Severity.FAILED, "no agent is ready, so that nothing gets through"),
    ),
    leak=HARDLY_EVER,
)
KUBELET_PORT = 10250
SAMPLE = "10.96.0.1"
_EGRESS = "--egress-selector-config-file"
"""The API server's argument that names its tunnel (Kubernetes documentation, Set up Konnectivity service)."""
_AGENT = "konnectivity-agent"
_AGENT_IMAGE = "proxy-agent"
"""The last part of the repository of kubernetes-sigs/apiserver-network-proxy's agent."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one API server's proxy takes of what is in the cluster."""

    pod: Pod
    outcome: str
    lacks: tuple[str, ...] = ()
    proxy: str = ""

    @property
    def node(self) -> str:
        return self.pod.spec.node_name or self.pod.metadata.name


def judge_proxy(gathered: Gathered[Parameters, Data]) -> Finding:
    """By the environment of the API servers' pods, where they are pods that can be seen."""
    snapshot = gathered.snapshot
    pods = [pod for pod in snapshot.pods if part_of(pod) is Part.API_SERVER]
    if not pods:
        text = say("No API server is a pod that can be seen, so that its environment is not known.")
        gaps = gathered.gaps(["pods"])
        return PROXY.unseen(text, gaps) if gaps else PROXY.found(text, outcome="not-told")
    taken = [_taken(snapshot, pod) for pod in pods]
    bad = [each for each in taken if not PROXY.normal(each.outcome)]
    lines = [_lacks(each) for each in taken if each.lacks]
    seen = [Seen(Node(each.node), each.outcome) for each in taken]
    return PROXY.found(_sentence(bad), seen, evidence=shortened(lines))


def _taken(snapshot: Snapshot, pod: Pod) -> _Taken:
    environment: Mapping[str, str] = {e.name: e.value for c in pod.spec.containers for e in c.env}
    proxies = Proxies.of(environment)
    used, lacks = [], []
    for outcome, what, targets in _targets(snapshot):
        through = [target for target in targets or (_EXAMPLES[outcome],) if proxies.takes(*target)]
        if through:
            lacks.append(what)
            used.append(outcome if targets else "unused")
    worst = max(used, key=PROXY.words.index, default="pass")
    return _Taken(pod, worst, tuple(lacks), proxies.https)


_EXAMPLES = {"webhooks": ("a.b.svc", 443), "addresses": (SAMPLE, 443), "kubelets": (SAMPLE, KUBELET_PORT)}
"""What stands for something that the cluster does not have yet."""


def _targets(snapshot: Snapshot) -> Iterator[tuple[str, str, Sequence[tuple[str, int]]]]:
    """By outcome what API servers ask, and what of NO_PROXY is for that.

    A webhook is asked by its Service's name (k8s.io/apiserver, pkg/util/webhook/client.go), another API server by its
    Service's address (kube-aggregator, pkg/apiserver/handler_proxy.go), a kubelet by the node's.
    """
    hooks = [(f"{name}.{namespace}.svc", port) for namespace, name, port in webhook_services(snapshot)]
    yield "webhooks", ".svc", hooks
    yield "addresses", "the Services' network", list(_addresses(snapshot))
    nodes = [(address, KUBELET_PORT) for node in snapshot.nodes for address in node.internal_ips[:1]]
    if nodes:
        yield "kubelets", "the nodes' addresses", nodes


def _addresses(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    for each in snapshot.api_services:
        reference = each.spec.service
        service = snapshot.service(reference.namespace, reference.name) if reference else None
        if reference and service and service.spec.cluster_ip not in ("", "None"):
            yield service.spec.cluster_ip, reference.port


def _sentence(bad: Sequence[_Taken]) -> Text:
    if not bad:
        return say("No API server sends what it asks in the cluster to a proxy.")
    worst = max((each.outcome for each in bad), key=PROXY.words.index)
    nodes = names([each.node for each in bad if each.outcome == worst])
    return {
        "webhooks": say("The API server on {nodes} calls webhooks through a proxy.", nodes=nodes),
        "addresses": say("The API server on {nodes} asks other API servers through a proxy.", nodes=nodes),
        "kubelets": say("The API server on {nodes} asks kubelets through a proxy.", nodes=nodes),
    }[worst]


def _lacks(taken: _Taken) -> Text:
    return say(
        "{pod}: NO_PROXY lacks {what}; the proxy is {proxy}",
        pod=taken.pod.metadata.name,
        what=listed(taken.lacks),
        proxy=_without_password(taken.proxy),
    )


def _without_password(url: str) -> str:
    scheme, separator, rest = url.rpartition("//")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def judge_tunnel(gathered: Gathered[Parameters, Data]) -> Finding:
    """By the argument of the API servers, where they are pods, and by the agents in the cluster."""
    snapshot = gathered.snapshot
    agents = [workload for workload in snapshot.workloads if _is_agent(workload)]
    if not agents:
        if _is_tunnelled(snapshot):
            text = say("The API server uses a tunnel into the cluster, and no agent of it is seen.")
            return TUNNEL.unseen(text, gathered.gaps(["deployments", "daemonsets"]))
        return TUNNEL.found(
            say("Nothing of a tunnel from the API server into the cluster is seen."), outcome="not-used"
        )
    ready, wanted = (sum(counts) for counts in zip(*map(_counts, agents), strict=True))
    outcome = "none" if not ready and wanted else "some" if ready < wanted else "pass"
    texts = {
        "none": say("No agent of the API server's tunnel into the cluster is ready."),
        "some": say("{ready} of {wanted} agents of the API server's tunnel are ready.", ready=ready, wanted=wanted),
        "pass": say("All agents of the API server's tunnel into the cluster are ready."),
    }
    lines = [
        say(
            "{workload}: {ready} of {wanted} ready",
            workload=f"{each.metadata.namespace}/{each.metadata.name}",
            ready=_counts(each)[0],
            wanted=_counts(each)[1],
        )
        for each in agents
    ]
    return TUNNEL.found(texts[outcome], [Seen(Cluster(), outcome)], evidence=shortened(lines))


def _is_agent(workload: Workload) -> bool:
    labels = {*workload.metadata.labels.values(), *workload.makes.metadata.labels.values(), workload.metadata.name}
    images = [repository(container.image).rpartition("/")[2] for container in workload.makes.spec.containers]
    return _AGENT in labels or _AGENT_IMAGE in images


def _is_tunnelled(snapshot: Snapshot) -> bool:
    return any(
        word.partition("=")[0] == _EGRESS
        for pod in snapshot.pods
        if part_of(pod) is Part.API_SERVER
        for container in pod.spec.containers
        for word in (*container.command, *container.args)
    )


def _counts(workload: Workload) -> tuple[int, int]:
    """How many are ready, of how many."""
    status = workload.status
    if workload.kind == "DaemonSet":
        return status.number_ready, status.desired_number_scheduled
    return status.ready_replicas, status.replicas
