"""What is looked at of a text that is too long: a log pasted in a channel, which nobody can shorten any more."""

import re
from dataclasses import dataclass

from bot.commands.grammar import TEXT_LIMIT, cleaned
from checks.reading.read import read

_TELLING = re.compile(
    r"error|fail|fatal|panic|time[d -]?out|deadline exceeded|refused|denied|forbidden|unreachable|no route"
    r"|reset by peer|x509|certificate|unable|cannot|not found",
    re.IGNORECASE,
)
_BEFORE = 500
"""Characters of a single long line that are kept before its first telling word."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a text that is looked at."""

    text: str
    left_out: str = ""
    """What was not looked at, as a sentence; empty when the text is whole."""


def excerpt(text: str, most: int = TEXT_LIMIT) -> Excerpt:
    """A text of at most so many characters: the lines that tell of errors, in order, the known and the latest first."""
    whole = cleaned(text)
    if len(whole) <= most:
        return Excerpt(whole)
    lines = [_around(line, most) for line in whole.splitlines()]
    kept = _kept(lines, most)
    if not kept:
        return Excerpt(whole[:most], f"The message has {len(whole)} characters: only its first {most} are looked at.")
    said = f"The message has {len(whole)} characters: only {len(kept)} of its {len(lines)} lines are looked at"
    if len(lines) == 1:
        return Excerpt(
            lines[0], f"The message has {len(whole)} characters: only {most} around its error are looked at."
        )
    return Excerpt("\n".join(lines[number] for number in kept), f"{said}, those that tell of errors.")


def _kept(lines: list[str], most: int) -> list[int]:
    """The numbers of the telling lines that fit, in order."""
    ranked = sorted((rank, -number) for number, line in enumerate(lines) if (rank := _rank(line)) is not None)
    kept, left = [], most
    for _, negative in ranked:
        size = len(lines[-negative]) + 1
        if size <= left + 1:
            kept.append(-negative)
            left -= size
    return sorted(kept)


def _rank(line: str) -> int | None:
    """0 for an error that netcheck knows, 1 for what reads like one, None for the rest."""
    if read(line).related:
        return 0
    return 1 if _TELLING.search(line) else None


def _around(line: str, most: int) -> str:
    """As much of a line as fits, with its first telling word in it."""
    if len(line) <= most:
        return line
    found = _TELLING.search(line)
    start = max(0, found.start() - _BEFORE) if found else 0
    return line[start : start + most]
