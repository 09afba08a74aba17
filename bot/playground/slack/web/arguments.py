"""The arguments of a call: forms carry everything as strings, JSON bodies do not."""

import copy
import json
from typing import Any

from bot.playground.refusal import Refusal


class Arguments(dict[str, Any]):
    """Arguments by name, as they came."""

    def text(self, name: str) -> str:
        """A string argument, empty when absent."""
        value = self.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean argument, false when absent."""
        return self.text(name).lower() in {"1", "true"}

    def integer(self, name: str, default: int) -> int:
        """An integer argument.

        Raises:
            Refusal: `invalid_arguments`.
        """
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise Refusal("invalid_arguments", [f"[ERROR] must be an integer [json-pointer:/{name}]"]) from None

    def structure(self, name: str, code: str = "invalid_arguments") -> Any:
        """An object or array of its own, decoded where it came as a string; None when absent.

        Raises:
            Refusal: the string is no JSON; the code is `code`.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return copy.deepcopy(value)
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refusal(code) from None
