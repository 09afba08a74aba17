"""Which parts a cluster's network has, and whether their pods are ready. From the snapshot alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from checks.check import NoParameters
from checks.cluster.dns import find_service
from checks.cluster.metallb import pods_of
from checks.cluster.parts import Part, part_of, sign_of
from checks.cluster.pods import Pod, Workload
from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.parts.model import Data
from checks.place import Workload as WorkloadPlace
from checks.text import Text, Unit, listed, names, say, shortened

MEASURES = {"ready": Unit.COUNT, "wanted": Unit.COUNT}
READY = Outcome("pass", Severity.OK, "all of its pods are ready")
NOT_READY = Outcome("not-ready", Severity.DEGRADED, "some, or all, are not")


def _code(name: str, meaning: str, none: str) -> Code:
    return Code(
        name=f"parts.{name}",
        meaning=meaning,
        place=WorkloadPlace,
        role=Role.RISK,
        outcomes=(READY, Outcome("none", Severity.OK, none), NOT_READY),
        measures=MEASURES,
    )


CODES = (
    _code("cni", "The pods that connect pods to the network", "none was found: the node runs it itself, as on k3s"),
    _code("kube-proxy", "The pods that translate Service addresses", "none was found: the CNI or the node does it"),
    _code("dns", "The pods that answer for the cluster's names", "none was found"),
    _code("dns-cache", "The DNS caches on nodes", "there are none"),
)
_PARTS = (Part.CNI, Part.KUBE_PROXY, Part.DNS, Part.DNS_CACHE)
"""What each code is about."""


@dataclass(frozen=True, slots=True)
class Found:
    """One workload of a part, or its static pods."""

    product: str
    namespace: str
    name: str
    ready: int
    wanted: int
    silent: tuple[str, ...] = ()
    """The nodes of pods that are not ready."""

    @property
    def place(self) -> WorkloadPlace:
        """Where it is, with the nodes on which it is not ready."""
        return WorkloadPlace(self.namespace, self.name, self.silent)

    @property
    def seen(self) -> Seen:
        """Whether it is ready."""
        outcome = "pass" if self.ready >= self.wanted else "not-ready"
        return Seen(self.place, outcome, {"ready": float(self.ready), "wanted": float(self.wanted)})

    def line(self) -> Text:
        """It as evidence."""
        return say(
            "{product}: {namespace}/{name}, {ready} of {wanted} ready",
            product=self.product,
            namespace=self.namespace,
            name=self.name,
            ready=self.ready,
            wanted=self.wanted,
        )


def judge(gathered: Gathered[NoParameters, Data]) -> list[Finding]:
    """One finding a code."""
    return [_finding(code, part, gathered) for code, part in zip(CODES, _PARTS, strict=True)]


def _finding(code: Code, part: Part, gathered: Gathered[NoParameters, Data]) -> Finding:
    snapshot = gathered.snapshot
    found = find(snapshot, part)
    resources = ("daemonsets", "deployments", "pods")
    if not found and any(map(snapshot.gap, resources)):
        return code.unseen(say("What the network is made of could not be read."), gathered.gaps(resources))
    if not found:
        return code.found(say("{meaning}: none was found.", meaning=code.meaning), outcome="none")
    lines = [each.line() for each in found]
    bad = [each for each in found if each.ready < each.wanted]
    text = say("{parts}.", parts=listed(lines))
    if bad:
        nodes = dict.fromkeys(node for each in bad for node in each.silent)
        text = say("Not ready: {parts}; on {nodes}.", parts=listed(e.line() for e in bad), nodes=names(nodes))
        if not nodes:
            text = say("Not ready: {parts}.", parts=listed(each.line() for each in bad))
    return code.found(text, [each.seen for each in found], evidence=shortened(lines))


def find(snapshot: Snapshot, part: Part) -> list[Found]:
    """All that is of a part; of name servers those alone that the cluster's own Service is for."""
    made = [_of_workload(snapshot, w) for w in snapshot.workloads if part_of(w) is part]
    found = made or _static(snapshot, part)
    service = find_service(snapshot) if part is Part.DNS else None
    return [f for f in found if service is None or f.namespace == service.metadata.namespace]


def _of_workload(snapshot: Snapshot, workload: Workload) -> Found:
    status, sign = workload.status, sign_of(workload)
    of_nodes = workload.kind == "DaemonSet"
    return Found(
        product=sign.product if sign else "",
        namespace=workload.metadata.namespace,
        name=workload.metadata.name,
        ready=status.number_ready if of_nodes else status.ready_replicas,
        wanted=status.desired_number_scheduled if of_nodes else status.replicas,
        silent=_nodes(pod for pod in pods_of(snapshot, workload) if not pod.ready),
    )


def _static(snapshot: Snapshot, part: Part) -> list[Found]:
    """Pods that no workload makes, as RKE2 runs kube-proxy; they are told together."""
    pods = [pod for pod in snapshot.pods if part_of(pod) is part]
    if not pods:
        return []
    sign, meta = sign_of(pods[0]), pods[0].metadata
    product = sign.product if sign else ""
    silent = _nodes(pod for pod in pods if not pod.ready)
    ready = sum(pod.ready for pod in pods)
    return [Found(product, meta.namespace, product.lower() or meta.name, ready, len(pods), silent)]


def _nodes(pods: Iterable[Pod]) -> tuple[str, ...]:
    return tuple(sorted({pod.spec.node_name for pod in pods if pod.spec.node_name}))
