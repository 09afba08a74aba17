"""Every delay and limit of the stand-in that a test may want other than Slack's own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Delays in seconds and limits; the defaults are Slack's documented figures unless said otherwise."""

    ack_s: float = 3.0
    """How long a command, an interaction or an event waits for its acknowledgement."""
    trigger_s: float = 3.0
    """How long a `trigger_id` can be exchanged for a modal."""
    response_url_s: float = 1800.0
    """How long a `response_url` is good."""
    response_url_uses: int = 5
    event_retry_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    """Delay before each redelivery of an event that was not acknowledged."""
    max_connections: int = 10
    """Socket Mode connections that one app may hold."""
    ping_s: float = 10.0
    """Delay between pings on an idle connection; observed, not documented."""
    connection_s: float = 18060.0
    """Age at which a connection is told to refresh; Slack announces about this long in `hello`."""
    warning_s: float = 10.0
    """Delay between the frames `warning` and `refresh_requested` at the end of that age."""
    posts_per_second: float = 1.0
    """Messages that one app may post to one channel in the long run."""
    post_burst: int = 4
    """Messages that may be posted to a channel at once; Slack allows "short bursts" and gives no figure."""
    edits_per_minute: float = 50.0
    """Calls of `chat.update` in a workspace in the long run: tier 3, "50+ a minute"."""
    edit_burst: int = 50
    """Calls of `chat.update` at once; Slack tolerates bursts without a figure, here a minute's worth."""
    file_processing_s: float = 0.3
    """Delay until a completed upload appears in its channel; real ones vary."""
