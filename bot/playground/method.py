"""How a Web API method is described, and how its arguments are read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.service import Service


class Arguments(dict[str, Any]):
    """Arguments of a call; forms carry everything as strings, JSON bodies do not."""

    def text(self, name: str) -> str:
        """Return a string argument, empty when absent."""
        value = self.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return a boolean argument, false when absent."""
        return self.text(name).lower() in {"1", "true"}

    def integer(self, name: str, default: int) -> int:
        """Return an integer argument.

        Raises:
            Refusal: `invalid_arguments`.
        """
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refusal("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]) from None

    def structure(self, name: str, code: str = "invalid_arguments") -> Any:
        """Return an object or array, decoded where it came as a string; None when absent.

        Raises:
            Refusal: With `code`, when the string is no JSON.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refusal(code) from None


Run = Callable[[Service, Arguments], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """A Web API method.

    Attributes:
        run: Does it; returns the answer without `ok`.
        tier: Rate limit tier, 1 to 4.
        scopes: Scopes of which all are needed.
        required: Arguments that must be there, with the error code Slack gives when one is missing.
        token: Which token it takes: bot, app or none.
    """

    run: Run
    tier: int = 3
    scopes: tuple[str, ...] = ()
    required: Mapping[str, str] | None = None
    token: str = "bot"  # noqa: S105  the kind of token, not a token


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
