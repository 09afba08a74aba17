"""What the nodes' IPv6 configuration and the probes over IPv6 mean."""

from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding, Severity
from checks.ipv6.families import first_ipv6, is_ipv6, pod_families, service_families, uses_ipv6
from checks.ipv6.model import Address, Data, Parameters, Probe, Target
from checks.observation import Network, Observation
from checks.probes.outcome import LOST, Result

FINDINGS = {
    "ipv6.in-use": "Whether pods and Services have IPv6 addresses, and every node then too",
    "ipv6.dad": "No node's address failed duplicate address detection",
    "ipv6.default-route": "Every node has an IPv6 default route, where the cluster uses IPv6",
    "ipv6.reach": "Nodes and pods reach each other over IPv6 (I)",
    "ipv6.dns": "CoreDNS's replicas answer over IPv6",
}
LINES = 12
"""Evidence lines of one finding."""

Seen = list[tuple[str, Network, Data]]
"""What was observed, by node and network."""


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:  # noqa: ARG001 - all judges have one shape
    """One finding a code."""
    seen: Seen = [(o.node, o.network, o.data) for o in observations if isinstance(o.data, Data)]
    in_use = _in_use(snapshot)
    if in_use.severity is Severity.UNKNOWN:
        others = ("ipv6.default-route", "ipv6.reach", "ipv6.dns")
        rest = [_finding(code, Severity.UNKNOWN, in_use.summary) for code in others]
    elif uses_ipv6(snapshot):
        rest = [
            _default_route(snapshot, seen),
            _probed("ipv6.reach", seen, (Target.NODE, Target.POD)),
            _dns(snapshot, seen),
        ]
    else:
        others = ("ipv6.default-route", "ipv6.reach", "ipv6.dns")
        rest = [_finding(code, Severity.OK, "The cluster does not use IPv6.", "not-used") for code in others]
    return [in_use, _dad(snapshot, seen), *rest]


def _finding(code: str, severity: Severity, summary: str, outcome: str = "", **fields: tuple[str, ...]) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        summary=summary,
        outcome=outcome,
        probe="I" if code == "ipv6.reach" else "",
        where=fields.get("where", ()),
        evidence=fields.get("evidence", ()),
    )


def _in_use(snapshot: Snapshot) -> Finding:
    code = "ipv6.in-use"
    families = pod_families(snapshot) | service_families(snapshot)
    if not families:
        return _finding(code, Severity.UNKNOWN, "Neither pod networks nor Services could be read.")
    with_ipv6 = sum(1 for node in snapshot.nodes if first_ipv6(node.internal_ips))
    evidence = (
        f"pods: {', '.join(sorted(pod_families(snapshot))) or 'not known'}",
        f"Services: {', '.join(sorted(service_families(snapshot))) or 'not known'}",
        f"{with_ipv6} of {len(snapshot.nodes)} nodes have an IPv6 InternalIP",
    )
    if "IPv6" not in families:
        return _finding(code, Severity.OK, "The cluster does not use IPv6.", "not-used", evidence=evidence)
    outcome = "dual-stack" if "IPv4" in families else "ipv6-only"
    lacking = tuple(
        sorted(
            node.name
            for node in snapshot.nodes
            if node.spec.pod_cidrs and not any(is_ipv6(network) for network in node.spec.pod_cidrs)
        )
    )
    if lacking and "IPv6" in pod_families(snapshot):
        summary = "Some nodes have no IPv6 network for their pods, although others do."
        return _finding(code, Severity.DEGRADED, summary, outcome, where=lacking, evidence=evidence)
    return _finding(code, Severity.OK, f"The cluster is {outcome.replace('-', ' ')}.", outcome, evidence=evidence)


def _dad(snapshot: Snapshot, seen: Seen) -> Finding:
    code = "ipv6.dad"
    hosts = [(node, data) for node, network, data in seen if network is Network.HOST]
    if not hosts:
        return _finding(code, Severity.UNKNOWN, "No node's IPv6 addresses could be looked at.")
    for severity, word, chosen in (
        (Severity.FAILED, "duplicate", [(n, a) for n, d in hosts for a in d.addresses if a.duplicate]),
        (Severity.DEGRADED, "still tentative", [(n, a) for n, d in hosts for a in _unsettled(d)]),
    ):
        if chosen:
            return _finding(
                code,
                severity,
                f"IPv6 addresses are {word}: the kernel does not use them.",
                where=tuple(sorted({node for node, _ in chosen})),
                evidence=tuple(f"{node}: {a.interface} {a.address} {word}" for node, a in chosen)[:LINES],
            )
    missing = tuple(f"{node.name}: not seen" for node in snapshot.nodes if node.name not in dict(hosts))
    count = sum(len(data.addresses) for _, data in hosts)
    return _finding(code, Severity.OK, f"None of {count} IPv6 addresses is a duplicate.", evidence=missing)


