"""What a person can be permitted to do."""

import enum


class Verb(enum.StrEnum):
    """What an act comes to; every command says which it is, and every rule is about one."""

    DIAGNOSE = "diagnose"
    """Look: every check, and netcheck's own state."""
    DIGEST = "digest"
    """Change when and where health digests are posted."""
    INCIDENT = "incident"
    """See incidents and say something about them."""
    REMEDIATE = "remediate"
    """Begin and walk through a fix."""
    APPROVE = "approve"
    """Be the second person of a step that needs one."""
    ADMINISTER = "administer"
    """See what others did, and change netcheck itself."""


READING = frozenset({Verb.DIAGNOSE, Verb.INCIDENT})
"""What changes nothing outside netcheck: everybody may, unless a rule says otherwise."""
