"""No jobs: everything is in the snapshot."""

from checks.observation import Context
from checks.parts.model import Data, Request


def observe(request: Request, context: Context) -> Data:  # noqa: ARG001 - all observations have one shape
    """Nothing to observe."""
    return Data()
