"""Who is in a user group, without asking for every act.

Where it is known comes in as a callable, so nothing here knows Slack. What is known is good for `FRESH_S`; then whoever
asks next has it asked for again, and waits for that `PATIENCE_S` at most, because an acknowledgement waits with them.
When nobody answers, what is known is good for `KEPT_S`, and afterwards nobody is in the group.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.access.rules import Subject
from bot.errors import Unavailable

FRESH_S = 60.0
"""So long somebody who has left a group may still act as one of it, while Slack answers."""
EARLY_S = 45.0
"""From this age on it is asked for again without anybody waiting."""
KEPT_S = 600.0
PATIENCE_S = 1.0
"""Of Slack's three seconds for an acknowledgement."""
AGAIN_S = 5.0
"""After a failure nobody asks, or waits, again for so long."""
_ASKING = 2

Ask = Callable[[Subject], Collection[str]]
"""Gives the ids of the users in a group. Raises `Unavailable` when that cannot be known now."""
Members = Ask
"""The same as the policy takes it: quick, whoever answers behind it."""

log = logging.getLogger(__name__)


def nobody_knows(group: Subject) -> Collection[str]:
    """The members where there is no Slack to ask.

    Raises:
        Unavailable: always.
    """
    raise Unavailable(f"Who is in the user group {group.id} is not known here.", hint="Only the bot can ask Slack.")


@dataclass(slots=True)
class _Group:
    """What is known of one group. Times are monotonic, in seconds."""

    users: frozenset[str] = frozenset()
    known_at: float = float("-inf")
    failed_at: float = float("-inf")
    error: str = ""
    asked: threading.Event | None = None
    """Set when the question that is under way is answered; None when none is."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Membership:
    """The members of every group that was asked about. Any thread may ask."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._groups: dict[Subject, _Group] = {}
        self._pool = ThreadPoolExecutor(_ASKING, thread_name_prefix="membership")

    def finish(self) -> None:
        """End after the questions that are under way."""
        self._pool.shutdown()

    def __call__(self, group: Subject) -> Collection[str]:
        """The ids of the users in a group.

        Raises:
            Unavailable: Slack does not say, and what it last said is too old.
        """
        known = self._groups.setdefault(group, _Group())
        with known.lock:
            answered = self._asked_again(group, known)
            fresh = self._clock() - known.known_at <= FRESH_S
        if answered is not None and not fresh:
            answered.wait(PATIENCE_S)
        with known.lock:
            if self._clock() - known.known_at <= KEPT_S:
                return known.users
            why = known.error or "it did not answer in time"
        raise Unavailable(f"Slack does not say who is in the user group {group.id}: {why}.")

    def _asked_again(self, group: Subject, known: _Group) -> threading.Event | None:
        """Have it asked for if it is time; what tells that it is answered, or None when nothing is under way."""
        now = self._clock()
        due = now - known.known_at > EARLY_S and now - known.failed_at > AGAIN_S
        if known.asked is None and due:
            known.asked = threading.Event()
            self._pool.submit(self._learn, group, known, known.asked)
        return known.asked

    def _learn(self, group: Subject, known: _Group, answered: threading.Event) -> None:
        # What it says is true of the moment of asking at the earliest.
        began = self._clock()
        users, error = self._outcome(group)
        # In one step: whoever finds the question answered finds the answer too.
        with known.lock:
            if error:
                known.error, known.failed_at = error, self._clock()
            else:
                known.users, known.known_at, known.error = users, began, ""
            known.asked = None
            answered.set()

    def _outcome(self, group: Subject) -> tuple[frozenset[str], str]:
        """The users, and why they cannot be told, if so."""
        try:
            return frozenset(self._ask(group)), ""
        except Unavailable as error:
            log.warning("who is in the user group %s cannot be learnt: %s", group.id, error.reason)
            return frozenset(), str(error).rstrip(".")
        except Exception:
            log.exception("asking who is in the user group %s", group.id)
            return frozenset(), "netcheck failed; its log says why"
