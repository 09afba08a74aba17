"""The states of an execution and what leads from one to another: one table, pure, and drawn in docs/runbooks.md.

What an action came to is recorded once. If that is not known, because whoever acted died, the way leads on to
*verifying*: it is looked what is true now, and nothing is done a second time.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType


class State(enum.StrEnum):
    """Where an execution is. All but the first two and the last four are about one step of the plan."""

    PLANNING = "planning"
    """A run looks at the cluster, and the plan is filled in from what it sees."""
    REFUSED = "refused"
    """Ended: the plan must not be begun."""
    CHECKING = "checking"
    """It is looked whether the step's precondition holds."""
    BLOCKED = "blocked"
    """It does not; a person decides."""
    OFFERED = "offered"
    """What will be done is shown; a person says so, or does it and says that it is done."""
    ACTING = "acting"
    """The operator is at it."""
    VERIFYING = "verifying"
    """Real checks look whether it worked."""
    UNVERIFIED = "unverified"
    """It did not, or cannot be seen; a person decides."""
    UNDO_OFFERED = "undo-offered"
    """The way back from the step is shown."""
    UNDOING = "undoing"
    UNDO_VERIFYING = "undo-verifying"
    STUCK = "stuck"
    """The way back failed: a person has to take over."""
    DONE = "done"
    """Ended: every step holds."""
    UNDONE = "undone"
    """Ended: the unit of steps is rolled back."""
    STOPPED = "stopped"
    """Ended where it was, by a person's word."""


class Event(enum.StrEnum):
    """What happens to an execution."""

    PLANNED = "planned"
    REFUSED = "refused"
    HOLDS = "holds"
    """What was looked for is so."""
    FINISHED = "finished"
    """It is so, and nothing comes after it."""
    FAILS = "fails"
    """It is not so, or could not be seen."""
    GO = "go"
    """The operator shall act: approved, or in no need of it."""
    CLAIMED = "claimed"
    """A person says that they have done it; or nothing is to be done."""
    ACTED = "acted"
    FAILED = "failed"
    """The operator could not do it, and knows that."""
    LOST = "lost"
    """Nobody knows whether it was done."""
    AGAIN = "again"
    """Look once more."""
    RETRY = "retry"
    """Do it once more."""
    BACK = "back"
    FORWARD = "forward"
    STOP = "stop"


TRANSITIONS: Mapping[State, Mapping[Event, State]] = MappingProxyType(
    {
        State.PLANNING: {
            Event.PLANNED: State.CHECKING,
            Event.REFUSED: State.REFUSED,
            Event.STOP: State.STOPPED,
        },
        State.CHECKING: {Event.HOLDS: State.OFFERED, Event.FAILS: State.BLOCKED, Event.STOP: State.STOPPED},
        State.BLOCKED: {
            Event.AGAIN: State.CHECKING,
            Event.BACK: State.UNDO_OFFERED,
            Event.STOP: State.STOPPED,
        },
        State.OFFERED: {
            Event.GO: State.ACTING,
            Event.CLAIMED: State.VERIFYING,
            Event.BACK: State.UNDO_OFFERED,
            Event.STOP: State.STOPPED,
        },
        State.ACTING: {
            Event.ACTED: State.VERIFYING,
            Event.LOST: State.VERIFYING,
            Event.FAILED: State.UNVERIFIED,
        },
        State.VERIFYING: {
            Event.HOLDS: State.CHECKING,
            Event.FINISHED: State.DONE,
            Event.FAILS: State.UNVERIFIED,
        },
        State.UNVERIFIED: {
            Event.AGAIN: State.VERIFYING,
            Event.CLAIMED: State.VERIFYING,
            Event.RETRY: State.CHECKING,
            Event.BACK: State.UNDO_OFFERED,
            Event.STOP: State.STOPPED,
        },
        State.UNDO_OFFERED: {
            Event.GO: State.UNDOING,
            Event.CLAIMED: State.UNDO_VERIFYING,
            Event.FORWARD: State.CHECKING,
            Event.STOP: State.STOPPED,
        },
        State.UNDOING: {
            Event.ACTED: State.UNDO_VERIFYING,
            Event.LOST: State.UNDO_VERIFYING,
            Event.FAILED: State.STUCK,
        },
        State.UNDO_VERIFYING: {
            Event.HOLDS: State.UNDO_OFFERED,
            Event.FINISHED: State.UNDONE,
            Event.FAILS: State.STUCK,
        },
        State.STUCK: {Event.AGAIN: State.UNDO_VERIFYING, Event.STOP: State.STOPPED},
    }
)
"""State x event -> state. What is not here does not happen."""
ENDED = frozenset({State.REFUSED, State.DONE, State.UNDONE, State.STOPPED})
WAITING = frozenset({State.BLOCKED, State.OFFERED, State.UNVERIFIED, State.UNDO_OFFERED, State.STUCK})
"""States in which nothing moves before a person does."""
UNDER_WAY = frozenset({State.ACTING, State.UNDOING})
"""States in which the operator may be changing something: nobody stops it there."""


def drawn() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.PLANNING}"]
    for state, row in TRANSITIONS.items():
        by_target: dict[State, list[str]] = {}
        for event, target in row.items():
            by_target.setdefault(target, []).append(str(event))
        lines += [f"    {state} --> {target}: {', '.join(events)}" for target, events in by_target.items()]
    lines += [f"    {state} --> [*]" for state in State if state in ENDED]
    return "\n".join(lines) + "\n"
