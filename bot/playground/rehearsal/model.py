"""The recorded cluster as it is now: answers jobs and gives the snapshot, in the place of a recording."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from bot.errors import Unavailable
from bot.playground.rehearsal import adapters, cluster, passing
from bot.playground.rehearsal.damage import Damage
from bot.playground.rehearsal.recording import Recording
from bot.playground.rehearsal.world import World
from bot.runs.bundle import Bundle, Replay
from bot.runs.job import Job
from checks.check import Check
from checks.cluster.snapshot import Service, Snapshot
from checks.dns.model import Asked
from checks.dns.model import Data as DnsData
from checks.mtu.model import Data as MtuData
from checks.mtu.model import Measurement as Size
from checks.nic.model import Data as NicData
from checks.observation import Answer, Context, Network
from checks.paths.model import Data as PathsData
from checks.paths.model import Kind, Measurement
from checks.probes.outcome import Result
from checks.webhook.model import Data as WebhookData

AGREED = range(200, 300)
"""HTTP's successes."""


class Model:
    """See `bot.runs.jobs.Observe` and `bot.runs.execution.Source`. `world` is asked for every answer."""

    def __init__(self, bundle: Bundle, world: Callable[[], World]) -> None:
        self.bundle = bundle
        self._replay = Replay(bundle)
        self._recording = Recording(bundle)
        self._damage = Damage(self._recording)
        self._passing = passing.Passing(self._recording)
        self._world = world

    def __call__(self, check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:
        """What would be observed now.

        Raises:
            LookupError: this was not recorded, or the node is switched off.
        """
        world = self._world()
        if world.machine(job.node).off:
            raise LookupError(f"{job.node} is switched off")
        recorded = self._replay(check, job, request, context)
        changes: Mapping[str, Callable[[Job, Any, World], msgspec.Struct]] = {
            "nic": self._nic,
            "paths": self._paths,
            "mtu": self._mtu,
            "dns": self._dns,
            "webhook": self._webhook,
        }
        if check.name not in changes:
            return recorded
        return changes[check.name](job, msgspec.convert(recorded, check.data), world)

    def snapshot(self) -> Snapshot:
        """What the worker would read now, under the recording's name."""
        return cluster.seen_now(self._replay.snapshot(), self._world())

    def stations(self) -> list[tuple[str, Network]]:
        """The nodes and networks whose agents answered."""
        return self._replay.stations()

    def refusal(self) -> str:
        """Why the webhook would not agree to a pool now, in the API server's words; empty when it would.

        Raises:
            Unavailable: no dry run was recorded.
        """
        recorded = self._recording.webhook.get((Network.CLUSTER, ""))
        if recorded is None or recorded.answer is None:
            raise Unavailable("The recording has no dry run of a pool, so none can be applied to it.")
        answer = self._answer(recorded.answer, self._world())
        return "" if answer.status in AGREED else answer.message

    def told(self) -> list[str]:
        """How each node, each pool and the Service that was waiting stand, one line each, for people."""
        world = self._world()
        nodes = [f"{name}: {', '.join(self._states(name, world))}" for name in sorted(self._recording.nics)]
        pools = [f"pool {name}: {', '.join(pool.addresses)}" for name, pool in sorted(world.pools.items())]
        return [*nodes, *pools, *map(_address, cluster.waiting(self.bundle.snapshot, world))]

    def damaging(self) -> frozenset[str]:
        """The nodes that damage packets now."""
        return self._damage.now(self._world())

    def _states(self, name: str, world: World) -> Iterable[str]:
        machine, data = world.machine(name), adapters.seen_now(self._recording.nics[name], world.machine(name))
        yield adapters.kind_of(data) or "adapter not known"
        if adapters.kind_of(data) == "vmxnet3":
            yield f"tunnel offload {'on' if adapters.offloads(data) else 'off'}"
        if machine.cordoned:
            yield "cordoned"
        if machine.off:
            yield "switched off"

    def _nic(self, job: Job, data: NicData, world: World) -> NicData:
        return adapters.seen_now(data, world.machine(job.node))

    def _paths(self, job: Job, data: PathsData, world: World) -> PathsData:
        measurements = tuple(self._measurement(job, each, world) for each in data.measurements)
        counters = data.counters
        # Damaged packets come from the nodes that damage them, whoever counts them.
        if counters and self._damage.recorded and not self._damage.now(world):
            counters = passing.undamaged(counters)
        return msgspec.structs.replace(data, measurements=measurements, counters=counters)

    def _measurement(self, job: Job, seen: Measurement, world: World) -> Measurement:
        peers = {seen.peer} if seen.peer else self._damage.behind(seen.address)
        well = seen.result is Result.OK or seen.kind is Kind.TUNNEL
        if well or not self._damage.cured({job.node, *peers}, world):
            return seen
        return self._passing.measurement(job.network, job.node, seen)

    def _mtu(self, job: Job, data: MtuData, world: World) -> MtuData:
        measurements = tuple(self._size(job, each, world) for each in data.measurements)
        return msgspec.structs.replace(data, measurements=measurements)

    def _size(self, job: Job, seen: Size, world: World) -> Size:
        if seen.result is Result.OK or not self._damage.cured({job.node, seen.peer}, world):
            return seen
        return self._passing.size(job.network, job.node, seen)

    def _dns(self, job: Job, data: DnsData, world: World) -> DnsData:
        return msgspec.structs.replace(data, asked=tuple(self._asked(job, each, world) for each in data.asked))

    def _asked(self, job: Job, seen: Asked, world: World) -> Asked:
        servers = self._damage.behind(seen.address) if passing.is_service(seen) else {seen.node}
        well = not seen.lost and seen.tcp is Result.OK
        if well or not self._damage.cured({job.node, *servers}, world):
            return seen
        return self._passing.asked(job.network, job.node, seen)

    def _webhook(self, _job: Job, data: WebhookData, world: World) -> WebhookData:
        if data.answer is None:
            return data
        return msgspec.structs.replace(data, answer=self._answer(data.answer, world))

    def _answer(self, recorded: Answer, world: World) -> Answer:
        if recorded.status in AGREED or not self._damage.cured(self._damage.of_dry_run(), world):
            return recorded
        return self._passing.answer(recorded)


def _address(service: Service) -> str:
    given = ", ".join(service.external) or "waits for an address"
    return f"Service {service.metadata.namespace}/{service.metadata.name}: {given}"
