"""What travels with a job of `apiserver` and what comes back."""

from typing import Annotated

import msgspec

from checks.observation import Answer


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    window_s: Annotated[
        float, msgspec.Meta(ge=0.5, le=6.0, description="Seconds for which calls of webhooks are watched.")
    ] = 3.0


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The worker asks one API server."""

    address: Annotated[str, msgspec.Meta(max_length=45)] = ""
    """Empty: the one that the worker talks to anyway."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    node: Annotated[str, msgspec.Meta(max_length=253)] = ""
    """The node with that address; empty when none of the cluster's has it."""
    window_s: Annotated[float, msgspec.Meta(ge=0.0, le=6.0)] = 3.0
    admission: bool = False
    """Whether calls of webhooks are watched."""


class Calls(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The calls of one webhook that ended within the window."""

    webhook: str
    sort: str
    """`validating` or `admit`, in the API server's words."""
    count: int = 0
    seconds: float = 0.0
    """In all of them together."""
    failed: int = 0
    """Those that got no answer, and so refused a request (`error_type="calling_webhook_error"`)."""
    passed_over: int = 0
    """Those that got no answer, and were passed over (failurePolicy Ignore)."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one API server said."""

    address: str
    node: str
    ready: Answer
    """Its message has one line for each of the API server's own checks."""
    calls: tuple[Calls, ...] = ()
    figures: Answer | None = None
    """What became of reading its figures, without them; None where it was not asked for them."""
