"""Names that people type, and the nearest of those there are."""

import difflib
from collections.abc import Sequence

LISTED = 20
"""So many names are listed where none is near."""
_SHOWN = 40


def nearest(word: str, known: Sequence[str], cutoff: float = 0.5) -> str:
    """The known word that looks most like this one; empty when none is at least so much alike (0 to 1)."""
    return next(iter(difflib.get_close_matches(word.lower(), known, n=1, cutoff=cutoff)), "")


def choice(known: Sequence[str]) -> str:
    """A sentence with the names to choose from."""
    listed = ", ".join(known[:LISTED])
    return f"The only one is {listed}." if len(known) == 1 else f"Choose one of {listed}."


def short(text: str) -> str:
    """As much of a word as it is recognised by."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
