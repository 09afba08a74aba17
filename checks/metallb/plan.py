"""No jobs: everything is in the snapshot."""

from checks.metallb.model import Parameters
from checks.model import Task
from checks.snapshot import Snapshot


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:  # noqa: ARG001 - all plans have one shape
    """Nothing to observe."""
    return []
