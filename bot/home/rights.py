"""What somebody may do, by verb and cluster. Pure but for what the policy asks."""

from collections.abc import Sequence

from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.access.verb import Verb
from bot.errors import NotPermitted
from bot.home.model import Refusal, Right


def rights(policy: Policy, by: Requester, channel: str, clusters: Sequence[str]) -> tuple[Right, ...]:
    """What somebody may do with these clusters in a channel, every verb in its order."""
    return tuple(_right(policy, verb, by, channel, clusters) for verb in Verb)


def _right(policy: Policy, verb: Verb, by: Requester, channel: str, clusters: Sequence[str]) -> Right:
    allowed: list[str] = []
    refused: dict[tuple[str, ...], tuple[NotPermitted, list[str]]] = {}
    for cluster in clusters:
        why = policy.refused(verb, by, channel, cluster)
        if why is None:
            allowed.append(cluster)
        else:
            # Whoever is to be asked for one cluster is asked for the others too: one line.
            refused.setdefault((why.hint, *why.ask), (why, []))[1].append(cluster)
    refusals = tuple(Refusal(tuple(names), why) for why, names in refused.values())
    return Right(verb, tuple(allowed), refusals)
