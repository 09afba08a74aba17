"""Whether MetalLB is installed and ready, and whether its pools are announced."""

from collections.abc import Sequence

from checks.cluster.snapshot import CustomObject, Gap, Pod, Snapshot, Workload
from checks.finding import Finding, Severity
from checks.metallb.model import Parameters
from checks.metallb.selectors import selects
from checks.observation import Observation

FINDINGS = {
    "metallb.installed": "MetalLB's resources and workloads are in the cluster",
    "metallb.controller": "The controller, which also serves the webhook, is ready",
    "metallb.speaker": "A speaker is ready on every node that should announce",
    "metallb.pools": "There are address pools, and advertisements announce them",
}


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:  # noqa: ARG001 - all judges have one shape
    """One finding a code, from the snapshot alone."""
    namespace = parameters.namespace
    controller = _workload(snapshot, namespace, "Deployment", "controller")
    speaker = _workload(snapshot, namespace, "DaemonSet", "speaker")
    installed = _installed(snapshot, namespace, controller or speaker)
    if installed.sign != "pass":
        return [installed, *(_instead(code, installed) for code in FINDINGS if code != installed.code)]
    return [
        installed,
        _controller(snapshot, namespace, controller),
        _speaker(snapshot, namespace, speaker),
        _pools(snapshot),
    ]


def _workload(snapshot: Snapshot, namespace: str, kind: str, name: str) -> Workload | None:
    """A workload of MetalLB: its manifest calls it `controller`, its Helm chart `RELEASE-controller`."""
    found = (w for w in snapshot.workloads if w.kind == kind and w.metadata.namespace == namespace)
    return next((w for w in found if w.metadata.name.split("-")[-1] == name), None)


def _installed(snapshot: Snapshot, namespace: str, workload: Workload | None) -> Finding:
    code = "metallb.installed"
    gap = snapshot.gap("ipaddresspools")
    if gap is None and workload:
        return Finding(code=code, severity=Severity.OK, summary="MetalLB is installed.")
    if gap is None or (gap.reason == "not-installed" and workload):
        half = f"its workloads are not in {namespace}" if gap is None else "its resource definitions are missing"
        unread = snapshot.gap("deployments") or snapshot.gap("daemonsets")
        if gap is None and unread:
            return _unreadable(code, unread)
        return Finding(code=code, severity=Severity.DEGRADED, summary=f"MetalLB is installed by half: {half}.")
    if gap.reason == "not-installed":
        return Finding(code=code, severity=Severity.OK, outcome="absent", summary="MetalLB is not installed.")
    return _unreadable(code, gap)


def _unreadable(code: str, gap: Gap) -> Finding:
    return Finding(
        code=code,
        severity=Severity.UNKNOWN,
        summary=f"MetalLB could not be looked at: {gap.verb}, {gap.reason}.",
        evidence=(gap.message,),
    )


def _instead(code: str, installed: Finding) -> Finding:
    """What is said of MetalLB's parts when it is not there, or cannot be seen: the same."""
    absent = installed.sign == "absent"
    return Finding(
        code=code,
        severity=Severity.OK if absent else Severity.UNKNOWN,
        outcome="not-used" if absent else "",
        summary=installed.summary,
        evidence=installed.evidence,
    )


def _pods_of(snapshot: Snapshot, namespace: str, name: str) -> list[Pod]:
    """The pods whose name begins with the workload's; a ReplicaSet stands between a Deployment and its pods."""
    return [
        pod for pod in snapshot.pods if pod.metadata.namespace == namespace and pod.metadata.name.startswith(f"{name}-")
    ]


def _states(pods: Sequence[Pod]) -> tuple[str, ...]:
    """What the pods that are not ready say about themselves."""
    return tuple(
        f"{pod.metadata.name} on {pod.spec.node_name or 'no node'}: {pod.status.phase or 'no phase'}, not ready"
        + "".join(f", {c.reason}: {c.message}" for c in pod.status.conditions if c.status == "False" and c.message)
        for pod in pods
        if not pod.ready
    )


