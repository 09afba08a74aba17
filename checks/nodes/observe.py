"""No jobs: everything is in the snapshot."""

from checks.nodes.model import Data, Request
from checks.observation import Context


def observe(request: Request, context: Context) -> Data:  # noqa: ARG001 - all observations have one shape
    """Nothing to observe."""
    return Data()
