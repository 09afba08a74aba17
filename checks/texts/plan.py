"""No jobs: everything is in the text."""

from checks.cluster.snapshot import Snapshot
from checks.observation import Task
from checks.texts.model import Parameters


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:  # noqa: ARG001 - all plans have one shape
    """Nothing to observe."""
    return []
