"""A cluster with netcheck's agents, and its whole probe matrix answered as a test wants it."""

from collections.abc import Callable, Iterable

import msgspec

from checks.cluster.snapshot import ConfigMap, Endpoint, EndpointPort, EndpointSlice, Metadata, Pod, Snapshot, TargetRef
from checks.finding import Finding
from checks.observation import Network, Observation, State, Task
from checks.paths import CHECK
from checks.paths.model import Aim, Arrivals, Counters, Data, Kind, Measurement, Parameters
from checks.place import Place
from checks.probes.outcome import Result
from tests.checks import objects
from tests.checks.words import words

NODES = ("cp", "w1", "w2")
ACROSS = (Kind.PING, Kind.TCP, Kind.BULK)
INNER_TCP = (Kind.TCP, Kind.BULK, Kind.WEBHOOK_ENDPOINT)

Answer = Callable[[str, Network, Aim], Result]


def agent(node: str, address: str) -> Pod:
    """A ready pod agent."""
    return objects.pod(
        f"netcheck-pod-{node}", node, address, namespace="netcheck", labels={"app.kubernetes.io/component": "agent-pod"}
    )


def cluster(webhook_on: str = "w2", names: Iterable[str] = NODES) -> Snapshot:
    """Nodes with agents, MetalLB's webhook on one of them, CoreDNS on w1 and w2."""
    nodes, pods = [], []
    for index, name in enumerate(names):
        nodes.append(objects.node(name, f"172.30.{index // 200}.{index % 200 + 10}", control_plane=name == "cp"))
        pods.append(agent(name, f"10.244.{index}.2"))
    webhook = objects.endpoint("10.244.99.5", webhook_on)
    dns = EndpointSlice(
        metadata=Metadata(namespace="kube-system", labels={"kubernetes.io/service-name": "kube-dns"}),
        endpoints=tuple(
            Endpoint(addresses=(f"10.244.{i}.3",), node_name=n, target_ref=TargetRef(name=f"coredns-{n}"))
            for i, n in ((1, "w1"), (2, "w2"))
        ),
        ports=(
            EndpointPort(name="dns", port=53, protocol="UDP"),
            EndpointPort(name="metrics", port=9153),
            EndpointPort(name="dns-tcp", port=5353),
        ),
    )
    flannel = ConfigMap(
        metadata=Metadata(name="kube-flannel-cfg", namespace="kube-flannel"),
        data={"net-conf.json": '{"Network": "10.244.0.0/16", "Backend": {"Type": "vxlan", "Port": 4789}}'},
    )
    return objects.cluster(
        config_maps=(flannel,),
        nodes=tuple(nodes),
        pods=tuple(pods),
        endpoint_slices=(objects.endpoint_slice(objects.SERVICE, webhook), dns),
    )


def passes(_node: str, _network: Network, _aim: Aim) -> Result:
    """Everything gets through."""
    return Result.OK


def measured(aim: Aim, result: Result) -> Measurement:
    """One probe's outcome with plausible figures."""
    ok = result is Result.OK
    asked = 48 if aim.kind is Kind.LOSS else 0
    return Measurement(
        kind=aim.kind,
        peer=aim.peer,
        address=aim.address,
        port=aim.port,
        name=aim.name,
        result=result,
        rtt_s=0.0 if result is Result.TIMEOUT else 0.0004,
        reached=aim.peer if ok and aim.kind in (Kind.HOST_TCP, Kind.TCP) else "",
        sent=asked,
        answered=asked if ok else 0,
    )


def observe(snapshot: Snapshot, answer: Answer = passes, counters: Counters | None = None) -> list[Observation]:
    """The observations of every task of the plan, and of those that follow."""
    first = [_observed(task, answer, counters) for task in CHECK.plan(snapshot, Parameters())]
    return [*first, *followed(snapshot, first, answer)]


def followed(snapshot: Snapshot, first: list[Observation], answer: Answer = passes) -> list[Observation]:
    """The observations of the tasks that follow."""
    tasks = CHECK.follow(CHECK.gather(snapshot, {}, [encoded(o) for o in first]))
    return [_observed(task, answer, None) for task in tasks]


def _observed(task: Task, answer: Answer, counters: Counters | None) -> Observation:
    data = answered(task, answer, counters or Counters(seconds=0.5))
    return Observation(check="paths", network=task.network, node=task.node, name=task.name, data=data)


def answered(task: Task, answer: Answer, counters: Counters) -> Data:
    """What an agent measures; nothing comes in where arrivals are counted."""
    measurements = tuple(measured(aim, answer(task.node, task.network, aim)) for aim in task.request.aims)
    if task.request.count_arrivals:
        none = Arrivals(quiet=Counters(seconds=0.3), burst=Counters(seconds=0.7))
        return Data(measurements=measurements, arrivals=none)
    return Data(measurements=measurements, counters=counters)


def measured_otherwise(
    observations: list[Observation], change: Callable[[str, Measurement], Measurement | None]
) -> list[Observation]:
    """The same after a change to each measurement, by the node that made it; None for one that was not made."""
    return [
        msgspec.structs.replace(
            o,
            data=msgspec.structs.replace(
                o.data, measurements=tuple(m for first in o.data.measurements if (m := change(o.node, first)))
            ),
        )
        for o in observations
    ]


def silence(observations: list[Observation], *nodes: str, network: Network | None = None) -> list[Observation]:
    """The same, but the agents of some nodes did not answer."""
    return [
        msgspec.structs.replace(o, state=State.NO_ANSWER, data=None, message="no agent took the job")
        if o.node in nodes and network in (None, o.network)
        else o
        for o in observations
    ]


def replace_counters(observations: list[Observation], node: str, network: Network, **rise: int) -> list[Observation]:
    """The same, but the counters of one agent rose."""
    return [
        msgspec.structs.replace(o, data=msgspec.structs.replace(o.data, counters=Counters(seconds=0.5, **rise)))
        if (o.node, o.network, o.name) == (node, network, "")
        else o
        for o in observations
    ]


def count_arrivals(observations: list[Observation], node: str, quiet: int = 0, **rise: int) -> list[Observation]:
    """The same, but a node's kernel counted something while its peers sent bursts; `quiet` came in just before."""
    counted = Arrivals(quiet=Counters(seconds=0.3, udp_received=quiet), burst=Counters(seconds=0.6, **rise))
    return [
        msgspec.structs.replace(o, data=msgspec.structs.replace(o.data, arrivals=counted))
        if (o.node, o.network, o.name) == (node, Network.HOST, "arrivals")
        else o
        for o in observations
    ]


def judged(snapshot: Snapshot, observations: list[Observation]) -> dict[str, Finding]:
    """The findings by the second half of their code; each code is there once, whatever was observed."""
    found = CHECK.judge(CHECK.gather(snapshot, {}, [encoded(o) for o in observations]))
    assert [code.name for code in CHECK.codes] == [f.code for f in found]
    return {f.code.removeprefix("paths."): f for f in found}


def encoded(observation: Observation) -> Observation:
    """The observation as it comes off the wire."""
    return msgspec.json.decode(msgspec.json.encode(observation), type=Observation)


def outcomes(found: dict[str, Finding]) -> dict[str, str]:
    """The one outcome of each finding; empty for what could not be looked at."""
    return {code: finding.outcome for code, finding in found.items()}


def at(finding: Finding, outcome: str) -> set[Place]:
    """The places at which an outcome was seen."""
    return {seen.place for seen in finding.seen if seen.outcome == outcome}


def lines(finding: Finding) -> list[str]:
    """The evidence in words."""
    return [words(line) for line in finding.evidence]