def _unsettled(data: Data) -> Iterator[Address]:
    """Tentative addresses, but for the link-local ones of pods' interfaces, which come and go all the time."""
    for address in data.addresses:
        if address.tentative and not address.address.startswith("fe80:"):
            yield address


def _default_route(snapshot: Snapshot, seen: Seen) -> Finding:
    code = "ipv6.default-route"
    hosts = {node: data for node, network, data in seen if network is Network.HOST}
    if not hosts:
        return _finding(code, Severity.UNKNOWN, "No node's IPv6 routes could be looked at.")
    without = tuple(sorted(node for node, data in hosts.items() if not data.default_routes))
    evidence = tuple(
        f"{node}: {', '.join(data.default_routes) or 'none'}"
        + f"; ignores router advertisements on {', '.join(data.ignores_advertisements)}"
        * bool(data.ignores_advertisements and not data.default_routes)
        + f"; IPv6 is switched off on {', '.join(data.disabled)}" * bool(data.disabled)
        for node, data in sorted(hosts.items())
    )
    if not without:
        return _finding(code, Severity.OK, "Every node has an IPv6 default route.", evidence=evidence[:LINES])
    if len(without) == len(hosts) and len(snapshot.nodes) == len(hosts):
        summary = "No node has an IPv6 default route: nothing outside the nodes' own network is reached over IPv6."
        return _finding(code, Severity.ADVICE, summary, "none", evidence=evidence[:LINES])
    return _finding(
        code,
        Severity.DEGRADED,
        "Some nodes have no IPv6 default route, although others do.",
        where=without,
        evidence=evidence[:LINES],
    )


def _dns(snapshot: Snapshot, seen: Seen) -> Finding:
    service = next((s for s in snapshot.services if s.metadata.name == "kube-dns"), None)
    if service and service.spec.ip_families and "IPv6" not in service.spec.ip_families:
        return _finding("ipv6.dns", Severity.OK, "CoreDNS's Service is for IPv4 alone.", "not-used")
    return _probed("ipv6.dns", seen, (Target.DNS,))


def _probed(code: str, seen: Seen, targets: tuple[Target, ...]) -> Finding:
    """The finding for probes at some targets."""
    probes = [(node, network, p) for node, network, data in seen for p in data.probes if p.target in targets]
    measured = [
        (node, network, p) for node, network, p in probes if p.result not in (Result.NOT_PERMITTED, Result.ERROR)
    ]
    if not measured:
        return _finding(code, Severity.UNKNOWN, "Nothing could be probed over IPv6.")
    failed = [(node, network, p) for node, network, p in measured if _lost(p)]
    counts = f"{len(measured) - len(failed)} of {len(measured)} probes answered"
    rises = tuple(
        f"{node} ({network}): {name} +{rise}" for node, network, data in seen for name, rise in data.rises.items()
    )
    if not failed:
        return _finding(code, Severity.OK, "All probes over IPv6 were answered.", evidence=(counts,))
    return _finding(
        code,
        Severity.FAILED,
        f"Over IPv6 only {counts}.",
        where=tuple(dict.fromkeys(f"{node}->{p.name}" for node, _, p in failed)),
        evidence=(counts, *(_line(node, network, p) for node, network, p in failed[:LINES]), *rises[:LINES]),
    )


def _lost(probe: Probe) -> bool:
    """Whether a probe speaks against the path. A refusal came back over it; CoreDNS should not refuse either."""
    return probe.result in LOST or (probe.target is Target.DNS and probe.result is not Result.OK)


def _line(node: str, network: Network, probe: Probe) -> str:
    detail = f": {probe.detail}" if probe.detail else ""
    return f"{node} ({network}) -> {probe.target} {probe.name} {probe.protocol}: {probe.result}{detail}"
