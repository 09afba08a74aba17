"""One finding, one reference, one cause as a line."""

from collections.abc import Iterable, Sequence

from bot.runs.outline.findings import Sorted
from bot.runs.outline.model import SIGNS, Line
from checks.diagnosis.model import Cause, Reference
from checks.finding import Finding
from checks.place import Cluster, Place
from checks.text import LINES, Text, Value, listed, say, say_many, share, shortened

PLACES = 4
"""Places in one line."""
NUMBERS = 6
"""Lines of evidence beside a finding that is one of many."""
REFERENCES = 20
"""Findings that are told of one cause; a diagnosis refers to fewer, a record of another version may not."""


def finding_line(finding: Finding, evidence: int = LINES) -> Line:
    """A finding with its sign, its places as far as the sentence does not name them, and so much evidence."""
    text = _at(_sentence(finding), finding.where)
    proof = shortened(finding.evidence, evidence) if evidence else ()
    return Line(text, SIGNS[finding.severity], finding.code, tuple(proof))


def references(found: Sequence[Reference], findings: Sorted) -> list[Text]:
    """What the findings say that are referred to, at the places that are meant."""
    # Two findings may say the same in the same words, as a dry run and a pasted error do.
    return each_once(_referred(r, findings.by_code.get(r.code)) for r in found[:REFERENCES])


def few(lines: Sequence[Line], most: int) -> tuple[Line, ...]:
    """The first lines, and how many are left out."""
    more = len(lines) - most
    if more <= 0:
        return tuple(lines)
    return (*lines[:most], Line(say_many("and {count} more", "and {count} more", more)))


def weighed(cause: Cause) -> Text:
    """A cause with its places and how probable it is."""
    places = listed([place for place in cause.at if not isinstance(place, Cluster)], PLACES)
    chance = probability(cause.probability)
    if not places:
        return say("{title} — {probability}", title=cause.title, probability=chance)
    if cause.among:
        return say(
            "{title} at one or more of {places} — {probability}", title=cause.title, places=places, probability=chance
        )
    return say("{title} at {places} — {probability}", title=cause.title, places=places, probability=chance)


def probability(value: float) -> Text:
    """A probability for a person: never 0 or 100 percent, which no evidence is worth."""
    if value > 0.99:  # noqa: PLR2004 - what would be rounded to certainty
        return say("over {share}", share=share(0.99))
    if value < 0.01:  # noqa: PLR2004 - the same
        return say("under {share}", share=share(0.01))
    return say("{share}", share=share(round(value, 2)))


def each_once(texts: Iterable[Text]) -> list[Text]:
    """Texts in their order, without those that say the same."""
    kept: list[Text] = []
    for text in texts:
        if text not in kept:
            kept.append(text)
    return kept


def _referred(reference: Reference, finding: Finding | None) -> Text:
    if finding is None:
        return say("{code} was not looked at.", code=reference.code)
    # That all is well everywhere needs no list of places.
    well = set(finding.where).isdisjoint(reference.places)
    everywhere = well and len(reference.places) >= len(finding.seen)
    return _at(_sentence(finding), () if everywhere else reference.places)


def _sentence(finding: Finding) -> Text:
    if not finding.probe:
        return finding.text
    return say("{probe}: {sentence}", probe=finding.probe, sentence=finding.text)


def _at(sentence: Text, places: Sequence[Place]) -> Text:
    """The sentence, and the places that it does not name itself."""
    said = _said(sentence)
    unsaid = [place for place in places if not isinstance(place, Cluster) and str(place) not in said]
    return say("{sentence} ({places})", sentence=sentence, places=listed(unsaid, PLACES)) if unsaid else sentence


def _said(text: Text) -> set[str]:
    """All names in a sentence."""
    said: set[str] = set()
    waiting: list[Value] = [text]
    while waiting:
        match waiting.pop():
            case Text(values=values):
                waiting.extend(values.values())
            case [*items]:
                waiting.extend(items)
            case value:
                said.add(str(value))
    return said
