"""Bundles: a recording of what one run saw, which can be diagnosed again elsewhere.

A bundle holds the snapshot and every observation, never a conclusion: whoever reads it judges again with the checks of
today. It is JSON, so that a person can see what leaves the cluster before sending it on.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bot.decoding import decoded
from bot.errors import ConfigError, Unavailable, Unreadable
from bot.runs.job import Job
from bot.runs.model import Run, RunRequest
from bot.store.keys import Keys
from bot.store.records import Kind, Record, Records
from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.observation import Context, Network, Observation, State

BUNDLE_LIMIT = 64 * 1024 * 1024
"""Bytes: a bundle of a thousand nodes has about twenty million."""
VERSION = 2
"""Rises when what the checks observe changes so that former bundles would be misread."""


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A recording of one run."""

    version: int = VERSION
    label: str
    """What it shows and where it was taken, for a person."""
    cluster: str
    recorded_at: float
    """Unix time in seconds."""
    parameters: dict[str, dict[str, Any]] = {}
    """Per check, as they were asked for."""
    snapshot: Snapshot
    observations: tuple[Observation, ...]


class _Version(msgspec.Struct, frozen=True):
    version: int = VERSION
    """What does not say it is no bundle, which its shape will tell."""


BUNDLE = Kind("bundle", Bundle, VERSION)


def bundles(client: Any, keys: Keys, ttl_s: int) -> Records[Bundle]:
    """The bundles of a cluster's runs, by the id of the run."""
    return Records(client, keys, BUNDLE, ttl_s=ttl_s)


def recorded(request: RunRequest, snapshot: Snapshot, observations: Sequence[Observation]) -> Bundle:
    """What a run saw, as a bundle."""
    return Bundle(
        label=f"run {request.id} in {request.cluster}",
        cluster=request.cluster,
        recorded_at=request.requested_at,
        parameters=request.parameters,
        snapshot=snapshot,
        observations=tuple(sorted(observations, key=lambda o: (o.check, o.node, o.network, o.name))),
    )


def read(path: str) -> Bundle:
    """A bundle from a file.

    Raises:
        ConfigError: it cannot be read, is too large, or is no bundle of a version that is understood.
    """
    try:
        file = Path(path)
        if file.stat().st_size > BUNDLE_LIMIT:
            raise ConfigError(f"{path} has {file.stat().st_size} bytes; a bundle has at most {BUNDLE_LIMIT}.")
        document = file.read_bytes()
        # Asked first, because a bundle of another version need not have the shape of this one.
        version = decoded(document, _Version).version
        if version != VERSION:
            raise ConfigError(
                f"{path} is a bundle of version {version}; this netcheck reads version {VERSION}.",
                hint="Read it with the netcheck that wrote it, or record the run again.",
            )
        return decoded(document, Bundle)
    except OSError as error:
        raise ConfigError(f"The bundle cannot be read: {error}.") from None
    except Unreadable as error:
        raise ConfigError(f"{path} is no bundle of this version: {error}.") from None


def bundle_of(stored: Records[Bundle], run: Run) -> bytes:
    """What a run saw, as JSON that a person can read.

    Raises:
        Unavailable: its bundle is gone; it is kept for NETCHECK_BUNDLE_TTL seconds.
        Unreadable: it was stored by another version.
    """
    found = stored.read(run.id)
    if found is None:
        raise Unavailable(f"What run {run.id} saw is no longer there.", hint="Run it again with `--save`.")
    if not isinstance(found, Record):
        raise found
    return msgspec.json.format(msgspec.json.encode(found.content), indent=1)


class Replay:
    """Answers jobs from a recording instead of from a cluster; see `bot.runs.jobs.Observe`."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._seen = {(o.check, o.network, o.node, o.name): o for o in bundle.observations}

    def __call__(self, check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:  # noqa: ARG002 - shape of Observe
        """The recorded data.

        Raises:
            LookupError: this was not recorded; the job ends as broken, and the report says that it could not look.
        """
        seen = self._seen.get((check.name, job.network, job.node, job.name))
        if seen is None or seen.state is not State.OBSERVED:
            raise LookupError("this is not in the recording" if seen is None else seen.message)
        return seen.data

    def snapshot(self) -> Snapshot:
        """The recorded snapshot, under the recording's name."""
        return msgspec.structs.replace(self.bundle.snapshot, cluster=self.bundle.cluster)

    def stations(self) -> list[tuple[str, Network]]:
        """The nodes and networks whose agents answered."""
        answered = (o for o in self.bundle.observations if o.state is not State.NO_ANSWER)
        pairs = {(o.node, o.network) for o in answered if o.network is not Network.CLUSTER}
        return sorted(pairs)
