"""No jobs: everything is in the snapshot."""

from checks.check import NoParameters
from checks.cluster.snapshot import Snapshot
from checks.observation import Task


def plan(snapshot: Snapshot, parameters: NoParameters) -> list[Task]:  # noqa: ARG001 - all plans have one shape
    """Nothing to observe."""
    return []
