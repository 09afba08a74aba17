"""The rules in force: from a file that is read again whenever it has changed.

A ConfigMap is changed by turning a symbolic link, an editor writes a new file or into the old one: each shows in what
the path leads to, which is looked at for every act. It is one `stat`, and takes microseconds.
"""

import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from bot.access.rules import BY_DEFAULT, Rules, read_rules
from bot.access.verb import READING
from bot.errors import ConfigError

MOST_BYTES = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules of this moment."""

    rules: Rules
    file: str = ""
    """Where they come from; empty: they are the ones without a file."""
    wrong: str = ""
    """Why the file cannot be used; then nobody may change anything, and for the rest the last rules that could hold."""


class Rulebook:
    """The rules of one file, or of none. Any thread may ask."""

    def __init__(self, path: str = "") -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | str | None = None
        self._now = InForce(BY_DEFAULT, path)

    def now(self) -> InForce:
        """The rules in force."""
        if not self._path:
            return self._now
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._seen, self._now = seen, self._read()
            return self._now

    def _look(self) -> tuple[int, ...] | str:
        """What changes whenever the file does."""
        try:
            at = os.stat(self._path)  # noqa: PTH116 - a third of the time of Path.stat, for every act
        except OSError as error:
            return str(error)
        return at.st_mtime_ns, at.st_ctime_ns, at.st_size, at.st_ino, at.st_dev

    def _read(self) -> InForce:
        try:
            rules = read_rules(_text(Path(self._path)))
        except ConfigError as error:
            log.error("%s cannot be used, so nobody may change anything: %s", self._path, error.reason)  # noqa: TRY400 - it says all
            kept = {verb: rules if verb in READING else () for verb, rules in self._now.rules.items()}
            return InForce(kept, self._path, error.reason)
        log.info("who may do what is taken from %s", self._path)
        return InForce(rules, self._path)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise ConfigError(f"It cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"It is no UTF-8: byte {error.start}.") from None
    if len(content) > MOST_BYTES:
        raise ConfigError(f"It has more than {MOST_BYTES} bytes.")
    return text
