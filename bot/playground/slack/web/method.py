"""How a Web API method is described."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments

Run = Callable[[Service, Arguments], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """A Web API method."""

    run: Run
    """Does it; gives the answer without `ok`."""
    tier: int = 3
    """Rate limit tier, 1 to 4."""
    scopes: tuple[str, ...] = ()
    """All of them are needed."""
    required: Mapping[str, str] | None = None
    """Arguments that must be there, with the error code that Slack gives when one is missing."""
    token: str = "bot"  # noqa: S105 - the kind of token, not a token
    """Which token it takes: `bot`, `app`, or empty for none."""


def need_scope(service: Service, *scopes: str) -> None:
    """Check the scopes that the app was installed with.

    Raises:
        Refusal: `missing_scope`.
    """
    if not service.app.scopes.issuperset(scopes):
        raise Refusal(
            "missing_scope",
            details={"needed": ",".join(scopes), "provided": ",".join(sorted(service.app.scopes))},
        )
