"""Whether an execution waits for a person or goes on by itself. Pure."""

from bot.runbooks.execution import Execution
from bot.runbooks.machine import WAITING, Event, State
from bot.runbooks.model import Approval, Hand


def waits(execution: Execution) -> bool:
    """Whether nothing moves before a person says a word."""
    if execution.ended or execution.state in WAITING - {State.OFFERED}:
        return True
    return execution.state is State.OFFERED and not by_itself(execution)


def by_itself(execution: Execution) -> Event | None:
    """The event with which an offered step goes on where nobody has to be asked."""
    step = execution.step
    if step is None or execution.paused or step.asks:
        return None
    if step.hand is Hand.NOBODY:
        return Event.CLAIMED
    covered = execution.approved is not None or execution.needs is Approval.NONE
    return Event.GO if step.hand is Hand.OPERATOR and covered else None
