"""What a pasted text says, kind by kind. Pure.

A text speaks of some moment and of no place that could be trusted: each finding is about the whole cluster. What is of
no kind that is known, and what says nothing about the network, is *unknown*: it may still be what people suffer from.
"""

from collections.abc import Iterator, Sequence

from checks.code import NOW_AND_THEN, Code
from checks.finding import Finding, Seen
from checks.gathered import Gathered
from checks.place import Cluster
from checks.reading.kinds import KINDS
from checks.reading.model import Kind
from checks.reading.read import Reading, read_all
from checks.text import Text, say, say_many
from checks.texts.model import Data, Parameters

_BY_KIND: dict[str, Code] = {
    kind.name: Code(
        name=f"texts.{kind.name}",
        meaning=kind.meaning,
        place=Cluster,
        outcomes=kind.outcomes,
        # Somebody pastes what he suffers from, but also what stands in every log.
        leak=NOW_AND_THEN,
    )
    for kind in KINDS
    if kind.outcomes
}
UNRELATED = Code(
    name="texts.unrelated",
    meaning="Texts that say nothing about the network",
    place=Cluster,
    outcomes=(),
)
UNREAD = Code(
    name="texts.unread",
    meaning="Texts that netcheck does not know",
    place=Cluster,
    outcomes=(),
)
CODES = (*_BY_KIND.values(), UNRELATED, UNREAD)
EXCERPT = 200
"""Characters of a text that is not known: enough to see which text is meant."""


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each kind that the text has something of; none without a text."""
    text = gathered.parameters.error
    return list(_findings(read_all(text))) if text.strip() else []


def _findings(readings: Sequence[Reading]) -> Iterator[Finding]:
    for kind in KINDS:
        of_kind = [each for each in readings if each.related and each.kind is kind]
        if of_kind:
            yield _found(kind, of_kind)
    unrelated = [each for each in readings if each.known and not each.related]
    if unrelated:
        yield UNRELATED.unseen(_said(unrelated[0]), [_said(each) for each in unrelated[1:]])
    unread = [each for each in readings if not each.known]
    if unread:
        yield _unread(unread)


def _found(kind: Kind, readings: Sequence[Reading]) -> Finding:
    """What the messages of one kind say: the worst in a sentence, the others as evidence."""
    code = _BY_KIND[kind.name]
    first, *others = sorted(readings, key=lambda each: -code.words.index(each.outcome))
    evidence = [*_named(first), *(line for each in others for line in (_said(each), *_named(each)))]
    seen = [Seen(Cluster(), outcome) for outcome in dict.fromkeys(each.outcome for each in (first, *others))]
    return code.found(_said(first), seen, evidence=evidence)


def _said(reading: Reading) -> Text:
    return reading.meaning or say("{text}", text=_excerpt(reading.text))


def _unread(readings: Sequence[Reading]) -> Finding:
    text = say_many(
        "netcheck does not know this text: {text}",
        "netcheck does not know {count} lines of this text, among them: {text}",
        len(readings),
        text=_excerpt(readings[0].text),
    )
    return UNREAD.unseen(text, [*_named(readings[0]), *(say("{text}", text=_excerpt(r.text)) for r in readings[1:])])


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else text[:EXCERPT] + "…"


def _named(reading: Reading) -> Iterator[Text]:
    """What a message names, one line each."""
    if reading.webhook:
        yield say("webhook: {webhook}", webhook=reading.webhook)
    if reading.url:
        yield say("called: {url}", url=reading.url)
    if reading.address:
        yield say("dialled: {address}", address=reading.address)
