"""What is wrong with one of MetalLB's objects."""

from dataclasses import dataclass

from checks.text import Text

REJECTED, INCOMPLETE, DANGLING = "rejected", "incomplete", "dangling"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, and what comes of it."""

    outcome: str
    """`rejected`: MetalLB takes none of the configuration; `incomplete`: not before what is named is there; `dangling`:
    it takes it, and what is named in vain has no effect."""
    text: Text
