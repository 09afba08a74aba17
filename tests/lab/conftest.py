"""The lab's own tests: fixtures, order and time-outs."""

from pathlib import Path

import pytest

from tests.lab.fixtures import cluster, diagnose, environment, fault, lab

__all__ = ["cluster", "diagnose", "environment", "fault", "lab"]

_LIFECYCLE = Path(__file__).parent / "test_lifecycle.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that start and stop labs of their own before the session's lab is started."""
    for item in items:
        if item.get_closest_marker("lab") and not item.get_closest_marker("timeout"):
            # What a first start of the lab takes is not the test's time.
            item.add_marker(pytest.mark.timeout(func_only=True))
    items.sort(key=lambda item: item.path != _LIFECYCLE)
