"""Fixtures of the lab's own tests."""

from tests.lab.fixtures import cluster, diagnose, environment, fault, lab

__all__ = ["cluster", "diagnose", "environment", "fault", "lab"]
