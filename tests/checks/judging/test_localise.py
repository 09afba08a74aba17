"""What failing pairs have in common is said in words a person can act on."""

import itertools

import pytest

from checks.judging.localise import localise, located, worst_first
from checks.place import Pair
from checks.text import say
from tests.checks.words import words

THREE = ("cp", "w1", "w2")
NINE = tuple(f"n{i}" for i in range(9))


def mesh(nodes: tuple[str, ...]) -> set[Pair]:
    """Everybody to everybody."""
    return set(itertools.starmap(Pair, itertools.permutations(nodes, 2)))


def split(nodes: tuple[str, ...], failed: set[Pair]) -> tuple[set[Pair], set[Pair]]:
    """The failing pairs and all others of the mesh."""
    return failed, mesh(nodes) - failed


def touching(nodes: tuple[str, ...], *bad: str) -> set[Pair]:
    """Every pair that one of the bad nodes is part of."""
    return {pair for pair in mesh(nodes) if set(pair.nodes) & set(bad)}


@pytest.mark.parametrize(
    ("nodes", "failed", "expected"),
    [
        (THREE, set(), ""),
        (THREE, touching(THREE, "w2"), "every failing pair touches w2"),
        (THREE, touching(THREE, *THREE), "no pair gets through"),
        (THREE, {Pair("w1", "w2"), Pair("w2", "w1")}, "only between w1 and w2, in both directions"),
        (THREE, {Pair("w1", "w2")}, "only from w1 to w2"),
        (THREE, {Pair("cp", "w2"), Pair("w1", "w2")}, "only towards w2"),
        (THREE, {Pair("w2", "cp"), Pair("w2", "w1")}, "only from w2"),
        (THREE, {Pair("cp", "w1"), Pair("w1", "w2"), Pair("w2", "cp")}, ""),
        (NINE, touching(NINE, "n3", "n7"), "every failing pair touches one of n3, n7"),
        (NINE, touching(NINE, "n1", "n2", "n3", "n4"), ""),
        (("a", "b"), {Pair("a", "b"), Pair("b", "a")}, "no pair gets through"),
    ],
)
def test_localise(nodes: tuple[str, ...], failed: set[Pair], expected: str) -> None:
    """Node, direction or pair; nothing where nothing simple is true."""
    common = localise(*split(nodes, failed))
    assert expected == (words(common) if common else "")


def test_worst_first_names_the_node_with_most_failures_first() -> None:
    """A node that fails with everybody comes before a stray pair."""
    failed = {Pair("a", "b"), Pair("w2", "cp"), Pair("w2", "w1"), Pair("cp", "w2")}
    assert [Pair("cp", "w2"), Pair("w2", "cp"), Pair("w2", "w1"), Pair("a", "b")] == worst_first(failed)


def test_a_claim_is_located_where_it_can_be() -> None:
    """A sentence of its own, with what the pairs have in common behind it."""
    claim = say("{count} pairs fail", count=4)
    assert "4 pairs fail; every failing pair touches w2." == words(located(claim, *split(THREE, touching(THREE, "w2"))))
    assert "4 pairs fail." == words(located(claim, set(), set()))
