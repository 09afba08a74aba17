"""Files of sysfs and procfs, whatever is in them.

The kernel checks little of what it prints: an interface may be named by bytes that are no UTF-8, some files cannot be
read at times, and a line may be half a line. None of that is an error here.
"""

import os
from collections.abc import Iterator
from pathlib import Path

LARGEST = 2**64 - 1
"""No counter of the kernel's is larger."""
DIGITS = len(str(LARGEST))


def read_text(path: Path) -> str:
    """A file's text without the newline, what is no UTF-8 replaced; empty when it cannot be read."""
    return _read(path).decode(errors="replace").strip()


def read_number(path: Path) -> int | None:
    """The natural number that a file holds; None when it holds something else."""
    return number(read_text(path))


def read_table(path: Path) -> Iterator[list[str]]:
    """The fields of each line of a file, decoded by `os.fsdecode`, so that an interface's name is its folder's."""
    # Split as bytes: text has more white space than the kernel keeps out of names.
    for line in _read(path).split(b"\n"):
        if fields := line.split():
            yield [os.fsdecode(field) for field in fields]


def number(digits: str) -> int | None:
    """A natural number in decimal digits, as the kernel prints counters; None for all else, and beyond 64 bits."""
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > DIGITS:
        return None
    value = int(digits)
    return value if value <= LARGEST else None


def entries(folder: Path) -> list[Path]:
    """What is in a folder, by name; nothing when it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def as_shown(name: str) -> str:
    """A name decoded by `os.fsdecode` as JSON can have it: bytes that are no UTF-8 are replaced."""
    return os.fsencode(name).decode(errors="replace")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError):  # the latter for a zero byte in the path, which no file's name has
        return b""
