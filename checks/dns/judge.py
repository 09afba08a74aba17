"""What the answers of all replicas to all askers mean together. Pure and total."""

from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.dns.askings import Asking, askings, loss, of_replicas, of_service, shortened
from checks.dns.loss import judge_loss
from checks.dns.model import Parameters, Target
from checks.dns.plan import find_replicas, find_service
from checks.finding import Finding, Severity
from checks.observation import Observation, State
from checks.probes.outcome import Result

FINDINGS = {
    "dns.replica-local": "H: each CoreDNS replica asked by UDP and TCP from its own node.",
    "dns.replica-remote": "H: each CoreDNS replica asked by UDP and TCP from other nodes.",
    "dns.replica-loss": "Datagrams that replicas do not answer, by a sequential test.",
    "dns.service": "The ClusterIP of kube-dns, asked by UDP and TCP from pods.",
    "dns.transport": "Whether UDP and TCP fare alike.",
    "dns.answers": "Whether replicas give the same and the right answers.",
    "dns.external": "A name outside the cluster, when one was given.",
    "dns.spread": "Whether the replicas are on more than one node.",
}

SERVICE_LOSSES = 2
"""Lost datagrams of one asker that speak against the ClusterIP: among 16, a sound path loses two in 0.3 % of runs."""


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:
    """One finding for each code of `FINDINGS`, in that order."""
    found = askings(observations)
    replicas = find_replicas(snapshot)
    coverage = [*_gaps(snapshot), *_unheard(observations)]
    to_replicas = of_replicas(found)
    return [
        _local([a for a in to_replicas if a.local], snapshot, replicas, coverage),
        _remote([a for a in to_replicas if not a.local], snapshot, coverage),
        judge_loss(found, coverage),
        _service(of_service(found), coverage),
        _transport(to_replicas, coverage),
        _answers(found, coverage),
        _external(found, parameters.external, coverage),
        _spread(snapshot, replicas),
    ]


def _gaps(snapshot: Snapshot) -> list[str]:
    gaps = [gap for gap in map(snapshot.gap, ("services", "endpointslices")) if gap]
    return [f"cannot {gap.verb}: {gap.reason}" for gap in gaps]


def _unheard(observations: Sequence[Observation]) -> list[str]:
    silent = [o for o in observations if o.state is not State.OBSERVED]
    return shortened([f"not asked from {o.node} ({o.network}): {o.state}" for o in silent])


def _unknown(code: str, summary: str, coverage: Sequence[str], probe: str = "") -> Finding:
    return Finding(code=code, probe=probe, severity=Severity.UNKNOWN, summary=summary, evidence=tuple(coverage))


def _local(found: list[Asking], snapshot: Snapshot, replicas: list[Target], coverage: list[str]) -> Finding:
    code = "dns.replica-local"
    if not replicas and find_service(snapshot) and not _gaps(snapshot):
        summary = "CoreDNS has no ready replica."
        return Finding(code=code, probe="H", severity=Severity.FAILED, summary=summary, outcome="fail")
    return _reached(code, "from its own node", found, coverage)


def _remote(found: list[Asking], snapshot: Snapshot, coverage: list[str]) -> Finding:
    code = "dns.replica-remote"
    if len(snapshot.nodes) == 1:
        summary = "The cluster has one node: no replica is remote."
        return Finding(code=code, probe="H", severity=Severity.OK, summary=summary, outcome="pass")
    return _reached(code, "from other nodes", found, coverage)


def _reached(code: str, whence: str, found: list[Asking], coverage: list[str]) -> Finding:
    """Whether UDP and TCP both work at all; how reliably is the loss test's question."""
    if not found:
        return _unknown(code, f"No CoreDNS replica was asked {whence}.", coverage, "H")
    dead = [a for a in found if not a.udp]
    failed = [*dead, *(a for a in found if a.udp and not a.tcp)]
    bad = list(dict.fromkeys(a.asked.name for a in failed))
    summary = f"Every CoreDNS replica ({len({a.asked.name for a in found})}) answers by UDP and TCP, asked {whence}."
    if failed:
        what = f"{len(failed)} of {len(found)} times" if dead else f"over TCP {len(failed)} of {len(found)} times"
        summary = f"Asked {whence}, {', '.join(bad[:8])} gave no right answer {what}."
    return Finding(
        code=code,
        probe="H",
        severity=Severity.FAILED if dead else Severity.DEGRADED if failed else Severity.OK,
        summary=summary,
        outcome="fail" if failed else "pass",
        where=tuple(bad),
        evidence=(*shortened([a.line() for a in failed or found]), *coverage),
    )


def _service(found: list[Asking], coverage: list[str]) -> Finding:
    code = "dns.service"
    if not found:
        return _unknown(code, "The ClusterIP of kube-dns was not asked from anywhere.", coverage)
    dead = [a for a in found if not a.udp]
    failed = [*dead, *(a for a in found if a.udp and (a.asked.lost >= SERVICE_LOSSES or not a.tcp))]
    summary = f"The ClusterIP of kube-dns answers by UDP and TCP from all {len(found)} nodes that asked."
    if failed:
        summary = f"The ClusterIP of kube-dns fails from {len(failed)} of {len(found)} nodes: {loss(failed)}."
    return Finding(
        code=code,
        severity=Severity.FAILED if dead else Severity.DEGRADED if failed else Severity.OK,
        summary=summary,
        outcome="fail" if failed else "pass",
        where=tuple(dict.fromkeys(a.node for a in failed)),
        evidence=(*shortened([a.line() for a in failed or found]), *coverage),
    )


