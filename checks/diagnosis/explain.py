"""From the inference to a diagnosis that people can follow: what speaks for what, and what would decide. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.backing import COREDNS, Backing
from checks.code import Code, Role
from checks.diagnosis.declaration import SHOWN, Declaration, Strength
from checks.diagnosis.evidence import Evidence, Fact, declared_codes
from checks.diagnosis.model import HEALTHY, UNKNOWN, Cause, Diagnosis, Reference
from checks.diagnosis.network import Inference
from checks.diagnosis.search import Weighed
from checks.diagnosis.suspects import Suspect
from checks.finding import Finding
from checks.place import Between, Cluster, Place, Replica, Service, Workload
from checks.text import Text, Value, filled, listed, say, say_many

NAMED = 0.6
"""From this probability on a cause is named; what is less is a candidate."""
CANDIDATE = 0.05
"""Causes below this probability are not shown."""
CERTAIN = 0.99
"""No evidence is worth more."""
CONJECTURED = 0.5
"""What is left of the probability of a cause that requires a circumstance which nobody could see."""
USUAL_DNS = "kube-system"
"""Where CoreDNS is, where nobody could see it."""
_CANDIDATES = 4
_TELLING_BITS = 0.05
"""What an unseen finding must be expected to tell before it is worth naming."""


@dataclass(frozen=True, slots=True)
class Group:
    """One cause at all its places."""

    declaration: Declaration
    suspects: tuple[Suspect, ...]
    probability: float
    gain: float
    among: bool = False
    """Whether it is at one or more of the places and nobody can say at which."""

    @property
    def places(self) -> tuple[Place, ...]:
        """Where it is, the surest first."""
        return tuple(suspect.place for suspect in self.suspects)


def ranked(
    evidence: Evidence, inferred: Inference, causes: Mapping[str, Declaration]
) -> tuple[list[Group], list[Group]]:
    """The causes that are named, the one that explains most first, and the candidates, the likeliest first."""
    named = sorted(_named_groups(inferred, causes), key=lambda group: -group.gain)
    slugs = {group.declaration.slug for group in named}
    close = [
        Group(causes[slug], _suspects(found), max(map(_probability, found)), sum(w.gain for w in found))
        for slug, found in _by_slug((*inferred.chosen, *inferred.others), causes).items()
        if slug not in slugs
    ]
    candidates = [group for group in close if _supported(group, evidence)]
    return named, sorted(candidates, key=lambda group: -group.probability)[:_CANDIDATES]


def _named_groups(inferred: Inference, causes: Mapping[str, Declaration]) -> Iterator[Group]:
    """The causes that are likely enough, at the places that are; where none is, among those that may be."""
    every = _by_slug((*inferred.chosen, *inferred.others), causes)
    for slug, chosen in _by_slug(inferred.chosen, causes).items():
        probability = max(_halved(w.anywhere, w) for w in chosen)
        if probability < NAMED:
            continue
        sure = [w for w in chosen if _probability(w) >= NAMED]
        found = sure or every[slug]
        yield Group(
            causes[slug], _suspects(found, among=not sure), probability, sum(w.gain for w in sure or chosen), not sure
        )


def _by_slug(weighed: Iterable[Weighed], causes: Mapping[str, Declaration]) -> dict[str, list[Weighed]]:
    """The declared causes among the weighed ones, each at the places at which it may be."""
    by_slug: dict[str, list[Weighed]] = defaultdict(list)
    for one in weighed:
        if one.suspect.slug in causes and _probability(one) >= CANDIDATE:
            by_slug[one.suspect.slug].append(one)
    return by_slug


def _suspects(found: Iterable[Weighed], *, among: bool = False) -> tuple[Suspect, ...]:
    """The likeliest first. What is at one node or the other, or between them, is somewhere between them."""
    suspects = [w.suspect for w in sorted(found, key=lambda w: -w.probability)]
    between = [s for s in suspects if isinstance(s.place, Between)]
    if among and len(between) == 1 and all({*s.place.nodes} <= {*between[0].place.nodes} for s in suspects):
        return tuple(between)
    return tuple(suspects)


def _probability(weighed: Weighed) -> float:
    return _halved(weighed.probability, weighed)


def _halved(probability: float, weighed: Weighed) -> float:
    """The same, less where a circumstance that the cause requires could not be seen."""
    return probability * (CONJECTURED if weighed.suspect.conjectured else 1.0)


def _supported(group: Group, evidence: Evidence) -> bool:
    """Whether anything that is bad speaks for a candidate."""
    return any(evidence.facts[number].bad for suspect in group.suspects for number in suspect.shown)


def cause_of(group: Group, evidence: Evidence, inferred: Inference) -> Cause:
    """A cause as it is shown."""
    declared = group.declaration
    touched = {number for suspect in group.suspects for number in suspect.shown}
    of_spared = (fact for code in declared.spares for fact in evidence.by_code.get(code, ()))
    nodes = {node for place in group.places for node in place.nodes}
    spared = [f for f in of_spared if not f.bad and (not nodes or not nodes.isdisjoint(f.place.nodes))]
    circumstances = [
        Reference(code, tuple(p for p in group.places if p in evidence.circumstances.get(code, {})))
        for code in declared.requires
        if code in evidence.circumstances
    ]
    pro = [evidence.facts[number] for number in sorted(touched) if evidence.facts[number].bad]
    against = {number for place in group.places for number in inferred.contrary(declared, place)} - touched
    contra = [evidence.facts[number] for number in sorted(against)]
    names = _names(declared, group.places, evidence)
    unknown = {code for effect in declared.effects if (code := effect.code)} | set(declared.requires)
    return Cause(
        slug=declared.slug,
        title=declared.title,
        probability=round(min(group.probability, CERTAIN), 3),
        at=group.places,
        among=group.among and len(group.places) > 1,
        pro=(*references(pro), *circumstances, *references(spared)),
        contra=references(contra),
        missing=tuple(Reference(f.code) for f in evidence.unseen if f.code in unknown),
        fix=filled(declared.remedies.get(str(names.get("product", "")), declared.fix), names),
        rollback=declared.rollback and filled(declared.rollback, names),
    )


def references(facts: Iterable[Fact]) -> tuple[Reference, ...]:
    """The findings of some facts with their places, in the order of their first one."""
    by_code: dict[str, list[Place]] = defaultdict(list)
    for fact in facts:
        by_code[fact.code.name].append(fact.place)
    return tuple(Reference(code, tuple(places)) for code, places in by_code.items())


def _names(declared: Declaration, places: Sequence[Place], evidence: Evidence) -> dict[str, Value]:
    """What a fix may name: where the cause is, and of the surest place whose it is and what answers there."""
    first = next(iter(places), None)
    somewhere = Cluster in map(type, places) and Cluster not in declared.at
    named: dict[str, Value] = {"places": say("what the text is about") if somewhere else listed(list(places))}
    if isinstance(first, Service):
        unknown = Backing(namespace=first.namespace, service=first.name, product=first.namespace)
        backing = evidence.backings.get(first, unknown)
        return named | {"product": backing.product, "namespace": backing.namespace, "workload": backing.target}
    if isinstance(first, Workload):
        return named | {"namespace": first.namespace, "workload": first.name}
    if isinstance(first, Replica):
        dns = next((b for b in evidence.backings.values() if b.product == COREDNS), None)
        return named | {"namespace": dns.namespace if dns else USUAL_DNS, "workload": dns.target if dns else "pods"}
    return named


# The summary


def summary(diagnosis: Diagnosis, evidence: Evidence, unexplained: Sequence[Fact], findings: Sequence[Finding]) -> Text:
    """One or two sentences for a person on a phone."""
    if diagnosis.verdict == HEALTHY:
        count = len({fact.code.name for fact in evidence.facts})
        return say("Nothing is wrong as far as netcheck can see: all {count} findings are well.", count=count)
    if diagnosis.verdict == UNKNOWN:
        return _unknown(evidence, unexplained, findings)
    first, *others = diagnosis.causes[: 1 + len(diagnosis.also)]
    sentence = _cause(first)
    if others:
        besides: list[Text] = [_named(other) for other in others]
        sentence = say("{first} Besides: {others}.", first=sentence, others=listed(besides))
    if unexplained:
        return say_many(
            "{sentence} {count} finding is not explained by this.",
            "{sentence} {count} findings are not explained by this.",
            len({fact.code.name for fact in unexplained}),
            sentence=sentence,
        )
    return sentence


def _named(cause: Cause) -> Text:
    if not cause.at:
        return cause.title
    if cause.among:
        return say("{title} (one or more of {places})", title=cause.title, places=listed(cause.at))
    return say("{title} ({places})", title=cause.title, places=listed(cause.at))


def _cause(cause: Cause) -> Text:
    if not any(place.nodes or place.involves for place in cause.at):
        return say("{title}.", title=cause.title)
    if cause.among:
        return say("{title}, at one or more of {places}.", title=cause.title, places=listed(cause.at))
    return say("{title}, at {places}.", title=cause.title, places=listed(cause.at))


def _unknown(evidence: Evidence, unexplained: Sequence[Fact], findings: Sequence[Finding]) -> Text:
    texts = {finding.code: finding.text for finding in findings}
    codes = list(dict.fromkeys(fact.code.name for fact in unexplained))
    if codes and all(code.startswith("texts.") for code in codes):
        return say("Nothing that netcheck can see explains the text. {text}", text=texts[codes[0]])
    if codes:
        return say_many(
            "No cause that netcheck knows explains what failed: {first}",
            "No cause that netcheck knows explains what failed. Findings not well: {count}. First: {first}",
            len(codes),
            first=texts[codes[0]],
        )
    unread = next((f.text for f in evidence.unseen if f.code.startswith("texts.")), None)
    if unread is not None:
        return say("Nothing that netcheck can see explains the text. {text}", text=unread)
    first = next((f.text for f in evidence.unseen), None)
    if first is None:
        return say("netcheck could not look at enough to say that all is well.")
    return say("netcheck could not look at enough to say that all is well: {first}", first=first)


# What would decide


def decide(groups: Sequence[Group], evidence: Evidence) -> Text | None:
    """What would tell the first two candidates apart; None when one is clear, or there are no two."""
    if len(groups) < 2 or groups[0].probability >= NAMED:  # noqa: PLR2004 - rivals
        return None
    first, second = groups[0], groups[1]
    told = {code: _bits(code, first, second) for code in _unseen_codes(evidence)}
    best = max(told, key=lambda code: told[code], default="")
    rivals = {"first": first.declaration.title, "second": second.declaration.title}
    if best and told[best] >= _TELLING_BITS:
        meaning = declared_codes()[best].meaning
        return say("{first}, or {second}? This would tell: {code}, {meaning}.", code=best, meaning=meaning, **rivals)
    return say("{first}, or {second}? {probe}", probe=first.declaration.decide, **rivals)


def _unseen_codes(evidence: Evidence) -> list[str]:
    codes: Mapping[str, Code] = declared_codes()
    missing = [f.code for f in evidence.unseen if f.code in codes]
    return [c for c in missing if codes[c].role is not Role.CIRCUMSTANCE]


def _bits(code: str, first: Group, second: Group) -> float:
    """The expected information, in bits, of seeing a code about which of two causes it is."""
    p = first.probability / (first.probability + second.probability)
    if_first, if_second = _outcomes(code, first.declaration), _outcomes(code, second.declaration)
    after = 0.0
    for outcome in if_first.keys() | if_second.keys():
        a, b = p * if_first.get(outcome, 0.0), (1 - p) * if_second.get(outcome, 0.0)
        after += (a + b) * _entropy(a / (a + b)) if a + b else 0.0
    return _entropy(p) - after


def _outcomes(code: str, declared: Declaration) -> dict[str, float]:
    """How probable each outcome of a code is where a cause is; what it may show counts as even."""
    likely = {"": 1.0}
    for effect in declared.effects:
        if effect.code == code:
            shown = SHOWN if effect.strength is not Strength.MAY else 0.5
            likely = {outcome: shown / len(effect.outcomes) for outcome in effect.outcomes} | {"": 1 - shown}
    return likely


def _entropy(p: float) -> float:
    return -sum(q * math.log2(q) for q in (p, 1 - p) if q > 0)
