"""The words of a reading: kinds of texts, and what texts of a kind can say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.code import Outcome
from checks.text import Text

NO_MEANING = ""
"""The outcome of a phrase that says nothing about the network."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that a text can say."""

    outcome: str
    """One of its kind's outcomes; empty when it says nothing about the network."""
    name: str
    """Distinguishes phrases of one outcome."""
    pattern: re.Pattern[str]
    meaning: Text
    """One sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of texts: who asked whom, or who wrote it."""

    name: str
    meaning: str
    """What such texts are about, for the README."""
    tells: re.Pattern[str]
    """What makes a text one of this kind."""
    unless: re.Pattern[str] | None = None
    """What makes it another kind's all the same."""
    phrases: tuple[Phrase, ...]
    """What they say, the more telling first: the first that matches counts."""
    outcomes: tuple[Outcome, ...]
    otherwise: Text | None = None
    """What is said of one that none of the phrases fits, with the outcome `other`; None: such a text is not read."""

    def recognises(self, text: str) -> bool:
        """Whether a text, on one line, is of this kind."""
        return bool(self.tells.search(text)) and not (self.unless and self.unless.search(text))

    def phrase(self, text: str) -> Phrase | None:
        """What a text of this kind says; None when that is not known."""
        return next((phrase for phrase in self.phrases if phrase.pattern.search(text)), None)


def pattern(*alternatives: str) -> re.Pattern[str]:
    """Any of some expressions, whatever the case of the letters."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


def phrase(outcome: str, name: str, meaning: Text, *alternatives: str) -> Phrase:
    """What is said where one of some expressions is found."""
    return Phrase(outcome, name, pattern(*alternatives), meaning)


def without_meaning(name: str, meaning: Text, *alternatives: str) -> Phrase:
    """A phrase that says nothing about the network."""
    return phrase(NO_MEANING, name, meaning, *alternatives)


def words(phrases: Iterable[Phrase]) -> set[str]:
    """The outcomes of some phrases."""
    return {each.outcome for each in phrases} - {NO_MEANING}
