"""Judge what arrives: how large, and whether undamaged. Pure."""

from collections.abc import Sequence

from checks.finding import Finding, Severity
from checks.judging.localise import localise, name, worst_first
from checks.observation import Network, Observation
from checks.paths.model import Kind
from checks.paths.pairs import WHERE
from checks.paths.plan import HOST_TO_HOST
from checks.paths.samples import Sample, between_pods, in_order, observed, shortened

MTU = "paths.path-mtu"
CHECKSUMS = "paths.checksum-errors"


def judge_path_mtu(found: Sequence[Sample], coverage: Sequence[str], *, alone: bool) -> Finding:
    """`black-hole` when a size that the sender's route allows vanishes without a word while small packets pass."""
    hosts = [s for s in found if s.measurement.kind is Kind.PATH_MTU and _between_hosts(s)]
    pods = [s for s in between_pods(found, Kind.PATH_MTU) if not _between_hosts(s)]
    measured = [s for s in (*pods, *hosts) if s.measurement.limit]
    unclear = [*shortened([s.line() for s in (*pods, *hosts) if not s.measurement.limit]), *coverage]
    if not measured:
        if alone:
            summary = "The cluster has one node: there is no path between nodes."
            return Finding(code=MTU, severity=Severity.OK, summary=summary, outcome="pass")
        summary = "The path MTU was not measured on any path."
        return Finding(code=MTU, severity=Severity.UNKNOWN, summary=summary, evidence=tuple(unclear))
    holes = [s for s in measured if s.measurement.mtu < s.measurement.known_limit]
    small = [s for s in measured if s.measurement.mtu < s.measurement.device]
    outcome, bad = ("black-hole", holes) if holes else ("small", small) if small else ("pass", [])
    failed = {s.pair for s in bad}
    places = worst_first(failed)
    # A size that every path shares is how the network was set up; one that only some have is worth a look.
    uneven = len({(s.measurement.mtu, s.measurement.device, _between_hosts(s)) for s in measured}) > len(
        {_between_hosts(s) for s in measured}
    )
    return Finding(
        code=MTU,
        severity=Severity.FAILED if holes else Severity.ADVICE if small and uneven else Severity.OK,
        summary=_mtu_summary(outcome, bad, measured),
        outcome=outcome,
        where=tuple(map(name, places))[:WHERE],
        evidence=(*shortened([_mtu_line(s) for s in in_order(places, bad)]), *_limits(measured), *unclear),
    )


def _between_hosts(sample: Sample) -> bool:
    return sample.measurement.name == HOST_TO_HOST


def _mtu_summary(outcome: str, bad: Sequence[Sample], measured: Sequence[Sample]) -> str:
    if outcome == "pass":
        largest = sorted({s.measurement.device for s in measured})
        sizes = " or ".join(map(str, largest[-3:]))
        return f"Packets as large as the interfaces allow ({sizes} bytes) arrive on all {len(measured)} paths."
    failed = {s.pair for s in bad}
    common = localise(failed, {s.pair for s in measured} - failed)
    size = f"over {min(s.measurement.mtu for s in bad) or 575} bytes"
    where = f"on {len(bad)} of {len(measured)} paths{': ' * bool(common)}{common}."
    if outcome == "black-hole":
        return f"Packets {size} vanish, and nobody tells the sender, {where}"
    return f"Packets {size} are too large although the interface takes them, but the sender is told, {where}"


def _mtu_line(sample: Sample) -> str:
    m = sample.measurement
    arrives = f"{m.mtu} bytes is the largest that arrives" if m.mtu else "nothing of 576 bytes or more arrives"
    told = f"a router says {m.signalled}" if m.signalled else "no router says anything"
    where = "between hosts" if _between_hosts(sample) else f"from the {sample.network} to the pod"
    return f"{name(sample.pair)} {where}: {arrives}, the route allows {m.limit}, the interface {m.device}, {told}"


def _limits(measured: Sequence[Sample]) -> list[str]:
    """What the senders' interfaces allow, when they do not all allow the same: a mismatch that has not bitten yet."""
    lines = []
    for network, of_hosts in ((Network.HOST, True), (Network.POD, False)):
        nodes: dict[int, set[str]] = {}
        for s in measured:
            if s.network is network and _between_hosts(s) is of_hosts:
                nodes.setdefault(s.measurement.device, set()).add(s.node)
        if len(nodes) > 1:
            sizes = "; ".join(f"{size} on {', '.join(sorted(on)[:8])}" for size, on in sorted(nodes.items()))
            lines.append(f"the {network} interfaces allow different sizes: {sizes}")
    return lines


def judge_checksums(observations: Sequence[Observation]) -> Finding:
    """`rising` when the kernel of any node or pod agent dropped packets for a wrong checksum during the probes."""
    watched = [(o, data.counters) for o, data in observed(observations) if data.counters]
    unread = [f"{o.node} ({o.network}): {d.counters_error}" for o, d in observed(observations) if d.counters_error]
    if not watched:
        summary = "The counters of damaged packets could not be read anywhere."
        evidence = tuple(shortened(unread))
        return Finding(code=CHECKSUMS, severity=Severity.UNKNOWN, summary=summary, evidence=evidence)
    rising: dict[str, int] = {}
    lines = []
    for o, c in watched:
        if damaged := c.tcp_checksum_errors + c.udp_checksum_errors:
            rising[o.node] = rising.get(o.node, 0) + damaged
            lines.append(
                f"{o.node} ({o.network}): Tcp InCsumErrors +{c.tcp_checksum_errors}, "
                f"Udp InCsumErrors +{c.udp_checksum_errors} in {c.seconds:.1f} s"
            )
    nodes = sorted(rising, key=lambda node: (-rising[node], node))
    summary = f"No packet arrived with a wrong checksum, in {len(watched)} network namespaces."
    if nodes:
        summary = f"{sum(rising.values())} packets arrived with a wrong checksum, on {', '.join(nodes[:8])}."
    return Finding(
        code=CHECKSUMS,
        severity=Severity.DEGRADED if nodes else Severity.OK,
        summary=summary,
        outcome="rising" if nodes else "pass",
        where=tuple(nodes[:WHERE]),
        evidence=(*shortened(lines), *shortened(unread)),
    )
