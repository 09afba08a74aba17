"""Whether MetalLB is installed and ready, and its objects are where it reads them. Pure."""

from collections.abc import Sequence

from checks.cluster.metallb import MetalLB, pods_of, webhooks
from checks.cluster.snapshot import Gap, Pod, Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.metallb.configuration import TELLING
from checks.place import Cluster
from checks.place import Workload as WorkloadPlace
from checks.text import Text, listed, names, say, shortened

NOT_USED = Outcome("not-used", Severity.OK, "MetalLB is not installed")
INSTALLED = Code(
    name="metallb.installed",
    meaning="MetalLB's resources and workloads are in the cluster",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "both are there"),
        Outcome("absent", Severity.OK, "neither is"),
        Outcome("half", Severity.DEGRADED, "one without the other"),
    ),
)
CONTROLLER = Code(
    name="metallb.controller",
    meaning="The controller, which also serves the webhook, is ready",
    place=WorkloadPlace,
    outcomes=(
        Outcome("pass", Severity.OK, "a replica is ready"),
        NOT_USED,
        Outcome("not-ready", Severity.FAILED, "no replica is ready"),
        Outcome("missing", Severity.FAILED, "there is no such workload"),
    ),
)
SPEAKER = Code(
    name="metallb.speaker",
    meaning="A speaker is ready on every node that should announce",
    place=WorkloadPlace,
    outcomes=(
        Outcome("pass", Severity.OK, "all are ready"),
        NOT_USED,
        Outcome("not-ready", Severity.DEGRADED, "some, or all, are not"),
        Outcome("missing", Severity.DEGRADED, "there is no such workload"),
        Outcome("not-created", Severity.FAILED, "pods are wanted and none was made"),
    ),
)
OBJECTS = Code(
    name="metallb.objects",
    meaning="MetalLB's objects are in the namespace in which it looks for them, its own",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "they are"),
        NOT_USED,
        Outcome("elsewhere", Severity.DEGRADED, "some are in another one, where nobody reads them"),
    ),
)

CODES = (INSTALLED, CONTROLLER, SPEAKER, OBJECTS)


def installed(snapshot: Snapshot, found: MetalLB, namespace: str) -> Finding:
    """Whether both halves of it are there."""
    gap = snapshot.gap("ipaddresspools")
    if gap is None and found.namespace:
        text = say("MetalLB is installed in {namespace}.", namespace=found.namespace)
        return INSTALLED.found(text, [Seen(Cluster(), "pass")])
    if gap is None:
        unread = snapshot.gap("deployments") or snapshot.gap("daemonsets")
        if unread:
            return unreadable(INSTALLED, unread)
        half = say("MetalLB is installed by half: its workloads are in no namespace.")
        if namespace:
            half = say("MetalLB is installed by half: its workloads are not in {namespace}.", namespace=namespace)
        return INSTALLED.found(half, [Seen(Cluster(), "half")])
    if gap.reason != "not-installed":
        return unreadable(INSTALLED, gap)
    if found.namespace:
        half = say("MetalLB is installed by half: its resource definitions are missing.")
        return INSTALLED.found(half, [Seen(Cluster(), "half")])
    return INSTALLED.found(say("MetalLB is not installed."), [Seen(Cluster(), "absent")])


def unreadable(code: Code, gap: Gap) -> Finding:
    """The finding of a code where a list could not be read."""
    sentence = say("MetalLB could not be looked at: {verb}, {reason}.", verb=gap.verb, reason=gap.reason)
    return code.unseen(sentence, [say("{words}", words=gap.message)] if gap.message else [])


def instead(code: Code, installed: Finding) -> Finding:
    """What is said of MetalLB's parts when it is not there, or cannot be seen: the same."""
    if installed.outcome == "absent":
        return code.found(installed.text, outcome="not-used")
    return code.unseen(installed.text, installed.evidence)


def _states(pods: Sequence[Pod]) -> list[Text]:
    """What the pods that are not ready say about themselves."""
    return shortened(
        say(
            "{pod} on {node}: {phase}, not ready{reasons}",
            pod=pod.metadata.name,
            node=pod.spec.node_name or say("no node"),
            phase=pod.status.phase or say("no phase"),
            reasons="".join(
                f", {c.reason}: {c.message}" for c in pod.status.conditions if c.status == "False" and c.message
            ),
        )
        for pod in pods
        if not pod.ready
    )


