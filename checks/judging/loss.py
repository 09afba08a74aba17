"""A share of datagrams that were lost, in words. Pure."""

from checks.judging.statistics import wilson
from checks.text import Text, say, share


def told_loss(lost: int, sent: int) -> Text:
    """How many of how many, as a share with its interval."""
    low, high = wilson(lost, sent)
    return say(
        "{lost} of {sent} datagrams lost, {loss} (95 % interval {low} to {high})",
        lost=lost,
        sent=sent,
        loss=share(lost / sent if sent else 0.0),
        low=share(low),
        high=share(high),
    )
