"""What stops a change in a cluster, as a small tree.

ClusterError
├── NoAnswer      the API server does not answer, or in time
├── NotAllowed    the operator's account may not do this
├── NotThere      the object does not exist
├── Conflict      somebody else has it: it was changed meanwhile, or another manager owns a field
└── Invalid       the API server or a webhook refuses what was sent
"""

from bot.errors import NetcheckError


class ClusterError(NetcheckError):
    """The API server did not do what it was asked."""


class NoAnswer(ClusterError):  # noqa: N818 - it says what is the case
    """Nothing is known of what was asked: it may have been done."""


class NotAllowed(ClusterError):  # noqa: N818 - the same
    """The operator's account lacks a right."""


class NotThere(ClusterError):  # noqa: N818 - the same
    """There is no such object."""


class Conflict(ClusterError):  # noqa: N818 - the same
    """It was changed by somebody else in the same moment, or somebody else manages it."""


class Invalid(ClusterError):  # noqa: N818 - the same
    """What was sent is not accepted, and will not be when it is sent again."""
