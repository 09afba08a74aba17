"""Failures that a test injects into calls of the bot."""

from dataclasses import dataclass, field


@dataclass
class Fault:
    """A failure of the next calls of one method."""

    method: str
    """Web API method, or `response_url`."""
    status: int = 0
    """HTTP status to answer with instead of doing anything, for example 500 or 429."""
    error: str = ""
    """Slack's error code to answer with instead of doing anything."""
    retry_after: int = 1
    """Seconds for `Retry-After`, sent with status 429."""
    hang: float = 0.0
    """Seconds to wait before doing anything else."""
    lose_answer: bool = False
    """Do what was asked, then cut the connection instead of answering."""
    times: int = 1
    """How many calls it hits."""


@dataclass
class Faults:
    """The faults that are still to hit."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """The fault for this call of a method, if one is set; counts the hit."""
        found = next((fault for fault in self.waiting if fault.method == method), None)
        if found:
            found.times -= 1
            if found.times <= 0:
                self.waiting.remove(found)
        return found
