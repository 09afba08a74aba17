"""Whether the nodes run versions with known faults, or ones that do not go together. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.cluster.snapshot import Node as NodeObject
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Severity
from checks.node.conditions import NO_NODE
from checks.node.looks import Look, Observed, Words, finding
from checks.place import Node
from checks.text import Text, say

VERSIONS = Code(
    name="node.versions",
    meaning="No node runs a version with a known fault of the network, or one that does not go with the API server",
    place=Node,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "none is known"),
        Outcome("not-told", Severity.OK, "an old recording, which does not tell"),
        Outcome("known-fault", Severity.ADVICE, "a version with a known fault"),
        Outcome("skew", Severity.DEGRADED, "a kubelet that is newer than the API server, or too old for it"),
    ),
)
CODES = (VERSIONS,)

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that some versions have."""

    ranges: tuple[tuple[Version, Version], ...]
    """Each from the first version that has it to the first that has it no more."""
    meaning: Text
    source: str
    vendor: str = ""
    """Only on machines of this make, as DMI has it."""


KERNELS = (
    Fault(
        ranges=(
            ((5, 8), (5, 10, 239)),
            ((5, 11), (5, 15, 186)),
            ((5, 16), (6, 1, 142)),
            ((6, 2), (6, 6, 94)),
            ((6, 7), (6, 12, 34)),
            ((6, 13), (6, 15, 3)),
        ),
        meaning=say("VMXNET3 mistakes tunnelled segments that it has merged, so that bulk TCP between pods may stall"),
        source="Linux 982d30c30eaa (fixes dacce2be3312 of 5.8) and its stable branches, June 2025",
        vendor="VMware, Inc.",
    ),
    Fault(
        ranges=(((6, 1, 113), (6, 1, 115)), ((6, 6, 57), (6, 6, 59)), ((6, 11, 4), (6, 11, 6))),
        meaning=say("ip6tables lacks the target MARK, so that kube-proxy and network plugins cannot write IPv6 rules"),
        source="Linux 306ed1728e84 (fixes 0bfcb7b71e73); coreos/fedora-coreos-tracker #1834",
    ),
)
KUBELETS = (
    Fault(
        ranges=(((1, 16), (1, 16, 13)), ((1, 17), (1, 17, 9)), ((1, 18), (1, 18, 6))),
        meaning=say("kube-proxy has packets translated twice, so that connections through VXLAN take 1 or 63 seconds"),
        source="kubernetes/kubernetes #88986, #92035, CHANGELOG of 1.16.13, 1.17.9 and 1.18.6",
    ),
)
OLDEST = ((28, 3), (0, 2))
"""From which minor version of the API server on a kubelet may be how many minor versions older (Kubernetes
documentation, Version Skew Policy; three since 1.28)."""
_UPSTREAM = re.compile(r"(\d+)\.(\d+)\.([1-9]\d*)")
"""A kernel that is numbered as the stable branches are. RHEL, Debian, Ubuntu and SUSE keep the third number at 0, or
count for themselves (`_OWN`), and take fixes up on their own: of them nothing is known by number."""
_OWN = re.compile(r"\.el\d|-default$")

_WORDS = Words(
    well=say("No node runs a version with a known fault of the network."),
    unread=NO_NODE,
    bad={
        "skew": say("The kubelet of {nodes} does not go with the API server's version."),
        "known-fault": say("A fault of the network is known of what {nodes} run."),
    },
)


def judge_versions(gathered: Observed) -> list[Finding]:
    """One finding, with every node as a place."""
    vendors = {heard.node: heard.data.vendor for heard in gathered.heard}
    server = _version(gathered.snapshot.server_version)
    return [finding(VERSIONS, _WORDS, {n.name: _look(n, server, vendors) for n in gathered.snapshot.nodes})]


def _look(node: NodeObject, server: Version, vendors: Mapping[str, str]) -> Look:
    info = node.status.node_info
    kubelet = _version(info.kubelet_version)
    if not kubelet and not info.kernel_version:
        return Look("not-told")
    known = list(_known(node, kubelet, vendors.get(node.name, "")))
    if _skewed(kubelet, server):
        line = say(
            "{node}: kubelet {kubelet}, API server {server}",
            node=node.name,
            kubelet=info.kubelet_version,
            server=_dotted(server),
        )
        return Look("skew", [line, *known])
    return Look("known-fault" if known else "pass", known)


def _known(node: NodeObject, kubelet: Version, vendor: str) -> Iterator[Text]:
    info = node.status.node_info
    kernel = _kernel(info.kernel_version)
    told = ((kernel, info.kernel_version, KERNELS), (kubelet, info.kubelet_version, KUBELETS))
    for version, written, faults in told:
        for fault in faults:
            if _has(version, fault) and fault.vendor in ("", vendor):
                yield say(
                    "{node}: {version}: {meaning} ({source})",
                    node=node.name,
                    version=written,
                    meaning=fault.meaning,
                    source=fault.source,
                )


def _has(version: Version, fault: Fault) -> bool:
    return any(first <= version < good for first, good in fault.ranges) if version else False


def _skewed(kubelet: Version, server: Version) -> bool:
    if not kubelet or not server or kubelet[0] != server[0]:
        return False
    most = next(older for since, older in OLDEST if server[1] >= since)
    return not server[1] - most <= kubelet[1] <= server[1]


def _kernel(written: str) -> Version:
    """A kernel's version, where its number says which fixes it has."""
    match = _UPSTREAM.match(written)
    return tuple(map(int, match.groups())) if match and not _OWN.search(written) else ()


def _version(written: str) -> Version:
    """`v1.34.4+k3s1` as numbers; empty when it is none."""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", written)
    return tuple(map(int, match.groups())) if match else ()


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))
