"""Turns at what Slack counts: posts by channel, edits and reads by workspace.

Slack answers too many calls with a refusal and a time to wait. Running into it costs the call, and hits whichever
message comes next; so turns are taken before. They are counted in Redis, because Slack counts all replicas of the bot
together, and a restart does not make it forget.
"""

from dataclasses import dataclass
from typing import Any

from bot.store.scripts import Script

POST_EVERY_S = 1.02
"""In one channel: Slack takes one a second (https://docs.slack.dev/apis/web-api/rate-limits). From an answer to the
next call, because calls that leave a second apart may arrive closer to each other."""
MISSED_S = 5.0
"""Whoever does not use a promised turn for so long has died, and others need not wait for it."""
_TAKE = Script("take_turn")
_DELAY = Script("delay_turns")
_RETURN = Script("return_turn")


@dataclass(frozen=True, slots=True)
class Calls:
    """A kind of call that Slack counts on its own."""

    name: str
    interval_s: float
    """Between two calls in the long run."""
    burst: int = 1
    """So many may be made at once after a time without any."""


def posts(channel: str) -> Calls:
    """Posts to a channel."""
    return Calls(f"post:{channel}", interval_s=POST_EVERY_S)


EDITS = Calls("edit", interval_s=1.5, burst=10)
"""Edits in a workspace: chat.update is of tier 3, 50 calls a minute. In no minute are there more than ten and forty."""
ROOMS = Calls("room", interval_s=3.0, burst=10)
"""Making channels and inviting: conversations.create is of tier 2."""
FILES = Calls("file", interval_s=0.8, burst=10)
"""Uploads: the files' methods are of tier 4, 100 calls a minute."""
READS = Calls("read", interval_s=1.5, burst=10)
"""Looking for messages: conversations.history and .replies are of tier 3 too."""


class Pace:
    """Takes turns. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def first(self, calls: Calls, caller: str) -> float:
        """A turn for what somebody waits for: 0 when it is taken, else the seconds after which to ask again.

        The next free turn is promised to the caller, before all that merely goes on.
        """
        return self._take(calls, caller, urgent=1)

    def then(self, calls: Calls, caller: str) -> float:
        """The same for the rest: it gets the turns that nobody was promised."""
        return self._take(calls, caller, urgent=0)

    def delay(self, calls: Calls, wait_s: float) -> None:
        """This kind of call is left alone for so long: Slack has asked for that, or one has only just arrived."""
        _DELAY(self._client, **_keys(calls), wait_s=wait_s, interval=calls.interval_s, burst=calls.burst)

    def back(self, calls: Calls, caller: str) -> None:
        """A turn of `first` came to nothing, because Slack asks to wait: the caller's is the next one."""
        _RETURN(self._client, **_keys(calls), caller=caller, interval=calls.interval_s, burst=calls.burst)

    def _take(self, calls: Calls, caller: str, urgent: int) -> float:
        wait_s = _TAKE(
            self._client,
            **_keys(calls),
            caller=caller,
            urgent=urgent,
            interval=calls.interval_s,
            burst=calls.burst,
            missed_s=MISSED_S,
        )
        return float(wait_s)


def _keys(calls: Calls) -> dict[str, str]:
    full = f"netcheck:pace:{{{calls.name}}}"
    return {"full": full, "promised": f"{full}:promised"}
