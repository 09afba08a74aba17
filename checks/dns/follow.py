"""Whom to ask again: servers that lost some answers while everything else was measured too. Pure.

A processor that is short loses datagrams as a network does, and a run makes every agent work at once. What is asked
when all that is over is lost by the network, or it is not lost.
"""

from collections import defaultdict

import msgspec

from checks.dns.askings import AGAIN, Asking, only_first
from checks.dns.model import Data, Parameters, Target
from checks.dns.plan import plan
from checks.gathered import Gathered
from checks.observation import Network, Task


def follow(gathered: Gathered[Parameters, Data]) -> list[Task]:
    """The same questions to those servers, from the same agents; none where a server is silent.

    That is no chance, and whoever looks for its reason in this moment is not to be disturbed.
    """
    if any(asked.sent and not asked.answered for h in only_first(gathered).heard for asked in h.data.asked):
        return []
    losing: dict[tuple[str, Network], set[str]] = defaultdict(set)
    for heard in only_first(gathered).heard:
        for asked in heard.data.asked:
            if asked.answered and Asking(heard.node, heard.network, asked).loses:
                losing[heard.node, heard.network].add(asked.name)
    return [
        msgspec.structs.replace(
            task,
            name=AGAIN,
            request=msgspec.structs.replace(
                task.request,
                targets=tuple(_alone(t) for t in task.request.targets if t.name in losing[task.node, task.network]),
                external="",
                large="",
            ),
        )
        for task in (plan(gathered.snapshot, gathered.parameters) if losing else ())
        if (task.node, task.network) in losing
    ]


def _alone(target: Target) -> Target:
    return msgspec.structs.replace(target, metrics_port=0)
