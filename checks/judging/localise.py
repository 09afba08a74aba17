"""Say in words what failing pairs have in common. Pure."""

import collections
from collections.abc import Collection

Pair = tuple[str, str]
"""From which node to which."""


def name(pair: Pair) -> str:
    """A pair as people and findings write it."""
    return "->".join(pair)


def worst_first(failed: Collection[Pair]) -> list[Pair]:
    """The pairs in order of how many failing pairs their nodes are part of, then by name."""
    share = collections.Counter(node for pair in failed for node in pair)
    return sorted(failed, key=lambda pair: (-share[pair[0]] - share[pair[1]], pair))


def localise(failed: Collection[Pair], passed: Collection[Pair]) -> str:
    """What the failing pairs have in common and the passing ones have not; empty when nothing simple describes it.

    Node, direction, or a small set of nodes, in this order: the first is what a person can act on at once.
    """
    if not failed or not passed:
        return "no pair gets through" if len(failed) > 1 else ""
    sources, targets = {a for a, _ in failed}, {b for _, b in failed}
    if len(set(failed)) == 1:
        return "only from {} to {}".format(*next(iter(failed)))
    if len(sources | targets) == 2:  # noqa: PLR2004 - the two ends of a pair
        return f"only between {' and '.join(sorted(sources))}, in both directions"
    if len(targets) == 1 and any(a in targets for a, _ in passed):
        return f"only towards {next(iter(targets))}"
    if len(sources) == 1 and any(b in sources for _, b in passed):
        return f"only from {next(iter(sources))}"
    cover = _cover(failed)
    nodes = {node for pair in (*failed, *passed) for node in pair}
    return f"every failing pair touches {' or '.join(cover)}" if len(cover) <= max(1, len(nodes) // 3) else ""


def _cover(failed: Collection[Pair]) -> list[str]:
    """Few nodes that touch every failing pair: always the one that touches most of what is left."""
    left, cover = set(failed), []
    while left:
        share = collections.Counter(node for pair in left for node in pair)
        node = min(share, key=lambda n: (-share[n], n))
        cover.append(node)
        left = {pair for pair in left if node not in pair}
    return cover
