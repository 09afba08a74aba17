"""Many pairs of nodes in little room: what a record keeps of one finding beyond its worst places.

A matrix of a hundred nodes has a thousand pairs. As places they take a hundred kilobytes, as a row of numbers each a
fifth of that, and a picture needs no more.
"""

from collections.abc import Iterator

import msgspec

from checks.place import Pair


class Row(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One pair: where its words stand in the lists of `Pairs`, and its measures in their order."""

    source: int
    target: int
    outcome: int
    bad: bool
    measured: tuple[float | None, ...]


class Pairs(msgspec.Struct, frozen=True):
    """The pairs of one finding, in their order."""

    nodes: tuple[str, ...]
    outcomes: tuple[str, ...]
    measures: tuple[str, ...]
    rows: tuple[Row, ...]

    def all(self) -> Iterator[tuple[Pair, str, dict[str, float], bool]]:
        """Each pair with its outcome, its measures and whether it is bad.

        Raises:
            IndexError: a row names what is not in the lists.
        """
        for row in self.rows:
            known = zip(self.measures, row.measured, strict=False)
            measures = {name: value for name, value in known if value is not None}
            yield Pair(self.nodes[row.source], self.nodes[row.target]), self.outcomes[row.outcome], measures, row.bad
