"""What failing pairs have in common is said in words a person can act on."""

import itertools

import pytest

from checks.judging.localise import Pair, localise, worst_first

THREE = ("cp", "w1", "w2")
NINE = tuple(f"n{i}" for i in range(9))


def split(nodes: tuple[str, ...], failed: set[Pair]) -> tuple[set[Pair], set[Pair]]:
    """The failing pairs and all others of the mesh."""
    return failed, set(itertools.permutations(nodes, 2)) - failed


def touching(nodes: tuple[str, ...], *bad: str) -> set[Pair]:
    """Every pair that one of the bad nodes is part of."""
    return {pair for pair in itertools.permutations(nodes, 2) if set(pair) & set(bad)}


@pytest.mark.parametrize(
    ("nodes", "failed", "expected"),
    [
        (THREE, set(), ""),
        (THREE, touching(THREE, "w2"), "every failing pair touches w2"),
        (THREE, touching(THREE, *THREE), "no pair gets through"),
        (THREE, {("w1", "w2"), ("w2", "w1")}, "only between w1 and w2, in both directions"),
        (THREE, {("w1", "w2")}, "only from w1 to w2"),
        (THREE, {("cp", "w2"), ("w1", "w2")}, "only towards w2"),
        (THREE, {("w2", "cp"), ("w2", "w1")}, "only from w2"),
        (THREE, {("cp", "w1"), ("w1", "w2"), ("w2", "cp")}, ""),
        (NINE, touching(NINE, "n3", "n7"), "every failing pair touches n3 or n7"),
        (NINE, touching(NINE, "n1", "n2", "n3", "n4"), ""),
        (("a", "b"), {("a", "b"), ("b", "a")}, "no pair gets through"),
    ],
)
def test_localise(nodes: tuple[str, ...], failed: set[Pair], expected: str) -> None:
    """Node, direction or pair; nothing where nothing simple is true."""
    assert localise(*split(nodes, failed)) == expected


def test_worst_first_names_the_node_with_most_failures_first() -> None:
    """A node that fails with everybody comes before a stray pair."""
    failed = {("a", "b"), ("w2", "cp"), ("w2", "w1"), ("cp", "w2")}
    assert worst_first(failed) == [("cp", "w2"), ("w2", "cp"), ("w2", "w1"), ("a", "b")]
