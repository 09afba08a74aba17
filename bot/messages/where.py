"""Where in Slack something is shown."""

import msgspec


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """A channel, and the thread in it if there is one."""

    channel: str
    thread: str = ""
    """The `ts` of the message that is answered."""
