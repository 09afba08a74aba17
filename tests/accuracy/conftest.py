"""The lab for the cases that need it."""

from tests.lab.fixtures import environment, lab

__all__ = ["environment", "lab"]