def _transport(found: list[Asking], coverage: list[str]) -> Finding:
    """Replicas only: datagrams and connections to the ClusterIP may go to different ones.

    Askings that neither way answered say nothing here: that server or path is gone altogether.
    """
    code = "dns.transport"
    udp_only = [a for a in found if a.asked.answered and not a.tcp]
    tcp_only = [a for a in found if a.asked.tcp is Result.OK and not a.asked.answered]
    if not udp_only and not tcp_only:
        if not any(a.asked.answered for a in found):
            return _unknown(code, "No CoreDNS replica answered by either transport.", coverage)
        summary = "CoreDNS replicas answer by UDP and TCP alike."
        return Finding(code=code, severity=Severity.OK, summary=summary, outcome="pass", evidence=tuple(coverage))
    outcome, bad = ("udp-only", udp_only) if len(udp_only) >= len(tcp_only) else ("tcp-only", tcp_only)
    works, fails = ("UDP", "TCP") if outcome == "udp-only" else ("TCP", "UDP")
    return Finding(
        code=code,
        severity=Severity.FAILED,
        summary=f"CoreDNS answers by {works} but not by {fails} on {len(bad)} of {len(found)} paths.",
        outcome=outcome,
        where=tuple(dict.fromkeys(a.path for a in bad)),
        evidence=(*shortened([a.line() for a in bad]), *coverage),
    )


def _answers(found: list[Asking], coverage: list[str]) -> Finding:
    """`wrong` answers weigh more than `differ`ing ones."""
    code = "dns.answers"
    answered = [a for a in found if a.asked.answered]
    if not answered:
        return _unknown(code, "No DNS server answered.", coverage)
    wrong = [a for a in answered if set(a.asked.rcodes) - {"NOERROR"} or set(a.asked.nx_rcodes) - {"NXDOMAIN"}]
    versions = {a.asked.addresses: a for a in answered if a.asked.addresses}
    outcome = "wrong" if wrong else "differ" if len(versions) > 1 else "pass"
    summary = {
        "wrong": f"DNS servers gave other rcodes than NOERROR for a name that exists or NXDOMAIN for one that does "
        f"not, on {len(wrong)} of {len(answered)} paths.",
        "differ": f"DNS servers give {len(versions)} different answers for one name.",
        "pass": "All DNS servers give the same, right answers.",
    }[outcome]
    lines = [f"{a.path}: {dict(a.asked.rcodes)}, made-up names {dict(a.asked.nx_rcodes)}" for a in wrong]
    if outcome == "differ":
        lines = [f"{a.path}: {', '.join(addresses)}" for addresses, a in versions.items()]
    bad = wrong or (list(versions.values()) if outcome == "differ" else [])
    return Finding(
        code=code,
        severity=Severity.OK if outcome == "pass" else Severity.DEGRADED,
        summary=summary,
        outcome=outcome,
        where=tuple(dict.fromkeys(a.asked.name for a in bad)),
        evidence=(*shortened(lines), *coverage),
    )


def _external(found: list[Asking], name: str, coverage: list[str]) -> Finding:
    """An upstream that cannot be reached is no fault of the cluster, so this degrades and never fails."""
    code = "dns.external"
    asked = [a for a in found if a.asked.external]
    if not name:
        summary = "No name outside the cluster was asked for (parameter external)."
        return Finding(code=code, severity=Severity.OK, summary=summary, outcome="pass")
    if not asked:
        return _unknown(code, f"Nobody could ask for {name}.", coverage)
    failed = [a for a in asked if a.asked.external != "NOERROR"]
    return Finding(
        code=code,
        severity=Severity.DEGRADED if failed else Severity.OK,
        summary=f"{name} is answered on {len(asked) - len(failed)} of {len(asked)} paths.",
        outcome="fail" if failed else "pass",
        where=tuple(dict.fromkeys(a.asked.name for a in failed)),
        evidence=(*shortened([f"{a.path} ({a.network}): {a.asked.external}" for a in failed]), *coverage),
    )


def _spread(snapshot: Snapshot, replicas: list[Target]) -> Finding:
    code = "dns.spread"
    nodes = sorted({replica.node for replica in replicas if replica.node})
    if not nodes:
        gaps = _gaps(snapshot)
        return _unknown(code, "The nodes of CoreDNS's replicas are not known.", gaps)
    together = len(nodes) == 1 and len(snapshot.nodes) > 1
    summary = f"{len(replicas)} ready CoreDNS replicas on {len(nodes)} nodes ({', '.join(nodes[:8])})."
    if together:
        summary = f"All ready CoreDNS replicas ({len(replicas)}) are on {nodes[0]}: if it goes, DNS goes."
    return Finding(
        code=code,
        severity=Severity.DEGRADED if together else Severity.OK,
        summary=summary,
        outcome="fail" if together else "pass",
        where=tuple(nodes) if together else (),
        evidence=tuple(shortened([f"{replica.name} on {replica.node}" for replica in replicas])),
    )
