"""What an outline is made of: signs, lines, blocks."""

from dataclasses import dataclass
from enum import Enum

from checks.finding import Severity
from checks.text import Text, say


@dataclass(frozen=True, slots=True)
class Sign:
    """How a state is shown; the shapes differ too, so it is never told by colour alone."""

    symbol: str
    """One character, for a terminal."""
    emoji: str
    """Slack's name for it."""
    word: Text
    colour: str
    exit_code: int = 0
    """Of a command that ended so: 0 healthy or advice, 1 degraded or failed, 3 unknown (could not look)."""


SIGNS = {
    Severity.OK: Sign("✓", ":white_check_mark:", say("Well"), "green", 0),
    Severity.ADVICE: Sign("i", ":bulb:", say("Advice"), "cyan", 0),
    Severity.DEGRADED: Sign("!", ":warning:", say("Degraded"), "yellow", 1),
    Severity.FAILED: Sign("✗", ":x:", say("Failed"), "red", 1),
    Severity.UNKNOWN: Sign("?", ":grey_question:", say("Unknown"), "magenta", 3),
}
NOT_DONE = Sign("?", ":grey_question:", say("Not done"), "magenta", 3)
CANCELLED = Sign("-", ":no_entry_sign:", say("Cancelled"), "magenta", 3)
ANSWERS = {
    "holds": Sign("✓", ":heavy_check_mark:", say("holds"), "default"),
    "does not hold": Sign("✗", ":heavy_multiplication_x:", say("does not hold"), "default"),
    "not measured": Sign("?", ":grey_question:", say("not measured"), "default"),
}
"""By what a link of the chain may be answered with."""


class Weight(Enum):
    """How a block stands out."""

    PARAGRAPHS = "paragraphs"
    """A heading and paragraphs."""
    POINTS = "points"
    """A lesser heading and a list."""
    SMALL = "small"
    """Small print."""
    COMMANDS = "commands"
    """A lesser heading and lines to copy as they are."""
    STEPS = "steps"
    """A heading and steps, each with the sign of its state."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a block."""

    text: Text
    sign: Sign | None = None
    code: str = ""
    """What it is called, for whoever looks it up: a finding's code, a cause's slug."""
    evidence: tuple[Text, ...] = ()
    """What was measured."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together."""

    title: Text | None
    lines: tuple[Line, ...]
    weight: Weight = Weight.PARAGRAPHS


@dataclass(frozen=True, slots=True)
class Heading:
    """The headline."""

    sign: Sign
    text: Text


@dataclass(frozen=True, slots=True)
class Outline:
    """What is told of one run."""

    heading: Heading
    first: tuple[Block, ...]
    """What everybody reads, in this order."""
    rest: tuple[Block, ...] = ()
    """What is there for whoever wants to know more."""

    @property
    def exit_code(self) -> int:
        """Of a command that ended with this; see `Sign.exit_code`."""
        return self.heading.sign.exit_code
