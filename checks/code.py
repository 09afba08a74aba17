"""What a finding code means: declared once, where it is judged.

The diagnosis, the READMEs, the help pages, the tests' healthy world and the words on the screen all read it from here.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.place import Place
from checks.text import Text, Unit, shortened


class Role(enum.StrEnum):
    """What a code is to a diagnosis."""

    SYMPTOM = "symptom"
    """Something that people suffer from, or that a probe saw fail. Unexplained, it leaves the verdict open."""
    RISK = "risk"
    """Something that may hurt one day. It asks for no explanation and makes no verdict."""
    CIRCUMSTANCE = "circumstance"
    """How the cluster is built: a precondition of causes, never evidence by itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that a code may show."""

    word: str
    severity: Severity
    """How bad it is where nothing else is known. A judge may find it milder or graver, but never well for unwell."""
    meaning: str
    """For the README: what was seen, in a few words."""


EVIDENCE = 40
"""Lines of evidence that a finding keeps, of whatever sorts a judge has gathered."""
HARDLY_EVER, RARE, NOW_AND_THEN, OFTEN = 0.0002, 0.002, 0.01, 0.1
"""How often something shows by itself at one place, for no reason that anybody will find: judgements, not counts. The
first is for what is read and not probed: a setting that is so, whoever looks."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A finding code.

    A large cluster shows tens of thousands of outcomes, so what is asked of each is looked up in tables made once.
    """

    name: str
    """`check.what`."""
    meaning: str
    """What it looks at, for the README."""
    place: type[Place]
    """The kind of place that it is about."""
    outcomes: tuple[Outcome, ...]
    """Everything that it may show, the worst last."""
    role: Role = Role.SYMPTOM
    leak: float = RARE
    """The probability of anything but a normal outcome at one place when no cause is there."""
    measures: Mapping[str, Unit] = field(default_factory=dict)
    """The numbers that it measures at each place, with their units."""
    probe: str = ""
    """The letter in the probe matrix."""
    tries: Text | None = None
    """What the letter tries, in a word or two: nobody knows letters by heart at night."""
    essential: bool = False
    """Without it nobody may call a cluster healthy."""

    def normal(self, outcome: str) -> bool:
        """Whether a healthy cluster may show an outcome."""
        return self._declared(outcome).severity.well

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The outcomes' words, the worst last."""
        return tuple(outcome.word for outcome in self.outcomes)

    def found(
        self,
        text: Text,
        seen: Iterable[Seen] = (),
        *,
        outcome: str = "",
        severity: Severity | None = None,
        evidence: Sequence[Text] = (),
    ) -> Finding:
        """A finding of this code.

        Args:
            text: One sentence about all places.
            seen: The outcome at each place.
            outcome: What stands for all of them; the worst of them by default. Without places it must be given.
            severity: How bad it is; by default as declared for the outcome.
            evidence: What was measured; what is beyond some lines is counted.

        Raises:
            ValueError: something that the code does not declare.
        """
        places = [self._held(s) for s in seen]
        words = {s.outcome for s in places} - {UNSEEN}
        overall = outcome or max(words, key=self.words.index, default="")
        declared = self._declared(overall)
        if severity is not None and (severity is Severity.UNKNOWN or severity.well != declared.severity.well):
            raise ValueError(f"{self.name}: {overall} is declared {declared.severity}, so it is never {severity}")
        return Finding(
            code=self.name,
            severity=severity or declared.severity,
            text=text,
            outcome=overall,
            # A stable sort: within an outcome the judge's own order stays.
            seen=tuple(sorted(places, key=lambda s: self._order[s.outcome])),
            evidence=tuple(shortened(evidence, EVIDENCE)),
            probe=self.probe,
        )

    def unseen(
        self, text: Text, evidence: Iterable[Text] = (), places: Iterable[Place] = (), seen: Iterable[Seen] = ()
    ) -> Finding:
        """The finding when it could not be looked at, at these places where they are known; others may have been."""
        return Finding(
            code=self.name,
            severity=Severity.UNKNOWN,
            text=text,
            seen=(*(Seen(place, UNSEEN) for place in places), *map(self._held, seen)),
            evidence=tuple(shortened(evidence, EVIDENCE)),
            probe=self.probe,
        )

    @cached_property
    def _by_word(self) -> Mapping[str, Outcome]:
        return {outcome.word: outcome for outcome in self.outcomes}

    @cached_property
    def _bad(self) -> Mapping[str, bool]:
        """By word whether a healthy cluster does not show it."""
        return {UNSEEN: False} | {outcome.word: not outcome.severity.well for outcome in self.outcomes}

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """By word where its places stand in a finding: the worst first, those that could not be looked at last."""
        return {word: rank for rank, word in enumerate((*reversed(self.words), UNSEEN))}

    def _declared(self, outcome: str) -> Outcome:
        try:
            return self._by_word[outcome]
        except KeyError:
            raise ValueError(f"{self.name} declares no outcome {outcome!r}") from None

    def _held(self, seen: Seen) -> Seen:
        """What was seen, marked bad where it is, once it is known to be as declared."""
        if not isinstance(seen.place, self.place):
            raise ValueError(f"{self.name} is about a {self.place.__name__}, not {seen.place!r}")  # noqa: TRY004 - what is declared does not fit, whatever its type
        if not seen.measures.keys() <= self.measures.keys():
            raise ValueError(f"{self.name} declares no measure {min(seen.measures.keys() - self.measures.keys())!r}")
        if seen.outcome not in self._bad:
            raise ValueError(f"{self.name} declares no outcome {seen.outcome!r}")
        bad = self._bad[seen.outcome]
        return seen if seen.bad == bad else Seen(seen.place, seen.outcome, seen.measures, bad)
