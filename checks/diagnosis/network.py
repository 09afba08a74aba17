"""The inference: which causes, at which places, explain what was seen. Pure.

A noisy-OR network: each cause makes each of its effects likely, each finding may also show by itself (its leak), and
causes do not disturb each other. A set of causes is worth its prior times the probability of every fact if just these
causes are there; the best set is searched, and each cause is weighed against what would explain the same facts without
it.

Beside the declared causes an *unknown* one may stop any mechanism at any place. It is rarer, but whatever of that
mechanism is bad there is explained by it, and nothing speaks against it. So a declared cause that is contradicted gives
way to "something that netcheck does not know", and never wins by default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from checks.diagnosis.declaration import Declaration, Strength
from checks.diagnosis.evidence import Evidence
from checks.diagnosis.reach import Index
from checks.diagnosis.search import Search, Weighed
from checks.diagnosis.suspects import effects_at, merged, suspects
from checks.place import Place


@dataclass(frozen=True, slots=True)
class Inference:
    """What comes of a search."""

    chosen: tuple[Weighed, ...]
    """The best set, declared causes and unknown ones."""
    others: tuple[Weighed, ...]
    """Further suspects, the likelier first."""
    index: Index

    def contrary(self, cause: Declaration, place: Place) -> list[int]:
        """The numbers of the facts that should be otherwise if a cause were at a place."""
        effects = [effect for effect in merged(cause.effects) if effect.strength is not Strength.MAY]
        shown, _ = effects_at(effects, place, self.index)
        near = {
            n for effect in effects for n in (*self.index.well(place, effect), *self.index.concerned(place, effect))
        }
        return sorted(near - shown)


def infer(evidence: Evidence, causes: Mapping[str, Declaration]) -> Inference:
    """The set of causes that explains most."""
    index = Index(evidence)
    search = Search(evidence, suspects(index, causes))
    search.climb()
    chosen, others = search.weighed()
    return Inference(chosen, others, index)
