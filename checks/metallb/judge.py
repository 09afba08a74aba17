"""Whether MetalLB is installed and ready, and whether its pools are announced."""

from collections.abc import Sequence

import msgspec

from checks.cluster.metallb import MetalLB, find_metallb, pods_of, webhooks
from checks.cluster.snapshot import CustomObject, Gap, Pod, Service, Snapshot
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.metallb.capacity import capacity
from checks.metallb.model import Data, Parameters
from checks.metallb.selectors import selects
from checks.place import Cluster, Pool
from checks.place import Service as ServicePlace
from checks.place import Workload as WorkloadPlace
from checks.text import Text, Unit, listed, names, say, say_many, shortened

STATUS = "ServiceL2Status"
"""What speakers write, wherever."""
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
POOLS = Code(
    name="metallb.pools",
    meaning="There are address pools, and advertisements announce them",
    place=Pool,
    measures={"free": Unit.COUNT, "assigned": Unit.COUNT},
    outcomes=(
        Outcome("pass", Severity.OK, "the pool is announced"),
        NOT_USED,
        Outcome("none", Severity.ADVICE, "there is no pool"),
        Outcome("not-announced", Severity.FAILED, "no advertisement is for the pool"),
    ),
)
ADDRESSES = Code(
    name="metallb.addresses",
    meaning="Services of the type LoadBalancer have an address",
    place=ServicePlace,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "it has one"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no such Service"),
        Outcome("no-pool", Severity.ADVICE, "it waits for one, and there is no pool"),
        Outcome("pending", Severity.DEGRADED, "it waits for one, although there is a pool"),
    ),
)
ANNOUNCED = Code(
    name="metallb.announced",
    meaning="A node answers ARP or NDP for the address of each such Service",
    place=ServicePlace,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "one does"),
        NOT_USED,
        Outcome("none", Severity.OK, "no Service has an address"),
        Outcome("not-told", Severity.OK, "MetalLB is older than 0.14.6, or announces by BGP, and does not tell"),
        Outcome("nobody", Severity.DEGRADED, "no speaker says so, as when the Service has no ready endpoint"),
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
CODES = (INSTALLED, CONTROLLER, SPEAKER, OBJECTS, POOLS, ADDRESSES, ANNOUNCED)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding a code, from the snapshot alone."""
    snapshot, found = gathered.snapshot, find_metallb(gathered.snapshot, gathered.parameters.namespace)
    installed = _installed(snapshot, found, gathered.parameters.namespace)
    if installed.outcome != "pass":
        return [installed, *(_instead(code, installed) for code in CODES if code is not INSTALLED)]
    own = _of_namespace(snapshot, found.namespace)
    return [
        installed,
        _controller(snapshot, found),
        _speaker(snapshot, found),
        _objects(snapshot, found.namespace),
        _pools(own),
        _given(own),
        _announced(own),
    ]


def _of_namespace(snapshot: Snapshot, namespace: str) -> Snapshot:
    """The snapshot with those objects alone that MetalLB reads: what is in its own namespace (`--namespace`).

    Recordings from before namespaces were read tell none.
    """
    own = tuple(o for o in snapshot.metallb if o.metadata.namespace in ("", namespace) or o.kind == STATUS)
    return msgspec.structs.replace(snapshot, metallb=own)


def _installed(snapshot: Snapshot, found: MetalLB, namespace: str) -> Finding:
    gap = snapshot.gap("ipaddresspools")
    if gap is None and found.namespace:
        text = say("MetalLB is installed in {namespace}.", namespace=found.namespace)
        return INSTALLED.found(text, [Seen(Cluster(), "pass")])
    if gap is None:
        unread = snapshot.gap("deployments") or snapshot.gap("daemonsets")
        if unread:
            return _unreadable(INSTALLED, unread)
        half = say("MetalLB is installed by half: its workloads are in no namespace.")
        if namespace:
            half = say("MetalLB is installed by half: its workloads are not in {namespace}.", namespace=namespace)
        return INSTALLED.found(half, [Seen(Cluster(), "half")])
    if gap.reason != "not-installed":
        return _unreadable(INSTALLED, gap)
    if found.namespace:
        half = say("MetalLB is installed by half: its resource definitions are missing.")
        return INSTALLED.found(half, [Seen(Cluster(), "half")])
    return INSTALLED.found(say("MetalLB is not installed."), [Seen(Cluster(), "absent")])


def _unreadable(code: Code, gap: Gap) -> Finding:
    sentence = say("MetalLB could not be looked at: {verb}, {reason}.", verb=gap.verb, reason=gap.reason)
    return code.unseen(sentence, [say("{words}", words=gap.message)] if gap.message else [])


def _instead(code: Code, installed: Finding) -> Finding:
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


def _controller(snapshot: Snapshot, found: MetalLB) -> Finding:
    namespace, controller, serves = found.namespace, found.controller, _webhook_services(snapshot)
    if controller is None:
        if gap := snapshot.gap("deployments"):
            return _unreadable(CONTROLLER, gap)
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


def _speaker(snapshot: Snapshot, found: MetalLB) -> Finding:
    namespace, speaker = found.namespace, found.speaker
    if speaker is None:
        if gap := snapshot.gap("daemonsets"):
            return _unreadable(SPEAKER, gap)
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
        seen = [Seen(WorkloadPlace(namespace, name), "pass")]
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


def _objects(snapshot: Snapshot, namespace: str) -> Finding:
    objects = [o for o in snapshot.metallb if o.kind != STATUS and o.metadata.namespace]
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


def _pools(snapshot: Snapshot) -> Finding:
    pools = [o for o in snapshot.metallb if o.kind == "IPAddressPool"]
    gaps = (snapshot.gap(resource) for resource in ("l2advertisements", "bgpadvertisements"))
    unread = next((gap for gap in gaps if gap and gap.reason != "not-installed"), None)
    if not pools:
        return POOLS.found(say("There is no address pool, so no Service can get an address."), outcome="none")
    if unread:
        return _unreadable(POOLS, unread)
    advertisements = [o for o in snapshot.metallb if o.kind.endswith("Advertisement")]
    given = None if snapshot.gap("services") else {ip for s in snapshot.services for ip in s.external}
    seen = [
        Seen(
            Pool(pool.metadata.name),
            "pass" if any(_announces(a, pool) for a in advertisements) else "not-announced",
            capacity(_addresses(pool), given) if given is not None else {},
        )
        for pool in sorted(pools, key=lambda pool: pool.metadata.name)
    ]
    silent = [s.place for s in seen if s.outcome == "not-announced"]
    text = say_many("{count} address pool, announced.", "{count} address pools, all announced.", len(pools))
    if silent:
        text = say(
            "No advertisement announces the pool {pool}: its addresses are given but not reached.", pool=silent[0]
        )
    evidence = [
        say("{pool}: {addresses}", pool=p.metadata.name, addresses=names(_addresses(p)) or say("no addresses"))
        for p in pools
    ]
    return POOLS.found(text, seen, evidence=shortened(evidence))


def _announces(advertisement: CustomObject, pool: CustomObject) -> bool:
    """Whether an advertisement is for a pool; one that names and selects none is for all (MetalLB's API reference)."""
    pools = _list(advertisement, "ipAddressPools")
    selectors = _list(advertisement, "ipAddressPoolSelectors")
    if not pools and not selectors:
        return True
    return pool.metadata.name in pools or any(
        isinstance(selector, dict) and selects(selector, pool.metadata.labels) for selector in selectors
    )


def _addresses(pool: CustomObject) -> list[str]:
    return [str(address) for address in _list(pool, "addresses")]


def _list(item: CustomObject, name: str) -> list[object]:
    value = item.spec.get(name)
    return value if isinstance(value, list) else []


def _given(snapshot: Snapshot) -> Finding:
    if gap := snapshot.gap("services"):
        return _unreadable(ADDRESSES, gap)
    wanting = [s for s in snapshot.services if s.spec.type == "LoadBalancer"]
    if not wanting:
        return ADDRESSES.found(say("No Service asks for an address."), outcome="none")
    waits = "pending" if any(o.kind == "IPAddressPool" for o in snapshot.metallb) else "no-pool"
    seen = [Seen(_place(s), "pass" if s.external else waits) for s in wanting]
    given = shortened(
        say("{service}: {addresses}", service=_place(s), addresses=names(s.external)) for s in wanting if s.external
    )
    waiting = [_place(s) for s in wanting if not s.external]
    text = say_many("{count} Service, with an address.", "{count} Services, all with an address.", len(wanting))
    if waiting:
        text = say("Services that wait for an address: {services}.", services=listed(waiting))
    return ADDRESSES.found(text, seen, evidence=given)


def _announced(snapshot: Snapshot) -> Finding:
    """Who announces what, as MetalLB's speakers tell it (ServiceL2Status, MetalLB 0.14.6 and newer)."""
    given = [s for s in snapshot.services if s.spec.type == "LoadBalancer" and s.external]
    if not given:
        return ANNOUNCED.found(say("No Service has an address to announce."), outcome="none")
    by_l2 = any(o.kind == "L2Advertisement" for o in snapshot.metallb)
    if snapshot.gap("servicel2statuses") or not by_l2:
        return ANNOUNCED.found(say("MetalLB does not tell which node announces an address."), outcome="not-told")
    nodes = _announcers(snapshot)
    seen = [Seen(_place(s), "pass" if _place(s) in nodes else "nobody") for s in given]
    silent = [s.place for s in seen if s.outcome == "nobody"]
    text = say("Every address is announced by a node.")
    if silent:
        text = say("No node announces the addresses of {services}.", services=listed(silent))
    lines = [say("{service} is announced by {node}", service=place, node=node) for place, node in nodes.items()]
    return ANNOUNCED.found(text, seen, evidence=shortened(lines))


def _announcers(snapshot: Snapshot) -> dict[ServicePlace, str]:
    """The node that announces each Service's address."""
    told = [o.status for o in snapshot.metallb if o.kind == STATUS]
    return {
        ServicePlace(str(s.get("serviceNamespace", "")), str(s.get("serviceName", ""))): str(s["node"])
        for s in told
        if s.get("node")
    }


def _place(service: Service) -> ServicePlace:
    return ServicePlace(service.metadata.namespace, service.metadata.name)
