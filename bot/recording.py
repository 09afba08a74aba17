"""Bundles: a recording of what one run saw, which can be diagnosed again elsewhere.

A bundle holds the snapshot and every observation, never a conclusion: whoever reads it judges again with the checks of
today. It is JSON, so that a person can see what leaves the cluster before sending it on.
"""

from pathlib import Path
from typing import Any

import msgspec
from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.observation import Context, Network, Observation, State

from bot.errors import ConfigError, Unavailable
from bot.runs.execution import Plan
from bot.runs.model import Job, Run
from bot.runs.runs import Runs

BUNDLE_LIMIT = 64 * 1024 * 1024
"""Bytes: a bundle of a thousand nodes has about twenty million."""


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A recording of one run."""

    label: str
    """What it shows and where it was taken, for a person."""
    cluster: str
    recorded_at: float
    """Unix time in seconds."""
    parameters: dict[str, dict[str, Any]] = {}
    """Per check, as they were asked for."""
    snapshot: Snapshot
    observations: tuple[Observation, ...]


def read(path: str) -> Bundle:
    """A bundle from a file.

    Raises:
        ConfigError: it cannot be read, is too large, or is no bundle of a version that is understood.
    """
    try:
        file = Path(path)
        if file.stat().st_size > BUNDLE_LIMIT:
            raise ConfigError(f"{path} has {file.stat().st_size} bytes; a bundle has at most {BUNDLE_LIMIT}.")
        return msgspec.json.decode(file.read_bytes(), type=Bundle)
    except OSError as error:
        raise ConfigError(f"The bundle cannot be read: {error}.") from None
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{path} is no bundle of this version: {error}.") from None


def bundle_of(runs: Runs, run: Run, label: str = "") -> bytes:
    """What a run saw, as the JSON of a bundle.

    Raises:
        Unavailable: its observations are gone; they are kept for an hour.
    """
    plan = runs.client.get(runs.keys.plan(run.id))
    results = runs.client.hvals(runs.keys.results(run.id))
    if plan is None or not results:
        raise Unavailable(f"What run {run.id} saw is no longer there.", hint="Run it again with `--save`.")
    snapshot = msgspec.json.decode(plan, type=Plan).snapshot
    observations = [msgspec.json.decode(result, type=Observation) for result in results]
    bundle = Bundle(
        label=label or f"run {run.id} in {runs.cluster}",
        cluster=runs.cluster,
        recorded_at=run.request.requested_at,
        parameters=run.request.parameters,
        snapshot=snapshot,
        observations=tuple(sorted(observations, key=lambda o: (o.check, o.node, o.network))),
    )
    return msgspec.json.format(msgspec.json.encode(bundle), indent=1)


class Replay:
    """Answers jobs from a recording instead of from a cluster; see `bot.jobs.Observe`."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._seen = {(o.check, o.network, o.node): o for o in bundle.observations}

    def __call__(self, check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:  # noqa: ARG002 - shape of Observe
        """The recorded data.

        Raises:
            LookupError: this was not recorded; the job ends as broken, and the report says that it could not look.
        """
        seen = self._seen.get((check.name, job.network, job.node))
        if seen is None or seen.state is not State.OBSERVED:
            raise LookupError("this is not in the recording" if seen is None else seen.message)
        return seen.data

    def snapshot(self) -> Snapshot:
        """The recorded snapshot, under the recording's name."""
        return msgspec.structs.replace(self.bundle.snapshot, cluster=self.bundle.cluster)

    def places(self) -> list[tuple[str, Network]]:
        """The nodes and networks whose agents answered."""
        answered = (o for o in self.bundle.observations if o.state is not State.NO_ANSWER)
        pairs = {(o.node, o.network) for o in answered if o.network is not Network.CLUSTER}
        return sorted(pairs)
