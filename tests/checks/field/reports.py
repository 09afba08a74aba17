"""A report as a cluster that is sound but for what the report says: objects, probes, what agents tell, pasted text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from checks.cluster.snapshot import Snapshot
from checks.diagnosis import diagnose
from checks.diagnosis.model import Diagnosis
from checks.judgement import judge_run
from checks.observation import Network, Observation
from checks.paths.model import Aim, Kind
from checks.probes.outcome import Result
from checks.registry import DIAGNOSED
from tests.checks.diagnosis import worlds
from tests.checks.paths.matrix import Answer, passes

Objects = Callable[[Snapshot], Snapshot]
Tells = Callable[[Observation], Mapping[str, Any]]
"""What an agent tells besides, or instead; empty for nothing."""


def as_they_are(snapshot: Snapshot) -> Snapshot:
    """No other objects."""
    return snapshot


@dataclass(frozen=True, kw_only=True)
class Report:
    """One."""

    source: str
    objects: Objects = as_they_are
    probe: Answer = passes
    tells: Mapping[str, Tells] = field(default_factory=dict)
    """By check."""
    text: str = ""


def answer(report: Report) -> Diagnosis:
    """What is said to whoever asks in that cluster, with the text of the report."""
    cluster = report.objects(worlds.snapshot())
    observations = [_told(report, each) for each in worlds.observed(cluster, report.probe)]
    parameters = {"texts": {"error": report.text}} if report.text else {}
    return diagnose(judge_run(cluster, DIAGNOSED, parameters, observations))


def _told(report: Report, seen: Observation) -> Observation:
    data = dict(seen.data)
    if seen.check in report.tells:
        data |= report.tells[seen.check](seen)
    return msgspec.structs.replace(seen, data=data)


def between_pods(aim: Aim) -> bool:
    """Whether a probe goes from one node's pod, or from a node, to another node's pod."""
    return aim.kind in (Kind.PING, Kind.TCP, Kind.BULK, Kind.LOSS) and aim.name != "host"


def forwarded(to: str, source: str, network: Network, aim: Aim) -> bool:
    """Whether a node has to forward a probe to or from its pods; what it sends itself is not forwarded there."""
    return between_pods(aim) and (aim.peer == to or (source == to and network is Network.POD))


def on_vmware(seen: Observation) -> Mapping[str, Any]:
    """Every node has a VMXNET3 whose tunnel offloads are on, which is the default."""
    features = [{"name": name, "on": True} for name in ("tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation")]
    adapter = {
        "name": "eth0",
        "role": "node",
        "hardware": True,
        "driver": "vmxnet3",
        "pci_id": "15ad:07b0",
        "mtu": 1500,
        "features": features,
        "rises": {},
    }
    others = [each for each in seen.data.get("interfaces", ()) if each.get("role") != "node"]
    return {"system_vendor": "VMware, Inc.", "product": "VMware7,1", "interfaces": [adapter, *others]}


def hears_no_dns(node: str) -> Tells:
    """The pods of a node get no answer from replicas of CoreDNS on others."""

    def tells(seen: Observation) -> Mapping[str, Any]:
        if (seen.node, seen.network) != (node, Network.POD):
            return {}
        return {"asked": [_unanswered(a) if a.get("node", node) != node else a for a in seen.data["asked"]]}

    return tells


def _unanswered(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {key: asked[key] for key in ("name", "node", "address", "sent")} | {"tcp": "timeout"}


def refused_dry_run(message: str) -> Tells:
    """What the API server answers to a dry run, whose webhook it cannot call."""

    def tells(seen: Observation) -> Mapping[str, Any]:
        refused = {"status": 500, "message": message, "elapsed_s": 0.02}
        return {"answer": refused} if seen.network is Network.CLUSTER else {}

    return tells


def rejects(node: str) -> Answer:
    """A node's own FORWARD chain rejects TCP and UDP before the network plugin's rules; ping passes."""

    def probe(source: str, network: Network, aim: Aim) -> Result:
        turned_away = aim.kind is not Kind.PING and forwarded(node, source, network, aim)
        return Result.PROHIBITED if turned_away else Result.OK

    return probe


def drops(node: str) -> Answer:
    """A node's FORWARD policy drops whatever goes to and from its pods."""

    def probe(source: str, network: Network, aim: Aim) -> Result:
        return Result.TIMEOUT if forwarded(node, source, network, aim) else Result.OK

    return probe
