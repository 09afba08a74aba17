"""How pairs of questions fared. Apart from who asks them: an agent that is idle need not know how."""

import msgspec


class Pairs(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How many pairs of questions were sent each way, and of how many exactly one answer was missing."""

    sent: int = 0
    """From one socket each; from two sockets there were as many."""
    one_lost: int = 0
    two_lost: int = 0
    answered: int = 0
    """Pairs that got both answers, of either sort."""
