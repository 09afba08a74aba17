"""What a cause is, declared: where it may be, what it stops, what else it shows, and what to do about it.

Numbers say "always", "mostly" and "may". They are judgements drawn from the source that each cause names, not measured
frequencies, and verdicts do not hang on their second digit. All causes are held equally likely beforehand: nobody has
counted them, and a guess would decide just where the evidence does not.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.place import Place
from checks.text import Text

SHOWN = 0.95
"""The probability of what a cause says it shows, where it does show. One figure for all, so that what rivals share does
not tell them apart."""


HIT = 0.5
"""The probability that what hits by chance hits one probe: of a network that loses a third of its packets each way, and
whose senders repeat what was lost."""


class Strength(enum.Enum):
    """How surely an effect shows where its cause is: the factor on the probability of seeing anything else there."""

    ITSELF = 0.001
    """What is looked at is the cause itself, and not what it does: a setting, an entry, a field of an object. So it is
    suspected only where that was seen, and never guessed from what it may do."""
    ALWAYS = 0.02
    MOSTLY = 0.2
    MAY = 1.0
    """It explains what is seen, and its absence says nothing: how often it shows is not known."""


class Reach(enum.StrEnum):
    """Which of the places that a cause concerns an effect shows at."""

    ANYWHERE = enum.auto()
    BETWEEN_NODES = enum.auto()
    """Only where what was seen went from one node to another."""
    ASKED_FROM = enum.auto()
    """Only on ways that begin at the cause's node."""
    ENDS_AT = enum.auto()
    """Only on ways that end at the cause's node, and begin elsewhere where there is one end."""
    EVERYWHERE = enum.auto()
    """Also at places that the cause does not concern: what it damages is noticed by whoever receives it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cause or a mechanism makes of one finding code."""

    code: str
    outcomes: tuple[str, ...]
    """Any of these."""
    strength: Strength
    reach: Reach = Reach.ANYWHERE
    by_chance: bool = False
    """It hits this probe and not that one: the more of them it would have to have hit, the less it is this, where
    nothing that it surely shows was seen."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What a cause stops, with all that shows when it is stopped, whoever stopped it."""

    slug: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One cause."""

    slug: str
    title: Text
    at: tuple[type[Place], ...]
    """The kinds of places that it may be at."""
    stops: tuple[Mechanism, ...] = ()
    shows: tuple[Effect, ...] = ()
    """What it shows beside what its mechanisms do: mostly what tells it from its rivals."""
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Circumstances without which it cannot be: for a code the outcomes that allow it, at its own place."""
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Circumstances beside which it cannot be: for a code the outcomes that rule it out, at its own place."""
    spares: tuple[str, ...] = ()
    """Codes that it leaves alone although rivals do not: seen well, they are worth saying."""
    logged: tuple[Effect, ...] = ()
    """What logs tell of it. It comes and goes, so that what is well now does not speak against a log."""
    hides: frozenset[str] = frozenset()
    """Slugs of causes that cannot be seen beside it at one place."""
    fix: Text
    """The least disruptive first thing to do; `{places}` stands for where the cause is.

    Of what answers for a Service, and of a workload, `{product}`, `{namespace}` and `{workload}` are named.
    """
    remedies: Mapping[str, Text] = field(default_factory=dict)
    """What is done instead, by the product that is concerned."""
    rollback: Text | None = None
    decide: Text
    """What would tell it from its nearest rival, where no probe of ours does."""
    source: str
    """Where the facts are from."""
    example: Mapping[str, str]
    """The outcomes by which a cluster with this cause alone differs from a healthy one, wherever the cause reaches."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Everything that it shows."""
        return (*(effect for mechanism in self.stops for effect in mechanism.effects), *self.shows, *self.logged)
