"""No jobs: everything is in the text."""

from checks.observation import Context
from checks.texts.model import Data, Request


def observe(request: Request, context: Context) -> Data:  # noqa: ARG001 - all observations have one shape
    """Nothing to observe."""
    return Data()
