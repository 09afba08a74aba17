"""Who may do what. Today everybody may do everything; the door asks all the same."""

from collections.abc import Callable

from bot.access.audit import Act

Policy = Callable[[Act], str]
"""Why an act is refused, as a sentence for the person who wants to act; empty when it is permitted."""


def everybody_may(_: Act) -> str:
    """Permit everything."""
    return ""