def _controller(snapshot: Snapshot, namespace: str, controller: Workload | None) -> Finding:
    code = "metallb.controller"
    if controller is None:
        return Finding(code=code, severity=Severity.FAILED, summary=f"There is no controller in {namespace}.")
    status = controller.status
    if status.ready_replicas:
        nodes = sorted({p.spec.node_name for p in _pods_of(snapshot, namespace, controller.metadata.name) if p.ready})
        on = f" on {', '.join(nodes)}" if nodes else ""
        return Finding(code=code, severity=Severity.OK, summary=f"The controller is ready{on}.", where=tuple(nodes))
    why = "none is ready" if status.replicas else "it is scaled to zero"
    return Finding(
        code=code,
        severity=Severity.FAILED,
        summary=f"MetalLB's controller does not run: {why}. It assigns addresses and serves the webhook.",
        evidence=(
            f"{status.ready_replicas} of {status.replicas} ready",
            *_states(_pods_of(snapshot, namespace, controller.metadata.name)),
        ),
    )


def _speaker(snapshot: Snapshot, namespace: str, speaker: Workload | None) -> Finding:
    code = "metallb.speaker"
    if speaker is None:
        return Finding(code=code, severity=Severity.DEGRADED, summary=f"There is no speaker in {namespace}.")
    wanted, ready = speaker.status.desired_number_scheduled, speaker.status.number_ready
    evidence = f"{ready} of {wanted} ready"
    if wanted and ready >= wanted:
        return Finding(code=code, severity=Severity.OK, summary="All speakers are ready.", evidence=(evidence,))
    pods = _pods_of(snapshot, namespace, speaker.metadata.name)
    if wanted and not pods and not snapshot.gap("pods"):
        return Finding(
            code=code,
            severity=Severity.FAILED,
            outcome="not-created",
            summary="No pod of the speaker was created: the namespace's Pod Security level may forbid host network.",
            evidence=(evidence,),
        )
    where = tuple(sorted(pod.spec.node_name for pod in pods if not pod.ready and pod.spec.node_name))
    summary = f"Speakers are not ready: {evidence}." if wanted else "No node is meant to run a speaker."
    return Finding(
        code=code,
        severity=Severity.FAILED if not ready else Severity.DEGRADED,
        summary=summary,
        where=where,
        evidence=(evidence, *_states(pods)),
    )


def _pools(snapshot: Snapshot) -> Finding:
    code = "metallb.pools"
    pools = [o for o in snapshot.metallb if o.kind == "IPAddressPool"]
    unread = snapshot.gap("l2advertisements") or snapshot.gap("bgpadvertisements")
    if not pools:
        return Finding(
            code=code, severity=Severity.ADVICE, summary="There is no address pool, so no Service can get an address."
        )
    if unread and unread.reason != "not-installed":
        return _unreadable(code, unread)
    advertisements = [o for o in snapshot.metallb if o.kind.endswith("Advertisement")]
    silent = tuple(sorted(p.metadata.name for p in pools if not any(_announces(a, p) for a in advertisements)))
    evidence = tuple(f"{p.metadata.name}: {', '.join(_addresses(p)) or 'no addresses'}" for p in pools)
    if silent:
        return Finding(
            code=code,
            severity=Severity.FAILED,
            summary=f"No advertisement announces the pool {silent[0]}: its addresses are given but not reached.",
            where=silent,
            evidence=evidence,
        )
    return Finding(
        code=code, severity=Severity.OK, summary=f"{len(pools)} address pools, all announced.", evidence=evidence
    )


def _announces(advertisement: CustomObject, pool: CustomObject) -> bool:
    """Whether an advertisement is for a pool; one that names and selects none is for all (MetalLB's API reference)."""
    names = _list(advertisement, "ipAddressPools")
    selectors = _list(advertisement, "ipAddressPoolSelectors")
    if not names and not selectors:
        return True
    return pool.metadata.name in names or any(
        isinstance(selector, dict) and selects(selector, pool.metadata.labels) for selector in selectors
    )


def _addresses(pool: CustomObject) -> list[str]:
    return [str(address) for address in _list(pool, "addresses")]


def _list(item: CustomObject, name: str) -> list[object]:
    value = item.spec.get(name)
    return value if isinstance(value, list) else []
