"""Say what failing pairs have in common. Pure."""

import collections
from collections.abc import Collection, Iterable

from checks.place import Node, Pair
from checks.text import Text, listed, say, say_many


def worst_first(failed: Collection[Pair]) -> list[Pair]:
    """The pairs in order of how many failing pairs their nodes are part of, then by name."""
    touched = collections.Counter(node for pair in failed for node in (pair.source, pair.target))
    return sorted(failed, key=lambda pair: (-touched[pair.source] - touched[pair.target], pair))


def located(claim: Text, failed: Collection[Pair], passed: Collection[Pair]) -> Text:
    """The claim about the failing pairs as a sentence, with what they have in common behind it."""
    common = localise(failed, passed)
    return say("{claim}; {common}.", claim=claim, common=common) if common else say("{claim}.", claim=claim)


def localise(failed: Collection[Pair], passed: Collection[Pair]) -> Text | None:
    """What the failing pairs have in common and the passing ones have not; None when nothing simple describes it.

    Node, direction, or a small set of nodes, in this order: the first is what a person can act on at once.
    """
    if not failed or not passed:
        return say("no pair gets through") if len(failed) > 1 else None
    return _direction(failed, passed) or _shared(failed, passed)


def _direction(failed: Collection[Pair], passed: Collection[Pair]) -> Text | None:
    if len(set(failed)) == 1:
        pair = next(iter(failed))
        return say("only from {source} to {target}", source=Node(pair.source), target=Node(pair.target))
    sources, targets = {pair.source for pair in failed}, {pair.target for pair in failed}
    if len(sources | targets) == 2:  # noqa: PLR2004 - the two ends of a pair
        one, other = map(Node, sorted(sources))
        return say("only between {one} and {other}, in both directions", one=one, other=other)
    if len(targets) == 1 and any(pair.source in targets for pair in passed):
        return say("only towards {node}", node=Node(*targets))
    if len(sources) == 1 and any(pair.target in sources for pair in passed):
        return say("only from {node}", node=Node(*sources))
    return None


def _shared(failed: Collection[Pair], passed: Collection[Pair]) -> Text | None:
    nodes = {node for pair in (*failed, *passed) for node in (pair.source, pair.target)}
    cover = [Node(name) for name in _cover(failed, max(1, len(nodes) // 3))]
    if not cover:
        return None
    return say_many(
        "every failing pair touches {nodes}",
        "every failing pair touches one of {nodes}",
        len(cover),
        nodes=listed(cover),
    )


def _cover(pairs: Iterable[Pair], most: int) -> list[str]:
    """Few nodes that touch every pair: always the one that touches most of what is left; none when more are needed."""
    touching: dict[str, set[Pair]] = collections.defaultdict(set)
    for pair in pairs:
        touching[pair.source].add(pair)
        touching[pair.target].add(pair)
    cover: list[str] = []
    while touching:
        node = min(touching, key=lambda name: (-len(touching[name]), name))
        touched = touching.pop(node)
        if not touched:
            return cover
        if len(cover) == most:
            return []
        cover.append(node)
        for pair in touched:
            touching[pair.target if pair.source == node else pair.source].discard(pair)
    return cover
