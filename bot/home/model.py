"""What one person sees at a glance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from bot.access.verb import Verb
from bot.digests.model import Definition
from bot.errors import NotPermitted
from bot.fleet import Present
from bot.incidents.model import Incident
from bot.runs.brief import Brief

Each = TypeVar("Each")
Other = TypeVar("Other")


class Pages(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which page of each list is seen; the first is 0."""

    clusters: int = 0
    incidents: int = 0
    digests: int = 0
    runs: int = 0


SIZES = Pages(clusters=8, incidents=8, digests=5, runs=8)
"""Entries of a page. With their buttons all of them are some sixty blocks, and a home takes a hundred."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Each]):
    """One page of a list."""

    items: tuple[Each, ...]
    number: int
    size: int
    total: int
    """Of the whole list."""

    def holding(self, items: Iterable[Other]) -> "Page[Other]":
        """The page with what its entries stand for."""
        return Page(tuple(items), self.number, self.size, self.total)

    @property
    def first(self) -> int:
        """The number of its first entry, counted from 1."""
        return self.number * self.size + 1

    @property
    def last(self) -> int:
        """The number of its last entry."""
        return min(self.total, self.first + self.size - 1)


def page(found: Sequence[Each], number: int, size: int, total: int | None = None) -> Page[Each]:
    """One page of what was found, of which `total` there are in all; the last page where there is no such number."""
    total = len(found) if total is None else total
    number = max(0, min(number, (total - 1) // size))
    return Page(tuple(found[number * size : (number + 1) * size]), number, size, total)


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """One cluster."""

    name: str
    present: Present
    diagnosis: Brief | None
    """The last one that ended."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not do something, and with which clusters."""

    clusters: tuple[str, ...]
    why: NotPermitted


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may do here."""

    verb: Verb
    clusters: tuple[str, ...]
    """With which they may."""
    refusals: tuple[Refusal, ...] = ()
    """The rest, by whom to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What one person sees."""

    now: float
    """Unix time in seconds, by Redis's clock."""
    clusters: Page[ClusterSeen]
    incidents: Page[Incident]
    """Open ones, the newest first."""
    digests: Page[Definition]
    """Their own."""
    runs: Page[Brief]
    """The newest first."""
    rights: tuple[Right, ...]
    hidden: tuple[NotPermitted, ...] = ()
    """Why they see nothing of some clusters here, which are not named to them."""

    def may(self, verb: Verb, cluster: str) -> bool:
        """Whether they may do something with a cluster, here."""
        return any(right.verb is verb and cluster in right.clusters for right in self.rights)

    @property
    def pages(self) -> Pages:
        """Which page of each list it is."""
        return Pages(self.clusters.number, self.incidents.number, self.digests.number, self.runs.number)
