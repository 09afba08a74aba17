"""No jobs: everything is in the snapshot."""

from checks.cluster.snapshot import Snapshot
from checks.nodes.model import Parameters
from checks.observation import Task


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:  # noqa: ARG001 - all plans have one shape
    """Nothing to observe."""
    return []
