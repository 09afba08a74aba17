"""Every delay and limit of the stand-in that a test may want shorter than Slack's own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Delays in seconds; the defaults are Slack's documented figures unless said otherwise.

    Attributes:
        ack_seconds: How long a command, an interaction or an event waits for its acknowledgement.
        trigger_seconds: How long a `trigger_id` can be exchanged for a modal.
        response_url_seconds: How long a `response_url` is good.
        response_url_uses: How often a `response_url` can be used.
        event_retry_seconds: Delay before each redelivery of an event that was not acknowledged.
        max_connections: Socket Mode connections one app may hold.
        ping_seconds: Delay between pings that Slack sends on an idle connection (observed, not documented).
        connection_seconds: Age at which a connection is told to refresh; Slack announces about this long in `hello`.
        warning_seconds: Delay between the frames `warning` and `refresh_requested` at the end of that age.
        posts_per_second: Messages one app may post to one channel in the long run.
        post_burst: Messages that may be posted to a channel at once; Slack allows "short bursts" and gives no figure.
        file_processing_seconds: Delay until a completed upload appears in its channel; real ones vary.
    """

    ack_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    event_retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    max_connections: int = 10
    ping_seconds: float = 10.0
    connection_seconds: float = 18060.0
    warning_seconds: float = 10.0
    posts_per_second: float = 1.0
    post_burst: int = 4
    file_processing_seconds: float = 0.3
