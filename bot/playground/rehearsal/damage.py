"""Which nodes lose what they send into the tunnel, and which ways are well without that. Pure."""

from collections.abc import Iterable

from bot.playground.rehearsal.adapters import offloads, seen_now
from bot.playground.rehearsal.recording import Recording
from bot.playground.rehearsal.world import World
from checks.judging.topology import webhook_askers, webhook_services
from checks.paths.model import Kind
from checks.probes.outcome import Result


class Damage:
    """What the adapters of a recording do to the ways between its nodes."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        snapshot = recording.bundle.snapshot
        self._behind = {
            service.spec.cluster_ip: frozenset(
                endpoint.node_name
                for endpoint, _ in snapshot.endpoints(service.metadata.namespace, service.metadata.name)
            )
            for service in snapshot.services
        }
        self.recorded = frozenset(node for node, data in recording.nics.items() if offloads(data) and self._loses(node))
        """The nodes that lose packets in the recording: their VMXNET3 offloads tunnels, and TCP does not get through on
        a way on which ping does. Any other fault of a recording is none that an adapter cures."""

    def now(self, world: World) -> frozenset[str]:
        """Those of them that still do."""
        nics = self._recording.nics
        return frozenset(node for node in self.recorded if offloads(seen_now(nics[node], world.machine(node))))

    def cured(self, ends: Iterable[str], world: World) -> bool:
        """Whether a way was damaged by one of its ends, and neither end damages it any more."""
        between = frozenset(ends)
        return bool(between & self.recorded) and not between & self.now(world)

    def behind(self, address: str) -> frozenset[str]:
        """The nodes with the endpoints of a Service, by its ClusterIP."""
        return self._behind.get(address, frozenset())

    def of_dry_run(self) -> frozenset[str]:
        """The ends of the way from the API server to the webhooks."""
        snapshot = self._recording.bundle.snapshot
        served = {(service.metadata.namespace, service.metadata.name): service for service in snapshot.services}
        called = [
            served[namespace, name] for namespace, name, _ in webhook_services(snapshot) if (namespace, name) in served
        ]
        askers = {node.name for node in webhook_askers(snapshot)}
        return frozenset(askers.union(*(self.behind(service.spec.cluster_ip) for service in called)))

    def _loses(self, node: str) -> bool:
        seen: dict[tuple[str, str, Kind], Result] = {}
        for network, asker, measurement in self._recording.measured():
            if node in (asker, measurement.peer):
                seen[f"{network}/{asker}", measurement.address, measurement.kind] = measurement.result
        return any(
            result is Result.TIMEOUT and seen.get((asker, address, Kind.PING)) is Result.OK
            for (asker, address, kind), result in seen.items()
            if kind is Kind.TCP
        )