def controller(snapshot: Snapshot, found: MetalLB) -> Finding:
    """Whether a replica of it is ready."""
    namespace, controller, serves = found.namespace, found.controller, _webhook_services(snapshot)
    if controller is None:
        if gap := snapshot.gap("deployments"):
            return unreadable(CONTROLLER, gap)
        text = say("There is no controller in {namespace}.", namespace=namespace)
        return CONTROLLER.found(text, [Seen(WorkloadPlace(namespace, "controller", serves=serves), "missing")])
    status, name = controller.status, controller.metadata.name
    pods = pods_of(snapshot, controller)
    if status.ready_replicas:
        nodes = sorted({pod.spec.node_name for pod in pods if pod.ready and pod.spec.node_name})
        text = say("The controller is ready.")
        if nodes:
            text = say("The controller is ready on {nodes}.", nodes=names(nodes))
        return CONTROLLER.found(text, [Seen(WorkloadPlace(namespace, name, tuple(nodes), serves), "pass")])
    text = say("MetalLB's controller does not run: it is scaled to zero. It assigns addresses and serves the webhook.")
    if status.replicas:
        text = say("MetalLB's controller does not run: none is ready. It assigns addresses and serves the webhook.")
    counts = say("{ready} of {wanted} ready", ready=status.ready_replicas, wanted=status.replicas)
    seen = [Seen(WorkloadPlace(namespace, name, serves=serves), "not-ready")]
    return CONTROLLER.found(text, seen, evidence=[counts, *_states(pods)])


def _webhook_services(snapshot: Snapshot) -> tuple[str, ...]:
    """The Services that MetalLB's webhooks are called through: the controller answers for them.

    The operator's own webhooks are served by another workload.
    """
    services = (webhook.client_config.service for _, webhook in webhooks(snapshot))
    return tuple(dict.fromkeys(f"{s.namespace}/{s.name}" for s in services if s))


def speaker(snapshot: Snapshot, found: MetalLB) -> Finding:
    """Whether one is ready on each node that should have one."""
    namespace, speaker = found.namespace, found.speaker
    if speaker is None:
        if gap := snapshot.gap("daemonsets"):
            return unreadable(SPEAKER, gap)
        text = say("There is no speaker in {namespace}.", namespace=namespace)
        return SPEAKER.found(text, [Seen(WorkloadPlace(namespace, "speaker"), "missing")])
    wanted, ready = speaker.status.desired_number_scheduled, speaker.status.number_ready
    name, pods = speaker.metadata.name, pods_of(snapshot, speaker)
    counts = say("{ready} of {wanted} ready", ready=ready, wanted=wanted)
    # First, because the DaemonSet counts pods as ready for a while after they are gone.
    if wanted and not pods and not snapshot.gap("pods"):
        text = say("No pod of the speaker was created: the namespace's Pod Security level may forbid host network.")
        return SPEAKER.found(text, [Seen(WorkloadPlace(namespace, name), "not-created")], evidence=[counts])
    if wanted and ready >= wanted:
        on = tuple(sorted(pod.spec.node_name for pod in pods if pod.spec.node_name))
        seen = [Seen(WorkloadPlace(namespace, name, on), "pass")]
        return SPEAKER.found(say("All speakers are ready."), seen, evidence=[counts])
    nodes = tuple(sorted(pod.spec.node_name for pod in pods if not pod.ready and pod.spec.node_name))
    text = say("No node is meant to run a speaker.")
    if wanted:
        text = say("Speakers are not ready: {ready} of {wanted} ready.", ready=ready, wanted=wanted)
    return SPEAKER.found(
        text,
        [Seen(WorkloadPlace(namespace, name, nodes), "not-ready")],
        severity=Severity.DEGRADED if ready else Severity.FAILED,
        evidence=[counts, *_states(pods)],
    )


def objects(snapshot: Snapshot, namespace: str) -> Finding:
    """Whether all are in the namespace where MetalLB looks."""
    objects = [o for o in snapshot.metallb if o.kind not in TELLING and o.metadata.namespace]
    elsewhere = [o for o in objects if o.metadata.namespace != namespace]
    if not elsewhere:
        text = say("MetalLB's objects are in {namespace}, where it looks for them.", namespace=namespace)
        return OBJECTS.found(text, [Seen(Cluster(), "pass")])
    named = [
        say("{kind} {namespace}/{name}", kind=o.kind, namespace=o.metadata.namespace, name=o.metadata.name)
        for o in elsewhere
    ]
    text = say(
        "MetalLB reads objects in {namespace} alone, and not {objects}.", namespace=namespace, objects=listed(named)
    )
    return OBJECTS.found(text, [Seen(Cluster(), "elsewhere")], evidence=shortened(named))
