"""What was seen at each node, as all of the check's judgements make a finding of it. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from checks.code import Code
from checks.finding import UNSEEN, Finding, Seen
from checks.gathered import Gathered
from checks.node.model import Data, Parameters
from checks.place import Node
from checks.text import Text, filled, names, shortened

Observed = Gathered[Parameters, Data]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one node."""

    outcome: str
    lines: Sequence[Text] = ()
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one code."""

    well: Text
    unread: Text
    """Nothing could be seen at any node."""
    bad: Mapping[str, Text]
    """By outcome; `{nodes}` stands for where it was seen. The first that was seen anywhere is said."""


def finding(code: Code, words: Words, looks: Mapping[str, Look], more: Sequence[Text] = ()) -> Finding:
    """The finding of what was seen at each node.

    Args:
        code: What it is about.
        words: Its sentences.
        looks: By the node's name.
        more: Evidence that is of no node that was looked at.
    """
    seen = [Seen(Node(node), look.outcome, look.measures) for node, look in looks.items()]
    if all(s.outcome == UNSEEN for s in seen):
        return code.unseen(words.unread, more, [s.place for s in seen])
    order = {word: -rank for rank, word in enumerate(code.words)} | {UNSEEN: 1}
    worst = sorted(looks.values(), key=lambda look: order[look.outcome])
    lines = shortened(line for look in worst for line in look.lines)
    return code.found(_sentence(words, looks), seen, evidence=[*lines, *more])


def _sentence(words: Words, looks: Mapping[str, Look]) -> Text:
    for outcome, text in words.bad.items():
        if nodes := sorted(node for node, look in looks.items() if look.outcome == outcome):
            return filled(text, {"nodes": names(nodes)})
    return words.well


def of_agents(code: Code, words: Words, gathered: Observed, look: Callable[[str, Data], Look]) -> Finding:
    """The finding of what each node's agent told; whoever did not answer was not seen."""
    return finding(code, words, dict(_asked(gathered, look)), gathered.unheard())


def _asked(gathered: Observed, look: Callable[[str, Data], Look]) -> Iterator[tuple[str, Look]]:
    for heard in sorted(gathered.heard, key=lambda heard: heard.node):
        yield heard.node, look(heard.node, heard.data)
    for silent in gathered.silent:
        if silent.node:
            yield silent.node, Look(UNSEEN)
