"""What is delivered to the bot, and how the bot took it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Envelope:
    """Something to deliver."""

    kind: str
    """`slash_commands`, `interactive` or `events_api`."""
    payload: Mapping[str, Any]
    accepts_response: bool = False
    """Whether the bot may send something along with its acknowledgement."""
    retry_number: int = 0
    """0 for the first attempt."""
    retry_reason: str = ""


@dataclass
class Acknowledgement:
    """How the bot took an envelope."""

    error: str = ""
    """Empty, or what the person is told: `operation_timeout`, `dispatch_failed`, `http_service_error`."""
    payload: dict[str, Any] = field(default_factory=dict)
    """What the bot sent along."""
    seconds: float = 0.0
    """Time from sending to the acknowledgement."""
    retry: bool = True
    """Whether the bot allows redelivery of an event that it did not accept."""

    @property
    def ok(self) -> bool:
        """Whether it arrived in time."""
        return not self.error


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an envelope, and its outcome."""

    at: float
    """Unix time in seconds."""
    envelope: Envelope
    connection: int
    """Number of the socket, 0 for HTTP."""
    acknowledgement: Acknowledgement


class Transport(Protocol):
    """Carries envelopes to the bot: Socket Mode or HTTP."""

    async def deliver(self, envelope: Envelope) -> tuple[int, Acknowledgement]:
        """Deliver once; the number of the connection and the acknowledgement, however it went."""
